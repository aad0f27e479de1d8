"""How a measure changes the copies of all permits of an office at once, and how it is taken from them again.

The same statements run when it is laid, when the copies are made again, and when they are verified: each is one
statement over all items that fit their case as it stands. Moments and alerts depend on few distinct days; they
are worked out once a day and told to the database in `duty_shift`.
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
from workflow.store.projections import Alert, Case, Duty, DutyShift, RegisterEntry
from workflow.store.truth import MeasureItem

CASE, DUTY, SHIFT, ITEM, ENTRY, ALERT = (
    row.__table__ for row in (Case, Duty, DutyShift, MeasureItem, RegisterEntry, Alert)
)
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
    act = _act(session, record, done, ruleset, under)
    _move(session, act, "stay", ITEM.c.stay)
    _move(session, act, "permit", ITEM.c.until)
    _open(session, act, "renewal", *_renewals(session, act))
    _open(session, act, "first_report", *_first_reports(act))
    _stand(session, act, until=ITEM.c.until, stay=ITEM.c.stay, flags=ITEM.c.flags, measure=ITEM.c.measure)


def lift(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """Take a measure from the permits that nobody acted on since; the others keep it."""
    laid = record.history[0]
    act = _act(session, record, done, ruleset, CASE.c.measure == laid.evidence.measure)
    _move(session, act, "stay", ITEM.c.was_stay)
    _move(session, act, "permit", ITEM.c.was_until)
    _open_as_before(session, act, laid.recorded_at)
    before = func.nullif(ITEM.c.was_measure, "")
    _stand(session, act, until=ITEM.c.was_until, stay=ITEM.c.was_stay, flags=ITEM.c.was_flags, measure=before)


def _act(session: Session, record: Record, done: Done, ruleset: Ruleset, under: ColumnElement[bool]) -> Act:
    province = session.scalar(select(ENTRY.c.stated).where(ENTRY.c.subject == record.office)) or {}
    rules = ruleset.within(str(province.get("province", "")))
    at, measure = done.recorded_at, record.history[0].evidence.measure
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
    return Act(record.office, fits, at, facts)


# duties that keep their first day -----------------------------------------------------------


def _move(session: Session, act: Act, clock: str, until: Column[date]) -> None:
    """Give the running duties of a clock their new last day; what was told counts for the day that it named."""
    runs = (*act.duty(clock), DUTY.c.ended_at.is_(None), DUTY.c.until_on != until)
    told = last_told(until)
    found = session.execute(
        select(DUTY.c.begun_on, told.label("told"), until.label("until_on")).where(*runs).distinct()
    )
    row = BY_NAME["permit", clock]
    begun = [(Begun(one.begun_on, until=one.until_on), one.told) for one in found]
    _work_out(session, [one for each in begun for one in _shifts(act, row, *each)])
    same = SHIFT.c.told == func.coalesce(told, NEVER_TOLD)
    fitting = (SHIFT.c.until_on == until, SHIFT.c.was_begun == DUTY.c.begun_on, same)
    now = {
        "until_on": until,
        "until_at": SHIFT.c.until_at,
        "told": func.nullif(SHIFT.c.told, NEVER_TOLD),
        "tell_on": SHIFT.c.tell_on,
    }
    session.execute(update(DUTY).where(*runs, *act.shift(clock), *fitting).values(now | act.changed()))
    _forget(session, act)


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


def _work_out(session: Session, shifts: list[dict[str, object]]) -> None:
    if shifts:
        session.execute(insert(SHIFT), shifts)


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
    return shifts, (SHIFT.c.until_on == ITEM.c.until, ITEM.c.flags.not_like("%renewal_filed%"))


def _first_reports(act: Act) -> tuple[list[dict[str, object]], Fits]:
    """The first report is due from the day that the rules name, unless it was given."""
    first, clock = act.facts.ruleset.get("report.first_from"), BY_NAME["permit", "first_report"]
    shifts = list(_shifts(act, clock, Begun(first))) if first else []
    return shifts, (or_(ITEM.c.crossed_on.is_(None), ITEM.c.crossed_on < (first or date.max)),)


def _open(session: Session, act: Act, clock: str, shifts: list[dict[str, object]], wanted: Fits) -> None:
    """End what runs otherwise than it should, and open what should run."""
    _work_out(session, shifts)
    should = (*act.shift(clock), *wanted, SHIFT.c.begun_on == DUTY.c.begun_on)
    runs, over = DUTY.c.ended_at.is_(None), DUTY.c.ended_at.is_not(None)
    other = ~exists().where(*should).correlate(ITEM, DUTY)
    session.execute(
        update(DUTY).where(*act.duty(clock), runs, other).values({"ended_at": act.at} | act.changed())
    )
    session.execute(
        update(DUTY).where(*act.duty(clock), over, *should).values({"ended_at": None} | act.changed())
    )
    session.execute(_opened(act, clock, wanted))
    _forget(session, act)


def _opened(act: Act, clock: str, wanted: Fits) -> Insert:
    at = literal(act.at, DUTY.c.changed_at.type)
    same = (DUTY.c.subject == ITEM.c.subject, DUTY.c.clock == clock, DUTY.c.begun_on == SHIFT.c.begun_on)
    rows = {
        "subject": ITEM.c.subject, "clock": literal(clock), "part": literal(""), "begun_on": SHIFT.c.begun_on,
        "flow": literal("permit"), "office": literal(act.office), "employer": null(), "until_on": SHIFT.c.until_on,
        "until_at": SHIFT.c.until_at, "told": null(), "tell_on": SHIFT.c.tell_on, "sequence": literal(0),
        "changed_at": at, "ended_at": null(),
    }  # fmt: skip
    missing = ~exists().where(*same).correlate(ITEM, SHIFT)
    new: Select[tuple[object, ...]] = select(*rows.values()).where(
        *act.fits, *act.shift(clock), *wanted, missing
    )
    return insert(DUTY).from_select(list(rows), new)


def _open_as_before(session: Session, act: Act, laid_at: datetime) -> None:
    """What the laying ended runs again; what it opened is over."""
    mine, renewal = act.duty(*OPENED_ANEW), DUTY.c.clock == "renewal"
    ended = (DUTY.c.ended_at == laid_at, or_(~renewal, DUTY.c.until_on == ITEM.c.was_until))
    opened = (
        DUTY.c.ended_at.is_(None),
        DUTY.c.changed_at == laid_at,
        or_(~renewal, DUTY.c.until_on == ITEM.c.until),
    )
    session.execute(update(DUTY).where(*mine, *opened).values({"ended_at": act.at} | act.changed()))
    session.execute(update(DUTY).where(*mine, *ended).values({"ended_at": None} | act.changed()))


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
