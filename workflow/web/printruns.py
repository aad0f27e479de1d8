"""The print room: what waits to be printed, the file made for the printer, the sheets in hand confirmed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from workflow import printfile, printrun
from workflow.casework import Result, transaction
from workflow.domain.actor import Actor, Role
from workflow.domain.documents import DOCUMENTS
from workflow.domain.flow import OutOfTurn
from workflow.domain.names import clean_text
from workflow.domain.thai import arabic_digits, bangkok_date
from workflow.domain.words import N_
from workflow.printfile import Binding, Run
from workflow.printrun import MOST, WHOLE, Asked, Place, Turn
from workflow.visibility import case_seen
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk, queues, user_name
from workflow.web.many import tell
from workflow.web.papers import SPOILERS, sent
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
NO_FILE = N_("The file for the printer is not made yet: nothing can be confirmed before it is.")
NO_PAGES = N_("Write page numbers, for example 17-20, 31.")
PAGES = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which papers: those of a case with its workers, of a day, or (neither) all that wait; of one kind or all."""

    case: str
    on: date | None
    kind: str

    @property
    def about(self) -> str:
        """Say it in words."""
        return self.case or (show_date(self.on) if self.on else gettext("All that wait"))

    @property
    def asked(self) -> dict[str, str]:
        """Say it as an address does."""
        named = {"case": self.case, "on": self.on.isoformat() if self.on and not self.case else ""}
        return {name: value for name, value in (named | {"kind": self.kind}).items() if value}

    def address(self, **changes: object) -> str:
        """Give the address of the page with something changed."""
        return url_for(".choose", **(self.asked | changes))


def scope() -> Scope:
    """Read which papers are meant; all that wait where nothing is said."""
    today, typed = bangkok_date(desk().now()), request.values.get("on", "")
    try:
        on = min(date.fromisoformat(typed), today)
    except ValueError:
        on = today if typed else None
    kind = request.values.get("kind", "")
    return Scope(request.values.get("case", "")[:40], on, kind if kind in DOCUMENTS else "")


def places_of(at: Scope, actor: Actor) -> list[Place]:
    """Give the papers that are meant, of every kind; of those that wait, as many as one run takes."""
    if at.case:
        return printrun.of_case(desk(), actor, case_seen(desk(), actor, at.case))
    if at.on:
        return printrun.of_day(desk(), actor, at.on)
    return printrun.waiting(desk(), actor, at.kind)


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
    wanted, run = [place for place in places if at.kind in ("", place.paper.key)], _run(actor)
    waits = None if at.case or at.on else printrun.queue(desk(), actor)
    counted = waits.kinds if waits else _counted(places)
    shown = render_template(
        "print_choose.html",
        scope=at,
        queue=waits,
        run=run if run and run.open else None,
        last=run is not None and bool(run.confirmed) and actor.role in SPOILERS,
        turns={turn: [place for place in wanted if place.turn is turn] for turn in Turn},
        kinds=kinds_of(at, counted),
        ticked=request.form.getlist("paper"),
        most=MOST,
        whole=WHOLE,
        bindings=Binding,
        batch=sign_of_form("batch", 32),
        today=bangkok_date(desk().now()),
        day=timedelta(days=1),
        problem=problem,
    )
    return make_response(shown, status)


def _counted(places: Iterable[Place]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place in places:
        found[place.paper.key] = found.get(place.paper.key, 0) + 1
    return found


def kinds_of(at: Scope, counted: dict[str, int]) -> list[dict[str, object]]:
    """List the kinds of papers among them, to choose one: papers of one kind come from one tray."""
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


# a run ------------------------------------------------------------------------------------------


@printruns.post("/sheets")
@allow(*PRINTERS)
def sheets() -> Answer:
    """Begin a run: number its copies, and have its file made for the printer in the background."""
    at, actor = scope(), current_actor()
    reason = clean_text(request.form.get("reason", ""))[:300]
    places = _meant(at, actor)
    if not any(place.turn in (Turn.ORIGINAL, Turn.COPY) for place in places):
        return chooser(at, actor, 422, ("papers", gettext("Choose at least one paper.")))
    if not reason and any(place.turn is Turn.COPY for place in places):
        return chooser(at, actor, 422, ("reason", gettext("Say why a further copy is printed.")))
    asked = Asked(
        sign=sign(),
        user_name=user_name(),
        about=at.about,
        back=at.address(),
        binding=Binding.ZIP if request.form.get("binding") == Binding.ZIP else Binding.PDF,
        reason=reason,
    )
    try:
        run = printrun.begin(desk(), actor, [place.paper.subject for place in places], asked)
    except printrun.StillOpen:
        flash(gettext("Confirm this run first, or throw it away: its clean sheets may lie in the tray."), "warning")
        return redirect(url_for(".show"), 303)
    if not run.sha256 and not _handed_in(run):
        printrun.make_file(desk(), actor, run.sign)
    return redirect(url_for(".show"), 303)


def _meant(at: Scope, actor: Actor) -> list[Place]:
    """Give what was ticked, or every original that stands there to be printed."""
    if not request.form.get("every"):
        return printrun.chosen(desk(), actor, request.form.getlist("paper"))
    every = [place for place in places_of(at, actor) if at.kind in ("", place.paper.key)]
    return [place for place in every if place.turn is Turn.ORIGINAL][:WHOLE]


def _handed_in(run: Run) -> bool:
    way = queues()
    if way is None:
        return False
    with transaction(desk()):
        return way.make_print_file(desk().session, run.user_name, run.sign)


def _run(actor: Actor) -> Run | None:
    return printfile.find(desk().session, actor.account, desk().now())


def _open_run(actor: Actor) -> Run | None:
    run = _run(actor)
    return run if run and run.open else None


@printruns.get("/run")
@allow(*PRINTERS)
def show() -> Answer:
    """Show the open run: how far its file is, the file, the sheets to be confirmed."""
    return page(_open_run(current_actor()))


def page(run: Run | None, status: int = 200, problem: tuple[str, str] | None = None) -> Answer:
    """Draw the page of a run; `problem` names a field and what is wrong with it."""
    if run is None:
        return redirect(url_for(".choose"))
    actor = current_actor()
    places = {place.paper.subject: place for place in printrun.chosen(desk(), actor, run.papers)}
    copies = [
        (places[paper], _told_copy(run, places[paper]), printrun.copy_of(desk(), actor, run, paper))
        for paper in run.copies
        if paper in places
    ]
    paged = {paper: (first, last) for paper, first, last in run.pages}
    shown = render_template(
        "print_sheets.html",
        run=run,
        originals=[(places[one], paged[one]) for one in run.originals if one in places and one in paged],
        left=[places[one] for one in run.left if one in places],
        copies=copies,
        taken=printrun.taken_since(desk(), actor, run) if run.sha256 else [],
        bound=run.binding == Binding.PDF,
        typed=request.form,
        problem=problem,
    )
    return make_response(shown, status)


def _told_copy(run: Run, place: Place) -> str:
    """Say why a paper came without a copy, if it did."""
    if place.turn is Turn.VOID:
        return gettext(VOIDED)
    missing = not printrun.copy_of(desk(), current_actor(), run, place.paper.subject)
    return gettext("It was copied by somebody else at the same time.") if missing else ""


@printruns.get("/run/file")
@allow(*PRINTERS)
def file() -> Response:
    """Give the file for the printer: a view, put on record; no original is counted by it."""
    actor = current_actor()
    run = _run(actor) or abort(404)
    body = printrun.file_of(desk(), actor, run)
    if body is None:
        abort(404)
    note_look("paper", run.about, "originals for the printer", len(run.pages))
    answer = sent(body, f"originals-{run.sign[:8]}.{run.binding}")
    if run.binding == Binding.ZIP:
        answer.headers["Content-Type"] = "application/zip"
    return answer


@printruns.post("/run/make")
@allow(*PRINTERS)
def make() -> Answer:
    """Make the file at once: where the background is slow, or papers of it were handed out meanwhile."""
    actor = current_actor()
    run = _open_run(actor)
    if run is not None:
        if run.sha256:
            printrun.again(desk(), actor, run.sign)
        printrun.make_file(desk(), actor, run.sign)
    return redirect(url_for(".show"), 303)


@printruns.post("/run/drop")
@allow(*PRINTERS)
def drop() -> Answer:
    """Throw the run away, made or half made: nothing of it counts."""
    actor = current_actor()
    run = _open_run(actor)
    printrun.drop(desk(), actor)
    flash(gettext("The run is thrown away. No original was counted: destroy what was printed of it."), "warning")
    return redirect(run.back if run else url_for(".choose"), 303)


@printruns.post("/confirm")
@allow(*PRINTERS)
def confirm() -> Answer:
    """Count the originals whose sheets are in hand, and tell what became of each."""
    actor = current_actor()
    run = _run(actor)
    if run is None or run.sign != sign():
        return redirect(url_for(".choose"), 303)
    spoilt = pages_of(request.form.get("spoilt", ""))
    if spoilt is None:
        return page(run, 422, ("spoilt", gettext(NO_PAGES)))
    if not run.sha256:
        return page(run, 409, ("run", gettext(NO_FILE)))
    spoilt_papers = printrun.on_pages(run, spoilt)
    in_hand = [paper for paper in request.form.getlist("paper") if paper not in spoilt_papers]
    results = printrun.confirm(desk(), actor, run, in_hand)
    return result_page(run, results)


def result_page(
    run: Run, results: list[Result], status: int = 200, *, spoiling: bool = False, problem: tuple[str, str] | None = None
) -> Answer:
    """Draw what became of each original, or of each spoiled sheet; sheets can be told as spoiled below."""
    actor = current_actor()
    places = {one.paper.subject: one for one in printrun.chosen(desk(), actor, run.papers)}
    out = {subject for subject, one in places.items() if one.paper.original_out}
    paged = [(places[one], (first, last)) for one, first, last in run.pages if one in out]
    shown = render_template(
        "print_result.html",
        run=run,
        results=told(places.values(), results),
        spoiling=spoiling,
        paged=paged if actor.role in SPOILERS else [],
        bound=run.binding == Binding.PDF,
        request_id=uuid4().hex,
        typed=request.form if problem else {},
        problem=problem,
    )
    return make_response(shown, status)


@printruns.get("/spoil")
@allow(*SPOILERS)
def last_run() -> Answer:
    """Show the run that was confirmed last, to tell of its spoiled sheets."""
    run = _run(current_actor())
    if run is None or run.open:
        return redirect(url_for(".choose"))
    return result_page(run, [])


@printruns.post("/spoil")
@allow(*SPOILERS)
def spoil() -> Answer:
    """Record spoiled sheets of a confirmed run, many at once: the next print of each is the original again."""
    actor, reason = current_actor(), clean_text(request.form.get("why", ""))[:300]
    run = _run(actor)
    if run is None or run.open or run.sign != sign():
        return redirect(url_for(".choose"), 303)
    pages = pages_of(request.form.get("spoilt", ""))
    if pages is None:
        return result_page(run, [], 422, problem=("spoilt", gettext(NO_PAGES)))
    papers = {*request.form.getlist("paper"), *printrun.on_pages(run, pages)}
    if not papers:
        return result_page(run, [], 422, problem=("spoilt", gettext("Say which sheets are spoiled.")))
    if not reason:
        return result_page(run, [], 422, problem=("why", gettext("Say what happened to the sheet.")))
    results = printrun.spoil(desk(), actor, run, papers, reason, sign_of_form())
    return result_page(run, results, spoiling=True)


def pages_of(written: str) -> list[int] | None:
    """Read page numbers and ranges as they are typed; nothing where that is none."""
    found: list[int] = []
    for part in re.split(r"[,;\s]+", re.sub(r"\s*[-–]\s*", "-", arabic_digits(written).strip())):
        if not part:
            continue
        read = PAGES.fullmatch(part)
        if read is None:
            return None
        first, last = int(read[1]), int(read[2] or read[1])
        if not 0 < first <= last:
            return None
        found += range(first, last + 1)
    return found


def sign() -> str:
    """Give the sign that the page was drawn with."""
    return request.form.get("batch", "")[:32] or abort(400)


def told(places: Iterable[Place], results: Iterable[Result]) -> list[tuple[Place, str]]:
    """Say of each paper what stands against it, if anything."""
    found = {place.paper.subject: place for place in places}
    return [(found[result.subject], _fault(found[result.subject], result)) for result in results]


def _fault(place: Place, result: Result) -> str:
    if isinstance(result.fault, OutOfTurn):
        return gettext(VOIDED if place.turn is Turn.VOID else TAKEN)
    return tell(result.fault)
