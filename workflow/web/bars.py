"""Where employers stand: who is warned, barred or out of business, what officials do about it, and the appeal."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from forms.circumstances import CircumstancesForm
from forms.evidence import NoChoices, form_for
from workflow import appeals, employers, lookups, printing
from workflow.domain.actor import Role
from workflow.domain.answers import answers_of_employer
from workflow.domain.appeal import AppealFiled
from workflow.domain.documents import DOCUMENTS
from workflow.domain.flow import NotYours
from workflow.domain.flows import FLOWS
from workflow.domain.record import Record
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.employers import ASKERS
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.admin import history
from workflow.web.at_desk import desk
from workflow.web.choices import choices_for
from workflow.web.employer_marks import marks
from workflow.web.entering import Paper, act, entered, typed
from workflow.web.holdings import Holdings, holdings_of
from workflow.web.onward import keep, keyed_act
from workflow.web.reading import note_look, note_reading
from workflow.web.stepup import fresh_second_factor

bars = Blueprint("bars", __name__)

OFFICIALS = (Role.OFFICER, Role.REGISTRAR)
ROWS = {row.name: row for row in FLOWS["employer"].steps if row.name not in ("enter_employer", "amend_employer")}
PROPOSED = ("ground", "reason", "until")
"""What the registrar's order takes over from the proposal, to be changed where he decides otherwise."""


@bars.app_template_global()
def employer_marks(entry: object) -> list[tuple[str, str]]:
    """List the marks of an employer for a page."""
    return marks(entry, bangkok_date(desk().now()))


@bars.get("/employers/standing")
@allow(*OFFICIALS)
@in_menu(N_("Warned and barred employers"), order=32)
def listed() -> str:
    """List the employers against whom something stands, those first who wait for the registrar."""
    found = employers.watched(desk())
    note_look("employer", "register", "warned and barred employers", len(found))
    return render_template("employers_watched.html", found=found)


@bars.get("/employers/<reference>/standing")
@allow(*ASKERS, *OFFICIALS)
def show(reference: str) -> str:
    """Show where an employer stands, and what may be done about it."""
    mine, record = _found(reference)
    actor, official = mine.actor, mine.actor.role.official
    note_reading(record, "employer's standing")
    facts = lookups.facts_for(mine.desk, record, None, actor, mine.desk.now())
    return render_template(
        "employer_standing.html",
        employer=mine.employer,
        answers=list(answers_of_employer(record, facts)),
        steps=employers.open_orders(mine.desk, actor, record) if official else (),
        appealable=actor.role is not Role.REGISTRAR and appeals.adverse_order(record) is not None,
        papers=printing.papers_on_employer(mine.desk, actor, record.subject),
        titles={key: paper.title for key, paper in DOCUMENTS.items()},
        history=history(record) if official else (),
        home=url_for("employer.home") if not official else "",
        counter=url_for("employer.show", reference=reference) if actor.role is Role.OFFICER else "",
    )


def _found(reference: str) -> tuple[Holdings, Record]:
    mine = holdings_of(desk(), current_actor(), reference)
    return mine, mine.desk.record(mine.employer.subject)


@bars.route("/employers/<reference>/standing/<step>", methods=["GET", "POST"])
@allow(*OFFICIALS)
@fresh_second_factor(10)
def act_on(reference: str, step: str) -> Response:
    """Warn or bar an employer, take it back, serve the order, or record the end of the business."""
    row = ROWS.get(step) or abort(404)
    mine, record = _found(reference)
    if not row.may(mine.actor.role) or not employers.keeps(mine.desk, mine.actor, record.subject):
        abort(403)
    form = form_for(row.evidence, choices_for(mine.desk, mine.actor), typed(), _known(record, step))

    def do() -> Response:
        try:
            employers.decide_on(mine.desk, mine.actor, record.subject, step, form.evidence(), act())
        except NotYours:
            abort(403)
        flash(gettext("Done: %(step)s", step=gettext(row.label)))
        return redirect(url_for(".show", reference=reference), 303)

    title = gettext(row.label)
    back = url_for(".show", reference=reference)
    paper = Paper(title=title, caption=mine.employer.name, back=back, button=title, warning=step == "bar_employer")
    return entered(paper, [form], do, record.version)


def _known(record: Record, step: str) -> dict[str, object]:
    """Fill in what was proposed; a warning or proposal names the case that it was begun from."""
    proposed = record.last("propose_bar") if step == "bar_employer" else None
    if proposed is not None:
        return {name: value for name, value in proposed.evidence.plain().items() if name in PROPOSED}
    return {"case": request.args.get("case", "")[:40]}


@bars.route("/employers/<reference>/appeal", methods=["GET", "POST"])
@allow(*ASKERS, Role.OFFICER)
def appeal(reference: str) -> Response:
    """File an appeal against the order that bars an employer."""
    mine, record = _found(reference)
    if appeals.adverse_order(record) is None:
        abort(404)
    form = form_for(AppealFiled, NoChoices(), typed(), appeals.about_bar(record))
    keyed = CircumstancesForm(typed(), ASKERS) if mine.actor.role is Role.OFFICER else None

    def do() -> Response:
        stated = form.evidence(keep(mine.desk, record.subject, form))
        filed = appeals.file_appeal(mine.desk, mine.actor, record, stated, keyed_act(keyed))
        flash(gettext("The appeal is filed."))
        return redirect(url_for("cases.show", reference=filed.record.reference), 303)

    title, back = gettext("File an appeal"), url_for(".show", reference=reference)
    paper = Paper(title=title, caption=mine.employer.name, back=back, button=title)
    return entered(paper, [form, keyed] if keyed else [form], do)
