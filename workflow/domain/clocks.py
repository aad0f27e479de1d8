"""The one table of clocks: what is to happen by when, whose duty it is, and what follows if it does not.

A clock runs in the states that wait for somebody. What starts it is a function of the case (triggers.py); its
last day stands on a paper or lies a number of days, months or hours on, which the ruleset names. A time that
has passed changes nothing by itself: it is told, again and again, to more and more people (`offsets`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count

from workflow.domain import triggers
from workflow.domain.actor import Role
from workflow.domain.holidays import Holiday, next_working_day
from workflow.domain.record import Facts, Record
from workflow.domain.thai import BANGKOK
from workflow.domain.triggers import Begun
from workflow.domain.validity import last_day
from workflow.domain.words import N_


class Unit(StrEnum):
    """In what a clock counts; the day on which days and months begin is not counted (CCC 193/3)."""

    DAYS = "days"
    MONTHS = "months"
    HOURS = "hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One limit, a row of the table.

    `code` is its number among the clocks of the law, empty for the office's own. `length` is the key of the
    ruleset, empty where a paper states the day. `moves` says that a last day on a holiday moves to the next
    working day (CCC 193/8); only acts at an office do. `warns` are days before the last one, `late` days after
    it, `every` further ones for ever. A right that `lapses` is never late. `pauses` while the case's gate is
    closed. `health` keeps it out of calendars that leave the office. `answered_by` is the step on the employer
    that a breach leads to.
    """

    name: str
    label: str
    flow: str
    states: frozenset[str]
    duty: Role
    begins: Callable[[Record, Facts], Iterable[Begun]]
    source: str
    code: str = ""
    length: str = ""
    unit: Unit = Unit.DAYS
    moves: bool = False
    warns: tuple[int, ...] = (0,)
    late: tuple[int, ...] = (1, 7, 30)
    every: int = 0
    lapses: bool = False
    pauses: bool = False
    health: bool = False
    stops: tuple[str, ...] = ()
    breach: str = ""
    answered_by: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A duty that runs: its clock and part, whose employment, from which day, to which day and moment."""

    clock: Clock
    until: date
    until_at: datetime
    begun_on: date
    part: str = ""
    employer: str | None = None

    def late(self, on: date) -> bool:
        """Say whether the last day has passed; a right that lapses is never late."""
        return self.until < on and not self.clock.lapses


def _states(*names: str) -> frozenset[str]:
    return frozenset(names)


COUNTER = _states("submitted", "list_locked")
DECIDING = _states("received", "reviewed")
REGISTRATION = _states("filed", "examined", "assessed", "paid", "numbered")
OFFICE = _states("opened", "filed", "paid", "numbered")
IN_COUNTRY = REGISTRATION | _states("admitted", "ready", "incomplete", "granted", "leaving")
EXAMINED = _states("cleared", "ready", "filed", "incomplete", "examined", "assessed")
TRACKS = _states("requested", "cleared")
ACTIVE = _states("active")
EVER = _states("active", "ended", "revoked", "exited", "deceased")
EMPLOYER, OFFICER, WORKER = Role.EMPLOYER, Role.OFFICER, Role.WORKER

PUBLISHED = "Licensing Facilitation Act B.E. 2558 (2015), sections 7 and 10: published days; the applicant is told every seven days"
LISTED = "Licensing Facilitation Act B.E. 2558 (2015), section 8: what is missing is listed once, with a day"
SECTION_13 = "Foreign Workers Decree B.E. 2560, section 13 (notice to the registrar)"
SECTION_64_2 = "Foreign Workers Decree B.E. 2560, section 64/2 (notice by the worker)"
TM30 = "Immigration Act B.E. 2522, section 38 (TM.30)"
STAMP = "Stamp of the immigration checkpoint; Immigration Act B.E. 2522"
APPEALS = "Administrative Procedure Act B.E. 2539 and the Decree: the appeal runs from the service of the order"

PDPA = "Personal Data Protection Act B.E. 2562 (2019), sections 30 and 37"

TOLD_OF = N_("Offence under section 103; it counts against the employer")
OVERSTAY = N_("The stay is over: a fine for each day, unless it is waived")
SLOW = N_("The applicant is told of the delay every seven days")
RETURNED = N_("The case is returned")

# fmt: off
CLOCKS = (
    Clock(name="answer", code="C11", label=N_("Answer what is missing"), flow="request", states=_states("incomplete"), duty=EMPLOYER, begins=triggers.answer, warns=(3, 1, 0), stops=("complete_request", "return_request"), breach=RETURNED, source=LISTED),
    Clock(name="desk", label=N_("Office to act"), flow="request", states=COUNTER, duty=OFFICER, begins=triggers.waiting, length="desk.days", moves=True, source=PUBLISHED),
    Clock(name="decision", code="C12", label=N_("Decision due"), flow="request", states=DECIDING, duty=OFFICER, begins=triggers.complete, length="desk.days", moves=True, warns=(2, 0), late=(1,), every=7, stops=("decide_request", "ask_for_missing", "withdraw_request"), breach=SLOW, source=PUBLISHED),
    Clock(name="reception", label=N_("Workers to be received"), flow="request", states=_states("drafted", "list_open"), duty=EMPLOYER, begins=triggers.reception, pauses=True, warns=(7, 1), source="Demand letter, item 7"),
    Clock(name="served", label=N_("Last day the request can serve"), flow="request", states=_states("running"), duty=OFFICER, begins=triggers.serving, warns=(30, 0), source="Demand letter, item 4, and the longest term of a permit"),
    Clock(name="answer", code="C11", label=N_("Answer what is missing"), flow="application", states=_states("incomplete"), duty=EMPLOYER, begins=triggers.answer, warns=(3, 1, 0), stops=("complete_filing", "complete_change", "complete_substitute", "return_filing"), breach=RETURNED, source=LISTED),
    Clock(name="desk", label=N_("Office to act"), flow="application", states=OFFICE, duty=OFFICER, begins=triggers.waiting, length="desk.days", moves=True, source=PUBLISHED),
    Clock(name="decision", code="C12", label=N_("Decision due"), flow="application", states=_states("examined", "assessed"), duty=OFFICER, begins=triggers.complete, length="desk.days", moves=True, warns=(2, 0), late=(1,), every=7, stops=("decide", "ask_for_missing", "withdraw"), breach=SLOW, source=PUBLISHED),
    Clock(name="examination", label=N_("Medical appointment"), flow="application", states=_states("requested", "admitted"), duty=Role.HOSPITAL, begins=triggers.appointment, health=True, warns=(1, 0), late=(1, 7), source="Medical referral"),
    Clock(name="medical", code="C7", label=N_("Medical certificate ends"), flow="application", states=EXAMINED, duty=OFFICER, begins=triggers.examined, length="health.valid_days", health=True, warns=(14, 3, 0), stops=("refer_to_hospital", "decide"), breach=N_("A new medical check is needed"), source="Health manual of the Ministry of Public Health, 2020"),
    Clock(name="entry", label=N_("Planned entry"), flow="application", states=TRACKS, duty=Role.CHECKPOINT, begins=triggers.planned, pauses=True, warns=(1, 0), late=(1, 7), source="Entry appointment"),
    Clock(name="stay", code="C6", label=N_("Stay ends"), flow="application", states=IN_COUNTRY, duty=EMPLOYER, begins=triggers.stay, length="stay.days", warns=(7, 3, 0), breach=OVERSTAY, source=STAMP),
    Clock(name="housing", code="C5", label=N_("Tell immigration where the worker lives (TM.30)"), flow="application", states=IN_COUNTRY, duty=EMPLOYER, begins=triggers.arrived, length="notices.housing_hours", unit=Unit.HOURS, breach=N_("Fine for the owner of the house"), stops=("note_housing",), source=TM30),
    Clock(name="pass", label=N_("Border pass ends"), flow="application", states=IN_COUNTRY | TRACKS, duty=EMPLOYER, begins=triggers.border_pass, warns=(30, 7, 0), stops=("replace_travel_document",), source="BT.29 attachment 4.1"),
    Clock(name="payment", label=N_("Pay the permit fee"), flow="application", states=_states("granted"), duty=EMPLOYER, begins=triggers.granted, length="fees.pay_within_days", warns=(7, 1, 0), stops=("pay_permit_fee", "lapse_unpaid"), breach=N_("The order lapses"), source="Office practice"),
    Clock(name="desk", label=N_("Office to act"), flow="appeal", states=_states("filed"), duty=OFFICER, begins=triggers.waiting, length="desk.days", moves=True, source=PUBLISHED),
    Clock(name="decision", code="C12", label=N_("Decision due"), flow="appeal", states=_states("received"), duty=OFFICER, begins=triggers.waiting, length="appeal.decide_days", moves=True, warns=(7, 0), late=(1,), every=7, stops=("decide_appeal", "withdraw_appeal"), breach=SLOW, source=APPEALS),
    Clock(name="stay", code="C6", label=N_("Stay ends"), flow="permit", states=ACTIVE, duty=EMPLOYER, begins=triggers.stay, length="stay.days", warns=(7, 3, 0), stops=("record_reentry", "record_report", "record_exit"), breach=OVERSTAY, source=STAMP),
    Clock(name="housing", code="C5", label=N_("Tell immigration where the worker lives (TM.30)"), flow="permit", states=ACTIVE, duty=EMPLOYER, begins=triggers.arrived, length="notices.housing_hours", unit=Unit.HOURS, stops=("give_notice",), breach=N_("Fine for the owner of the house"), source=TM30),
    Clock(name="permit", code="C8", label=N_("Permit ends"), flow="permit", states=ACTIVE, duty=EMPLOYER, begins=triggers.permit, length="permit.length", warns=(30, 14, 7, 0), stops=("extend_permit", "end_permit"), breach=N_("Work must stop, unless a measure extends the permit"), source="The registrar's order"),
    Clock(name="renewal", code="C9", label=N_("Last day to file the renewal"), flow="permit", states=ACTIVE, duty=EMPLOYER, begins=triggers.renewal, length="renewal.open_days", lapses=True, late=(), warns=(30, 14, 7, 3, 1, 0), stops=("note_renewal",), breach=N_("Afterwards only a new application is possible"), source="BT.29: renewal before the permit ends"),
    Clock(name="hire_notice", code="C1", label=N_("Notice of hire (BT.52)"), flow="permit", states=EVER, duty=EMPLOYER, begins=triggers.hired, length="notices.hire_days", moves=True, warns=(7, 1, 0), stops=("give_notice",), breach=TOLD_OF, answered_by="warn_employer", source=SECTION_13),
    Clock(name="worker_notice", code="C2", label=N_("Notice by the worker (section 64/2)"), flow="permit", states=ACTIVE, duty=WORKER, begins=triggers.started_work, length="notices.worker_days", moves=True, warns=(7, 1, 0), late=(1, 7), stops=("give_notice",), breach=N_("The worker is warned and helped to give it, not punished at once"), source=SECTION_64_2),
    Clock(name="exit_notice", code="C3", label=N_("Notice of the end of work (BT.53)"), flow="permit", states=EVER, duty=EMPLOYER, begins=triggers.left, length="notices.exit_days", moves=True, warns=(7, 1, 0), stops=("give_notice",), breach=TOLD_OF, answered_by="warn_employer", source=SECTION_13),
    Clock(name="district_notice", code="C4", label=N_("Tell the district of a dismissal or a missing worker"), flow="permit", states=EVER, duty=EMPLOYER, begins=triggers.left_badly, length="notices.district_hours", unit=Unit.HOURS, stops=("tell_district",), breach=N_("The district may propose to cut the quota or to bar the employer"), answered_by="propose_bar", source="Demand letter of Chanthaburi, undertakings"),
    Clock(name="loss", code="C10", label=N_("Ask for a substitute of the lost permit"), flow="permit", states=ACTIVE, duty=WORKER, begins=triggers.lost, length="loss.days", moves=True, warns=(7, 1, 0), stops=("substitute_permit",), breach=N_("Offence under section 69"), source="Foreign Workers Decree B.E. 2560, section 69"),
    Clock(name="first_report", code="C14", label=N_("First report under the measure"), flow="permit", states=ACTIVE, duty=WORKER, begins=triggers.first_report, length="report.first_within_days", moves=True, warns=(7, 3, 1, 0), stops=("record_report",), breach=N_("The measure no longer covers the worker; a person decides"), source="Notices of the Ministries of Interior and Labour on the measure"),
    Clock(name="departure", code="C15", label=N_("Leave the Kingdom"), flow="permit", states=ACTIVE, duty=WORKER, begins=triggers.departure, length="departure.days", warns=(3, 1, 0), stops=("record_exit",), breach=OVERSTAY, source="Notice to leave after a measure ended"),
    Clock(name="access", code="C16", label=N_("Answer who asks for his data"), flow="privacy", states=_states("asked"), duty=OFFICER, begins=triggers.data_asked, length="privacy.access_days", moves=True, warns=(14, 7, 1, 0), stops=("answer_access_request",), breach=N_("Complaint to the Personal Data Protection Committee"), source=PDPA),
    Clock(name="breach", code="C17", label=N_("Report the breach of personal data"), flow="privacy", states=_states("breached"), duty=OFFICER, begins=triggers.breached, length="privacy.breach_hours", unit=Unit.HOURS, warns=(2, 1, 0), stops=("report_breach",), breach=N_("Administrative fine on the office"), source=PDPA),
    *(Clock(name="appeal", code="C13", label=N_("Last day to appeal"), flow=flow, states=states, duty=EMPLOYER, begins=triggers.served, length="appeal.days", moves=True, lapses=True, late=(), warns=(7, 1, 0), breach=N_("The order becomes final"), source=APPEALS)
      for flow, states in (("request", _states("refused", "revoked")), ("application", _states("refused")), ("permit", _states("revoked")), ("employer", _states("listed")))),
)
# fmt: on

BY_NAME = {(clock.flow, clock.name): clock for clock in CLOCKS}
"""Every clock by its flow and the name under which the store keeps it."""


def running(record: Record, facts: Facts) -> tuple[Due, ...]:
    """List the duties that run for a case, the nearest first."""
    found = [
        due
        for clock in CLOCKS
        if clock.flow == record.flow and record.state in clock.states
        for begun in clock.begins(record, facts)
        if (due := due_of(clock, begun, facts)) is not None
    ]
    return tuple(sorted(found, key=lambda due: (due.until_at, due.clock.name, due.part)))


def nearest(dues: Iterable[Due]) -> Due | None:
    """Give the first of the running duties that somebody must do; a right that lapses hurries nobody."""
    return next((due for due in dues if not due.clock.lapses), None)


def due_of(clock: Clock, begun: Begun, facts: Facts) -> Due | None:
    """Give the duty of a clock that began; None where nothing says how long it runs."""
    if clock.unit is Unit.HOURS and begun.until is None:
        hours = facts.ruleset.get(clock.length)
        if hours is None or begun.at is None:
            return None
        until_at = begun.at + timedelta(hours=hours)
        return Due(clock, until_at.astimezone(BANGKOK).date(), until_at, begun.on, begun.part, begun.employer)
    until = begun.until or _last_day(clock, begun.on, facts)
    return Due(clock, until, end_of(until), begun.on, begun.part, begun.employer) if until else None


def _last_day(clock: Clock, begun_on: date, facts: Facts) -> date | None:
    """Count from the day after the one on which it began (CCC 193/3), months to the same day (CCC 193/5)."""
    length = facts.ruleset.get(clock.length) if clock.length else None
    if length is None:
        return None
    after = begun_on + timedelta(days=1)
    until = last_day(after, length, "month" if clock.unit is Unit.MONTHS else "day")
    return next_working_day(until, closed(facts)) if clock.moves else until


def closed(facts: Facts) -> Holiday:
    """Say on which days the office is closed: public holidays, and what the ruleset adds."""
    further = frozenset(facts.ruleset.get("holidays.closed", ()))
    return lambda day: facts.holiday(day) or day in further


def end_of(day: date) -> datetime:
    """Give the moment at which a day is over in Bangkok."""
    return datetime.combine(day + timedelta(days=1), time(), BANGKOK).astimezone(UTC)


# telling ------------------------------------------------------------------------------------


def offsets(clock: Clock) -> Iterator[int]:
    """List when a clock is told of, in days before the last one, the first first; days after it are negative."""
    yield from sorted(clock.warns, reverse=True)
    yield from (-days for days in clock.late)
    if clock.every:
        yield from (-days for days in count((clock.late or (0,))[-1] + clock.every, clock.every))


def next_offset(clock: Clock, begun_on: date, until: date, told: int | None) -> int | None:
    """Give the next of a duty's offsets after the one told last; None where nothing more is told.

    A warning that would fall before the duty began is passed over.
    """
    for offset in offsets(clock):
        if (told is None or offset < told) and until - timedelta(days=offset) >= begun_on:
            return offset
    return None


def owed(clock: Clock, begun_on: date, until: date, told: int | None, on: date) -> Iterator[int]:
    """List the offsets of a duty that are to be told by a day and were not: each once, however long nobody looked."""
    while (offset := next_offset(clock, begun_on, until, told)) is not None:
        if until - timedelta(days=offset) > on:
            return
        yield offset
        told = offset


LONG_LATE = -7


def audience(clock: Clock, offset: int) -> tuple[Role, ...]:
    """Say to whom an alert goes: whose duty it is; once late also the officer, a week late the registrar."""
    if offset >= 0:
        return (clock.duty,)
    further = (OFFICER, Role.REGISTRAR) if offset <= LONG_LATE else (OFFICER,)
    told = (EMPLOYER,) if clock.name == "decision" else ()
    return tuple(dict.fromkeys((clock.duty, *told, *further)))
