"""How a measure changes the copies of all permits of an office at once, and how it is taken from them again.

The same statements run when it is laid, when the copies are made again, and when they are verified: each is one
statement over all items that fit their case as it stands. Moments and alerts depend on few distinct days; they
are worked out once a day and told to the database in `duty_shift`. What ran before a measure opened duties anew
is kept in `duty_before`, and runs again to its day when the measure is lifted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    Column,
    ColumnElement,
    Insert,
    Select,
    Update,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from workflow.domain.clocks import BY_NAME, CLOCKS, Clock, due_of
from workflow.domain.record import Done, Facts, Record
from workflow.domain.rulesets import Ruleset
from workflow.domain.thai import bangkok_date
from workflow.domain.triggers import Begun
from workflow.store.calendar import thai_holiday
from workflow.store.duties import last_told, tell_on
from workflow.store.measures import IS_NEWEST
from workflow.store.projections import Case, Duty, DutyBefore, DutyShift
from workflow.store.truth import MeasureItem

CASE, DUTY, BEFORE, SHIFT, ITEM = (row.__table__ for row in (Case, Duty, DutyBefore, DutyShift, MeasureItem))
WANTED = SHIFT.alias("wanted")
NEVER_TOLD = 9999
"""Stands for a duty of which nothing was told yet, where a key needs a number."""
LAPSING = [clock.name for clock in CLOCKS if clock.flow == "permit" and clock.lapses]
OPENED_ANEW = ("renewal", "first_report")
"""The clocks whose first day a measure changes; those of stay and permit keep theirs."""

Fits = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class Act:
    """One laying or lifting: where, which items fit their case, when it is recorded, under which rules."""

    office: str
    measure: str
    fits: Fits
    at: datetime
    facts: Facts

    def duty(self, *clocks: str) -> Fits:
        """Give the condition on the duties of the permits that it changes."""
        return (*self.fits, DUTY.c.subject == ITEM.c.subject, DUTY.c.clock.in_(clocks))

    def shift(self, clock: str) -> Fits:
        """Give the condition on what was worked out for a clock."""
        return SHIFT.c.office == ITEM.c.office, SHIFT.c.clock == clock

    def changed(self) -> dict[str, object]:
        """Mark a duty as changed, for calendars that were sent out."""
        return {"sequence": DUTY.c.sequence + 1, "changed_at": self.at}


def lay(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """Lay the items of a measure over the permits of an office."""
    under = func.coalesce(CASE.c.measure, "") == ITEM.c.was_measure
    act = _act(record, done, ruleset, record.history[0].evidence.measure, under)
    _move(session, act, "stay", ITEM.c.stay)
    _move(session, act, "permit", ITEM.c.until)
    _keep_before(session, act)
    _open(session, act, "renewal", *_renewals(session, act))
    _open(session, act, "first_report", *_first_reports(act))
    _stand(session, act, until=ITEM.c.until, stay=ITEM.c.stay, flags=ITEM.c.flags, measure=ITEM.c.measure)


def lift(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """Take a measure from the permits that nobody acted on since; the others keep it.

    Where what it was laid over was lifted here meanwhile, that is taken from them too: it does not come back.
    """
    for measure in (record.history[0].evidence.measure, *done.evidence.gone):
        act = _act(record, done, ruleset, measure, CASE.c.measure == measure)
        _move(session, act, "stay", ITEM.c.was_stay)
        _move(session, act, "permit", ITEM.c.was_until)
        _open_as_before(session, act)
        before = func.nullif(ITEM.c.was_measure, "")
        _stand(session, act, until=ITEM.c.was_until, stay=ITEM.c.was_stay, flags=ITEM.c.was_flags, measure=before)


def _act(record: Record, done: Done, ruleset: Ruleset, measure: str, under: ColumnElement[bool]) -> Act:
    """The rules are those of the province that the office had when the measure was decided."""
    at, rules = done.recorded_at, ruleset.within(record.history[0].evidence.province)
    fits = (
        ITEM.c.measure == measure,
        ITEM.c.office == record.office,
        CASE.c.subject == ITEM.c.subject,
        CASE.c.version == ITEM.c.version,
        CASE.c.state == "active",
        under,
        IS_NEWEST,
    )
    facts = Facts(now=at, on=bangkok_date(at), ruleset=rules, holiday=thai_holiday)
    return Act(record.office, measure, fits, at, facts)


# duties that keep their first day -----------------------------------------------------------


def _move(session: Session, act: Act, clock: str, until: Column[date]) -> None:
    """Give the running duties of a clock their new last day."""
    _run_to(session, act, clock, (DUTY.c.ended_at.is_(None), DUTY.c.until_on != until), until)
    _forget(session, act)


def _run_to(session: Session, act: Act, clock: str, which: Fits, until: Column[date]) -> None:
    """Let duties of a clock run to a last day; what was told counts for the day that it named."""
    these, told, row = (*act.duty(clock), *which), last_told(until), BY_NAME["permit", clock]
    found = session.execute(
        select(DUTY.c.begun_on, told.label("told"), until.label("until_on")).where(*these).distinct()
    )
    begun = [(Begun(one.begun_on, until=one.until_on), one.told) for one in found]
    _work_out(session, act, [one for each in begun for one in _shifts(act, row, *each)])
    same = SHIFT.c.told == func.coalesce(told, NEVER_TOLD)
    fitting = (SHIFT.c.until_on == until, SHIFT.c.was_begun == DUTY.c.begun_on, same)
    now = {
        "until_on": until,
        "until_at": SHIFT.c.until_at,
        "told": func.nullif(SHIFT.c.told, NEVER_TOLD),
        "tell_on": SHIFT.c.tell_on,
        "ended_at": None,
    }
    session.execute(update(DUTY).where(*these, *act.shift(clock), *fitting).values(now | act.changed()))


def _shifts(act: Act, clock: Clock, begun: Begun, told: int | None = None) -> Iterator[dict[str, object]]:
    due = due_of(clock, begun, act.facts)
    if due is not None:
        yield {
            "office": act.office,
            "clock": clock.name,
            "until_on": due.until,
            "was_begun": begun.on,
            "told": NEVER_TOLD if told is None else told,
            "begun_on": due.begun_on,
            "until_at": due.until_at,
            "tell_on": tell_on(clock, due.begun_on, due.until, told),
        }


def _work_out(session: Session, act: Act, shifts: list[dict[str, object]]) -> None:
    key = (SHIFT.c.clock, SHIFT.c.until_on, SHIFT.c.was_begun, SHIFT.c.told)
    there = {tuple(row) for row in session.execute(select(*key).where(SHIFT.c.office == act.office))}
    missing = [one for one in shifts if tuple(one[column.name] for column in key) not in there]
    if missing:
        session.execute(insert(SHIFT), missing)


def _forget(session: Session, act: Act) -> None:
    session.execute(delete(SHIFT).where(SHIFT.c.office == act.office))


# duties that begin on another day -----------------------------------------------------------


def _renewals(session: Session, act: Act) -> tuple[list[dict[str, object]], Fits]:
    """The window to file a renewal opens some days before the new last day, unless one was filed."""
    days, clock = act.facts.ruleset.get("renewal.open_days"), BY_NAME["permit", "renewal"]
    untils = session.scalars(select(ITEM.c.until).where(*act.fits).distinct()).all() if days else ()
    shifts = [
        one
        for until in untils
        for one in _shifts(act, clock, Begun(until - timedelta(days=days), until=until))
    ]
    return shifts, (WANTED.c.until_on == ITEM.c.until, ITEM.c.flags.not_like("%renewal_filed%"))


def _first_reports(act: Act) -> tuple[list[dict[str, object]], Fits]:
    """The first report is due from the day that the rules name, unless it was given."""
    first, clock = act.facts.ruleset.get("report.first_from"), BY_NAME["permit", "first_report"]
    shifts = list(_shifts(act, clock, Begun(first))) if first else []
    return shifts, (or_(ITEM.c.crossed_on.is_(None), ITEM.c.crossed_on < (first or date.max)),)


def _keep_before(session: Session, act: Act) -> None:
    """Keep which of the duties that a measure opens anew run before it, and to which day."""
    kept = (ITEM.c.measure, DUTY.c.subject, DUTY.c.clock, DUTY.c.begun_on, DUTY.c.until_on)
    running = select(*kept).where(*act.duty(*OPENED_ANEW), DUTY.c.ended_at.is_(None))
    session.execute(insert(BEFORE).from_select([one.name for one in kept], running))


def _open(session: Session, act: Act, clock: str, shifts: list[dict[str, object]], wanted: Fits) -> None:
    """End what runs otherwise than it should, let what should run do so to its day, and open what is missing."""
    _work_out(session, act, shifts)
    should = (WANTED.c.office == ITEM.c.office, WANTED.c.clock == clock, WANTED.c.told == NEVER_TOLD, *wanted)
    mine = (*should, WANTED.c.begun_on == DUTY.c.begun_on)
    _end(session, act, (clock,), ~exists().where(*mine).correlate(ITEM, DUTY))
    _run_to(session, act, clock, (*mine, _otherwise(WANTED.c.until_on)), WANTED.c.until_on)
    session.execute(_opened(act, clock, should))
    _forget(session, act)


def _open_as_before(session: Session, act: Act) -> None:
    """What ran before the measure runs again, to the day to which it ran; what the measure opened is over."""
    same = (BEFORE.c[name] == DUTY.c[name] for name in ("subject", "clock", "begun_on"))
    ran = (BEFORE.c.measure == ITEM.c.measure, *same)
    _end(session, act, OPENED_ANEW, ~exists().where(*ran).correlate(ITEM, DUTY))
    for clock in OPENED_ANEW:
        _run_to(session, act, clock, (*ran, _otherwise(BEFORE.c.until_on)), BEFORE.c.until_on)
        _forget(session, act)
    lifted = select(ITEM.c.subject).join(CASE, CASE.c.subject == ITEM.c.subject).where(*act.fits)
    session.execute(delete(BEFORE).where(BEFORE.c.measure == act.measure, BEFORE.c.subject.in_(lifted)))


def _end(session: Session, act: Act, clocks: tuple[str, ...], which: ColumnElement[bool]) -> None:
    over = {"ended_at": act.at} | act.changed()
    session.execute(update(DUTY).where(*act.duty(*clocks), DUTY.c.ended_at.is_(None), which).values(over))


def _otherwise(until: Column[date]) -> ColumnElement[bool]:
    return or_(DUTY.c.ended_at.is_not(None), DUTY.c.until_on != until)


def _opened(act: Act, clock: str, should: Fits) -> Insert:
    at = literal(act.at, DUTY.c.changed_at.type)
    same = (DUTY.c.subject == ITEM.c.subject, DUTY.c.clock == clock, DUTY.c.begun_on == WANTED.c.begun_on)
    rows = {
        "subject": ITEM.c.subject, "clock": literal(clock), "part": literal(""), "begun_on": WANTED.c.begun_on,
        "flow": literal("permit"), "office": literal(act.office), "employer": null(), "until_on": WANTED.c.until_on,
        "until_at": WANTED.c.until_at, "told": null(), "tell_on": WANTED.c.tell_on, "sequence": literal(0),
        "changed_at": at, "ended_at": null(),
    }  # fmt: skip
    missing = ~exists().where(*same).correlate(ITEM, WANTED)
    new: Select[tuple[object, ...]] = select(*rows.values()).where(
        *act.fits, *should, missing
    )
    return insert(DUTY).from_select(list(rows), new)


# the case itself ----------------------------------------------------------------------------


def _stand(
    session: Session,
    act: Act,
    *,
    until: Column[date],
    stay: Column[date],
    flags: Column[str],
    measure: ColumnElement[str],
) -> None:
    """Let the rows of the cases say what holds now, with the nearest of their duties."""
    nearest = (
        select(DUTY)
        .where(DUTY.c.subject == CASE.c.subject, DUTY.c.ended_at.is_(None), DUTY.c.clock.not_in(LAPSING))
        .order_by(DUTY.c.until_at, DUTY.c.clock, DUTY.c.part)
        .limit(1)
        .correlate(CASE)
    )
    values = {
        "valid_until": until,
        "stay_until": stay,
        "flags": flags,
        "measure": measure,
        "due_on": nearest.with_only_columns(DUTY.c.until_on).scalar_subquery(),
        "due_clock": nearest.with_only_columns(DUTY.c.clock).scalar_subquery(),
    }
    change: Update = update(CASE).where(*act.fits).values(values)
    session.execute(change)
