"""Papers on screen and out of the printer: a view is no print, the original goes once, copies are numbered."""

import io
import logging
import re
from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from pdf import PaperFault
from workflow import printing
from workflow.casework import Act, OtherContent
from workflow.domain.actor import Actor, Role
from workflow.domain.documents import DOCUMENTS
from workflow.domain.flow import OutOfTurn, Refused
from workflow.domain.flows import step_label
from workflow.domain.names import clean_text
from workflow.domain.record import Record
from workflow.store.files import FileLost
from workflow.store.history import record_of
from workflow.store.payloads import Erased, Tampered
from workflow.store.projections import Case, Document, RegisterEntry
from workflow.visibility import case_seen, visible_to
from workflow.web.access import allow, current_actor
from workflow.web.at_desk import desk
from workflow.web.faults import fault_page
from workflow.web.reading import note_reading
from workflow.web.signs import own_sign, sign_of_form

papers = Blueprint("papers", __name__)
log = logging.getLogger("saphan.papers")

PDF = "application/pdf"
SPOILERS = (Role.OFFICER, Role.CASHIER, Role.REGISTRAR)


@papers.app_errorhandler(PaperFault)
@papers.app_errorhandler(FileLost)
@papers.app_errorhandler(Erased)
@papers.app_errorhandler(Tampered)
def cannot_be_shown(fault: Exception) -> Response:
    """Say that a paper cannot be shown; why is noted for whoever looks after the system."""
    log.error("paper of request %s cannot be shown", g.get("request_id"), exc_info=fault)
    title = gettext("This paper cannot be shown now")
    text = gettext("Its number and its facts are kept. It stays owed, and will be made as soon as it can be.")
    return fault_page(503, title=title, text=text)


@papers.get("/papers/<string:paper>")
@allow()
def show(paper: str) -> Answer:
    """Show a paper: what it is, where it stands, what left the printer."""
    return page(printing.paper_seen(desk(), current_actor(), paper))


def page(row: Document, status: int = 200, *, problem: tuple[str, str] | None = None) -> Answer:
    """Draw the page of a paper; `problem` names a field and what is wrong with it."""
    actor, record = current_actor(), record_of(desk().session, row.subject)
    shown = render_template(
        "papers.html",
        paper=row,
        kind=DOCUMENTS[row.key],
        owner=_owner(row),
        record=record,
        prints=[done for done in record.standing() if done.step in PRINTS],
        labels=PRINTS,
        original="original_out" not in record.flags and row.state != "void" and printing.may_take_original(actor, row),
        audit=actor.role is Role.AUDITOR,
        may_spoil=actor.role in SPOILERS and "original_out" in record.flags and row.state == "made",
        request_id=sign_of_form(),
        problem=problem,
        typed=request.form,
    )
    return make_response(shown, status)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose paper it is, on a page: a case, or an employer of the register."""

    title: str
    reference: str
    href: str


def _owner(row: Document) -> Owner:
    case = desk().session.get(Case, row.owner)
    if case is not None:
        return Owner(case.title, case.reference, url_for("cases.show", reference=case.reference))
    employer = desk().session.get_one(RegisterEntry, row.owner)
    return Owner(employer.name, employer.reference, url_for("bars.show", reference=employer.reference))


PRINTS = {name: step_label("paper", name) for name in ("print_original", "print_copy", "print_audit_copy", "spoil_sheet")}
"""The entries of a paper's life that tell of sheets."""


@papers.get("/papers/<string:paper>/view")
@allow()
def view(paper: str) -> Response:
    """Open a paper on screen; nothing is counted."""
    sheet = printing.view(desk(), current_actor(), paper)
    _note(sheet.document, "paper opened")
    return sent(sheet.body, file_name(sheet.document))


@papers.post("/papers/<string:paper>/print")
@allow()
def hand_out(paper: str) -> Answer:
    """Print: the original the first time, afterwards a numbered copy with its reason."""
    actor, reason = current_actor(), clean_text(request.form.get("reason", ""))[:300]
    row = printing.paper_seen(desk(), actor, paper)
    if not reason and (row.original_out or actor.role is Role.AUDITOR):
        return page(row, 422, problem=("reason", gettext("Say why a further copy is printed.")))
    try:
        sheet = printing.hand_out(desk(), actor, row.subject, Act(request_id=own_sign()), reason)
    except (OtherContent, OutOfTurn, Refused):
        flash(gettext("This sheet was printed already; print again if another one is needed."), "warning")
        return redirect(url_for(".show", paper=paper), 303)
    _note(sheet.document, "paper printed")
    return sent(sheet.body, file_name(sheet.document, sheet.copy))


@papers.post("/papers/<string:paper>/spoil")
@allow(*SPOILERS)
def spoil(paper: str) -> Answer:
    """Record a spoiled sheet: the next one out is the original again."""
    actor = current_actor()
    reason, sheet = (clean_text(request.form.get(name, ""))[:300] for name in ("why", "sheet"))
    row = printing.paper_seen(desk(), actor, paper)
    if not reason:
        return page(row, 422, problem=("why", gettext("Say what happened to the sheet.")))
    printing.spoil(desk(), actor, row.subject, Act(request_id=own_sign()), reason, sheet)
    flash(gettext("The spoiled sheet is recorded. The next print is the original again."))
    return redirect(url_for(".show", paper=paper), 303)


@papers.get("/cases/<string:reference>/papers.pdf")
@allow()
def all_of(reference: str) -> Response:
    """Give all papers of a case in one file, of a request with those of its workers, in paper-tray order."""
    actor = current_actor()
    case = case_seen(desk(), actor, reference)
    found = [paper for paper in printing.papers_of(desk(), actor, _owners(case, actor)) if paper.state != "void"]
    if not found:
        abort(404)
    note_reading(desk().record(case.subject), "all papers", len(found))
    return sent(printing.all_in_one(desk(), actor, found), f"{reference}-papers.pdf")


def _owners(case: Case, actor: Actor) -> list[str]:
    workers = select(Case.subject).where(Case.request == case.subject, visible_to(desk(), actor))
    return [case.subject, *desk().session.scalars(workers.order_by(Case.reference))]


def _note(row: Document, purpose: str) -> None:
    owner: Record = record_of(desk().session, row.owner)
    note_reading(owner, f"{purpose}: {row.key}")


def file_name(row: Document, copy: int = 0) -> str:
    """Name the file after the case and the paper."""
    owner = _owner(row).reference
    number = re.sub(r"[^A-Za-z0-9]+", "-", row.number)
    return f"{owner}-{row.key}-{number}{f'-copy-{copy}' if copy else ''}.pdf"


def sent(body: bytes, name: str) -> Response:
    """Send a paper to be shown in the browser, with its name for whoever keeps it."""
    return send_file(io.BytesIO(body), PDF, download_name=name)
