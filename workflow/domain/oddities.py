"""What is unusual about an application that waits for the registrar: he looks at these first and decides them one by one."""

from dataclasses import dataclass
from datetime import date

from workflow.domain import policies
from workflow.domain.employer_policies import bar_on
from workflow.domain.record import Facts, Record
from workflow.domain.validity import current_pass, last_day
from workflow.domain.words import N_


@dataclass(frozen=True, slots=True)
class Oddity:
    """One unusual thing, in words with its date if it has one."""

    text: str
    on: date | None = None


def oddities(record: Record, facts: Facts) -> tuple[Oddity, ...]:
    """List what is unusual about an application, worst first; nothing for any other case."""
    if record.flow != "application":
        return ()
    first = (_barred(record, facts), _advice(record), _treatment(record), _ends(record, facts))
    found = (*first, _birth(record), _missing(record), _again(record))
    return tuple(one for one in found if one is not None)


def _barred(record: Record, facts: Facts) -> Oddity | None:
    employer = facts.related.get("employer")
    bar = bar_on(employer, facts.on) if employer is not None else None
    return Oddity(N_("The employer is barred until"), bar.evidence.until) if bar else None


def _advice(record: Record) -> Oddity | None:
    opinion = record.last("give_opinion")
    against = opinion is not None and not getattr(opinion.evidence, "recommends", True)
    return Oddity(N_("Not recommended")) if against else None


def _treatment(record: Record) -> Oddity | None:
    seen = record.last("record_medical")
    if seen is None or getattr(seen.evidence, "result", None) != "2":
        return None
    return Oddity(N_("Class 2: treatment and follow-up"), seen.evidence.follow_up_on)


def _ends(record: Record, facts: Facts) -> Oddity | None:
    """The pass or the stay ends before the longest term of a permit that began today."""
    length, unit = facts.ruleset.get("permit.length"), facts.ruleset.get("permit.unit", "month")
    term = last_day(facts.on, length, unit) if length else facts.on
    held = current_pass(record)
    if held is not None and held.pass_expires_on < term:
        return Oddity(N_("Pass ends before the term"), held.pass_expires_on)
    stay = policies.stay_until(record)
    if stay is not None and stay < facts.on:
        return Oddity(N_("Stay has ended"), stay)
    return None


def _birth(record: Record) -> Oddity | None:
    checked = record.last("check_identity")
    if checked is None or getattr(checked.evidence, "birth_precision", "day") != "year":
        return None
    return Oddity(N_("Only the year of birth is known"))


def _missing(record: Record) -> Oddity | None:
    filed = record.last("file_application", "complete_filing")
    lacks = filed is not None and "missing" in getattr(filed.evidence, "attachments", {}).values()
    return Oddity(N_("Attachments are missing")) if lacks else None


def _again(record: Record) -> Oddity | None:
    back = record.last("return_to_officer")
    return Oddity(N_("Was sent back to the officer before")) if back is not None else None
