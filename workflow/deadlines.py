"""The board of deadlines: what runs for an office or an employer, the late first, counted and filtered."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, Select, and_, case, false, func, not_, or_, select

from workflow.desk import Desk
from workflow.domain.actor import Actor, OfficeKind, Role
from workflow.domain.clocks import BY_NAME, CLOCKS, Clock
from workflow.domain.flows import PROCESS
from workflow.domain.gate import Gate, closed_for
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.store.projections import Case, Duty, Employment, RegisterEntry
from workflow.visibility import offices_of, visible_to

Condition = ColumnElement[bool]
FromDuties = Callable[..., Select[tuple[object, ...]]]
Counts = dict[tuple[str, str], int]
"""How many duties there are of each clock and nearness."""
PAUSING = tuple({clock.name for clock in CLOCKS if clock.pauses})
CASES = tuple(flow.name for flow in PROCESS)
LAPSING = tuple({clock.name for clock in CLOCKS if clock.lapses})
THIS_WEEK = timedelta(days=7)
A_PAGE = 50


class Bucket(StrEnum):
    """How near a deadline is; the word is told, the kind only colours it."""

    label: str
    kind: str

    def __new__(cls, value: str, label: str, kind: str) -> "Bucket":
        bucket = str.__new__(cls, value)
        bucket._value_ = value
        bucket.label = label
        bucket.kind = kind
        return bucket

    LATE = "late", N_("Late"), "stopped"
    TODAY = "today", N_("Today"), "warning"
    WEEK = "week", N_("Within seven days"), "active"
    LATER = "later", N_("Later"), "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of the board is asked for: a bucket, a clock, words of a name or reference, a page."""

    bucket: Bucket | None = None
    clock: str = ""
    words: str = ""
    page: int = 1

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Wanted":
        """Read what the address asks for; what cannot be asked for is left out."""
        bucket = next((b for b in Bucket if b.value == asked.get("when")), None)
        clock = asked.get("clock", "")
        page = asked.get("page", "1")
        return cls(
            bucket=bucket,
            clock=clock if clock in {one.name for one in CLOCKS} else "",
            words=" ".join(asked.get("q", "").replace("\0", "").split())[:100],
            page=int(page) if page.isdecimal() and len(page) < 6 and int(page) > 0 else 1,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One deadline with the case that it belongs to."""

    clock: Clock
    title: str
    reference: str
    employer: str | None
    until_on: date
    until_at: datetime
    bucket: Bucket
    days: int
    rests: bool


@dataclass(frozen=True, slots=True)
class Board:
    """The deadlines asked for, with the counts of all."""

    lines: list[Line]
    buckets: dict[Bucket, int]
    clocks: dict[str, int]
    found: int
    page: int
    pages: int


def board(desk: Desk, actor: Actor, wanted: Wanted, employer: str | None = None) -> Board:
    """Gather the board of what an actor may see; of one employer where one is named."""
    now = desk.now()
    scope = [*running(now), *_offices_seen(desk, actor, employer)]
    seen = [*scope, visible_to(desk, actor), *([of_employer(employer)] if employer else [])]
    nearness = bucket_of(now, resting(desk, bangkok_date(now)))
    counts = (
        _counts(desk, nearness, _duties, seen) if employer else _counts(desk, nearness, _all_duties, scope)
    )
    chosen = [*seen, *_chosen(wanted, nearness)]
    found = _found(desk, wanted, counts, chosen)
    pages = max(1, -(-found // A_PAGE))
    page = min(wanted.page, pages)
    of_case = (Case.title, Case.reference, Case.employer.label("of_case"))
    rows = _duties(Duty.__table__, *of_case, nearness.label("nearness")).where(*chosen)
    rows = (
        rows.order_by(Duty.until_at, Duty.subject, Duty.clock, Duty.part)
        .offset((page - 1) * A_PAGE)
        .limit(A_PAGE)
    )
    return Board(
        lines=[_line(row, bangkok_date(now)) for row in desk.session.execute(rows)],
        buckets={bucket: _many(counts, bucket, wanted.clock) for bucket in Bucket},
        clocks={name: _many(counts, None, name) for name, _ in counts},
        found=found,
        page=page,
        pages=pages,
    )


def _offices_seen(desk: Desk, actor: Actor, employer: str | None) -> list[Condition]:
    """Counting a whole office's duties needs no look at each case: what officials see goes by offices."""
    if employer is not None or actor.role is Role.SYSTEM:
        return []
    district = actor.role is Role.OFFICER and actor.office_kind is OfficeKind.DISTRICT
    if district or actor.province is not None:
        return [Duty.office.in_([actor.office] if district else offices_of(desk, actor.province))]
    return []


def _counts(
    desk: Desk, nearness: ColumnElement[str], from_duties: FromDuties, seen: list[Condition]
) -> Counts:
    """Count by clock and nearness at once."""
    columns = (Duty.clock, nearness.label("nearness"), func.count().label("many"))
    grouped = from_duties(*columns).where(*seen).group_by(Duty.clock, "nearness")
    return {(row.clock, row.nearness): row.many for row in desk.session.execute(grouped)}


def _many(counts: Counts, bucket: Bucket | None, clock: str) -> int:
    lies_in = [bucket, *([RESTS] if bucket is Bucket.LATER else [])]
    return sum(
        many
        for (name, nearness), many in counts.items()
        if clock in ("", name) and (bucket is None or nearness in lies_in)
    )


def _found(desk: Desk, wanted: Wanted, counts: Counts, chosen: list[Condition]) -> int:
    if wanted.words:
        return desk.session.scalar(_duties(func.count()).where(*chosen)) or 0
    return _many(counts, wanted.bucket, wanted.clock)


def to_keep(desk: Desk, actor: Actor, employer: str) -> list[Row[tuple[object, ...]]]:
    """List what an employer has to keep in mind, what begins later among it: the nearest first."""
    lapsed = and_(Duty.clock.in_(LAPSING), Duty.until_at <= desk.now())
    seen = (Duty.ended_at.is_(None), not_(lapsed), visible_to(desk, actor), of_employer(employer))
    rows = _duties(Duty.__table__, Case.title, Case.reference).where(*seen)
    return list(desk.session.execute(rows.order_by(Duty.until_at, Case.reference)))


def running(now: datetime) -> list[Condition]:
    """Say which duties run: begun, not met, and no right that has lapsed."""
    lapsed = and_(Duty.clock.in_(LAPSING), Duty.until_at <= now)
    return [Duty.ended_at.is_(None), Duty.begun_on <= bangkok_date(now), not_(lapsed)]


def of_employer(employer: str) -> Condition:
    """Say which duties are an employer's affair: his own, and those of the workers who work for him now."""
    works = select(Employment.permit).where(Employment.employer == employer, Employment.ended_on.is_(None))
    own_case = and_(Case.flow != "permit", Case.employer == employer)
    return or_(
        Duty.employer == employer, and_(Duty.employer.is_(None), or_(own_case, Case.subject.in_(works)))
    )


def resting(desk: Desk, on: date) -> Condition:
    """Say which duties rest because the case's gate is closed for the whole day (P16): nobody is late at a closed gate."""
    shut = desk.session.scalars(select(RegisterEntry.subject).filter_by(register="gate", state=Gate.SHUT))
    gates = [gate for gate in (desk.record(subject) for subject in shut) if closed_for(gate, on, "")]
    names = [gate.history[0].evidence.name for gate in gates]
    at_one = select(Case.subject).where(Case.gate.in_(names))
    return and_(Duty.clock.in_(PAUSING), Duty.subject.in_(at_one)) if names else false()


RESTS = "rests"


def bucket_of(now: datetime, rests: Condition) -> ColumnElement[str]:
    """Say in which bucket a duty lies at a moment; one that rests lies with the later ones."""
    today = bangkok_date(now)
    return case(
        (rests, RESTS),
        (Duty.until_at <= now, Bucket.LATE.value),
        (Duty.until_on == today, Bucket.TODAY.value),
        (Duty.until_on <= today + THIS_WEEK, Bucket.WEEK.value),
        else_=Bucket.LATER.value,
    )


def _duties(*columns: object) -> Select[tuple[object, ...]]:
    return select(*columns).select_from(Duty).join(Case, Case.subject == Duty.subject)


def _all_duties(*columns: object) -> Select[tuple[object, ...]]:
    """Look at duties alone: with all cases in sight there is no need to ask each."""
    return select(*columns).where(Duty.flow.in_(CASES))


def _chosen(wanted: Wanted, nearness: ColumnElement[str]) -> Iterable[Condition]:
    if wanted.bucket is not None:
        yield nearness.in_([wanted.bucket.value, *([RESTS] if wanted.bucket is Bucket.LATER else [])])
    if wanted.clock:
        yield Duty.clock == wanted.clock
    for word in wanted.words.split():
        named = or_(
            Case.title.icontains(word, autoescape=True), Case.reference.icontains(word, autoescape=True)
        )
        yield named


def _line(row: Row[tuple[object, ...]], today: date) -> Line:
    rests = row.nearness == RESTS
    return Line(
        clock=BY_NAME[row.flow, row.clock],
        title=row.title,
        reference=row.reference,
        employer=row.employer or row.of_case,
        until_on=row.until_on,
        until_at=row.until_at,
        bucket=Bucket.LATER if rests else Bucket(row.nearness),
        days=(row.until_on - today).days,
        rests=rests,
    )
