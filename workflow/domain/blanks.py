"""Numbered forms for a power cut (P17): reserved before opening, used up one by one, accounted for at the day's end.

What a form asks follows from the evidence of its step; here is only which steps have one, and what became of each.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from workflow.domain import appeal, application, permit, request
from workflow.domain.actor import DESKS, Actor, Role
from workflow.domain.evidence import Ask, Evidence, asked, questions
from workflow.domain.flow import START, Flow, Refusal, Step
from workflow.domain.record import Done, Facts, Record, State
from workflow.domain.references import SERIES, reference
from workflow.domain.thai import arabic_digits
from workflow.domain.words import N_

MOST = 60
"""So many forms at once: what is laid out while somebody waits; who needs more reserves again."""
SIGN = SERIES["blanks"]
_NUMBER = re.compile(rf"(\S+)-{SIGN} ?(\d{{1,6}})/(\d{{4}})-(\d{{1,3}})")


class Blanks(State):
    """Where a pile of forms stands."""

    READY = "ready", N_("Forms lie ready")
    ACCOUNTED = "accounted", N_("Forms accounted for"), True


def has_form(row: Step) -> bool:
    """Say whether a step can be written down by hand: a desk of the office does it, on facts that are asked for."""
    told = questions(row.evidence).values()
    by_hand = not any(one.ask is Ask.GIVEN and one.required for one in told)
    return START not in row.source and by_hand and any(row.may(role) for role in DESKS)


FORMS: dict[tuple[str, str], Step] = {
    (flow.name, row.name): row
    for flow in (request.FLOW, application.FLOW, permit.FLOW, appeal.FLOW)
    for row in flow.steps
    if has_form(row) and row.name not in ("attach_list", "lock_list")
}
"""Each step that has a form; a name list is a form of its own, and is locked only before the eyes of the system."""


@dataclass(frozen=True, slots=True)
class Pile:
    """So many forms of one step."""

    flow: str
    step: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Reservation(Evidence):
    """The forms reserved for a day, numbered from 1 in the order of the piles."""

    for_on: date = asked(N_("Day"), Ask.GIVEN)
    piles: tuple[Pile, ...] = asked(N_("Forms"), Ask.GIVEN)


@dataclass(frozen=True, kw_only=True)
class UsedForm(Evidence):
    """Which form an entry was first written on: its number in the pile, the entry, by which office, done when."""

    form: int = asked(N_("Number of the form"), Ask.GIVEN)
    flow: str = asked(N_("Kind"), Ask.GIVEN)
    step: str = asked(N_("Step"), Ask.GIVEN)
    office: str = asked(N_("Office"), Ask.GIVEN)
    case: str = asked(N_("Case"), Ask.GIVEN)
    event: int = asked(N_("Entry"), Ask.GIVEN)
    done_at: datetime = asked(N_("Time of the act"), Ask.GIVEN)


@dataclass(frozen=True, kw_only=True)
class SpoiltForm(Evidence):
    """A form that was spoilt or is missing, with what happened."""

    form: int = asked(
        N_("Number of the form"),
        Ask.COUNT,
        lowest=1,
        highest=MOST,
        hint=N_("Only the figure after the last dash"),
    )
    reason: str = asked(N_("What happened to it"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class Accounting(Evidence):
    """The forms left over, counted by hand and destroyed; `unused` names them."""

    counted: int = asked(N_("Unused forms in hand"), Ask.COUNT, lowest=0, highest=MOST)
    unused: tuple[int, ...] = asked(N_("Unused numbers"), Ask.GIVEN, default=())


# the forms of a pile --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """One numbered form: for which step, and by which entry it was used or spoilt, if it was."""

    number: int
    flow: str
    step: str
    gone: Done | None


def forms(record: Record) -> Iterator[Form]:
    """List the forms of a reservation with what became of each."""
    gone = {done.evidence.form: done for done in record.history if done.step in ("use_form", "spoil_form")}
    number = 0
    for pile in record.history[0].evidence.piles:
        for _ in range(pile.count):
            number += 1
            yield Form(number, pile.flow, pile.step, gone.get(number))


def unused(record: Record) -> tuple[int, ...]:
    """Give the numbers that are neither used nor spoilt."""
    return tuple(form.number for form in forms(record) if form.gone is None)


def form_number(record: Record, number: int) -> str:
    """Write the number of a form, ``PNR-BL 12/2569-7``."""
    office, _, year, running = record.reference.rsplit("-", 3)
    return f"{office}-{SIGN} {int(running)}/{year}-{number}"


def read_number(typed: str) -> tuple[str, int] | None:
    """Read the number of a form as it is typed: the reference of its pile and its place there; None if it is none."""
    found = _NUMBER.fullmatch(" ".join(arabic_digits(typed).upper().split()))
    if found is None:
        return None
    office, running, year, number = found.groups()
    return reference("blanks", office, f"{int(running)}/{year}"), int(number)


# the rules ------------------------------------------------------------------------------------


def forms_can_be_printed(
    record: Record, evidence: Evidence | None, actor: Actor, facts: Facts
) -> Refusal | None:
    """Only if there are some forms, not too many, each of a step that has one. Source: office practice."""
    if evidence is None:
        return None
    piles = evidence.piles
    if any((pile.flow, pile.step) not in FORMS or pile.count < 1 for pile in piles) or not piles:
        return Refusal("forms-none", N_("Choose at least one form."))
    if sum(pile.count for pile in piles) > MOST:
        return Refusal("forms-many", N_("At most %(most)s forms are reserved at once."), {"most": MOST})
    return None


def of_own_office(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a form is used or settled by the office that reserved it. Source: office practice."""
    office = evidence.office if isinstance(evidence, UsedForm) else actor.office
    if office == record.office or (evidence is None and actor.role is Role.SYSTEM):
        return None
    return Refusal("form-office", N_("This form was reserved by another office."), field="blank")


def form_is_free(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the form was reserved and neither used nor spoilt. Source: each number is used once."""
    if evidence is None:
        return None
    field = "blank" if isinstance(evidence, UsedForm) else "form"
    form = next((one for one in forms(record) if one.number == evidence.form), None)
    if form is None:
        return Refusal("form-unknown", N_("No form was reserved under this number."), field=field)
    if form.gone is None:
        return None
    if form.gone.step == "spoil_form":
        return Refusal("form-spoilt", N_("This form was recorded as spoilt or missing."), field=field)
    return Refusal("form-used", N_("The form of this number was entered before."), field=field)


def form_of_this_step(
    record: Record, evidence: Evidence | None, actor: Actor, facts: Facts
) -> Refusal | None:
    """Only if the form is one of the step that is entered. Source: a form asks what its step asks."""
    form = next((one for one in forms(record) if evidence and one.number == evidence.form), None)
    if form is None or (form.flow, form.step) == (evidence.flow, evidence.step):
        return None
    return Refusal("form-step", N_("The form of this number is for another step."), field="blank")


def form_lay_ready(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the act is not older than its form. Source: nothing is written on a form that is not printed."""
    if evidence is None or evidence.done_at >= record.history[0].happened_at:
        return None
    return Refusal("form-early", N_("This form was not printed yet at that time."), field="happened_on")


def all_are_in_hand(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if as many forms are in hand as were neither used nor spoilt. Source: office practice."""
    left = len(unused(record))
    if evidence is None or evidence.counted == left:
        return None
    return Refusal(
        "form-count",
        N_("%(left)s forms are neither entered nor spoilt, not %(counted)s: enter what was written, record what is missing."),
        {"left": left, "counted": evidence.counted},
        field="counted",
    )


def with_the_unused(record: Record, evidence: Evidence, facts: Facts) -> Evidence:
    """Complete the accounting with the numbers that are left over."""
    return replace(evidence, unused=unused(record))


B, CLERK = Blanks, (Role.OFFICER,)

# fmt: off
STEPS = (
    Step("reserve_forms", N_("Reserve numbered forms"), (START,),   B.READY,     CLERK, Reservation, only_if=(forms_can_be_printed,)),
    Step("use_form",      N_("Form used"),              (B.READY,), None,        (Role.SYSTEM,), UsedForm, only_if=(of_own_office, form_is_free, form_of_this_step, form_lay_ready)),
    Step("spoil_form",    N_("Form spoilt or missing"), (B.READY,), None,        CLERK, SpoiltForm, only_if=(of_own_office, form_is_free)),
    Step("account_forms", N_("Account for the forms"),  (B.READY,), B.ACCOUNTED, CLERK, Accounting, only_if=(of_own_office, all_are_in_hand), completes=with_the_unused),
)
# fmt: on

FLOW = Flow("blanks", N_("Forms for a power cut"), Blanks, STEPS)
