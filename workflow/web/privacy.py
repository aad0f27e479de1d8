"""What the office owes to persons whose data it holds: requests for one's data and breaches, with their days."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from forms.evidence import EvidenceForm, form_for
from workflow import casework
from workflow.casework import Act, OtherContent
from workflow.domain.actor import Role
from workflow.domain.clocks import BY_NAME
from workflow.domain.flow import Refusal, Refused, Step
from workflow.domain.flows import FLOWS
from workflow.domain.privacy import FLOW, Privacy
from workflow.domain.record import Record
from workflow.domain.words import N_
from workflow.store.history import CaseNotFound, record_of
from workflow.store.projections import Duty, RegisterEntry
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.choices import choices_for
from workflow.web.reading import note_look
from workflow.web.signs import own_sign, sign_of_form

privacy = Blueprint("privacy", __name__)

OPENING = ("enter_access_request", "enter_breach")
FOLLOWING = {"asked": "answer_access_request", "breached": "report_breach"}


@dataclass(frozen=True, slots=True)
class Owed:
    """One request or breach: what it is, where it stands, to when it runs or ran."""

    reference: str
    name: str
    what: str
    state: Privacy
    until_on: date | None
    until_at: datetime | None
    late: bool
    next: str


@privacy.get("/privacy")
@allow(Role.OFFICER)
@in_menu(N_("Personal data"), order=60)
def show() -> str:
    """List what was asked and what happened, the nearest day first."""
    found = list(owed())
    note_look("privacy", current_actor().office or "system", "requests and breaches", len(found))
    openings = [(name, FLOWS["privacy"].rows(name)[0].label) for name in OPENING]
    return render_template("privacy.html", found=found, openings=openings)


def owed() -> list[Owed]:
    """Read what the reader's office owes or owed."""
    rows = (
        select(RegisterEntry, Duty)
        .join(Duty, Duty.subject == RegisterEntry.subject)
        .where(RegisterEntry.register == "privacy", Duty.office == current_actor().office)
        .order_by(Duty.ended_at.is_not(None), Duty.until_at)
    )
    now = desk().now()
    return [_owed(entry, duty, now) for entry, duty in desk().session.execute(rows)]


def _owed(entry: RegisterEntry, duty: Duty, now: datetime) -> Owed:
    runs = duty.ended_at is None
    return Owed(
        reference=entry.reference,
        name=entry.name,
        what=BY_NAME["privacy", duty.clock].label,
        state=Privacy(entry.state),
        until_on=duty.until_on,
        until_at=duty.until_at,
        late=runs and duty.until_at <= now,
        next=FOLLOWING.get(entry.state, ""),
    )


@privacy.route("/privacy/new/<step>", methods=["GET", "POST"])
@allow(Role.OFFICER)
def enter(step: str) -> Answer:
    """Enter what was asked or what happened."""
    if step not in OPENING:
        abort(404)
    return step_page(FLOW.rows(step)[0], None)


@privacy.route("/privacy/<reference>/next", methods=["GET", "POST"])
@allow(Role.OFFICER)
def follow(reference: str) -> Answer:
    """Enter the answer or the report."""
    record = record_named(reference)
    step = FOLLOWING.get(record.state or "")
    if step is None:
        abort(404)
    return step_page(FLOW.rows(step)[0], record)


def record_named(reference: str) -> Record:
    """Find a request or a breach of the reader's own office; raises CaseNotFound."""
    named = select(RegisterEntry.subject).filter_by(register="privacy", reference=reference)
    subject = desk().session.scalar(named)
    record = record_of(desk().session, subject) if subject else None
    if record is None or record.office != current_actor().office:
        raise CaseNotFound(reference)
    return record


def step_page(row: Step, record: Record | None) -> Answer:
    """Take the form of a step, or show it."""
    typed = request.form if request.method == "POST" else None
    form = form_for(row.evidence, choices_for(desk(), current_actor()), typed)
    if request.method == "GET" or not form.validate():
        return form_page(row, form, (), 200 if request.method == "GET" else 422)
    try:
        _do(row, record, form)
    except Refused as refused:
        return form_page(row, form, refused.refusals, 422)
    except OtherContent:
        again = Refusal(
            "other-content", N_("This form was sent before with other content; what was done then stands.")
        )
        return form_page(row, form, (again,), 409)
    flash(gettext("The entry is kept."))
    return redirect(url_for(".show"), 303)


def _do(row: Step, record: Record | None, form: EvidenceForm) -> None:
    at, actor, act = desk(), current_actor(), Act(request_id=own_sign())
    if record is None:
        casework.begin(at, actor, "privacy", row.name, form.evidence(), act, chain=actor.office or "")
    else:
        casework.perform(at, actor, record.subject, row.name, form.evidence(), act)


def form_page(row: Step, form: EvidenceForm, refusals: tuple[Refusal, ...], status: int) -> Response:
    """Draw the form of a step."""
    shown = render_template(
        "privacy_step.html", row=row, form=form, refusals=refusals, request_id=sign_of_form()
    )
    return make_response(shown, status)
