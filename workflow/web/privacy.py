"""What the office owes to persons whose data it holds: requests for one's data and breaches, with their days."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from forms.evidence import form_for
from workflow import casework
from workflow.domain.actor import Role
from workflow.domain.clocks import BY_NAME
from workflow.domain.flow import Step
from workflow.domain.flows import FLOWS
from workflow.domain.privacy import FLOW, Privacy
from workflow.domain.record import Record
from workflow.domain.words import N_
from workflow.store.history import CaseNotFound, record_of
from workflow.store.projections import Duty, RegisterEntry
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.choices import choices_for
from workflow.web.entering import Paper, act, entered, typed
from workflow.web.reading import note_look

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
    form = form_for(row.evidence, choices_for(desk(), current_actor()), typed())

    def do() -> Answer:
        at, actor = desk(), current_actor()
        if record is None:
            casework.begin(at, actor, "privacy", row.name, form.evidence(), act(), chain=actor.office or "")
        else:
            casework.perform(at, actor, record.subject, row.name, form.evidence(), act())
        flash(gettext("The entry is kept."))
        return redirect(url_for(".show"), 303)

    paper = Paper(title=gettext(row.label), back=url_for(".show"), button=gettext("Keep the entry"))
    return entered(paper, [form], do)
