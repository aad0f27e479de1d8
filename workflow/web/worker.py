"""The worker's own page, in Khmer first: where one stands, which days to keep, what it costs, whom to call."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response as Answer

from workflow.domain.standing import Kind, Standing, standing
from workflow.domain.words import N_
from workflow.genuine import plain_code
from workflow.lookups import situation
from workflow.store import access, attempts
from workflow.store.access import Reading
from workflow.store.attempts import Proof, TooMany
from workflow.web.access import allow_anyone
from workflow.web.at_desk import desk
from workflow.web.permitpage import told
from workflow.web.person_rules import rules_of, terms_of
from workflow.web.shown import show_said
from workflow.web.visiting import now, reading, writing
from workflow.workers import OwnPage, actor_of, own_page, worker_of

worker = Blueprint("worker", __name__)

OPEN_FOR = timedelta(minutes=15)
FIRST_LANGUAGE = "km"
TOLD_AT_THE_DESK = frozenset({"health.valid_days"})
"""A result of the medical check is not told here, where others may look."""
HOTLINES = (
    ("1506", N_("Labour protection, social security and work permits")),
    ("1694", N_("Department of Employment")),
    ("1300", N_("Help against violence, forced work and trafficking")),
)
ASK_THE_OFFICE = Standing(Kind.WAITING, N_("The office tells you what comes next"))
Given = ParamSpec("Given")


def khmer_first(view: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Show a page in Khmer to everybody who has not chosen a language."""

    @wraps(view)
    def shown(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        with nullcontext() if "lang" in session else force_locale(FIRST_LANGUAGE):
            return view(*args, **kwargs)

    return shown


@worker.get("/w")
@allow_anyone
@khmer_first
def ask() -> Answer:
    """Ask for the code of an own paper."""
    code = plain_code(request.args.get("code", ""))
    return redirect(url_for(".show", code=code)) if code else private(render_template("worker_ask.html"))


@worker.get("/w/<code>")
@allow_anyone
@khmer_first
def show(code: str) -> Answer:
    """Ask for the last signs of the pass; to whom gave them a moment ago, show the page."""
    found = opened(code)
    page = own_page(desk(), found) if found else None
    return door(code) if page is None else shown_page(page, code)


@worker.get("/w/<code>/rules")
@allow_anyone
@khmer_first
def rules(code: str) -> Answer:
    """Show which rules the worker meets today, with the source of each, and what ends the permit."""
    found = opened(code)
    page = own_page(desk(), found) if found else None
    if page is None or page.case.flow not in ("application", "permit"):
        return door(code)
    note_look(page)
    record = desk().record(page.case.subject)
    met = rules_of(desk(), record, TOLD_AT_THE_DESK)
    title = show_said(met.ruleset.title) if met.ruleset else ""
    shown = render_template("worker_rules.html", found=met, title=title, terms=terms_of(desk(), record), code=code)
    return private(shown)


@worker.post("/w/<code>")
@allow_anyone
@khmer_first
def enter(code: str) -> Answer:
    """Compare the last signs of the pass; every wrong pair of code and signs is told alike."""
    signs = request.form.get("signs", "")
    try:
        found = proven(code, signs)
    except TooMany as many:
        return told_to_wait(code, many)
    if found is None:
        return door(
            code, gettext("The code or the four signs are not right. Look at your border pass again."), 422
        )
    session["worker"] = {"code": plain_code(code), "worker": found, "at": now().isoformat()}
    return redirect(url_for(".show", code=code), 303)


@worker.post("/w/<code>/close")
@allow_anyone
@khmer_first
def close(code: str) -> Answer:
    """Close the page on a telephone that others use too."""
    session.pop("worker", None)
    return redirect(url_for(".show", code=code), 303)


def opened(code: str) -> str | None:
    """Say for which worker this browser may show the page now."""
    kept = session.get("worker") or {}
    if kept.get("code") != plain_code(code):
        return None
    return kept["worker"] if now() - datetime.fromisoformat(kept["at"]) < OPEN_FOR else None


def proven(code: str, signs: str) -> str | None:
    """Note an attempt, judge whether it is one too many, then compare; raises TooMany."""
    name, address = f"worker's page {plain_code(code)}", request.remote_addr or ""
    with writing() as own:
        number = attempts.note(own, name, address, Proof.ONE_TIME_CODE, now())
    with reading() as own:
        attempts.judge(own, name, address, Proof.ONE_TIME_CODE, now())
    found = worker_of(desk(), code, signs)
    if found is not None:
        with writing() as own:
            attempts.succeeded(own, number, now())
    return found


def told_to_wait(code: str, many: TooMany) -> Answer:
    """Say how long to wait."""
    minutes = max(1, round(many.wait.total_seconds() / 60))
    answer = door(
        code, gettext("Too many attempts. Wait %(minutes)s min, then try again.", minutes=minutes), 429
    )
    answer.headers["Retry-After"] = str(int(many.wait.total_seconds()))
    return answer


def door(code: str, problem: str = "", status: int = 200) -> Response:
    """Draw the page that asks for the four signs."""
    return private(render_template("worker_door.html", code=code, problem=problem), status)


def shown_page(page: OwnPage, code: str) -> Response:
    """Draw a worker's own page and put on record that it was looked at."""
    note_look(page)
    line = line_of(page)
    lines = [told(one) for one in page.conditions]
    shown = render_template("worker.html", page=page, line=line, told=lines, hotlines=HOTLINES, code=code)
    return private(shown)


def line_of(page: OwnPage) -> Standing:
    """Write the first line; a result of the medical check is not told here, where others may look."""
    if not {"unfit", "retest"}.isdisjoint(page.case.flags.split(",")) or page.case.state == "leaving":
        return ASK_THE_OFFICE
    return standing(situation(page.case), page.on)


def note_look(page: OwnPage) -> None:
    """Put the look on record as the worker's own."""
    who = actor_of(page.worker.subject)
    look = Reading(
        person=who.person,
        account=who.account,
        role=who.role.value,
        office=page.case.office,
        flow=page.case.flow,
        subject=page.case.subject,
        purpose="worker's own page",
        read_at=now(),
    )
    access.note(desk().session, look)


def private(shown: str, status: int = 200) -> Response:
    """Answer so that nothing of it is kept or found by a search engine."""
    answer = make_response(shown, status)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
