"""Photos of a request from one zip: look which file goes to whom, then attach them by one act."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from workflow import photos as album
from workflow.domain.actor import Role
from workflow.domain.flow import Refusal, Refused
from workflow.domain.words import N_
from workflow.store.projections import Case
from workflow.visibility import case_seen
from workflow.web.access import allow, current_actor, takes
from workflow.web.at_desk import desk
from workflow.web.many import tell
from workflow.web.reading import note_reading

photos = Blueprint("photos", __name__, url_prefix="/requests/<reference>/photos")

PHOTOGRAPHERS = (Role.OFFICER, Role.REGISTRAR, Role.EMPLOYER, Role.AGENT)
LARGEST_ZIP = 96 * 1024 * 1024
NO_ZIP = Refusal("no-zip", N_("Choose a zip of photos."), field="zip")


def request_seen(reference: str) -> Case:
    """Give the request whose photos are meant."""
    return case_seen(desk(), current_actor(), reference)


@photos.get("")
@allow(*PHOTOGRAPHERS)
def show(reference: str) -> Answer:
    """Ask for a zip, and show what was found in the last one."""
    case = request_seen(reference)
    note_reading(desk().record(case.subject), "photos of a request")
    return page(case)


def page(case: Case, status: int = 200, refusals: tuple[Refusal, ...] = ()) -> Answer:
    """Draw the page of a request's photos."""
    kept = album.waiting(desk(), current_actor(), case)
    found = kept.found if kept else []
    shown = render_template(
        "photos.html",
        case=case,
        kept=kept,
        good=[one for one in found if one.good],
        left=[one for one in found if not one.good],
        refusals=refusals,
    )
    return make_response(shown, status)


@photos.post("")
@allow(*PHOTOGRAPHERS)
@takes(LARGEST_ZIP)
def take(reference: str) -> Answer:
    """Look a zip through; nothing is attached by it."""
    case, sent = request_seen(reference), request.files.get("zip")
    content = sent.read() if sent else b""
    if not content:
        return page(case, 422, (NO_ZIP,))
    try:
        album.look_through(desk(), current_actor(), case, content)
    except Refused as refused:
        return page(case, 422, refused.refusals)
    return redirect(url_for(".show", reference=reference), 303)


@photos.post("/attach")
@allow(*PHOTOGRAPHERS)
def attach(reference: str) -> Answer:
    """Attach the ticked photos and tell what became of each."""
    at, actor, case = desk(), current_actor(), request_seen(reference)
    kept = album.waiting(at, actor, case)
    if kept is None or kept.sign != request.form.get("sign"):
        flash(gettext("These photos were attached or let go already; look at the cases."), "warning")
        return redirect(url_for(".show", reference=reference), 303)
    results = {
        one.subject: tell(one.fault) for one in album.attach(at, actor, case, request.form.getlist("photo"))
    }
    told = [(one, results[one.subject]) for one in kept.found if one.subject in results]
    if told:
        album.forget(at, actor, case)
    return make_response(render_template("photos_result.html", case=case, told=told))


@photos.post("/forget")
@allow(*PHOTOGRAPHERS)
def forget(reference: str) -> Answer:
    """Let go of a zip that was looked through."""
    album.forget(desk(), current_actor(), request_seen(reference))
    return redirect(url_for(".show", reference=reference), 303)
