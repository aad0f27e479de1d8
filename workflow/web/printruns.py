"""Printing many originals in one act: choose, print the file, confirm the sheets in hand, read what became of each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from workflow import printrun
from workflow.casework import Result
from workflow.domain.actor import Actor, Role
from workflow.domain.documents import DOCUMENTS
from workflow.domain.flow import OutOfTurn
from workflow.domain.names import clean_text
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.printrun import MOST, Place, Turn
from workflow.visibility import case_seen
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.many import tell
from workflow.web.papers import sent
from workflow.web.reading import note_look
from workflow.web.shown import show_date
from workflow.web.signs import sign_of_form

printruns = Blueprint("printruns", __name__, url_prefix="/print")

PRINTERS = (
    Role.OFFICER,
    Role.REGISTRAR,
    Role.CASHIER,
    Role.HOSPITAL,
    Role.CHECKPOINT,
    Role.EMPLOYER,
    Role.AGENT,
)

TAKEN = N_("Its original was handed out by somebody else meanwhile.")
VOIDED = N_("It was voided meanwhile.")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which papers: those of a case with its workers, or those that came about on a day; of one kind or all."""

    case: str
    on: date
    kind: str

    @property
    def about(self) -> str:
        """Say it in words."""
        return self.case or show_date(self.on)

    def address(self, **changes: object) -> str:
        """Give the address of the page with something changed."""
        asked = {"case": self.case} if self.case else {"on": self.on.isoformat()}
        return url_for(".choose", **(asked | {"kind": self.kind or None} | changes))


def scope() -> Scope:
    """Read which papers are meant; today's where nothing is said."""
    today = bangkok_date(desk().now())
    try:
        on = min(date.fromisoformat(request.values.get("on", "")), today)
    except ValueError:
        on = today
    kind = request.values.get("kind", "")
    return Scope(request.values.get("case", "")[:40], on, kind if kind in DOCUMENTS else "")


def places_of(at: Scope, actor: Actor) -> list[Place]:
    """Give the papers that are meant, of every kind."""
    if at.case:
        return printrun.of_case(desk(), actor, case_seen(desk(), actor, at.case))
    return printrun.of_day(desk(), actor, at.on)


@printruns.get("")
@allow(*PRINTERS)
@in_menu(N_("Print"), order=25)
def choose() -> Answer:
    """Show what would be printed: originals ticked, what is out already by choice, what is not made yet by name."""
    return chooser(scope(), current_actor())


def chooser(at: Scope, actor: Actor, status: int = 200, problem: tuple[str, str] | None = None) -> Answer:
    """Draw the page on which the papers are chosen; `problem` names a field and what is wrong with it."""
    places = places_of(at, actor)
    note_look("paper", at.about, "papers to be printed", len(places))
    wanted = [place for place in places if at.kind in ("", place.paper.key)]
    shown = render_template(
        "print_choose.html",
        scope=at,
        turns={turn: [place for place in wanted if place.turn is turn] for turn in Turn},
        kinds=kinds_of(at, places),
        ticked=request.form.getlist("paper"),
        most=MOST,
        batch=sign_of_form("batch", 32),
        today=bangkok_date(desk().now()),
        day=timedelta(days=1),
        problem=problem,
    )
    return make_response(shown, status)


def kinds_of(at: Scope, places: Iterable[Place]) -> list[dict[str, object]]:
    """List the kinds of papers among them, to choose one: papers of one kind come from one tray."""
    counted = Counter(place.paper.key for place in places)
    every = {"label": gettext("All kinds"), "href": at.address(kind=None), "current": not at.kind}
    each = [
        {
            "label": gettext(DOCUMENTS[key].title),
            "href": at.address(kind=key),
            "current": key == at.kind,
            "count": count,
        }
        for key, count in counted.items()
    ]
    return [every, *each] if len(each) > 1 else []


@printruns.post("/sheets")
@allow(*PRINTERS)
def sheets() -> Answer:
    """Number the copies, then offer the file for the printer and ask which originals came out whole."""
    at, actor, places = scope(), current_actor(), run()
    reason = clean_text(request.form.get("reason", ""))[:300]
    if not places:
        return chooser(at, actor, 422, ("papers", gettext("Choose at least one paper.")))
    if not reason and any(place.turn is Turn.COPY for place in places):
        return chooser(at, actor, 422, ("reason", gettext("Say why a further copy is printed.")))
    copies = [
        *void_among(places),
        *told(places, printrun.count_copies(desk(), actor, places, batch(actor), reason)),
    ]
    turns = {turn: [place for place in places if place.turn is turn] for turn in Turn}
    return make_response(
        render_template("print_sheets.html", scope=at, turns=turns, copies=copies, sign=sign())
    )


@printruns.post("/file")
@allow(*PRINTERS)
def file() -> Response:
    """Give the file for the printer: a view, put on record; no original is counted by it."""
    actor, places = current_actor(), run()
    body = printrun.file_of(desk(), places, batch(actor))
    if body is None:
        abort(404)
    note_look("paper", scope().about, "originals for the printer", len(places))
    return sent(body, f"{scope().case or scope().on.isoformat()}-originals.pdf")


@printruns.post("/confirm")
@allow(*PRINTERS)
def confirm() -> str:
    """Count the originals whose sheets are in hand, and tell what became of each."""
    actor, places = current_actor(), run()
    results = told(places, printrun.confirm(desk(), actor, places, batch(actor)))
    return render_template("print_result.html", scope=scope(), results=results)


def run() -> list[Place]:
    """Give the papers of this run, as they stand now."""
    return printrun.chosen(desk(), current_actor(), request.form.getlist("paper"))


def batch(actor: Actor) -> str:
    """Name the run: whatever is sent again does nothing twice."""
    return f"{actor.account}:{sign()}"


def sign() -> str:
    """Give the sign that the page was drawn with."""
    return request.form.get("batch", "")[:32] or abort(400)


def told(places: Iterable[Place], results: Iterable[Result]) -> list[tuple[Place, str, int]]:
    """Say of each paper what stands against it, if anything, and the number of its copy."""
    found = {place.paper.subject: place for place in places}
    return [
        (found[result.subject], _fault(found[result.subject], result), _copy(result)) for result in results
    ]


def void_among(places: Iterable[Place]) -> list[tuple[Place, str, int]]:
    """Say which papers were voided since they were chosen."""
    return [(place, gettext(VOIDED), 0) for place in places if place.turn is Turn.VOID]


def _copy(result: Result) -> int:
    return result.performed.done.evidence.copy if result.performed else 0


def _fault(place: Place, result: Result) -> str:
    if isinstance(result.fault, OutOfTurn):
        return gettext(VOIDED if place.turn is Turn.VOID else TAKEN)
    return tell(result.fault)
