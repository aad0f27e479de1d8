"""The public page behind the code of every paper: one look on a weak telephone, in three languages, nothing to sign in."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response as Answer

from workflow import vouching, withdrawals
from workflow.domain.thai import bangkok_date
from workflow.genuine import Genuine, Verdict, look_up, look_up_scanned, plain_code
from workflow.store import attempts
from workflow.store.attempts import Proof, TooMany
from workflow.web.access import allow_anyone
from workflow.web.at_desk import desk
from workflow.web.shell import LANGUAGES, csrf
from workflow.web.shown import show_date, show_moment
from workflow.web.visiting import now, reading, writing
from workflow.workers import OWN_PAPERS

verify = Blueprint("verify", __name__)

LONGEST = 2000
"""Letters that are read of what is sent: the longest token with its address is a quarter of that."""


@dataclass(frozen=True, slots=True)
class Said:
    """The answer in one language."""

    language: str
    verdict: str
    lines: list[tuple[str, str]]
    notes: list[str]
    own_page: str


@verify.get("/v")
@verify.get("/verify")
@allow_anyone
def ask() -> Answer:
    """Ask for a code that cannot be scanned."""
    code = plain_code(request.args.get("code", ""))
    if code:
        return redirect(url_for(".show", code=code))
    return page(render_template("verify_ask.html"))


@verify.post("/verify")
@allow_anyone
@csrf.exempt
def answer() -> Response:
    """Answer for a code or a whole signed token; sent in the body, so that no log of addresses holds it."""
    read = request.form.get("code", "")[:LONGEST]
    return answered(lambda: look_up_scanned(desk(), read))


@verify.get("/v/<code>")
@allow_anyone
def show(code: str) -> Response:
    """Say whether a paper is genuine and still counts."""
    return answered(lambda: look_up(desk(), code), code)


@verify.get("/verify/withdrawn.txt")
@allow_anyone
def withdrawn() -> Response:
    """Give the signed list of papers that count no more."""
    kept = current_app.extensions.setdefault("withdrawn", {})
    named = (withdrawals.edition(desk()), bangkok_date(now()))
    if named not in kept:
        kept.clear()
        kept[named] = withdrawals.newest(desk())
    return Response(kept[named], mimetype="text/plain")


@verify.get("/verify/keys.pem")
@allow_anyone
def keys() -> Response:
    """Give the public keys that codes and the list are checked with."""
    return Response(vouching.written_keys(vouching.public_keys(desk())), mimetype="application/x-pem-file")


def answered(sought: Callable[[], Genuine], code: str = "") -> Response:
    """Judge whether this is one look too many, look up, and note a look at what does not exist."""
    address = request.remote_addr or ""
    try:
        with reading() as own:
            attempts.judge_looks(own, address, now())
    except TooMany as many:
        return told_to_wait(many)
    told = sought()
    if not told.known:
        with writing() as own:
            attempts.note(own, "paper", address, Proof.PAPER_CODE, now())
    own_page = url_for("worker.show", code=plain_code(code)) if code and told.key in OWN_PAPERS else ""
    said = [said_in(language, told) for language in LANGUAGES]
    return page(render_template("verify.html", told=told, said=said, own_page=own_page), 200 if told.known else 404)


def told_to_wait(many: TooMany) -> Response:
    """Say in each language how long to wait."""
    minutes = max(1, round(many.wait.total_seconds() / 60))
    said = []
    for language in LANGUAGES:
        with force_locale(language):
            wait = gettext("Too many attempts. Wait %(minutes)s min, then try again.", minutes=minutes)
            said.append((language, wait))
    shown = page(render_template("verify_ask.html", wait=said), 429)
    shown.headers["Retry-After"] = str(int(many.wait.total_seconds()))
    return shown


def page(shown: str, status: int = 200) -> Response:
    """Answer so that nothing of it is kept or found again by a search engine."""
    answer = make_response(shown, status)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def said_in(language: str, told: Genuine) -> Said:
    """Say the answer in one language."""
    with force_locale(language):
        lines = [(label, value) for label, value in lines_of(language, told) if value]
        own = gettext("I am the worker: my own page")
        return Said(language, gettext(told.verdict.label), lines, notes_of(told), own)


def lines_of(language: str, told: Genuine) -> list[tuple[str, str]]:
    """List what may be told of a paper; nothing of one that is not known."""
    if not told.known:
        return []
    office = (told.office or {}).get("en" if language == "en" else "th") or ""
    return [
        (gettext("Paper"), gettext(told.title)),
        (gettext("Number"), told.number),
        (gettext("Replaced by"), told.replaced_by),
        (gettext("Office"), office),
        (gettext("Name (first letters)"), told.name),
        (gettext("Permit from"), show_date(told.valid_from)),
        (gettext("Permit until"), show_date(told.valid_until)),
        (gettext("Renewal filed on"), show_date(told.renewal_on)),
        (gettext("Receipt of the renewal"), told.renewal_receipt),
        (gettext("Employer"), told.employer),
        (gettext("Workplace"), told.workplace),
        (gettext("Work"), told.job),
        (gettext("Made on"), show_date(told.made_on)),
        (gettext("Looked up"), show_moment(desk().now())),
    ]


def notes_of(told: Genuine) -> list[str]:
    """Give the sentences below the facts."""
    if told.verdict is Verdict.ALTERED:
        return []
    if told.verdict is Verdict.UNKNOWN:
        return [
            gettext(
                "Look at the code once more. If it is right, the paper is not one of this office: ask the office."
            )
        ]
    notes = []
    if told.specimen:
        notes.append(
            gettext("SPECIMEN: made under invented rules of a demonstration, without any legal effect.")
        )
    if told.valid_until:
        notes.append(
            gettext("The official permit is the card or book of the Department of Employment; look at both.")
        )
    return notes
