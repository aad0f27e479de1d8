"""The gates: what each day and band takes and expects, a closure in one act, and whom to tell of it."""

from datetime import timedelta
from itertools import groupby

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask import Response as Answer
from flask_babel import force_locale, gettext, ngettext
from werkzeug.wrappers import Response

from forms.evidence import NoChoices, form_for
from workflow import gates as at_gates
from workflow.domain.actor import Role
from workflow.domain.documents import WORKING_PRINTS
from workflow.domain.everywhere import Reason
from workflow.domain.gate import Gate, GateClosure
from workflow.domain.record import Record
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.store.history import CaseNotFound
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.admin_forms import EveryRule
from workflow.web.at_desk import desk
from workflow.web.entering import Paper, act, entered, typed
from workflow.web.papers import sent
from workflow.web.reading import note_look

gates = Blueprint("gates", __name__, url_prefix="/gates")

AHEAD = 7
"""So many days from today are shown."""


@gates.get("")
@allow(Role.OFFICER, Role.CHECKPOINT, Role.REGISTRAR, Role.AUDITOR)
@in_menu(N_("Gates"), order=30)
def show() -> str:
    """Show each gate with the days to come."""
    today = bangkok_date(desk().now())
    on = [today + timedelta(days=number) for number in range(AHEAD)]
    here, actor = desk(), current_actor()
    shown = [
        (gate, _closure(gate), list(at_gates.days(here, actor, gate, on)), len(at_gates.waiting(here, actor, gate)))
        for gate in at_gates.gates(here, actor)
        if gate.state != Gate.CLOSED
    ]
    return render_template(
        "gates.html", gates=shown, names=_names("gates"), bands=_names("bands"), may_close=_may_close()
    )


@gates.route("/<name>/close", methods=["GET", "POST"])
@allow(Role.OFFICER, Role.CHECKPOINT)
def close(name: str) -> Response:
    """Close a gate for some days and bands; everybody planned for them is to be planned anew."""
    gate = _gate(name)
    form = form_for(GateClosure, EveryRule(desk()), typed(), {"from_on": bangkok_date(desk().now()).isoformat()})

    def do() -> Response:
        stated = act()
        closed = at_gates.shut(desk(), current_actor(), gate, form.evidence(), stated)
        results = list(at_gates.call_off(desk(), current_actor(), closed, f"{stated.request_id}:off"))
        count = sum(result.done for result in results)
        flash(
            ngettext(
                "The gate is closed. %(num)d worker is to be planned anew.",
                "The gate is closed. %(num)d workers are to be planned anew.",
                count,
            )
        )
        return redirect(url_for(".called_off", name=name), 303)

    paper = Paper(
        title=gettext("Close the gate %(name)s", name=_names("gates").get(name, name)),
        back=url_for(".show"),
        button=gettext("Close the gate"),
        warning=True,
        note=gettext("Who is planned for these days gets the place back and counts as not come at no time."),
    )
    return entered(paper, [form], do, gate.version)


@gates.route("/<name>/open", methods=["GET", "POST"])
@allow(Role.OFFICER, Role.CHECKPOINT)
def open_again(name: str) -> Response:
    """Open a gate again."""
    gate = _gate(name)
    form = form_for(Reason, NoChoices(), typed())

    def do() -> Response:
        at_gates.open_again(desk(), current_actor(), gate, form.evidence(), act())
        flash(gettext("The gate is open again."))
        return redirect(url_for(".show"), 303)

    paper = Paper(
        title=gettext("Open the gate %(name)s again", name=_names("gates").get(name, name)),
        back=url_for(".show"),
        button=gettext("Open the gate again"),
    )
    return entered(paper, [form], do, gate.version)


@gates.get("/<name>/called-off")
@allow(Role.OFFICER, Role.CHECKPOINT, Role.REGISTRAR, Role.AUDITOR)
def called_off(name: str) -> str:
    """List by employer whose entry was called off by the last closure, with whom to telephone."""
    gate = _gate(name)
    lines = at_gates.called_off(desk(), current_actor(), gate)
    note_look("gate", gate.subject, "entries called off", len(lines))
    by_employer = [(employer, list(some)) for employer, some in groupby(lines, key=lambda line: line.employer)]
    return render_template(
        "gates_called_off.html",
        name=_names("gates").get(name, name),
        closure=_closure(gate),
        by_employer=by_employer,
        printable=bool(lines) and current_actor().role in WORKING_PRINTS[at_gates.PRINT].audience,
        address=name,
        bands=_names("bands"),
    )


@gates.get("/<name>/called-off/print")
@allow(*WORKING_PRINTS[at_gates.PRINT].audience)
def printed(name: str) -> Answer:
    """Print whom to telephone, employer by employer: a working print."""
    gate = _gate(name)
    try:
        with force_locale("th"):
            body = at_gates.printed(desk(), current_actor(), gate, EveryRule(desk()))
    except CaseNotFound:
        abort(404)
    note_look("gate", gate.subject, "entries called off, printed")
    return sent(body, f"called-off-{name}.pdf")


def _gate(name: str) -> Record:
    try:
        return at_gates.gate_named(desk(), current_actor(), name)
    except CaseNotFound:
        abort(404)


def _closure(gate: Record) -> GateClosure | None:
    return gate.last("shut_gate").evidence if gate.state == Gate.SHUT else None


def _names(of: str) -> dict[str, str]:
    return dict(EveryRule(desk()).options(of)) | {"day": gettext("The whole day")}


def _may_close() -> bool:
    return current_actor().role in (Role.OFFICER, Role.CHECKPOINT)
