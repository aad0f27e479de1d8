"""How long a permit may run: the earliest of the terms that the ruleset and the papers set."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from workflow.domain.evidence import Evidence
from workflow.domain.measured import Measured
from workflow.domain.record import Done, Facts, Record
from workflow.domain.spells import Stay, periods, stays
from workflow.domain.words import N_

FILINGS = (
    "file_application", "complete_filing", "file_change", "complete_change", "file_substitute", "complete_substitute",
)  # fmt: skip
"""The steps that file an application, or file it anew when something was missing."""


@dataclass(frozen=True, slots=True)
class Term:
    """One limit on a permit's length, and whether it is the one that decides."""

    name: str
    label: str
    until: date
    decides: bool = False


def last_day(first: date, length: int, unit: str) -> date:
    """Give the last day of a period of days or months that starts on `first`, that day counted.

    A month period ends on the day before the corresponding day (Civil and Commercial Code 193/5).
    """
    if unit == "day":
        return first + timedelta(days=length - 1)
    year, month = divmod(first.year * 12 + first.month - 1 + length, 12)
    month += 1
    if first.day > calendar.monthrange(year, month)[1]:
        return date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, first.day) - timedelta(days=1)


def current_pass(record: Record) -> Evidence | None:
    """Give the evidence that names the worker's present pass: the re-issued one, else the identity check."""
    done = record.last("replace_travel_document", "check_identity", "keep_identity")
    return done.evidence if done else None


def pass_held(record: Record, facts: Facts) -> Evidence | None:
    """Give what names the worker's present pass: the case itself, or for a permit the register of workers."""
    listed = facts.related.get("worker")
    known = listed.last("enter_worker", "amend_worker") if listed else None
    return current_pass(record) or (known.evidence if known else None)


def permit_from(record: Record) -> date | None:
    """Give the first day of a permit's first period; None for a case that is no permit."""
    return min((period.valid_from for period in periods(record)), default=None) if record.flow == "permit" else None


def permit_until(record: Record) -> date | None:
    """Give the last day of a permit, renewals and a measure counted; None for a case that is no permit."""
    if record.flow != "permit":
        return None
    laid = (record.measured.valid_until,) if record.measured else ()
    return max((*(period.valid_until for period in periods(record)), *laid), default=None)


def stay_until(record: Record) -> date | None:
    """Give the last day of the worker's stay: by the newest stamp or report, or by a measure laid over it since."""
    if record.flow == "permit":
        last = max(stays(record), key=lambda stay: (stay.from_on, stay.number), default=None)
        return _under_measure(last, record.measured) if last else None
    entered = record.last("record_entry", "record_earlier_entry", "record_reentry")
    return entered.evidence.stay_until if entered else None


def _under_measure(last: Stay, laid: Measured | None) -> date:
    """A stamp or report given after the measure counts by itself."""
    covers = laid is not None and laid.stay_until is not None and last.number <= laid.version
    return max(last.until, laid.stay_until) if covers else last.until


def filing_of(record: Record) -> Done | None:
    """Give the entry with which an application was filed as it stands: BT.29, BT.44 or that of a substitute."""
    return record.last(*FILINGS)


def terms(record: Record, start: date, facts: Facts) -> tuple[Term, ...]:
    """List the terms that limit a permit from `start`, as the ruleset names them, the deciding one marked.

    The 30-day stay does not cap a permit in normal practice, since re-entry renews it.
    """
    named = facts.ruleset.get("permit.capped_by", ("longest", "pass"))
    found = [Term(name, CAPS[name][0], until) for name in named if (until := CAPS[name][1](record, start, facts))]
    earliest = min((term.until for term in found), default=None)
    return tuple(replace(term, decides=term.until == earliest) for term in found)


def _longest(record: Record, start: date, facts: Facts) -> date | None:
    length = facts.ruleset.get("permit.length")
    return last_day(start, length, facts.ruleset.get("permit.unit", "month")) if length else None


def _pass(record: Record, start: date, facts: Facts) -> date | None:
    held = current_pass(record)
    return held.pass_expires_on if held else None


def _insurance(record: Record, start: date, facts: Facts) -> date | None:
    filing = filing_of(record)
    return getattr(filing.evidence, "insured_until", None) if filing else None


def _season(record: Record, start: date, facts: Facts) -> date | None:
    first, last = facts.ruleset.get("season.from"), facts.ruleset.get("season.until")
    return season_end(start, first, last) if first and last else None


def season_end(on: date, first: str, last: str) -> date:
    """Give the last day of the season in which a day lies; outside any, that of the season before.

    `first` and `last` are month-day; a season may run over the new year. Outside the season a permit
    would so end before it starts: no work is permitted then.
    """
    end = _that_year(on.year, last)
    if first <= last:
        return end if _that_year(on.year, first) <= on else _that_year(on.year - 1, last)
    return _that_year(on.year + 1, last) if on >= _that_year(on.year, first) else end


def _that_year(year: int, day: str) -> date:
    """Give a day of a year; 29 February is the 28th where there is none."""
    month, number = (int(part) for part in day.split("-"))
    return date(year, month, min(number, calendar.monthrange(year, month)[1]))


def _measure(record: Record, start: date, facts: Facts) -> date | None:
    return facts.ruleset.effective_to


CAPS: dict[str, tuple[str, Callable[[Record, date, Facts], date | None]]] = {
    "longest": (N_("Longest term of the law"), _longest),
    "pass": (N_("Border pass"), _pass),
    "insurance": (N_("Health insurance"), _insurance),
    "season": (N_("End of the season"), _season),
    "measure": (N_("End of the measure"), _measure),
}
"""The terms that a ruleset may name as capping a permit, each with what it is called and how its day is found."""


def longest(record: Record, start: date, facts: Facts) -> date | None:
    """Give the last day on which a permit from `start` may run."""
    return min((term.until for term in terms(record, start, facts)), default=None)


def permit_days(record: Record, evidence: Evidence, facts: Facts) -> Evidence:
    """Complete an order that leaves the days open: from today or the filed start, to the longest allowed."""
    filing = filing_of(record)
    start = evidence.valid_from or max(facts.on, filing.evidence.from_on if filing else facts.on)
    return replace(evidence, valid_from=start, valid_until=evidence.valid_until or longest(record, start, facts))
