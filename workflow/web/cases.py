"""The page of one case, and the process that it walks through."""

from flask import Blueprint, Response, render_template

from workflow.casework import Moved, OtherContent
from workflow.domain.actor import Role
from workflow.domain.flows import FLOWS
from workflow.store.history import CaseNotFound
from workflow.visibility import case_seen
from workflow.web import diagram
from workflow.web.about import kind_shown
from workflow.web.access import allow, current_actor
from workflow.web.at_desk import desk
from workflow.web.bars import OFFICIALS
from workflow.web.casepage import case_page
from workflow.web.faults import fault_page
from workflow.web.photos import PHOTOGRAPHERS
from workflow.web.printruns import PRINTERS
from workflow.web.reading import note_reading

cases = Blueprint("cases", __name__)
cases.add_app_template_filter(kind_shown)


@cases.app_errorhandler(CaseNotFound)
def not_found(_: CaseNotFound) -> Response:
    """Answer alike for a case that is not there and for one that is somebody else's."""
    return fault_page(404)


@cases.app_errorhandler(Moved)
@cases.app_errorhandler(OtherContent)
def too_late(_: Moved | OtherContent) -> Response:
    """Answer where another act, or an earlier one of the same person, came first."""
    return fault_page(409)


@cases.get("/cases/<string:reference>")
@allow()
def show(reference: str) -> str:
    """Show a case."""
    at, actor = desk(), current_actor()
    case = case_seen(at, actor, reference)
    record = at.record(case.subject)
    note_reading(record, "case page")
    may = {"prints": actor.role in PRINTERS, "adds_photos": actor.role in PHOTOGRAPHERS}
    may["knows_employers"] = actor.role in OFFICIALS
    return render_template("case.html", page=case_page(at, actor, case, record), **may)


@cases.get("/cases/<string:reference>/process")
@allow(Role.OFFICER, Role.REGISTRAR, Role.AUDITOR, Role.EMPLOYER, Role.AGENT)
def process(reference: str) -> str:
    """Draw the whole process of a case with its present state."""
    at = desk()
    case = case_seen(at, current_actor(), reference)
    flow, record = FLOWS[case.flow], at.record(case.subject)
    shown = {"flow": flow, "nodes": diagram.drawn(flow, record), "line": diagram.line(record)}
    return render_template("case_process.html", case=case, **shown)
