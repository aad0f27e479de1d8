"""One step for many cases: choose, state what they share once and what differs row by row, look, do, read the results."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from forms.circumstances import CircumstancesForm
from forms.evidence import EvidenceForm, form_for
from workflow import casework
from workflow.casework import Act, Item
from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.application import Filing, MedicalResult, Payment
from workflow.domain.evidence import Ask, Evidence, questions
from workflow.domain.fees import payment_sign
from workflow.domain.flow import OpenStep, OutOfTurn, Refusal, Refused, Step
from workflow.domain.flows import FLOWS
from workflow.domain.oddities import Oddity
from workflow.domain.record import Record
from workflow.domain.request import RequestOrder
from workflow.domain.words import N_
from workflow.store.history import CaseNotFound
from workflow.store.projections import Case
from workflow.visibility import case_seen, visible_to
from workflow.web import prefill
from workflow.web.access import allow, current_actor
from workflow.web.at_desk import desk
from workflow.web.choices import OfficeChoices, choices_for
from workflow.web.listing import odd_among
from workflow.web.reading import note_reading
from workflow.web.shown import show_refusal
from workflow.web.signs import sign_of_form
from workflow.web.steps import WEIGHTY, keyed_of, open_for
from workflow.web.stepup import ask_for_fresh_proof
from workflow.web.ui import Problem, problems

many = Blueprint("many", __name__)

MOST = 500
OWN_FIELDS: dict[type[Evidence], tuple[str, ...]] = {
    MedicalResult: ("certificate_number", "result", "follow_up_on"),
    Filing: ("insurance_number", "portal_number"),
}
"""What differs from case to case and is typed in its row."""

FIXED_FIELDS: dict[type[Evidence], tuple[str, ...]] = {Payment: ("amount",), RequestOrder: ("men", "women")}
"""What the rules or the case itself fix, so that nobody types it for many."""


@dataclass
class Line:
    """One case on the sheet: whether the step is open, what speaks against it, what is typed for it alone."""

    case: Case
    record: Record
    opened: OpenStep | None
    odd: tuple[Oddity, ...]
    known: dict[str, Any]
    own: EvidenceForm | None
    version: int
    ticked: bool

    @property
    def against(self) -> tuple[Refusal, ...]:
        """Say why the step cannot be done on this case."""
        return (NOT_OPEN,) if self.opened is None else self.opened.against

    @property
    def amount(self) -> Decimal | None:
        """Give the sum that the rules fix for this case."""
        return Decimal(self.known["amount"]) if "amount" in self.known else None


NOT_OPEN = Refusal("not-open", N_("The step is not open on this case."))
NOBODY = Refusal("nobody", N_("Choose at least one case."))


@dataclass
class ManySheet:
    """The page: the step, its lines, what they share."""

    step: Step
    lines: list[Line]
    form: EvidenceForm
    circumstances: CircumstancesForm
    batch: str
    refusals: list[Refusal]

    @property
    def chosen(self) -> list[Line]:
        """Give the lines that are to be done; one that was done before is told so, not left out."""
        return [line for line in self.lines if line.ticked]

    @property
    def total(self) -> Decimal | None:
        """Add up the sums of the chosen lines."""
        sums = [line.amount for line in self.chosen if line.amount is not None]
        return sum(sums, Decimal(0)) if sums else None

    def problems(self) -> list[Problem]:
        """List what is wrong with what they share and with each line."""
        own = [problem for line in self.chosen if line.own is not None for problem in problems(line.own)]
        return [*problems(self.form), *problems(self.circumstances, self.refusals), *own]

    def sound(self) -> bool:
        """Judge what they share and what each chosen line says."""
        own = [line.own.validate() for line in self.chosen if line.own is not None]
        judged = [self.form.validate(), self.circumstances.validate(), *own]
        if not self.chosen:
            self.refusals.append(NOBODY)
        return all(judged) and bool(self.chosen)


@many.get("/many")
@allow()
def choose() -> Response:
    """Lead on from a list to the sheet of the step that was chosen there."""
    chosen = request.args.getlist("case") or request.args.getlist("here")
    return redirect(url_for(".do", step=request.args.get("step") or abort(404), case=chosen[:MOST]))


@many.route("/many/<string:step>", methods=["GET", "POST"])
@allow()
def do(step: str) -> Response:
    """Show the sheet, ask once more, then do the step on every ticked case; each stands or falls alone."""
    at, actor = desk(), current_actor()
    cases = list(chosen_cases(at, actor, step))
    row = row_of(actor, cases, step)
    if request.method == "POST" and step in WEIGHTY and (asking := ask_for_fresh_proof()) is not None:
        return asking
    sheet = sheet_of(at, actor, row, cases)
    if request.method == "GET":
        note_reading(sheet.lines[0].record, f"one step for many: {step}", len(sheet.lines))
        return page(sheet)
    if not sheet.sound():
        return page(sheet, 422)
    return results(at, actor, sheet) if request.form.get("confirmed") else page(sheet, confirming=True)


def chosen_cases(at: Desk, actor: Actor, step: str) -> Iterator[Case]:
    """Give the cases that are named one by one, or all of a request on which the step is open."""
    named = request.values.getlist("here") or request.values.getlist("case")
    for reference in dict.fromkeys(named[:MOST]):
        yield case_seen(at, actor, reference)
    if not named and "request" in request.values:
        asked = case_seen(at, actor, request.values["request"])
        rows = (
            select(Case).where(Case.request == asked.subject, visible_to(at, actor)).order_by(Case.reference)
        )
        yield from (case for case in at.session.scalars(rows.limit(MOST)) if is_open(actor, case, step))


def is_open(actor: Actor, case: Case, step: str) -> bool:
    """Say whether state and flags leave a step open for this role."""
    flags = frozenset(filter(None, case.flags.split(",")))
    return any(
        row.name == step and row.may(actor.role) for row in FLOWS[case.flow].open_rows(case.state, flags)
    )


def row_of(actor: Actor, cases: list[Case], step: str) -> Step:
    """Find the row of the step; one that is not for many, or not for this role, has no such page."""
    if not cases:
        raise OutOfTurn(step)
    rows = [row for row in FLOWS[cases[0].flow].rows(step) if row.many]
    if not rows or any(case.flow != cases[0].flow for case in cases):
        abort(404)
    return next((row for row in rows if row.may(actor.role)), None) or abort(403)


def sheet_of(at: Desk, actor: Actor, row: Step, cases: list[Case]) -> ManySheet:
    """Draw the sheet, or read it as it was sent."""
    typed = request.form if request.method == "POST" else None
    first = at.record(cases[0].subject)
    rules = choices_for(at, actor, first)
    lines = [line_for(at, actor, row, case, rules, typed) for case in cases]
    lines.sort(key=lambda line: (bool(line.against), not line.odd))
    shared = prefill.known_for(at, actor, first, row.name, rules.ruleset)
    form = form_for(row.evidence, rules, typed, shared, names=shared_names(row.evidence))
    circumstances = CircumstancesForm(typed, keyed_of(actor, row), dated=actor.role.official)
    return ManySheet(row, lines, form, circumstances, sign_of_form("batch", 32), [])


def shared_names(kind: type[Evidence]) -> list[str]:
    """List what is asked once for all: no files, nothing that each case has of its own."""
    apart = (*OWN_FIELDS.get(kind, ()), *FIXED_FIELDS.get(kind, ()))
    return [
        name for name, asked in questions(kind).items() if asked.ask is not Ask.FILE and name not in apart
    ]


def line_for(
    at: Desk, actor: Actor, row: Step, case: Case, rules: OfficeChoices, typed: MultiDict | None
) -> Line:
    """Draw the line of one case."""
    record = at.record(case.subject)
    known = prefill.known_for(at, actor, record, row.name, rules.ruleset)
    own = OWN_FIELDS.get(row.evidence)
    odd = odd_among(at, actor, [case])[case.subject] if row.name == "decide" else ()
    seen = typed.get(f"version-{case.reference}", type=int) if typed is not None else None
    opened = open_for(at, actor, record).get(row.name)
    free = opened is not None and not opened.against and not odd
    return Line(
        case=case,
        record=record,
        opened=opened,
        odd=odd,
        known={name: known[name] for name in FIXED_FIELDS.get(row.evidence, ()) if name in known},
        own=form_for(row.evidence, rules, typed, known, f"row-{case.reference}", names=own) if own else None,
        version=record.version if seen is None else seen,
        ticked=free if typed is None else case.reference in typed.getlist("case"),
    )


def page(sheet: ManySheet, status: int = 200, *, confirming: bool = False) -> Response:
    """Draw the sheet, or the question whether it is to be done."""
    typed = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", "confirmed")
    ]
    shown = render_template("many.html", sheet=sheet, confirming=confirming, typed=typed)
    return make_response(shown, status)


# doing it -----------------------------------------------------------------------------------


def results(at: Desk, actor: Actor, sheet: ManySheet) -> Response:
    """Do the step on every chosen case and tell what became of each."""
    lines, batch = sheet.chosen, f"{actor.account}:{sheet.batch}"
    payment = payment_sign(batch, sheet.step.name, (line.record.subject for line in lines))
    items = [item_of(sheet, line, payment) for line in lines]
    act = act_of(at, sheet)
    done = list(casework.perform_many(at, actor, sheet.step.name, items, batch, act))
    if sheet.step.gathers:
        casework.gather_entries(at, actor, done, batch)
    told = {result.subject: tell(result.fault) for result in done}
    good = sum(result.done for result in done)
    shown = [(line, told[line.record.subject]) for line in lines]
    return make_response(render_template("many_result.html", sheet=sheet, shown=shown, good=good))


def item_of(sheet: ManySheet, line: Line, payment: str) -> Item:
    """Put together what is stated for one case: what is fixed, what all share, what it has of its own."""
    values = line.known | sheet.form.values() | (line.own.values() if line.own is not None else {})
    if sheet.step.evidence is Payment:
        values["payment"] = payment
    return Item(line.record.subject, sheet.step.evidence.read(values), line.version)


def act_of(at: Desk, sheet: ManySheet) -> Act:
    """Give the circumstances that all share."""
    return Act(
        happened_at=sheet.circumstances.happened_at(at.now()),
        on_behalf_of=sheet.circumstances.on_behalf_of(),
        note=sheet.circumstances.note(),
    )


def tell(fault: Exception | None) -> str:
    """Say in words why a case was left; nothing where it was done."""
    match fault:
        case None:
            return ""
        case Refused():
            return " ".join(show_refusal(refusal) for refusal in fault.refusals)
        case OutOfTurn():
            return show_refusal(NOT_OPEN)
        case CaseNotFound():
            return gettext("This case is not among those that you may see.")
        case casework.Moved():
            return gettext("Somebody else moved this case meanwhile; look at it again.")
        case casework.OtherContent():
            return gettext("This was done before with other content; that stands.")
    return gettext("This is not for your role")
