"""What a rule may know beside the case itself, looked up in the store before the rule is asked."""

from datetime import date, datetime

from sqlalchemy import func, or_, select

from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.evidence import Evidence
from workflow.domain.kinds import OnPermit, on_permit
from workflow.domain.names import pass_key
from workflow.domain.record import Facts, Record
from workflow.domain.rulesets import NONE, Ruleset
from workflow.domain.thai import bangkok_date
from workflow.store.calendar import thai_holiday
from workflow.store.history import CaseNotFound
from workflow.store.projecting import PROCESS_NAMES, certificate, foreigner_number, permit_number, receipt
from workflow.store.projections import Account, Case, OfficialNumber, Pass, Worker

MADE_BY = ("open_permit", "extend_permit", "change_employer", "add_employer", "substitute_permit")
"""The steps of a permit that an issued application brings about."""


def facts_for(
    desk: Desk,
    record: Record,
    evidence: Evidence | None,
    actor: Actor,
    at: datetime,
    now: datetime | None = None,
) -> Facts:
    """Gather the facts of one try: ruleset by date and province, numbers taken, counts, appointment.

    `at` is when the thing happened, `now` when it is recorded: an appointment must run at both.
    """
    return Facts(
        now=now or at,
        on=bangkok_date(at),
        ruleset=ruleset_for(desk, record, at),
        related=_related(desk, record, evidence),
        taken=dict(_taken(desk, record, evidence)),
        counts=_counts(desk, record, evidence),
        states=_states(desk, record, evidence),
        appointed=_appointed(desk, actor, now or at),
        demonstration=desk.demonstration,
        holiday=thai_holiday,
    )


def ruleset_for(desk: Desk, record: Record, at: datetime) -> Ruleset:
    """Choose the ruleset for a case; registers and papers are kept under none."""
    if record.flow not in PROCESS_NAMES:
        return NONE
    return desk.in_force(bangkok_date(at), desk.province_of(record.office))


def _related(desk: Desk, record: Record, evidence: Evidence | None) -> dict[str, Record]:
    """Find the records beside the case; one that is not there is left out, and the guards say so."""
    wanted = {"hospital": getattr(evidence, "hospital", None), **_beside(desk, record, evidence)}
    found = {part: _record(desk, subject) for part, subject in wanted.items() if subject}
    return {part: other for part, other in found.items() if other is not None}


def _record(desk: Desk, subject: str) -> Record | None:
    try:
        return desk.record(subject)
    except CaseNotFound:
        return None


def _first(record: Record, evidence: Evidence | None) -> Evidence | None:
    """Give what a case was opened with: at the opening itself, what is stated now."""
    return record.history[0].evidence if record.history else evidence


def _beside(desk: Desk, record: Record, evidence: Evidence | None) -> dict[str, str | None]:
    """Name what an application on a permit stands on: the permit, the new employer's request, the file before it."""
    opened = on_permit(_first(record, evidence)) if record.flow == "application" else None
    if opened is None:
        return {}
    permit = _record(desk, opened.permit)
    return {
        "permit": opened.permit,
        "request": getattr(opened, "request", None),
        "earlier": issuing_application(permit) if permit else None,
    }


def issuing_application(permit: Record) -> str | None:
    """Give the application by which a permit got the period that it has now."""
    last = permit.last("extend_permit", "open_permit")
    return getattr(last.evidence, "application", None) if last else None


def _taken(desk: Desk, record: Record, evidence: Evidence | None) -> list[tuple[str, str]]:
    found = []
    if evidence is None:
        return found
    if hasattr(evidence, "certificate_number"):
        found += _number_of_another(desk, record, "certificate", certificate(evidence), "certificate_number")
    if hasattr(evidence, "receipt_number"):
        found += _receipt_of_another(desk, record, evidence)
    if hasattr(evidence, "permit_number") and record.flow == "application":
        found += _number_of_another(desk, record, "permit", permit_number(evidence), "permit_number")
    if hasattr(evidence, "foreigner_number") and record.flow == "application":
        found += _foreigner_of_another(desk, record, foreigner_number(evidence))
    if hasattr(evidence, "pass_expires_on") and record.flow == "application":
        found += _pass_of_another(desk, record, evidence.pass_number)
    if hasattr(evidence, "worker") and record.flow in ("application", "permit"):
        found += _live(desk, record, evidence.worker, getattr(evidence, "kind_of", None))
    if hasattr(evidence, "new_pass_number"):
        found += _listed_worker(desk, record, evidence)
    return found


def _listed_worker(desk: Desk, record: Record, evidence: Evidence) -> list[tuple[str, str]]:
    """Of an amended list: whether the listed worker holds a permit by it, and whether the new one is elsewhere."""
    holder = _holder(desk, evidence.pass_number)
    issued = select(Case.subject).filter_by(request=record.subject, worker=holder, state="issued")
    found = [("listed_issued", one) for one in desk.session.scalars(issued)] if holder else []
    newcomer = _holder(desk, evidence.new_pass_number)
    if newcomer is not None:
        elsewhere = (*live_files(desk, newcomer), *running_permits(desk, newcomer, bangkok_date(desk.now())))
        found += [("new_worker", one) for one in elsewhere]
    return found


def _holder(desk: Desk, number: str) -> str | None:
    return desk.session.scalar(select(Pass.worker).filter_by(pass_key=pass_key(number) or number))


def live_files(desk: Desk, worker: str, kind: str | None = None) -> list[str]:
    """List the applications of a worker that are under way, of one kind or of all."""
    mine = select(Case.subject).filter_by(worker=worker, flow="application", live=True)
    return list(desk.session.scalars(mine if kind is None else mine.filter_by(kind=str(kind))))


def running_permits(desk: Desk, worker: str, on: date) -> list[str]:
    """List the permits of a worker that run on a day; one whose last day has passed runs no more."""
    mine = select(Case.subject).filter_by(worker=worker, flow="permit", state="active")
    return list(desk.session.scalars(mine.where(Case.valid_until >= on)))


def _states(desk: Desk, record: Record, evidence: Evidence | None) -> dict[str, str]:
    """Say where the request of an application stands."""
    if record.flow != "application":
        return {}
    first = _first(record, evidence)
    asked = desk.session.execute(
        select(Case.state, Case.office).filter_by(subject=getattr(first, "request", ""))
    ).one_or_none()
    found = {"request": asked.state} if asked else {}
    if asked and on_permit(first):
        found |= {"request_province": desk.province_of(asked.office)}
        found |= _province_of_permit(desk, first)
    return found


def _province_of_permit(desk: Desk, opened: OnPermit) -> dict[str, str]:
    permit = _record(desk, opened.permit)
    return {"permit_province": desk.province_of(permit.office)} if permit else {}


def _number_of_another(desk: Desk, record: Record, kind: str, value: str, name: str) -> list[tuple[str, str]]:
    holder = desk.session.scalar(select(OfficialNumber.subject).filter_by(kind=kind, value=value))
    mine = (record.subject, *files_of_permit(desk, record)) if kind == "permit" else (record.subject,)
    return [(name, holder)] if holder and holder not in mine else []


def files_of_permit(desk: Desk, record: Record) -> list[str]:
    """List the other applications that made the same permit: its book, number and record are theirs as well."""
    opened = on_permit(record.history[0].evidence) if record.history else None
    permit = _record(desk, opened.permit) if opened else None
    return applications_of(permit) if permit else []


def applications_of(permit: Record) -> list[str]:
    """List the applications that made a permit what it is, the first one first."""
    named = (getattr(done.evidence, "application", "") for done in permit.history if done.step in MADE_BY)
    return list(dict.fromkeys(filter(None, named)))


def _receipt_of_another(desk: Desk, record: Record, evidence: Evidence) -> list[tuple[str, str]]:
    """One receipt may cover many lines, but only those of one payment."""
    row = desk.session.execute(
        select(OfficialNumber.subject, OfficialNumber.payment).filter_by(
            kind="receipt", value=receipt(evidence)
        )
    ).one_or_none()
    if row is None or (row.payment and row.payment == evidence.payment):
        return []
    return [("receipt_number", row.subject)]


def _foreigner_of_another(desk: Desk, record: Record, number: str) -> list[tuple[str, str]]:
    holder = desk.session.scalar(select(Worker.subject).filter_by(foreigner_number=number))
    mine = record.history[0].evidence.worker
    return [("foreigner_number", holder)] if holder and holder != mine else []


def _pass_of_another(desk: Desk, record: Record, number: str) -> list[tuple[str, str]]:
    holder = desk.session.scalar(select(Pass.worker).filter_by(pass_key=pass_key(number) or number))
    mine = record.history[0].evidence.worker
    return [("pass_number", holder)] if holder and holder != mine else []


def _live(desk: Desk, record: Record, worker: str, kind: str | None = None) -> list[tuple[str, str]]:
    on = bangkok_date(desk.now())
    if record.flow == "permit":
        return [("live_permit", one) for one in running_permits(desk, worker, on) if one != record.subject]
    files = [("live_application", one) for one in live_files(desk, worker, kind) if one != record.subject]
    return files + [("running_permit", one) for one in running_permits(desk, worker, on)]


def _counts(desk: Desk, record: Record, evidence: Evidence | None) -> dict[str, int]:
    if record.flow == "application":
        return _free_places(desk, record, _first(record, evidence))
    if record.flow != "request":
        return {}
    live = select(func.count()).select_from(Case).where(Case.request == record.subject, Case.live)
    return {"live_applications": desk.session.scalar(live) or 0}


def _free_places(desk: Desk, record: Record, opened: Evidence | None) -> dict[str, int]:
    """Count the places that the approval of a new employer has left beside the application itself."""
    asked = getattr(opened, "request", "") if on_permit(opened) else ""
    request = _record(desk, asked) if asked else None
    order = request.last("decide_request") if request else None
    if order is None:
        return {}
    takes = select(func.count()).select_from(Case).where(
        Case.request == asked,
        Case.flow == "application",
        Case.subject != record.subject,
        or_(Case.live, Case.state == "issued"),
    )
    return {"free_places": order.evidence.men + order.evidence.women - (desk.session.scalar(takes) or 0)}


def _appointed(desk: Desk, actor: Actor, at: datetime) -> bool:
    """A registrar's account is the appointment, with its days."""
    if actor.role is not Role.REGISTRAR:
        return False
    row = desk.session.get(Account, actor.account)
    on = bangkok_date(at)
    return row is not None and not row.closed and row.valid_from <= on and (row.valid_until or on) >= on
