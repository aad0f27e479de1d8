"""What an employer has: the workers with their first lines, the requests, the dates to keep, the papers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select

from workflow import printing
from workflow.deadlines import to_keep
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.clocks import BY_NAME
from workflow.domain.flows import FLOWS
from workflow.domain.standing import LEFT, Kind, Standing, standing
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.lookups import situation
from workflow.store.history import CaseNotFound
from workflow.store.projections import Case, Document, Employment, RegisterEntry, Worker
from workflow.visibility import belongs_to, visible_to
from workflow.web import narrow

REQUESTS_SHOWN = 20


class Group(StrEnum):
    """With whom a worker waits, seen from the employer; the label stands under the number."""

    label: str
    kind: str

    def __new__(cls, value: str, label: str, kind: str) -> "Group":
        group = str.__new__(cls, value)
        group._value_ = value
        group.label = label
        group.kind = kind
        return group

    MAY_WORK = "may_work", N_("may work"), "good"
    HOSPITAL = "hospital", N_("waiting for the hospital"), "waiting"
    GATE = "gate", N_("waiting at the gate"), "waiting"
    OFFICE = "office", N_("with the office"), "active"
    EMPLOYER = "employer", N_("missing from the employer"), "warning"
    STOPPED = "stopped", N_("stopped"), "stopped"
    ENDED = "ended", N_("ended"), "neutral"


WAITS_WITH = {
    Role.HOSPITAL: Group.HOSPITAL,
    Role.CHECKPOINT: Group.GATE,
    Role.EMPLOYER: Group.EMPLOYER,
    Role.AGENT: Group.EMPLOYER,
}


def group_of(line: Standing, live: bool) -> Group:
    """Say with whom a worker waits."""
    if line.may_work:
        return Group.MAY_WORK
    if not live:
        return Group.ENDED
    if line.kind is Kind.STOPPED:
        return Group.STOPPED
    return WAITS_WITH.get(line.who, Group.OFFICE) if line.who else Group.OFFICE


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """One worker of an employer: the case that tells where he stands now, and its first line."""

    case: Case
    line: Standing
    group: Group
    name_khmer: str


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request of an employer: where it stands, how many workers it has brought so far."""

    case: Case
    state: str
    line: Standing
    workers: int


@dataclass(frozen=True, slots=True)
class DateToKeep:
    """One day on which something ends or is due, with those whom it concerns."""

    on: date
    label: str
    duty: Role
    names: tuple[str, ...]
    workers: bool


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one employer has, as far as the reader may see it."""

    desk: Desk
    actor: Actor
    employer: RegisterEntry

    @property
    def today(self) -> date:
        """Give the day in Bangkok."""
        return bangkok_date(self.desk.now())

    def workers(self) -> list[WorkerLine]:
        """List the workers by name: the running permit tells of each, else the open application, else the last."""
        newest: dict[str, Case] = {}
        for case in self._cases("application", "permit"):
            known = newest.get(case.worker or "")
            if known is None or _weight(case) >= _weight(known):
                newest[case.worker or ""] = case
        khmer, left = self._khmer(), self._left()
        lines = [self._line(case, khmer, case.subject in left) for case in newest.values()]
        return sorted(lines, key=lambda one: (one.case.title, one.case.reference))

    def _line(self, case: Case, khmer: dict[str, str], left: bool) -> WorkerLine:
        known = narrow.situation_shown(self.actor.role, situation(case))
        line = LEFT if left and case.live else standing(known, self.today)
        group = Group.ENDED if left else group_of(line, case.live)
        return WorkerLine(case, line, group, khmer.get(case.worker or "", ""))

    def _left(self) -> set[str]:
        """List the permits under which nobody works for this employer any more."""
        mine = select(Employment.permit).where(Employment.employer == self.employer.subject)
        ends = mine.group_by(Employment.permit).having(func.count() == func.count(Employment.ended_on))
        return set(self.desk.session.scalars(ends))

    def _khmer(self) -> dict[str, str]:
        mine = select(Case.worker).where(belongs_to(self.employer.subject), Case.worker.is_not(None))
        rows = select(Worker.subject, Worker.name_khmer).where(Worker.subject.in_(mine))
        return dict(self.desk.session.execute(rows).all())

    def requests(self) -> list[RequestLine]:
        """List the newest requests with their next steps."""
        many = select(Case.request, func.count()).where(
            Case.employer == self.employer.subject, Case.flow == "application"
        )
        brought = dict(self.desk.session.execute(many.group_by(Case.request)).all())
        found = list(self._cases("request"))[-REQUESTS_SHOWN:]
        return [
            RequestLine(
                case,
                FLOWS["request"].label_of(case.state),
                standing(situation(case), self.today),
                brought.get(case.subject, 0),
            )
            for case in reversed(found)
        ]

    def dates(self) -> list[DateToKeep]:
        """List the days on which something ends or is due, those of many workers in one line."""
        kept: dict[tuple[date, str, Role, bool], list[str]] = {}
        for row in to_keep(self.desk, self.actor, self.employer.subject):
            clock, workers = BY_NAME[row.flow, row.clock], row.flow != "request"
            key = row.until_on, clock.label, clock.duty, workers
            kept.setdefault(key, []).append(row.title if workers else row.reference)
        return [
            DateToKeep(on, label, duty, tuple(sorted(names)), workers)
            for (on, label, duty, workers), names in sorted(kept.items())
        ]

    def papers(self) -> Iterator[tuple[Case, list[Document]]]:
        """Give the papers of each request itself; those of its workers come in its one file."""
        for case in reversed(list(self._cases("request"))[-REQUESTS_SHOWN:]):
            standing_ones = [
                paper
                for paper in printing.papers_of(self.desk, self.actor, [case.subject])
                if paper.state != "void"
            ]
            if standing_ones:
                yield case, standing_ones

    def _cases(self, *flows: str, live: bool = False) -> Iterable[Case]:
        wanted = select(Case).where(
            belongs_to(self.employer.subject),
            Case.flow.in_(flows),
            visible_to(self.desk, self.actor),
        )
        if live:
            wanted = wanted.where(Case.live)
        return self.desk.session.scalars(wanted.order_by(Case.opened_at, Case.reference)).all()


def _weight(case: Case) -> int:
    """What tells most of a worker: a running permit, else an open application, else what came last."""
    return (2 if case.flow == "permit" else 1) if case.live else 0


def counted(workers: Iterable[WorkerLine]) -> Counter[Group]:
    """Count the workers by whom they wait with."""
    return Counter(one.group for one in workers)


def holdings_of(desk: Desk, actor: Actor, reference: str | None = None) -> Holdings:
    """Open what an employer has; employers and agents their own, officials any. Raises CaseNotFound."""
    wanted = select(RegisterEntry).filter_by(register="employer")
    if actor.role.official:
        wanted = wanted.filter_by(reference=reference)
    elif actor.employer:
        wanted = wanted.filter_by(subject=actor.employer)
    else:
        raise CaseNotFound(str(reference))
    employer = desk.session.scalar(wanted)
    if employer is None or reference not in (None, employer.reference):
        raise CaseNotFound(str(reference))
    return Holdings(desk, actor, employer)
