"""The one page that performs every step of every flow: the form of its evidence, its circumstances, one verb."""

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response
from wtforms import FormField

from forms.circumstances import CircumstancesForm
from forms.evidence import EvidenceForm, form_for
from workflow import casework, lookups, namelists, uploads
from workflow.casework import Act, Moved, OtherContent, Performed, Result
from workflow.desk import Desk
from workflow.domain.actor import DESKS, Actor, Role
from workflow.domain.blanks import FORMS
from workflow.domain.documents import DOCUMENTS
from workflow.domain.everywhere import AttachedFile
from workflow.domain.flow import OpenStep, OutOfTurn, Refusal, Refused, Step, open_steps
from workflow.domain.flows import FLOWS, step_label
from workflow.domain.policies import ORDERS, registrar_appointed
from workflow.domain.record import Done, Record
from workflow.domain.request import EntryList
from workflow.domain.words import N_
from workflow.naming import papers_to_replace
from workflow.store.projections import Case
from workflow.visibility import case_seen
from workflow.web import prefill
from workflow.web.about import about
from workflow.web.access import allow, current_actor
from workflow.web.alike import compared
from workflow.web.at_desk import desk
from workflow.web.choices import choices_for
from workflow.web.person_rules import terms_of
from workflow.web.shown import show_label, show_refusal
from workflow.web.signs import sign_of_form
from workflow.web.stepup import ask_for_fresh_proof
from workflow.web.ui import Problem, problems
from workflow.web.ways import LIST_STEPS

steps = Blueprint("steps", __name__)

SENT_BACK = frozenset({"return_to_officer", "return_request_to_officer"})
WEIGHTY = (
    frozenset(row.name for flow in FLOWS.values() for row in flow.steps if registrar_appointed in row.only_if) - SENT_BACK
)
"""Steps that ask for a fresh proof of the person: all that need the registrar's appointment, but sending back."""

OTHER_CONTENT = Refusal("other-content", N_("This form was sent before with other content; what was done then stands."))
NOT_ANY_MORE = Refusal(
    "not-any-more",
    N_("As the case stands now, this step cannot be done any more. Nothing was saved; what you typed is kept below."),
)
AGAINST = (Refused, Moved, OutOfTurn, OtherContent)
"""What can stand against a step that was sent."""

SETTLES = frozenset({"settle_duplicate", "propose_same_person", "confirm_same_person", "reject_same_person"})
"""Steps before which two entries are looked at side by side."""

ELSEWHERE = LIST_STEPS | {"propose_correction", "open_application", "start_running"}
"""Steps that have a page of their own, or none."""


@dataclass
class Sheet:
    """One step on one case as a page: its row, its forms, and what is wrong so far."""

    case: Record
    row: Step
    form: EvidenceForm
    circumstances: CircumstancesForm
    request_id: str
    seen_version: int
    refusals: list[Refusal] = field(default_factory=list)
    against: tuple[Refusal, ...] = ()
    moved: list[tuple[str, Done]] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Say whether what was typed can be read; every field is judged."""
        judged = [self.form.validate(), self.circumstances.validate()]
        return all(judged)

    def problems(self) -> list[Problem]:
        """List what is wrong, each with the link to its field, then what the rules refuse."""
        return [*problems(self.form), *problems(self.circumstances, self.refusals)]

    def refuse(self, refusals: tuple[Refusal, ...]) -> None:
        """Put each refusal at its field, the others at the top."""
        for refusal in refusals:
            at = self._field_of(refusal)
            if at is None:
                self.refusals.append(refusal)
            else:
                at.errors = [*at.errors, show_refusal(refusal)]

    def _field_of(self, refusal: Refusal) -> Any:
        if refusal.code in ("future", "late-entry"):
            return self.circumstances["happened_on" if refusal.code == "future" else "note"]
        if refusal.code.startswith("form-"):
            return self.circumstances._fields.get(refusal.field)
        at = self.form._fields.get(refusal.field)
        return None if isinstance(at, FormField) else at


def corrects_an_order(record: Record, step: str) -> bool:
    """Say whether a step confirms the correction of an order, which asks for the same proof as the order itself."""
    proposed = record.last("propose_correction") if step == "confirm_correction" else None
    return proposed is not None and record.history[proposed.evidence.number - 1].step in ORDERS


@steps.route("/cases/<string:reference>/steps/<string:step>", methods=["GET", "POST"])
@allow()
def do(reference: str, step: str) -> Response:
    """Show the page of a step, or do the step."""
    actor = current_actor()
    record = record_seen(desk(), actor, reference)
    row = row_for(actor, record, step)
    if request.method == "GET":
        return page_of(asked(desk(), actor, record, row))
    proof = ask_for_fresh_proof() if step in WEIGHTY or corrects_an_order(record, step) else None
    return proof if proof is not None else take(desk(), actor, sent(desk(), actor, record, row))


def record_seen(at: Desk, actor: Actor, reference: str) -> Record:
    """Read a case by its reference; raises CaseNotFound where it is not the actor's to see."""
    return at.record(case_seen(at, actor, reference).subject)


def row_for(actor: Actor, record: Record, step: str) -> Step:
    """Find the row of a step for this actor: the one open now if there is one; another role's is refused."""
    rows = FLOWS[record.flow].rows(step)
    if not rows or step in ELSEWHERE:
        abort(404)
    mine = [row for row in rows if row.may(actor.role)]
    if not mine:
        abort(403)
    here = FLOWS[record.flow].open_rows(record.state, record.flags)
    return next((row for row in mine if row in here), mine[0])


def asked(at: Desk, actor: Actor, record: Record, row: Step) -> Sheet:
    """Draw a step before anything is typed, with what already stands against it."""
    opened = open_for(at, actor, record).get(row.name)
    if opened is None:
        raise OutOfTurn(row.name)
    rules = choices_for(at, actor, record)
    known = prefill.known_for(at, actor, record, row.name, rules.ruleset)
    form = form_for(row.evidence, rules, None, known)
    circumstances = circumstances_of(actor, record, row)
    return Sheet(record, row, form, circumstances, sign_of_form(), record.version, against=opened.against)


def sent(at: Desk, actor: Actor, record: Record, row: Step) -> Sheet:
    """Read a step that was sent."""
    typed = CombinedMultiDict([request.files, request.form])
    known = _kept(at, actor, record, row)
    form = form_for(row.evidence, choices_for(at, actor, record), typed, known)
    circumstances = circumstances_of(actor, record, row, typed)
    version = request.form.get("seen_version", type=int)
    return Sheet(
        record, row, form, circumstances, sign_of_form(),
        record.version if version is None else version,
    )  # fmt: skip


def _kept(at: Desk, actor: Actor, record: Record, row: Step) -> dict[str, Any]:
    """Of what a form knows, only facts that nobody types count when it comes back."""
    known = prefill.known_for(at, actor, record, row.name, choices_for(at, actor, record).ruleset)
    asked_for = {one.short_name for one in form_for(row.evidence, choices_for(at, actor, record))}
    return {name: value for name, value in known.items() if name not in asked_for}


def open_for(at: Desk, actor: Actor, record: Record) -> dict[str, OpenStep]:
    """Give the steps that the actor may take up on a case now, by name."""
    facts = lookups.facts_for(at, record, None, actor, at.now())
    found = open_steps(FLOWS[record.flow], record, actor, facts)
    return {step.name: step for step in found}


def keyed_of(actor: Actor, row: Step) -> tuple[Role, ...]:
    """Say for whom an officer would key in this step."""
    return () if actor.role in row.by else row.keyed


def circumstances_of(actor: Actor, record: Record, row: Step, typed: Any = None) -> CircumstancesForm:
    """Ask what surrounds an act; a desk may have written it on a numbered form first."""
    blank = actor.role in DESKS and (record.flow, row.name) in FORMS
    return CircumstancesForm(typed, keyed_of(actor, row), dated=actor.role.official, blank=blank)


def take(at: Desk, actor: Actor, sheet: Sheet) -> Response:
    """Do the step that was sent, or show the page again with what is wrong and everything that was typed."""
    if not sheet.sound:
        return page_of(sheet, 422)
    try:
        return done(at, actor, sheet, perform(at, actor, sheet))
    except AGAINST as fault:
        return page_of(sheet, told(at, sheet, fault))


def told(at: Desk, sheet: Sheet, fault: Exception) -> int:
    """Put on a sheet what stood against its step, and give the status of the answer; what was typed stays."""
    match fault:
        case Refused():
            sheet.refuse(fault.refusals)
            return 422
        case Moved():
            after_others(sheet, fault.record)
        case OutOfTurn():
            sheet.refusals.append(NOT_ANY_MORE)
            after_others(sheet, at.record(sheet.case.subject))
        case OtherContent():
            sheet.refusals.append(OTHER_CONTENT)
    return 409


def perform(at: Desk, actor: Actor, sheet: Sheet) -> Performed:
    """Keep the files that were sent, then do the step."""
    kept = keep_files(at, sheet.case.subject, sheet.form)
    evidence = sheet.form.evidence(kept | given(at, actor, sheet))
    return casework.perform(at, actor, sheet.case.subject, sheet.row.name, evidence, act_of(at, actor, sheet))


def keep_files(at: Desk, subject: str, form: EvidenceForm) -> dict[str, str]:
    """Keep the files of a form under the key of its case; give their digests by field."""
    kept = {}
    for name, content in form.uploads().items():
        try:
            kept[name] = uploads.keep_upload(at, subject, content, photo=_is_photo(form, name))
        except Refused as refused:
            raise Refused(_at(refusal, name) for refusal in refused.refusals) from refused
    return kept


def _is_photo(form: EvidenceForm, name: str) -> bool:
    return name == "photo" or (form.kind is AttachedFile and form["shows"].data == "photo")


def _at(refusal: Refusal, name: str) -> Refusal:
    return Refusal(refusal.code, refusal.text, refusal.values, name)


def given(at: Desk, actor: Actor, sheet: Sheet) -> dict[str, Any]:
    """Give what follows from elsewhere and is not typed: who is planned for a gate and a day."""
    if sheet.form.kind is not EntryList:
        return {}
    said = sheet.form.values()
    planned = select(Case.subject).where(
        Case.request == sheet.case.subject, Case.gate == said.get("gate"), Case.flags.contains("entry_planned")
    )
    rows = at.session.execute(planned.add_columns(Case.entry_on).order_by(Case.reference))
    return {"applications": [row.subject for row in rows if row.entry_on.isoformat() == said.get("entry_on")]}


def act_of(at: Desk, actor: Actor, sheet: Sheet) -> Act:
    """Give the circumstances of the act as casework takes them."""
    scan = sheet.circumstances.scan()
    return Act(
        request_id=f"{actor.account}:{sheet.request_id}",
        seen_version=sheet.seen_version,
        happened_at=sheet.circumstances.happened_at(at.now()),
        on_behalf_of=sheet.circumstances.on_behalf_of(),
        scan=uploads.keep_upload(at, sheet.case.subject, scan) if scan else None,
        note=sheet.circumstances.note(),
        blank=sheet.circumstances.blank(),
    )


def done(at: Desk, actor: Actor, sheet: Sheet, performed: Performed) -> Response:
    """Tell that it is done and show the case."""
    if sheet.row.gathers and not performed.repeated:
        casework.gather_entries(at, actor, [Result(sheet.case.subject, performed)], f"{actor.account}:{sheet.request_id}")
    if sheet.row.name == "amend_list" and actor.role is Role.OFFICER:
        open_newcomer(at, actor, performed)
    flash(gettext("Done: %(step)s", step=show_label(sheet.row)))
    return redirect(url_for("cases.show", reference=performed.record.reference), 303)


def open_newcomer(at: Desk, actor: Actor, performed: Performed) -> None:
    """An officer who amends a list opens the new row's application with it; one that waits is told why."""
    request = performed.record.subject
    results = namelists.open_listed(at, actor, request, namelists.batch_of(actor.account, request))
    for result in islice(results, casework.COMMIT_EVERY):
        if isinstance(result.fault, Refused):
            flash(" ".join(show_refusal(refusal) for refusal in result.fault.refusals), "warning")


def after_others(sheet: Sheet, record: Record) -> None:
    """Show what others did meanwhile; sending again then counts from there."""
    since = record.history[sheet.seen_version :]
    sheet.moved = [(gettext(step_label(record.flow, done.step)), done) for done in since]
    sheet.seen_version = record.version


def page_of(sheet: Sheet, status: int = 200) -> Response:
    """Draw the page of a step."""
    both = compared(desk(), current_actor(), sheet.case) if sheet.row.name in SETTLES else None
    limits = terms_of(desk(), sheet.case) if sheet.row.name == "decide" else ()
    corrects = sheet.row.name == "confirm_correction" and "correction_proposed" in sheet.case.flags
    replaced = papers_to_replace(desk(), current_actor(), sheet.case) if corrects else None
    shown = {
        "sheet": sheet, "case": sheet.case, "about": about(desk(), sheet.case), "both": both, "limits": limits,
        "replaced": replaced, "kinds": DOCUMENTS,
    }  # fmt: skip
    return make_response(render_template("step.html", **shown), status)
