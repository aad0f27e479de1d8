"""The public page behind the code of every paper: one look on a weak telephone, in three languages, nothing to sign in."""

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response as Answer

from workflow.genuine import Genuine, Verdict, look_up, plain_code
from workflow.web.access import allow_anyone
from workflow.web.at_desk import desk
from workflow.web.shell import LANGUAGES
from workflow.web.shown import show_date, show_moment
from workflow.workers import OWN_PAPERS

verify = Blueprint("verify", __name__)


@dataclass(frozen=True, slots=True)
class Said:
    """The answer in one language."""

    language: str
    verdict: str
    lines: list[tuple[str, str]]
    notes: list[str]
    own_page: str


@verify.get("/v")
@allow_anyone
def ask() -> Answer:
    """Ask for a code that cannot be scanned."""
    code = plain_code(request.args.get("code", ""))
    if code:
        return redirect(url_for(".show", code=code))
    return page(render_template("verify_ask.html"))


@verify.get("/v/<code>")
@allow_anyone
def show(code: str) -> Response:
    """Say whether a paper is genuine and still counts."""
    told = look_up(desk(), code)
    shown = render_template(
        "verify.html",
        told=told,
        said=[said_in(language, told) for language in LANGUAGES],
        own_page=url_for("worker.show", code=plain_code(code)) if told.key in OWN_PAPERS else "",
    )
    return page(shown, 404 if told.verdict is Verdict.UNKNOWN else 200)


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
    if told.verdict is Verdict.UNKNOWN:
        return []
    office = (told.office or {}).get("en" if language == "en" else "th") or ""
    return [
        (gettext("Paper"), gettext(told.title)),
        (gettext("Number"), told.number),
        (gettext("Office"), office),
        (gettext("Name (first letters)"), told.name),
        (gettext("Permit from"), show_date(told.valid_from)),
        (gettext("Permit until"), show_date(told.valid_until)),
        (gettext("Renewal filed on"), show_date(told.renewal_on)),
        (gettext("Receipt of the renewal"), told.renewal_receipt),
        (gettext("Employer"), told.employer),
        (gettext("Workplace"), told.workplace),
        (gettext("Made on"), show_date(told.made_on)),
        (gettext("Looked up"), show_moment(desk().now())),
    ]


def notes_of(told: Genuine) -> list[str]:
    """Give the sentences below the facts."""
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
