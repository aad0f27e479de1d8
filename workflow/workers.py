"""A worker's own page: opened by the code of an own paper and the last four signs of the border pass."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from workflow import answering, lookups
from workflow.desk import Desk
from workflow.domain import clocks
from workflow.domain.actor import Actor, Role
from workflow.domain.answers import Answer
from workflow.domain.conditions import Condition, conditions
from workflow.domain.names import pass_key
from workflow.domain.thai import bangkok_date
from workflow.genuine import CODE, plain_code
from workflow.store.history import record_of
from workflow.store.projections import Case, Document, Employment, Pass, RegisterEntry, Worker
from workflow.visibility import visible_to

OWN_PAPERS = frozenset({"permit_record", "entry_record", "medical_referral"})
"""Papers that the worker carries; their codes open the page."""

OWN_CLOCKS = frozenset(
    {"stay", "pass", "permit", "entry", "examination", "renewal", "worker_notice", "loss", "first_report", "departure"}
)
"""Days that a worker has to keep; how long a certificate holds is the office's affair."""

CHECK = 4


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What a worker sees: the case of the present, how a permit stands, the days to keep, for whom the work is, fees."""

    worker: Worker
    case: Case
    conditions: tuple[Condition, ...]
    dates: list[tuple[str, date]]
    answers: tuple[Answer, ...]
    employers: list[str]
    office: RegisterEntry | None
    fees: list[int]
    on: date


def worker_of(desk: Desk, written: str, last_signs: str) -> str | None:
    """Find the worker whose paper bears the code and whose pass ends with these signs; nobody where one is wrong."""
    code, signs = plain_code(written), pass_key(f"0000{last_signs}") or ""
    if not CODE.fullmatch(code):
        return None
    paper = select(Case.worker).join(Document, Document.owner == Case.subject)
    worker = desk.session.scalar(paper.where(Document.code == code, Document.key.in_(OWN_PAPERS)))
    if worker is None or len(signs) != CHECK + 4:
        return None
    held = desk.session.scalars(select(Pass.pass_key).filter_by(worker=worker))
    return worker if any(key[-CHECK:] == signs[-CHECK:] for key in held) else None


def actor_of(worker: str) -> Actor:
    """Give the worker as the one who looks."""
    return Actor(person=worker, account=f"worker:{worker}", role=Role.WORKER, name="", worker=worker)


def own_page(desk: Desk, worker: str) -> OwnPage | None:
    """Gather a worker's own page; nothing where no case is left."""
    person, case = desk.session.get(Worker, worker), _present(desk, worker)
    if person is None or case is None:
        return None
    on = bangkok_date(desk.now())
    return OwnPage(
        worker=person,
        case=case,
        conditions=_conditions(desk, worker, case),
        dates=sorted(_dates(desk, worker), key=lambda one: one[1]),
        answers=_answers(desk, worker, case),
        employers=_employers(desk, worker),
        office=desk.session.get(RegisterEntry, case.office),
        fees=_fees(desk, case, on),
        on=on,
    )


def _present(desk: Desk, worker: str) -> Case | None:
    """A running permit tells most, then an open application, then what came last."""
    mine = select(Case).where(visible_to(desk, actor_of(worker)), Case.flow.in_(("application", "permit")))
    cases = desk.session.scalars(mine.order_by(Case.opened_at)).all()
    return max(cases, key=lambda case: (case.live, case.flow == "permit", case.opened_at), default=None)


def _dates(desk: Desk, worker: str) -> list[tuple[str, date]]:
    actor, found = actor_of(worker), []
    live = select(Case.subject).where(visible_to(desk, actor), Case.live)
    for subject in desk.session.scalars(live):
        record = record_of(desk.session, subject)
        facts = lookups.facts_for(desk, record, None, actor, desk.now())
        found += [
            (due.clock.label, due.until)
            for due in clocks.running(record, facts)
            if due.clock.name in OWN_CLOCKS
        ]
    return found


def _conditions(desk: Desk, worker: str, case: Case) -> tuple[Condition, ...]:
    record = record_of(desk.session, case.subject)
    return conditions(record, lookups.facts_for(desk, record, None, actor_of(worker), desk.now()))


def _answers(desk: Desk, worker: str, case: Case) -> tuple[Answer, ...]:
    """What was decided and what can be done; what tells of health is not shown where others may look.

    Of a revocation for such a ground the day and the way to appeal are still told.
    """
    found = answering.answers_of(desk, actor_of(worker), case.subject)
    shown = (replace(one, points=(), words="") if one.health and case.flow == "permit" else one for one in found)
    return tuple(one for one in shown if not one.health and case.state != "leaving")


def _employers(desk: Desk, worker: str) -> list[str]:
    """Name for whom the work is or will be: under a live permit, or as a live application asks."""
    mine = select(Case.subject).where(visible_to(desk, actor_of(worker)), Case.live)
    works = select(Employment.employer).where(Employment.permit.in_(mine), Employment.ended_on.is_(None))
    asked = select(Case.employer).where(Case.subject.in_(mine), Case.flow == "application")
    names = select(RegisterEntry.name).where(RegisterEntry.subject.in_(works.union(asked)))
    return list(desk.session.scalars(names.order_by(RegisterEntry.name)))


def _fees(desk: Desk, case: Case, on: date) -> list[int]:
    """Give the official fees in force: application, permit."""
    ruleset = desk.in_force(on, desk.province_of(case.office))
    fees = (ruleset.get("fees.application"), ruleset.get("fees.permit"))
    return [fee for fee in fees if fee is not None]
