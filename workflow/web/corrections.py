"""Correcting what was stated: choose the entry, state what should stand in its place, and why; a second person confirms."""

from collections.abc import Iterator

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from forms.circumstances import CircumstancesForm
from forms.evidence import EvidenceForm, NoChoices, form_for
from workflow import casework
from workflow.casework import Act, Performed
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.everywhere import Correction
from workflow.domain.evidence import Ask, questions
from workflow.domain.flow import OutOfTurn
from workflow.domain.flows import FLOWS, step_label
from workflow.domain.record import Done, Record
from workflow.web import steps
from workflow.web.about import about
from workflow.web.access import allow, current_actor
from workflow.web.at_desk import desk
from workflow.web.choices import choices_for
from workflow.web.signs import sign_of_form
from workflow.web.steps import Sheet
from workflow.web.ui import Problem, problems

corrections = Blueprint("corrections", __name__)
STEP = "propose_correction"


@corrections.route("/cases/<string:reference>/steps/propose_correction", methods=["GET", "POST"])
@allow(Role.OFFICER, Role.REGISTRAR)
def correct(reference: str) -> Response:
    """Show the entries that may be corrected, then the form of the chosen one; take the proposal."""
    actor, at = current_actor(), desk()
    record = steps.record_seen(at, actor, reference)
    if STEP not in steps.open_for(at, actor, record) and request.method == "GET":
        raise OutOfTurn(STEP)
    number = request.values.get("number", type=int)
    if number is None:
        told = [(done, gettext(step_label(record.flow, done.step))) for done in correctable(record)]
        return page("case_correct.html", record=record, entries=told)
    sheet = CorrectionSheet.read(at, actor, record, chosen(record, number))
    return sheet.take(at, actor) if request.method == "POST" else sheet.page()


def correctable(record: Record) -> Iterator[Done]:
    """List the entries that state something which a person typed, the newest first."""
    for entry in record.standing():
        typed = any(question.ask is not Ask.GIVEN for question in questions(type(entry.evidence)).values())
        if typed and entry.role != Role.SYSTEM and not isinstance(entry.evidence, Correction):
            yield entry


def chosen(record: Record, number: int) -> Done:
    """Give the entry that is to be corrected."""
    found = next((entry for entry in correctable(record) if entry.number == number), None)
    return found if found is not None else abort(404)


def page(template: str, status: int = 200, **shown: object) -> Response:
    """Draw a page."""
    return make_response(render_template(template, **shown), status)


class CorrectionSheet(Sheet):
    """A step's page with one more form: the facts that are to stand in place of the old ones."""

    entry: Done
    corrected: EvidenceForm

    @classmethod
    def read(cls, at: Desk, actor: Actor, record: Record, entry: Done) -> "CorrectionSheet":
        """Draw the page, or read what was sent."""
        typed = CombinedMultiDict([request.files, request.form]) if request.method == "POST" else None
        row = FLOWS[record.flow].rows(STEP)[0]
        version = request.form.get("seen_version", type=int)
        sheet = cls(
            record, row, form_for(Correction, NoChoices(), typed), CircumstancesForm(typed),
            sign_of_form(), record.version if version is None else version,
        )  # fmt: skip
        sheet.entry = entry
        sheet.corrected = form_for(type(entry.evidence), choices_for(at, actor, record), typed, entry.evidence, "new")
        return sheet

    @property
    def sound(self) -> bool:
        """Say whether all that was typed can be read."""
        judged = [self.corrected.validate(), self.form.validate(), self.circumstances.validate()]
        return all(judged)

    def problems(self) -> list[Problem]:
        """List what is wrong in all three parts."""
        return [*problems(self.corrected), *super().problems()]

    def take(self, at: Desk, actor: Actor) -> Response:
        """Propose the correction."""
        if not self.sound:
            return self.page(422)
        try:
            done = self._propose(at, actor)
        except steps.AGAINST as fault:
            return self.page(steps.told(at, self, fault))
        flash(gettext("The correction is proposed; a second person confirms it."))
        return redirect(url_for("cases.show", reference=done.record.reference), 303)

    def _propose(self, at: Desk, actor: Actor) -> Performed:
        kept = steps.keep_files(at, self.case.subject, self.corrected)
        moment = self.circumstances.happened_at(at.now())
        stated = Correction(
            number=self.entry.number,
            values=self.corrected.evidence(kept).plain(),
            happened_at=moment.isoformat() if moment else None,
            reason=self.form["reason"].data,
        )
        act = Act(request_id=f"{actor.account}:{self.request_id}", seen_version=self.seen_version)
        return casework.perform(at, actor, self.case.subject, STEP, stated, act)

    def page(self, status: int = 200) -> Response:
        """Draw the page."""
        label = gettext(step_label(self.case.flow, self.entry.step))
        shown = {"sheet": self, "record": self.case, "about": about(desk(), self.case), "entry_label": label}
        return page("case_correct.html", status, **shown)
