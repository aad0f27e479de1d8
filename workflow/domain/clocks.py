"""The one table of clocks: what is to happen by when, computed from the record and never stored.

A clock runs in the states that wait for somebody; its last day comes from the evidence or from a
number of days that the ruleset names. A time that has passed changes nothing by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from workflow.domain import policies
from workflow.domain.actor import Role
from workflow.domain.record import Facts, Record
from workflow.domain.request import Demand
from workflow.domain.thai import bangkok_date
from workflow.domain.validity import current_pass, last_day
from workflow.domain.words import N_


@dataclass(frozen=True, slots=True)
class Clock:
    """One limit: in which flow and states it runs, whose duty it is, and how its last day is found."""

    name: str
    label: str
    flow: str
    states: frozenset[str]
    duty: Role
    until: Callable[[Record, Facts], date | None]
    source: str


@dataclass(frozen=True, slots=True)
class Due:
    """A running clock of one case."""

    clock: Clock
    until: date

    def late(self, on: date) -> bool:
        """Say whether the last day has passed."""
        return self.until < on


def _states(*names: str) -> frozenset[str]:
    return frozenset(names)


def _answer(record: Record, facts: Facts) -> date | None:
    asked = record.last("ask_for_missing")
    return asked.evidence.answer_until if asked else None


def _desk(record: Record, facts: Facts) -> date | None:
    days = facts.ruleset.get("desk.days")
    return _after(record, days) if days else None


def _after(record: Record, days: int) -> date:
    return bangkok_date(record.history[-1].happened_at) + timedelta(days=days)


def _pay(record: Record, facts: Facts) -> date | None:
    granted, days = record.last("decide"), facts.ruleset.get("fees.pay_within_days")
    return bangkok_date(granted.happened_at) + timedelta(days=days) if granted and days else None


def _entry(record: Record, facts: Facts) -> date | None:
    plan = record.last("plan_entry")
    return plan.evidence.entry_on if plan and "entry_planned" in record.flags else None


def _examination(record: Record, facts: Facts) -> date | None:
    sent = record.last("refer_to_hospital")
    return sent.evidence.appointment_on if sent else None


def _stay(record: Record, facts: Facts) -> date | None:
    return policies.stay_until(record)


def _pass(record: Record, facts: Facts) -> date | None:
    held = current_pass(record)
    return held.pass_expires_on if held else None


def _reception(record: Record, facts: Facts) -> date | None:
    demand = _demand(record)
    return demand.receive_on if demand else None


def _served(record: Record, facts: Facts) -> date | None:
    """The last day that a permit could have which starts when the employment was asked to start."""
    demand, length = _demand(record), facts.ruleset.get("permit.length")
    return last_day(demand.start_on, length, facts.ruleset.get("permit.unit", "month")) if demand and length else None


def _demand(record: Record) -> Demand | None:
    stated = record.last("draft_request", "revise_draft", "complete_request")
    return stated.evidence if stated else None


def _permit(record: Record, facts: Facts) -> date | None:
    opened = record.last("open_permit")
    return opened.evidence.valid_until if opened else None


COUNTER = _states("submitted", "received", "reviewed", "list_locked")
REGISTRATION = _states("filed", "examined", "assessed", "paid", "numbered")
IN_COUNTRY = REGISTRATION | _states("admitted", "ready", "incomplete", "granted", "leaving")

# fmt: off
CLOCKS = (
    Clock("answer",      N_("Answer what is missing"),  "request",     _states("incomplete"),            Role.EMPLOYER,   _answer,      "Licensing Facilitation Act B.E. 2558"),
    Clock("desk",        N_("Office to act"),           "request",     COUNTER,                          Role.OFFICER,    _desk,        "Licensing Facilitation Act B.E. 2558 (published days)"),
    Clock("reception",   N_("Workers to be received"),  "request",     _states("drafted", "list_open"),  Role.EMPLOYER,   _reception,   "Demand letter, item 7"),
    Clock("served",      N_("Last day the request can serve"), "request", _states("running"),            Role.OFFICER,    _served,      "Demand letter, item 4, and the longest term of a permit"),
    Clock("answer",      N_("Answer what is missing"),  "application", _states("incomplete"),            Role.EMPLOYER,   _answer,      "Licensing Facilitation Act B.E. 2558"),
    Clock("desk",        N_("Office to act"),           "application", REGISTRATION | _states("opened"), Role.OFFICER,    _desk,        "Licensing Facilitation Act B.E. 2558 (published days)"),
    Clock("examination", N_("Medical appointment"),     "application", _states("requested", "admitted"), Role.HOSPITAL,   _examination, "Medical referral"),
    Clock("medical",     N_("Medical certificate ends"), "application", _states("cleared", "ready", "filed", "incomplete", "examined", "assessed"), Role.OFFICER, policies.medical_until, "Health manual of the Ministry of Public Health, 2020"),
    Clock("entry",       N_("Planned entry"),           "application", _states("requested", "cleared"),  Role.CHECKPOINT, _entry,       "Entry appointment"),
    Clock("stay",        N_("Stay ends"),               "application", IN_COUNTRY,                       Role.EMPLOYER,   _stay,        "Stamp of the immigration checkpoint"),
    Clock("pass",        N_("Border pass ends"),        "application", IN_COUNTRY | _states("requested", "cleared"), Role.EMPLOYER, _pass, "BT.29 attachment 4.1"),
    Clock("payment",     N_("Pay the permit fee"),      "application", _states("granted"),               Role.EMPLOYER,   _pay,         "Office practice"),
    Clock("permit",      N_("Permit ends"),             "permit",      _states("active"),                Role.EMPLOYER,   _permit,      "The registrar's order"),
)
# fmt: on


def running(record: Record, facts: Facts) -> tuple[Due, ...]:
    """List the clocks that run for a case, the nearest first."""
    found = [
        Due(clock, until)
        for clock in CLOCKS
        if clock.flow == record.flow and record.state in clock.states
        if (until := clock.until(record, facts)) is not None
    ]
    return tuple(sorted(found, key=lambda due: due.until))
