"""What the papers of an application on a permit print beside its own facts: the permit, the stay, the other employers."""

from collections.abc import Iterator
from typing import Any

from workflow.desk import Desk
from workflow.domain.conditions import overstay
from workflow.domain.kinds import OnPermit
from workflow.domain.onward import book_of
from workflow.domain.record import Facts, Record
from workflow.domain.spells import Employment, employments, periods, stays
from workflow.domain.validity import filing_of, permit_until, stay_until
from workflow.lookups import issuing_application

Plain = dict[str, Any]


def permit_of(desk: Desk, opened: OnPermit) -> Plain:
    """Give the permit that an application stands on: its book, its days, its conditions."""
    return held(desk.record(opened.permit))


def held(permit: Record) -> Plain:
    """Give what a permit holds: its book and numbers, its days, its conditions, the stay, the reports made."""
    first, last, until, stay = periods(permit)[0], periods(permit)[-1], permit_until(permit), stay_until(permit)
    book, number = book_of(permit)
    return {
        "reference": permit.reference,
        "permit_book": book,
        "permit_number": number,
        "foreigner_number": permit.history[0].evidence.foreigner_number,
        "valid_from": first.valid_from.isoformat(),
        "valid_until": until.isoformat() if until else None,
        "conditions": last.conditions,
        "stay_until": stay.isoformat() if stay else None,
        "reports": [one.from_on.isoformat() for one in stays(permit) if one.reported],
    }


def overstayed(permit: Record, facts: Facts) -> Plain | None:
    """Give the days of an overstay with its fine in baht, none where it is waived or not ruled."""
    found = overstay(permit, facts)
    return {"days": found.days, "fine": found.fine, "waived": found.waived} if found else None


def work_with(permit: Record, employer: str) -> tuple[str, Plain]:
    """Give the employer whom a step is about, else the last one, with the work there."""
    spell = _spell(permit, employer) or employments(permit)[-1]
    return spell.employer, {
        "job": spell.job,
        "workplace": spell.workplace,
        "from_on": spell.from_on.isoformat(),
        "ended_on": spell.ended_on.isoformat() if spell.ended_on else None,
    }


def stay_of(desk: Desk, opened: OnPermit) -> Plain | None:
    """Give the stay that runs, as an entry is printed."""
    found = stays(desk.record(opened.permit))
    if not found:
        return None
    stay = found[-1]
    return {"gate": stay.gate, "stamped_on": stay.from_on.isoformat(), "stay_until": stay.until.isoformat()}


def work_of(desk: Desk, opened: OnPermit) -> Plain:
    """Give the work for the employer who asks, as the permit has it: what a substitute or a renewal does not change."""
    permit = desk.record(opened.permit)
    spell = _spell(permit, opened.employer)
    said = _filed(desk, permit) if spell else {}
    job = spell.job if spell else ""
    return {
        "work_type": said.get("work_type") or job,
        "work_nature": job,
        "workplace": spell.workplace if spell else "",
    }


def _spell(permit: Record, employer: str) -> Employment | None:
    return next((one for one in reversed(employments(permit)) if one.employer == employer), None)


def _filed(desk: Desk, permit: Record) -> Plain:
    subject = issuing_application(permit)
    filing = filing_of(desk.record(subject)) if subject else None
    return filing.evidence.plain() if filing else {}


def others(desk: Desk, opened: OnPermit) -> Iterator[tuple[str, Plain]]:
    """Give the other employers for whom the worker may work, each with the work there."""
    for spell in employments(desk.record(opened.permit)):
        if spell.runs and spell.employer != opened.employer:
            yield spell.employer, {"work_nature": spell.job, "workplace": spell.workplace}

