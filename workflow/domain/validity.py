"""How long a permit may run: the earliest of the terms that the ruleset and the papers set."""

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta

from workflow.domain.evidence import Evidence
from workflow.domain.record import Done, Facts, Record
from workflow.domain.spells import periods, stays
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


def permit_from(record: Record) -> date | None:
    """Give the first day of a permit's first period; None for a case that is no permit."""
    return min((period.valid_from for period in periods(record)), default=None) if record.flow == "permit" else None


def permit_until(record: Record) -> date | None:
    """Give the last day of a permit, renewals counted; None for a case that is no permit."""
    return max((period.valid_until for period in periods(record)), default=None) if record.flow == "permit" else None


def stay_until(record: Record) -> date | None:
    """Give the last day of the worker's stay: by the newest stamp, or by the newest report in its place."""
    if record.flow == "permit":
        last = max(stays(record), key=lambda stay: (stay.from_on, stay.number), default=None)
        return last.until if last else None
    entered = record.last("record_entry", "record_earlier_entry", "record_reentry")
    return entered.evidence.stay_until if entered else None


def filing_of(record: Record) -> Done | None:
    """Give the entry with which an application was filed as it stands: BT.29, BT.44 or that of a substitute."""
    return record.last(*FILINGS)


def terms(record: Record, start: date, facts: Facts) -> tuple[Term, ...]:
    """List the terms that limit a permit from `start`, the deciding one marked.

    The 30-day stay does not cap a permit in normal practice, since re-entry renews it.
    """
    rules, found = facts.ruleset, []
    length, unit = rules.get("permit.length"), rules.get("permit.unit", "month")
    if length:
        found.append(Term("longest", N_("Longest term of the law"), last_day(start, length, unit)))
    held = current_pass(record)
    if held is not None:
        found.append(Term("pass", N_("Border pass"), held.pass_expires_on))
    filing = filing_of(record)
    if hasattr(getattr(filing, "evidence", None), "insured_until") and rules.get("insurance.covers_permit", False):
        found.append(Term("insurance", N_("Health insurance"), filing.evidence.insured_until))
    if rules.effective_to is not None and rules.get("permit.ends_with_ruleset", False):
        found.append(Term("measure", N_("End of the measure"), rules.effective_to))
    earliest = min((term.until for term in found), default=None)
    return tuple(replace(term, decides=term.until == earliest) for term in found)


def longest(record: Record, start: date, facts: Facts) -> date | None:
    """Give the last day on which a permit from `start` may run."""
    return min((term.until for term in terms(record, start, facts)), default=None)


def permit_days(record: Record, evidence: Evidence, facts: Facts) -> Evidence:
    """Complete an order that leaves the days open: from today or the filed start, to the longest allowed."""
    filing = filing_of(record)
    start = evidence.valid_from or max(facts.on, filing.evidence.from_on if filing else facts.on)
    return replace(evidence, valid_from=start, valid_until=evidence.valid_until or longest(record, start, facts))
