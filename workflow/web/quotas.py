"""The places that approved requests give: by employer, and the ledger of one request."""

from itertools import groupby

from flask import Blueprint, abort, render_template, request

from workflow import quotas as at_quotas
from workflow.domain.actor import Role
from workflow.domain.flows import step_label
from workflow.domain.words import N_
from workflow.store.history import CaseNotFound
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk

quotas = Blueprint("quotas", __name__, url_prefix="/places")

READERS = (Role.OFFICER, Role.REGISTRAR, Role.AUDITOR, Role.EMPLOYER, Role.AGENT)


@quotas.get("")
@allow(*READERS)
@in_menu(N_("Approved places"), order=35)
def show() -> str:
    """Show by employer how many places are approved, taken and free."""
    ended = request.args.get("ended") == "yes"
    lines = at_quotas.ledger(desk(), current_actor(), ended=ended)
    by_employer = [(name, list(some)) for name, some in groupby(lines, key=lambda line: line.case.title)]
    return render_template("quotas.html", by_employer=by_employer, ended=ended)


@quotas.get("/<reference>")
@allow(*READERS)
def of_request(reference: str) -> str:
    """Show by which entries the places of one request came and went."""
    try:
        found, lines = at_quotas.movements(desk(), current_actor(), reference)
    except CaseNotFound:
        abort(404)
    return render_template("quota.html", case=found, lines=lines, step_label=step_label)
