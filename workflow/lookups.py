"""What a rule may know beside the case itself, looked up in the store before the rule is asked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select

from workflow.desk import Desk
from workflow.domain.actor import SYSTEM, Actor, Role
from workflow.domain.blanks import read_number
from workflow.domain.evidence import Evidence
from workflow.domain.kinds import OnPermit, on_permit
from workflow.domain.medical import licence_key
from workflow.domain.names import pass_key
from workflow.domain.policies import listed_rows
from workflow.domain.record import Facts, Record
from workflow.domain.rulesets import NONE, Ruleset, RulesetFault
from workflow.domain.standing import Situation
from workflow.domain.thai import bangkok_date
from workflow.store.calendar import thai_holiday
from workflow.store.history import CaseNotFound, record_of
from workflow.store.persons import entry_now
from workflow.store.projecting import PROCESS_NAMES, certificate, foreigner_number, permit_number, receipt
from workflow.store.projections import (
    Account,
    Case,
    FeeLine,
    GateSlot,
    ListedPass,
    OfficialNumber,
    Pass,
    Quota,
    QuotaHeld,
    RegisterEntry,
    SlotHeld,
    Worker,
)

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
        ruleset=_under(desk, evidence) or ruleset_for(desk, record, at, actor.province or ""),
        related=_related(desk, record, evidence),
        taken=dict(_taken(desk, record, evidence, actor)),
        counts=_counts(desk, record, evidence),
        states=_states(desk, record, evidence),
        appointed=_appointed(desk, actor, now or at),
        demonstration=desk.demonstration,
        holiday=thai_holiday,
    )


def _under(desk: Desk, evidence: Evidence | None) -> Ruleset | None:
    """Find the rules that an act itself names by their digest: those that a measure brings."""
    named = getattr(evidence, "under", "")
    return desk.ruleset(named) if named else None


def ruleset_for(desk: Desk, record: Record, at: datetime, province: str = "") -> Ruleset:
    """Choose the ruleset for a case, and for what the office owes persons; registers and papers are kept under none.

    What is ordered against an employer goes by the rules of the province that keeps the entry, else of `province`,
    where there are any.
    """
    if record.flow == "employer":
        return _of_province(desk, desk.province_of(record.office) or province, bangkok_date(at))
    if record.flow == "privacy":
        return desk.in_force(bangkok_date(at), desk.province_of(record.office))
    if record.flow not in PROCESS_NAMES:
        return NONE
    return desk.in_force(bangkok_date(at), desk.province_of(record.office), lambda: gate_of(desk, record))


def _of_province(desk: Desk, province: str, on: date) -> Ruleset:
    try:
        return desk.in_force(on, province)
    except RulesetFault:
        return NONE


def gate_of(desk: Desk, record: Record) -> str | None:
    """Give the gate that a case last named; an application that named none yet goes by its request."""
    named = (getattr(done.evidence, "gate", None) for done in record.standing())
    own = next((gate for gate in named if gate), None)
    if own or record.flow != "application" or not record.history:
        return own
    return gate_of(desk, desk.record(record.history[0].evidence.request))


def _related(desk: Desk, record: Record, evidence: Evidence | None) -> dict[str, Record]:
    """Find the records beside the case; one that is not there is left out, and the guards say so."""
    gate = getattr(evidence, "gate", None)
    wanted = {
        "hospital": getattr(evidence, "hospital", None),
        "gate": entry_of_gate(desk, gate) if gate else None,
        "doctor": doctor_of(desk, record, evidence),
        **_beside(desk, record, evidence),
    }
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
    """Name what a case stands on: its employer, its request, or its permit, the new request, the file before it."""
    first = _first(record, evidence)
    if record.flow == "appeal":
        return {"case": getattr(first, "case", None)}
    if record.flow == "permit" and hasattr(evidence, "stamped_on"):
        return {"worker": _mine(desk, record)}
    if record.flow not in ("request", "application"):
        return {}
    employer = {"employer": getattr(first, "employer", None)}
    return employer | _of_application(desk, first, evidence) if record.flow == "application" else employer


def _of_application(desk: Desk, first: Evidence | None, evidence: Evidence | None) -> dict[str, str | None]:
    opened = on_permit(first)
    if opened is None:
        asks_where = hasattr(evidence, "gate") or hasattr(evidence, "pass_province")
        return {"request": getattr(first, "request", None)} if asks_where else {}
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


def doctor_of(desk: Desk, record: Record, evidence: Evidence | None) -> str | None:
    """Find the doctor of a licence number that is stated, in a certificate or in the register itself."""
    written = getattr(evidence, "licence" if record.flow == "doctor" else "doctor_licence", None)
    if not written:
        return None
    named = select(RegisterEntry.subject).filter_by(register="doctor", number=licence_key(written))
    return desk.session.scalars(named.order_by(RegisterEntry.state.desc()).limit(1)).first()


def entry_of_gate(desk: Desk, name: str) -> str | None:
    """Find the register entry of a gate by its short name."""
    return desk.session.scalar(select(RegisterEntry.subject).filter_by(register="gate", name=name))


def pile_of(desk: Desk, number: str) -> Record | None:
    """Find the reservation that a form's number names, as it stands now; None where there is none."""
    named = read_number(number)
    if named is None:
        return None
    asked = select(RegisterEntry.subject).filter_by(register="blanks", reference=named[0])
    subject = desk.session.scalar(asked)
    return record_of(desk.session, subject) if subject else None


def _taken(desk: Desk, record: Record, evidence: Evidence | None, actor: Actor) -> list[tuple[str, str]]:
    found = _other_entry(desk, record, evidence)
    if evidence is None:
        return found
    if hasattr(evidence, "certificate_number"):
        found += _number_of_another(desk, record, "certificate", certificate(evidence), "certificate_number")
    if hasattr(evidence, "receipt_number"):
        found += _receipt_of_another(desk, evidence, actor)
    if hasattr(evidence, "permit_number") and (record.flow == "application" or not record.history):
        found += _number_of_another(desk, record, "permit", permit_number(evidence), "permit_number")
    if hasattr(evidence, "foreigner_number") and record.flow == "application":
        found += _foreigner_of_another(desk, record, foreigner_number(evidence))
        found += _known_number(desk, record, foreigner_number(evidence))
    if hasattr(evidence, "pass_expires_on") and record.flow == "application":
        found += _pass_of_another(desk, record, evidence.pass_number)
    found += _other_worker(desk, on_permit(evidence))
    if hasattr(evidence, "worker") and record.flow in ("application", "permit"):
        worker = entry_now(desk.session, evidence.worker)
        found += _live(desk, record, worker, getattr(evidence, "kind_of", None))
    elif record.flow == "permit" and record.state != "active":
        found += _live(desk, record, _mine(desk, record))
    if hasattr(evidence, "row"):
        found += [
            ("live_application", one) for one in listed_before(desk, evidence.request, evidence.row.pass_key)
        ]
    if record.flow == "appeal" and hasattr(evidence, "case"):
        found += _appeals(desk, record, evidence)
    if hasattr(evidence, "new_pass_number"):
        found += _listed_worker(desk, record, evidence)
    return found


def _other_worker(desk: Desk, opened: OnPermit | None) -> list[tuple[str, str]]:
    """Of an application on a permit: the permit's worker, where it names another one."""
    permit = _record(desk, opened.permit) if opened else None
    if opened is None or permit is None or _mine(desk, permit) == entry_now(desk.session, opened.worker):
        return []
    return [("other_worker", permit.subject)]


def _appeals(desk: Desk, record: Record, evidence: Evidence) -> list[tuple[str, str]]:
    """Find the appeals against the same order; one that was withdrawn stands in nobody's way."""
    beside = Case.worker == evidence.worker if evidence.worker else Case.employer == evidence.employer
    others = select(Case.subject).where(
        Case.flow == "appeal", Case.state != "withdrawn", Case.subject != record.subject, beside
    )
    filed = [(one, desk.record(one).history[0].evidence) for one in desk.session.scalars(others)]
    same = ("case", "order", "employer") if evidence.permit == evidence.case else ("case", "order")
    return [
        ("appeal", one)
        for one, said in filed
        if all(getattr(said, name) == getattr(evidence, name) for name in same)
    ]


def _listed_worker(desk: Desk, record: Record, evidence: Evidence) -> list[tuple[str, str]]:
    """Of an amended list: whether the listed worker holds a permit by it, and whether the new one is elsewhere."""
    key = pass_key(evidence.new_pass_number)
    holder = _holder(desk, evidence.pass_number)
    issued = select(Case.subject).filter_by(request=record.subject, worker=holder, state="issued")
    found = [("listed_issued", one) for one in desk.session.scalars(issued)] if holder else []
    newcomer = _holder(desk, evidence.new_pass_number)
    if newcomer is not None:
        elsewhere = (*live_files(desk, newcomer), *running_permits(desk, newcomer, bangkok_date(desk.now())))
        found += [("new_worker", one) for one in elsewhere]
    return found + [("new_worker", one) for one in listed_before(desk, record.subject, key)]


def _holder(desk: Desk, number: str) -> str | None:
    return desk.session.scalar(select(Pass.worker).filter_by(pass_key=pass_key(number) or number))


def passes_of_nobody(desk: Desk, worker: str, now: str) -> tuple[str, ...]:
    """Name the passes that a worker's entry holds though nothing that stands says that they were ever the worker's."""
    held = set(desk.session.scalars(select(Pass.pass_key).filter_by(worker=worker))) - {pass_key(now) or now}
    if not held:
        return ()
    mine = desk.session.scalars(select(Case.subject).filter_by(worker=worker, flow="application")).all()
    stated = {key for one in mine for key in _passes_stated(record_of(desk.session, one))}
    return tuple(sorted(held - stated))


def _passes_stated(record: Record) -> Iterator[str | None]:
    """Give the passes that a file names: at the counter, re-issued, and on the list unless that was wrong."""
    checked, listed = record.last("check_identity"), getattr(record.history[0].evidence, "row", None)
    if listed and not (checked and checked.evidence.listed_wrongly):
        yield listed.pass_key
    for done in record.history:
        if done.step in ("check_identity", "replace_travel_document"):
            yield pass_key(done.evidence.pass_number)


def listed_before(desk: Desk, request: str, key: str | None) -> list[str]:
    """List the other requests whose lists named a pass before this one did, and have not opened it yet."""
    return [one.request for one in listings(desk, (key,), request) if one.first] if key else []


@dataclass(frozen=True, slots=True)
class Listing:
    """A pass that waits on the list of another request; `first` says that it came before the office earlier."""

    pass_key: str
    request: str
    first: bool


def listings(desk: Desk, keys: Iterable[str], request: str | None) -> list[Listing]:
    """Find passes on the lists of other requests that are with the office; a draft holds nobody.

    A list counts from when the office had it: when it was attached, or when its request was submitted.
    """
    rows = desk.session.execute(
        select(ListedPass.pass_key, ListedPass.request, ListedPass.since).where(
            ListedPass.pass_key.in_(tuple(keys))
        )
    ).all()
    mine = {row.pass_key: row.since for row in rows if row.request == request}
    return [
        Listing(row.pass_key, row.request, _before(row, mine.get(row.pass_key), request))
        for row in rows
        if row.request != request and row.since is not None
    ]


def _before(other: Any, since: datetime | None, request: str | None) -> bool:
    return since is None or (other.since, other.request) < (since, request or "")


def live_files(desk: Desk, worker: str, kind: str | None = None) -> list[str]:
    """List the applications of a worker that are under way, of one kind or of all."""
    mine = select(Case.subject).filter_by(worker=worker, flow="application", live=True)
    return list(desk.session.scalars(mine if kind is None else mine.filter_by(kind=str(kind))))


PENDING = "renewal_filed"
"""The flag of a permit under which work goes on until its renewal is decided (s.67)."""


def running_permits(desk: Desk, worker: str, on: date) -> list[str]:
    """List the permits of a worker that run on a day: until their last one, or while a renewal is pending."""
    mine = select(Case.subject).filter_by(worker=worker, flow="permit", state="active")
    return list(desk.session.scalars(mine.where(or_(Case.valid_until >= on, Case.flags.contains(PENDING)))))


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
    """List the other applications that made the same permit, and it: its book, number and record are theirs as well."""
    opened = on_permit(record.history[0].evidence) if record.history else None
    permit = _record(desk, opened.permit) if opened else None
    return [*applications_of(permit), permit.subject] if permit else []


def applications_of(permit: Record) -> list[str]:
    """List the applications that made a permit what it is, the first one first."""
    named = (getattr(done.evidence, "application", "") for done in permit.history if done.step in MADE_BY)
    return list(dict.fromkeys(filter(None, named)))


def _receipt_of_another(desk: Desk, evidence: Evidence, actor: Actor) -> list[tuple[str, str]]:
    """One receipt may cover many lines, but only those of one payment, and a payment is one cashier's."""
    numbered = select(OfficialNumber.subject, OfficialNumber.payment)
    row = desk.session.execute(numbered.filter_by(kind="receipt", value=receipt(evidence))).one_or_none()
    if row is not None and not (row.payment and row.payment == evidence.payment):
        return [("receipt_number", row.subject)]
    if not evidence.payment or actor == SYSTEM:
        return []
    lines = select(FeeLine.cashier, FeeLine.application).filter_by(payment=evidence.payment)
    paid = {line.cashier: line.application for line in desk.session.execute(lines)}
    if actor.person in paid or (row is None and not paid):
        return []
    return [("receipt_number", row.subject if row else min(paid.values()))]


def _foreigner_of_another(desk: Desk, record: Record, number: str) -> list[tuple[str, str]]:
    holder = desk.session.scalar(select(Worker.subject).filter_by(foreigner_number=number))
    return (
        [("foreigner_number", holder)]
        if holder and entry_now(desk.session, holder) != _mine(desk, record)
        else []
    )


def _known_number(desk: Desk, record: Record, number: str) -> list[tuple[str, str]]:
    """The foreigner number that the worker's other files gave last, if it is another one."""
    others = select(Case.subject).where(
        Case.worker == _mine(desk, record), Case.flow == "application", Case.subject != record.subject
    )
    for subject in desk.session.scalars(others.order_by(Case.opened_at.desc())).all():
        entered = record_of(desk.session, subject).last("enter_numbers")
        if entered is not None:
            known = foreigner_number(entered.evidence)
            return [("known_foreigner_number", known)] if known != number else []
    return []


def _mine(desk: Desk, record: Record) -> str:
    """Give the entry of the worker whom an application is about."""
    return entry_now(desk.session, record.history[0].evidence.worker)


def _other_entry(desk: Desk, record: Record, evidence: Evidence | None) -> list[tuple[str, str]]:
    """Of two entries that are to be joined: which they are, and the file of the other if both are under way."""
    proposed = record.last("propose_same_person") if "same_person" in record.flags else None
    stated = evidence if hasattr(evidence, "other_pass") else proposed and proposed.evidence
    if stated is None:
        return []
    this, other = _mine(desk, record), _holder(desk, stated.other_pass)
    if other is None or other == this:
        return [("no_other_entry", stated.other_pass)]
    found = [("this_entry", this), ("other_entry", other)]
    busy = [_under_way(desk, entry) for entry in (this, other)]
    return [*found, ("both_under_way", busy[1][0])] if all(busy) else found


def _under_way(desk: Desk, worker: str) -> list[str]:
    """List the references of a worker's files that keep him from having another."""
    on = bangkok_date(desk.now())
    subjects = [*live_files(desk, worker), *running_permits(desk, worker, on)]
    return list(desk.session.scalars(select(Case.reference).where(Case.subject.in_(subjects))))


def _pass_of_another(desk: Desk, record: Record, number: str) -> list[tuple[str, str]]:
    holder = _holder(desk, number)
    return [("pass_number", holder)] if holder and holder != _mine(desk, record) else []


def _live(desk: Desk, record: Record, worker: str, kind: str | None = None) -> list[tuple[str, str]]:
    on = bangkok_date(desk.now())
    if record.flow == "permit":
        return [("live_permit", one) for one in running_permits(desk, worker, on) if one != record.subject]
    files = [("live_application", one) for one in live_files(desk, worker, kind) if one != record.subject]
    return files + [("running_permit", one) for one in running_permits(desk, worker, on)]


def _counts(desk: Desk, record: Record, evidence: Evidence | None) -> dict[str, int]:
    if record.flow == "application":
        return _room(desk, record, evidence) | _free_places(desk, record, _first(record, evidence))
    if record.flow != "request":
        return {}
    mine = (Case.request == record.subject, Case.flow == "application")
    live = select(func.count()).select_from(Case).where(*mine, Case.live)
    used = select(Quota.used_men, Quota.used_women).filter_by(request=record.subject)
    men, women = desk.session.execute(used).one_or_none() or (0, 0)
    counts = {"live_applications": desk.session.scalar(live) or 0, "used_men": men, "used_women": women}
    return counts | _waiting(desk, record) if hasattr(evidence, "new_pass_number") else counts


def _waiting(desk: Desk, record: Record) -> dict[str, int]:
    """Count the men and women on the list whose application is not opened yet: they hold no place, but will."""
    waits = set(desk.session.scalars(select(ListedPass.pass_key).filter_by(request=record.subject)))
    sexes = [row.sex for row in listed_rows(record) if row.pass_key in waits]
    return {f"waiting_{sex}": sexes.count(sex) for sex in ("M", "F")}


def _room(desk: Desk, record: Record, evidence: Evidence | None) -> dict[str, int]:
    """Count the places that others took in each band of the day and gate that a plan names."""
    if not hasattr(evidence, "entry_on") or not hasattr(evidence, "band"):
        return {}
    named = {"gate": evidence.gate, "day": evidence.entry_on}
    own = desk.session.scalar(select(SlotHeld.band).filter_by(application=record.subject, **named))
    there = desk.session.execute(select(GateSlot.band, GateSlot.taken).filter_by(**named))
    return {f"taken:{band}": taken - (band == own) for band, taken in there}


def _free_places(desk: Desk, record: Record, opened: Evidence | None) -> dict[str, int]:
    """Count the places that the approval of a new employer has left beside the application itself."""
    asked = getattr(opened, "request", "") if on_permit(opened) else ""
    quota = desk.session.get(Quota, asked) if asked else None
    if quota is None:
        return {}
    mine = desk.session.get(QuotaHeld, record.subject) is not None
    free = quota.approved_men + quota.approved_women - quota.used_men - quota.used_women
    return {"free_places": free + mine}


def _appointed(desk: Desk, actor: Actor, at: datetime) -> bool:
    """A registrar's account is the appointment, with its days."""
    if actor.role is not Role.REGISTRAR:
        return False
    row = desk.session.get(Account, actor.account)
    on = bangkok_date(at)
    return row is not None and not row.closed and row.valid_from <= on and (row.valid_until or on) >= on


def situation(case: Case) -> Situation:
    """Take from the row of a case what its first line depends on."""
    return Situation(
        flow=case.flow,
        state=case.state,
        flags=frozenset(filter(None, case.flags.split(","))),
        referred=case.hospital is not None,
        due_on=case.due_on,
        valid_from=case.valid_from,
        valid_until=case.valid_until,
        stay_until=case.stay_until,
        employed=case.employer is not None,
    )
