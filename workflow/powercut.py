"""What the office prints before opening, lest the power be cut: who comes today, what is due, and numbered forms (P17)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import select

import pdf
from forms.evidence import Choices, options_of
from workflow import casework, deadlines
from workflow.casework import Act
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.application import Paper as PaperSeen
from workflow.domain.blanks import FORMS, Blanks, Pile, Reservation, form_number, forms, unused
from workflow.domain.evidence import Ask, Question, questions
from workflow.domain.flow import Step
from workflow.domain.places import WHOLE_DAY
from workflow.domain.record import Record
from workflow.domain.thai import bangkok_date
from workflow.store.history import CaseNotFound, record_of
from workflow.store.projections import Case, RegisterEntry
from workflow.visibility import offices_of, visible_to
from workflow.workingprint import heading

PRINT = "power_cut"
TICKED_AT_MOST = 14
"""A longer list of choices is no row of boxes: the pen writes its own word."""
Plain = dict[str, Any]
Say = Callable[[str], str]


# who comes, what is due -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expected:
    """A worker who is expected on a day: at a gate, or at a hospital."""

    worker: str
    reference: str
    employer: str
    where: str
    at_gate: bool
    band: str


def expected(desk: Desk, actor: Actor, on: date) -> list[Expected]:
    """List who is planned for a gate, or has an appointment at a hospital, on a day."""
    planned = Case.flags.contains("entry_planned") & (Case.entry_on == on)
    referred = Case.state.in_(("requested", "admitted")) & Case.hospital.is_not(None)
    asked = select(Case).where(Case.flow == "application", Case.live, visible_to(desk, actor))
    cases = desk.session.scalars(asked.where(planned | referred).order_by(Case.employer, Case.title))
    found = [line for case in cases for line in _expected(desk, case, on)]
    return sorted(found, key=lambda line: (not line.at_gate, line.where, line.band, line.employer))


def _expected(desk: Desk, case: Case, on: date) -> Iterator[Expected]:
    employer = desk.session.get(RegisterEntry, case.employer)
    head = (case.title, case.reference, employer.name if employer else "")
    record = desk.record(case.subject)
    plan, referral = record.last("plan_entry"), record.last("refer_to_hospital", "record_medical")
    if case.entry_on == on and plan is not None:
        yield Expected(*head, plan.evidence.gate, True, plan.evidence.band or WHOLE_DAY)
    if getattr(referral and referral.evidence, "appointment_on", None) == on:
        hospital = desk.session.get(RegisterEntry, referral.evidence.hospital)
        yield Expected(*head, hospital.name if hospital else "", False, "")


def due(desk: Desk, actor: Actor) -> list[deadlines.Line]:
    """List the deadlines of today, the nearest first."""
    found: list[deadlines.Line] = []
    for page in count(1):
        board = deadlines.board(desk, actor, deadlines.Wanted(bucket=deadlines.Bucket.TODAY, page=page))
        found += board.lines
        if page >= board.pages:
            return found
    return found


# the forms ------------------------------------------------------------------------------------


def piles(desk: Desk, actor: Actor, *, ready: bool = True) -> list[Record]:
    """List the reservations of an actor's office, the newest first: those that lie ready, or those accounted for."""
    offices = [actor.office] if actor.role is not Role.AUDITOR else offices_of(desk, actor.province)
    asked = (
        select(RegisterEntry.subject).filter_by(register="blanks").where(RegisterEntry.number.in_(offices))
    )
    wanted = Blanks.READY if ready else Blanks.ACCOUNTED
    found = asked.where(RegisterEntry.state == wanted.value).order_by(RegisterEntry.reference.desc())
    return [record_of(desk.session, subject) for subject in desk.session.scalars(found.limit(30))]


def pile_named(desk: Desk, actor: Actor, reference: str) -> Record:
    """Find a reservation of an actor's office by its reference; raises CaseNotFound."""
    asked = select(RegisterEntry.subject).filter_by(register="blanks", reference=reference)
    subject = desk.session.scalar(asked.where(RegisterEntry.number == (actor.office or "")))
    if subject is None:
        raise CaseNotFound(reference)
    return record_of(desk.session, subject)


def counts_before(desk: Desk, actor: Actor) -> Mapping[tuple[str, str], int]:
    """Say how many forms of each step the office reserved the last time; at first one of what is done for many."""
    last = max((*piles(desk, actor), *piles(desk, actor, ready=False)), key=_begun, default=None)
    if last is None:
        return {form: 1 for form, row in FORMS.items() if row.many}
    return {(pile.flow, pile.step): pile.count for pile in last.history[0].evidence.piles}


def _begun(record: Record) -> Any:
    return record.history[0].recorded_at


def reserve(desk: Desk, actor: Actor, wanted: Mapping[tuple[str, str], int], act: Act) -> Record:
    """Reserve so many numbered forms of each step for today."""
    chosen = tuple(Pile(*form, wanted[form]) for form in FORMS if wanted.get(form))
    stated = Reservation(for_on=bangkok_date(desk.now()), piles=chosen)
    return casework.begin(
        desk, actor, "blanks", "reserve_forms", stated, act, chain=actor.office or ""
    ).record


# on paper -------------------------------------------------------------------------------------


def printed(desk: Desk, actor: Actor, pile: Record | None, choices: Choices, say: Say) -> bytes:
    """Print the lists of today and the unused forms of a reservation, if one is named."""
    return pdf.render(PRINT, print_record(desk, actor, pile, choices, say))


def print_record(desk: Desk, actor: Actor, pile: Record | None, choices: Choices, say: Say) -> Plain:
    """Gather what the print says; `say` and `choices` speak Thai."""
    today = bangkok_date(desk.now())
    gates, bands = dict(choices.options("gates")), dict(choices.options("bands"))
    return {
        **heading(desk, actor, actor.office),
        "power_cut": {
            "on": today.isoformat(),
            "expected": [_come(line, gates, bands) for line in expected(desk, actor, today)],
            "due": [_due(line, say) for line in due(desk, actor)],
            "forms": list(_sheets(pile, choices, say)) if pile else [],
        },
    }


def _come(line: Expected, gates: Mapping[str, str], bands: Mapping[str, str]) -> Plain:
    return {
        "worker": line.worker,
        "reference": line.reference,
        "employer": line.employer,
        "where": gates.get(line.where, line.where),
        "band": "" if line.band == WHOLE_DAY else bands.get(line.band, line.band),
    }


def _due(line: deadlines.Line, say: Say) -> Plain:
    return {
        "title": line.title,
        "reference": line.reference,
        "duty": say(line.clock.label),
        "whose": say(line.clock.duty.label),
    }


def _sheets(pile: Record, choices: Choices, say: Say) -> Iterator[Plain]:
    left = set(unused(pile))
    for form in forms(pile):
        if form.number in left:
            row = FORMS[form.flow, form.step]
            yield {"number": form_number(pile, form.number), **sheet_of(form.flow, row, choices, say)}


def sheet_of(flow: str, row: Step, choices: Choices, say: Say) -> Plain:
    """Give the blank form of a step: its words and its fields, as its evidence declares them."""
    asked = questions(row.evidence).values()
    return {
        "of": flow,
        "title": say(row.label),
        "for": [say(role.label) for role in row.keyed],
        "fields": [_field(one, choices, say) for one in asked if one.ask is not Ask.GIVEN],
    }


def _field(asked: Question, choices: Choices, say: Say) -> Plain:
    offered = () if asked.ask is Ask.REGISTER else options_of(asked, choices)
    return {
        "label": say(asked.label),
        "hint": say(asked.hint) if asked.hint else "",
        "needed": asked.required,
        "sealed": asked.sealed,
        "ask": asked.ask.value,
        "marks": [say(mark.label) for mark in PaperSeen] if asked.ask is Ask.CHECKLIST else [],
        "options": [label for _, label in offered] if len(offered) <= TICKED_AT_MOST else [],
    }
