"""A run of papers through the printer: the file is a view, an original counts when the sheet is in hand.

Papers whose original is out come as numbered copies, counted when the run is begun; papers still owed are named and
wait. Everything is done under the sign of the run, so that a run is safe to repeat.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

import pikepdf
from sqlalchemy import ColumnElement, func, select

import pdf
from workflow import casework, printfile, printing
from workflow.auditing import bounds
from workflow.casework import Item, Result, batched
from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.documents import DOCUMENTS
from workflow.domain.paper import Print
from workflow.domain.thai import bangkok_date
from workflow.printfile import Binding, Run
from workflow.store.chain import event_of_request, lock_chains
from workflow.store.files import FileLost
from workflow.store.history import record_of
from workflow.store.payloads import Erased, Tampered
from workflow.store.projections import Case, Document
from workflow.store.truth import StoredFile, SubjectKey
from workflow.visibility import visible_to

MOST = 200
"""The originals that are listed to be ticked, and as many copies: ten minutes of an office printer for each."""
WHOLE = 1000
"""The papers of one run at most, where all that wait are printed."""
TOLD_EVERY = 20
"""After so many papers a file says how far it is, and looks whether it was thrown away."""


class Turn(StrEnum):
    """What a paper is in a run."""

    ORIGINAL = "original"
    """Its first sheet out."""
    COPY = "copy"
    """Its original is out, or is another's to print: it comes as a numbered copy."""
    HELD = "held"
    """Its original is in the run of somebody else, who has not confirmed it yet."""
    OWED = "owed"
    """Not made yet: named, and left for the next run."""
    VOID = "void"
    """Voided since it was chosen: its sheet counts for nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """One paper in the tray: the case that it belongs to, what it is in this run, in whose run it is if in another's."""

    paper: Document
    case: Case
    turn: Turn
    holder: str = ""

    @property
    def title(self) -> str:
        """Name the kind of paper."""
        return DOCUMENTS[self.paper.key].title


# what is to be printed --------------------------------------------------------------------------


def of_case(desk: Desk, actor: Actor, case: Case) -> list[Place]:
    """Give the papers of a case, of a request with those of its workers, in paper-tray order."""
    workers = select(Case.subject).where(Case.request == case.subject, visible_to(desk, actor))
    return _standing(desk, actor, Document.owner.in_([case.subject, *desk.session.scalars(workers)]))


def of_day(desk: Desk, actor: Actor, on: date) -> list[Place]:
    """Give the papers that came about on a day, in paper-tray order."""
    begin, end = bounds(on, on)
    return _standing(desk, actor, (Document.owed_at >= begin) & (Document.owed_at < end))


def waiting(desk: Desk, actor: Actor, kind: str = "") -> list[Place]:
    """Give the papers of one kind or all that nobody printed yet, in paper-tray order, as many as one run takes."""
    return _places(desk, actor, _waits(actor) & ((Document.key == kind) if kind else Document.key != ""), WHOLE)


def chosen(desk: Desk, actor: Actor, papers: Iterable[str]) -> list[Place]:
    """Give the papers of a run that an actor may open, in paper-tray order; others are passed over."""
    return _places(desk, actor, Document.subject.in_(list(papers)[:WHOLE]))


@dataclass(frozen=True, slots=True)
class Queue:
    """How many papers wait to be printed: by kind, by day, and by request (reference and title), the fullest first."""

    kinds: dict[str, int]
    days: list[tuple[date, int]]
    requests: list[tuple[str, str, int]]

    @property
    def count(self) -> int:
        """Count them."""
        return sum(self.kinds.values())


def queue(desk: Desk, actor: Actor, most: int = 30) -> Queue:
    """Count what waits to be printed."""
    request = func.coalesce(Case.request, Case.subject)
    rows = desk.session.execute(
        select(Document.key, Document.owed_at, request.label("request"))
        .join(Case, Case.subject == Document.owner)
        .where(_waits(actor), printing.may_open(desk, actor))
    ).all()
    kinds = Counter(row.key for row in rows)
    days = Counter(bangkok_date(row.owed_at) for row in rows)
    requests = dict(Counter(row.request for row in rows).most_common(most))
    named = select(Case.subject, Case.reference, Case.title).where(
        Case.subject.in_(requests), visible_to(desk, actor)
    )
    told = [(row.reference, row.title, requests[row.subject]) for row in desk.session.execute(named)]
    return Queue(
        kinds={key: kinds[key] for key in DOCUMENTS if key in kinds},
        days=sorted(days.items(), reverse=True)[:most],
        requests=sorted(told, key=lambda one: (-one[2], one[0])),
    )


def _waits(actor: Actor) -> ColumnElement[bool]:
    """An original that is not out yet, and is the actor's to print."""
    own = [key for key, kind in DOCUMENTS.items() if printing.may_take(actor, kind)]
    return Document.state.in_(("owed", "made")) & ~Document.original_out & Document.key.in_(own)


def _standing(desk: Desk, actor: Actor, condition: ColumnElement[bool]) -> list[Place]:
    return _places(desk, actor, condition & (Document.state != "void"))


def _places(
    desk: Desk, actor: Actor, condition: ColumnElement[bool], most: int | None = None
) -> list[Place]:
    found = printing.in_tray_order(desk, actor, condition, most)
    held = printfile.held(desk.session, desk.now(), unlike=actor.account)
    return [
        Place(paper, case, _turn(actor, paper, held), held.get(paper.subject, "")) for paper, case in found
    ]


def _turn(actor: Actor, paper: Document, held: dict[str, str]) -> Turn:
    if paper.state in (Turn.OWED, Turn.VOID):
        return Turn(paper.state)
    if paper.original_out or not printing.may_take_original(actor, paper):
        return Turn.COPY
    return Turn.HELD if paper.subject in held else Turn.ORIGINAL


# a run ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the printer: under which sign, by which user name, about what, bound how, why copies."""

    sign: str
    user_name: str
    about: str
    back: str
    binding: Binding = Binding.PDF
    reason: str = ""


class StillOpen(Exception):
    """A run of the same account waits to be confirmed or thrown away."""


def begin(desk: Desk, actor: Actor, papers: Iterable[str], asked: Asked) -> Run:
    """Begin a run: its originals are held from others, its copies numbered; the same sign gives the same run.

    Raises StillOpen while another run of the account is not confirmed: its clean sheets may lie in the tray.
    """
    with casework.transaction(desk):
        if actor.office:
            lock_chains(desk.session, actor.office)  # two who begin at once share nothing
        last = printfile.find(desk.session, actor.account, desk.now())
        if last is not None and last.sign == asked.sign:
            return last
        if last is not None and last.open:
            raise StillOpen
        places = chosen(desk, actor, papers)
        run = Run(
            sign=asked.sign,
            user_name=asked.user_name,
            name=actor.name,
            about=asked.about,
            back=asked.back,
            binding=asked.binding.value,
            originals=tuple(place.paper.subject for place in places if place.turn is Turn.ORIGINAL),
            copies=tuple(place.paper.subject for place in places if place.turn is Turn.COPY),
        )
        printfile.begin(desk.session, actor.account, run, desk.now())
    items = [Item(paper, Print(copy=_next_copy(desk, paper), reason=asked.reason)) for paper in run.copies]
    for _ in casework.perform_many(desk, actor, "print_copy", items, f"{batch(actor, run.sign)}:copy"):
        pass  # which came to nothing is read from the papers when the file is made
    return run


def batch(actor: Actor, sign: str) -> str:
    """Name the run in the events that it brings about."""
    return f"{actor.account}:{sign}"


def _next_copy(desk: Desk, paper: str) -> int:
    return 1 + sum(done.step == "print_copy" for done in record_of(desk.session, paper).history)


def copy_of(desk: Desk, actor: Actor, run: Run, paper: str) -> int:
    """Give the number that a paper has as a copy of this run; 0 where it got none."""
    counted = event_of_request(desk.session, f"{batch(actor, run.sign)}:copy:{paper}")
    if counted is None:
        return 0
    done = record_of(desk.session, paper).history[counted.envelope.number - 1]
    return getattr(done.evidence, "copy", 0)  # nothing is told of an erased one


def make_file(desk: Desk, actor: Actor, sign: str) -> Run | None:
    """Make the file of a run and keep it, telling how far it is; nothing where the run was thrown away.

    Safe to begin again after it broke off, and to do twice: a file that is there stays.
    """
    run = printfile.find(desk.session, actor.account, desk.now())
    if run is None or run.sign != sign or run.sha256 or not run.open:
        return run if run and run.sign == sign else None
    sheets: list[tuple[Place, bytes]] = []
    left: list[str] = []
    places = chosen(desk, actor, run.papers)
    for some in batched(places, TOLD_EVERY):
        for place in some:
            try:
                sheet = _sheet(desk, actor, run, place)
            except (FileLost, Erased, Tampered):
                sheet = None
            if sheet is None:
                left.append(place.paper.subject)
            else:
                sheets.append((place, sheet))
        with casework.transaction(desk):
            if printfile.change(desk.session, actor.account, sign, desk.now(), done=len(sheets) + len(left)) is None:
                return None
    body = _bound(sheets, Binding(run.binding))
    made = {
        "pages": tuple(_paged(sheets, Binding(run.binding))),
        "left": tuple(left),
        "sha256": sha256(body).hexdigest(),
        "done": len(run.papers),
    }
    with casework.transaction(desk):
        return printfile.change(desk.session, actor.account, sign, desk.now(), body, **made)


def _sheet(desk: Desk, actor: Actor, run: Run, place: Place) -> bytes | None:
    subject = place.paper.subject
    if place.turn is Turn.ORIGINAL and subject in run.originals:
        return printing.kept(desk, record_of(desk.session, subject))
    copy = copy_of(desk, actor, run, subject)
    if not copy or place.turn is Turn.VOID:
        return None
    return pdf.stamp(printing.kept(desk, record_of(desk.session, subject)), f"copy {copy}")


def _bound(sheets: list[tuple[Place, bytes]], binding: Binding) -> bytes:
    if binding is Binding.PDF:
        return pdf.merge([sheet for _, sheet in sheets]) if sheets else b""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as folder:
        for place, (one, sheet) in enumerate(sheets, 1):
            number = re.sub(r"[^A-Za-z0-9]+", "-", one.paper.number)
            folder.writestr(zipfile.ZipInfo(f"{place:04d}-{one.paper.key}-{number}.pdf"), sheet)
    return packed.getvalue()


def _paged(sheets: list[tuple[Place, bytes]], binding: Binding) -> Iterator[tuple[str, int, int]]:
    """Say on which pages of the file each paper is; of files that come apart, which of them it is."""
    last = 0
    for place, sheet in sheets:
        first, last = last + 1, last + (_pages(sheet) if binding is Binding.PDF else 1)
        yield place.paper.subject, first, last


def _pages(sheet: bytes) -> int:
    with pikepdf.open(io.BytesIO(sheet)) as pages:
        return len(pages.pages)


def taken_since(desk: Desk, actor: Actor, run: Run) -> list[Place]:
    """Name the papers in the file of a run that were voided, erased, or handed out apart from it since."""
    bound = [paper for paper, _, _ in run.pages]
    erased = set(desk.session.scalars(_ERASED.where(Document.subject.in_(bound))))
    originals = set(run.originals)

    def stays(place: Place) -> bool:
        fitting = (Turn.ORIGINAL, Turn.HELD) if place.paper.subject in originals else (Turn.COPY,)
        return place.turn in fitting and place.paper.subject not in erased

    return [place for place in chosen(desk, actor, bound) if not stays(place)]


_ERASED = (
    select(Document.subject)
    .join(StoredFile, StoredFile.sha256 == Document.sha256)
    .join(SubjectKey, SubjectKey.subject == StoredFile.subject)
    .where(SubjectKey.destroyed_at.is_not(None))
)
"""Papers that can be read no more: their person's key was destroyed."""


def file_of(desk: Desk, actor: Actor, run: Run) -> bytes | None:
    """Open the file of a run; clean originals come only while nobody has one of them and none was confirmed."""
    if not run.open or not run.sha256 or not run.pages or taken_since(desk, actor, run):
        return None
    body = printfile.body_of(desk.session, actor.account)
    return body if body is not None and sha256(body).hexdigest() == run.sha256 else None


def again(desk: Desk, actor: Actor, sign: str) -> None:
    """Have the file of an open run made anew, without what was voided or handed out meanwhile."""
    with casework.transaction(desk):
        fresh = {"done": 0, "pages": (), "left": (), "sha256": ""}
        printfile.change(desk.session, actor.account, sign, desk.now(), b"", **fresh)


def drop(desk: Desk, actor: Actor) -> None:
    """Throw a run away: nothing is counted, its originals are free for the next."""
    with casework.transaction(desk):
        run = printfile.find(desk.session, actor.account, desk.now())
        if run is not None and run.open:
            printfile.drop(desk.session, actor.account)


def confirm(desk: Desk, actor: Actor, run: Run, in_hand: Iterable[str]) -> list[Result]:
    """Count as handed out the originals whose sheets are in hand; one that another took meanwhile is told.

    Nothing counts before the file is there; a run that was confirmed tells again what it counted.
    """
    printed, wanted = {paper for paper, _, _ in run.pages}, set(in_hand)
    counted = run.confirmed
    if counted is None:
        counted = tuple(paper for paper in run.originals if paper in wanted & printed)
    items = [Item(paper, Print()) for paper in counted]
    sign = f"{batch(actor, run.sign)}:original"
    results = list(casework.perform_many(desk, actor, "print_original", items, sign))
    if run.open and run.sha256:
        with casework.transaction(desk):
            printfile.change(desk.session, actor.account, run.sign, desk.now(), b"", confirmed=counted)
    return results


def spoil(desk: Desk, actor: Actor, run: Run, papers: Iterable[str], reason: str, sign: str) -> list[Result]:
    """Record that sheets of a confirmed run are spoiled, each under its pages of the file: their originals come again."""
    wanted = set(papers) & set(run.confirmed or ())
    items = [
        Item(paper, Print(reason=reason, sheet=str(first) if first == last else f"{first}-{last}"))
        for paper, first, last in run.pages
        if paper in wanted
    ]
    return list(casework.perform_many(desk, actor, "spoil_sheet", items, f"{actor.account}:{sign}:spoil"))


def on_pages(run: Run, pages: Iterable[int]) -> set[str]:
    """Say which papers of a run have a sheet on some pages of its file."""
    wanted = set(pages)
    return {paper for paper, first, last in run.pages if wanted.intersection(range(first, last + 1))}
