"""A fresh proof before something weighty: deciding, administering, changing how one proves oneself."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from workflow.store.attempts import TooMany
from workflow.web import proofs
from workflow.web.access import allow
from workflow.web.faults import typed_fields
from workflow.web.signin import safe_path
from workflow.web.visiting import now, the_visit

stepup = Blueprint("stepup", __name__)

PROOF = "fresh_proof"
Given = ParamSpec("Given")


def fresh_second_factor(minutes: int = 5) -> Callable[[Callable[Given, object]], Callable[Given, object]]:
    """Let a view be reached only within some minutes after a proof; what was typed is not lost by it."""

    def mark(view: Callable[Given, object]) -> Callable[Given, object]:
        @wraps(view)
        def guarded(*args: Given.args, **kwargs: Given.kwargs) -> object:
            asking = ask_for_fresh_proof(minutes)
            return asking if asking is not None else view(*args, **kwargs)

        return guarded

    return mark


def ask_for_fresh_proof(minutes: int = 5) -> Response | None:
    """Give the page that asks for a proof, or nothing where the last one is fresh; for use inside a view."""
    if is_fresh(minutes):
        return None
    if request.method != "POST" or PROOF not in request.form:
        return asking_page()
    problem = take_proof(request.form[PROOF])
    if problem is not None:
        return asking_page(problem)
    request.form = ImmutableMultiDict([item for item in request.form.items(multi=True) if item[0] != PROOF])
    return None


def is_fresh(minutes: int) -> bool:
    """Say whether the person proved himself within the last minutes."""
    visiting = the_visit()
    return bool(visiting and visiting.factor_at and now() - visiting.factor_at < timedelta(minutes=minutes))


def take_proof(proof: str) -> str | None:
    """Take a proof; give what is wrong with it, or nothing."""
    visiting = the_visit()
    try:
        if visiting is not None and proofs.prove_again(visiting, proof):
            return None
    except TooMany as many:
        return proofs.told_to_wait(many)
    return gettext("This is not right. Try again.")


def asking_page(problem: str | None = None) -> Response:
    """Ask for the proof; a form that was on its way is kept in the page and goes on with it."""
    visiting = the_visit()
    by_code = visiting is not None and proofs.has_second_factor(visiting.account)
    here = request.method == "POST" or request.endpoint == "stepup.prove"
    shown = render_template(
        "prove_again.html",
        action="" if here else url_for("stepup.prove", next=request.full_path.removesuffix("?")),
        by_code=by_code,
        field=PROOF,
        problem=problem,
        shown_code=proofs.shown_code(visiting.account) if visiting and by_code else None,
        typed=typed_fields(),
        files=list(request.files),
    )
    return make_response(shown, 429 if g.get("too_many") else 403 if request.method == "POST" else 200)


@stepup.route("/prove-again", methods=["GET", "POST"])
@allow()
def prove() -> Response:
    """Take the proof for a page that was asked for, then show that page."""
    onward = safe_path(request.args.get("next"))
    if request.method == "GET" or PROOF not in request.form:
        return asking_page()
    problem = take_proof(request.form[PROOF])
    return redirect(onward) if problem is None else asking_page(problem)
