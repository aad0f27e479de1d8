"""What a rule may know beside the case itself, looked up in the store before the rule is asked."""

from datetime import datetime

from sqlalchemy import func, select

from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.evidence import Evidence
from workflow.domain.names import pass_key
from workflow.domain.record import Facts, Record
from workflow.domain.rulesets import NONE, Ruleset
from workflow.domain.thai import bangkok_date
from workflow.store.history import CaseNotFound
from workflow.store.projecting import PROCESS_NAMES, certificate, foreigner_number, permit_number, receipt
from workflow.store.projections import Account, Case, OfficialNumber, Pass, Worker


def facts_for(desk: Desk, record: Record, evidence: Evidence | None, actor: Actor, at: datetime) -> Facts:
    """Gather the facts of one try: ruleset by date and province, numbers taken, counts, appointment."""
    on = bangkok_date(at)
    return Facts(
        now=at,
        on=on,
        ruleset=ruleset_for(desk, record, at),
        related=_related(desk, evidence),
        taken=dict(_taken(desk, record, evidence)),
        counts=_counts(desk, record),
        appointed=_appointed(desk, actor, at),
        demonstration=desk.demonstration,
    )


def ruleset_for(desk: Desk, record: Record, at: datetime) -> Ruleset:
    """Choose the ruleset for a case; registers and papers are kept under none."""
    if record.flow not in PROCESS_NAMES:
        return NONE
    return desk.in_force(bangkok_date(at), desk.province_of(record.office))


def _related(desk: Desk, evidence: Evidence | None) -> dict[str, Record]:
    hospital = getattr(evidence, "hospital", None)
    try:
        return {"hospital": desk.record(hospital)} if hospital else {}
    except CaseNotFound:
        return {}


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
    if hasattr(evidence, "worker"):
        found += _live(desk, record, evidence.worker)
    return found


def _number_of_another(desk: Desk, record: Record, kind: str, value: str, name: str) -> list[tuple[str, str]]:
    holder = desk.session.scalar(select(OfficialNumber.subject).filter_by(kind=kind, value=value))
    return [(name, holder)] if holder and holder != record.subject else []


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


def _live(desk: Desk, record: Record, worker: str) -> list[tuple[str, str]]:
    rows = desk.session.execute(
        select(Case.flow, Case.subject).where(
            Case.worker == worker, Case.live, Case.subject != record.subject
        )
    )
    return [(f"live_{row.flow}", row.subject) for row in rows if row.flow == record.flow]


def _counts(desk: Desk, record: Record) -> dict[str, int]:
    if record.flow != "request":
        return {}
    live = select(func.count()).select_from(Case).where(Case.request == record.subject, Case.live)
    return {"live_applications": desk.session.scalar(live) or 0}


def _appointed(desk: Desk, actor: Actor, at: datetime) -> bool:
    """A registrar's account is the appointment, with its days."""
    if actor.role is not Role.REGISTRAR:
        return False
    row = desk.session.get(Account, actor.account)
    on = bangkok_date(at)
    return row is not None and not row.closed and row.valid_from <= on and (row.valid_until or on) >= on
