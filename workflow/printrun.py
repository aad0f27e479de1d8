"""A run of papers through the printer: the file is a view, an original counts when the sheet is in hand.

Papers whose original is out come as numbered copies, counted when the file is asked for; papers still owed
are named and wait. Everything is done under the sign of the run, so that a run is safe to repeat.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, select

import pdf
from workflow import casework, printing
from workflow.auditing import bounds
from workflow.casework import Item, Result
from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.documents import DOCUMENTS
from workflow.domain.paper import Print
from workflow.store.chain import event_of_request
from workflow.store.history import record_of
from workflow.store.projections import Case, Document
from workflow.visibility import visible_to

MOST = 200
"""The originals of one run, and as many copies: about ten minutes of an office printer for each."""


class Turn(StrEnum):
    """What a paper is in a run."""

    ORIGINAL = "original"
    """Its first sheet out."""
    COPY = "copy"
    """Its original is out, or is another's to print: it comes as a numbered copy."""
    OWED = "owed"
    """Not made yet: named, and left for the next run."""
    VOID = "void"
    """Voided since it was chosen: its sheet counts for nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """One paper in the tray: the case that it belongs to, and what it is in this run."""

    paper: Document
    case: Case
    turn: Turn

    @property
    def title(self) -> str:
        """Name the kind of paper."""
        return DOCUMENTS[self.paper.key].title


def of_case(desk: Desk, actor: Actor, case: Case) -> list[Place]:
    """Give the papers of a case, of a request with those of its workers, in paper-tray order."""
    workers = select(Case.subject).where(Case.request == case.subject, visible_to(desk, actor))
    return _standing(desk, actor, Document.owner.in_([case.subject, *desk.session.scalars(workers)]))


def of_day(desk: Desk, actor: Actor, on: date) -> list[Place]:
    """Give the papers that came about on a day, in paper-tray order."""
    begin, end = bounds(on, on)
    return _standing(desk, actor, (Document.owed_at >= begin) & (Document.owed_at < end))


def chosen(desk: Desk, actor: Actor, papers: Iterable[str]) -> list[Place]:
    """Give the papers of a run that an actor may open, in paper-tray order; others are passed over."""
    return _places(desk, actor, Document.subject.in_(list(papers)[: 2 * MOST]))


def _standing(desk: Desk, actor: Actor, condition: ColumnElement[bool]) -> list[Place]:
    return _places(desk, actor, condition & (Document.state != "void"))


def _places(desk: Desk, actor: Actor, condition: ColumnElement[bool]) -> list[Place]:
    found = printing.in_tray_order(desk, actor, condition)
    return [Place(paper, case, _turn(actor, paper)) for paper, case in found]


def _turn(actor: Actor, paper: Document) -> Turn:
    if paper.state in (Turn.OWED, Turn.VOID):
        return Turn(paper.state)
    taken = paper.original_out or not printing.may_take_original(actor, paper)
    return Turn.COPY if taken else Turn.ORIGINAL


def count_copies(
    desk: Desk, actor: Actor, places: Iterable[Place], batch: str, reason: str
) -> Iterator[Result]:
    """Number a copy of each paper whose original is out, once in a run."""
    items = [
        Item(place.paper.subject, Print(copy=_next_copy(desk, place.paper.subject), reason=reason))
        for place in places
        if place.turn is Turn.COPY
    ]
    return casework.perform_many(desk, actor, "print_copy", items, f"{batch}:copy")


def _next_copy(desk: Desk, paper: str) -> int:
    return 1 + sum(done.step == "print_copy" for done in record_of(desk.session, paper).history)


def file_of(desk: Desk, places: Iterable[Place], batch: str) -> bytes | None:
    """Bind the sheets of a run into one file: clean originals that nobody has yet, and its numbered copies."""
    sheets = [sheet for place in places if (sheet := _sheet(desk, place, batch)) is not None]
    return pdf.merge(sheets) if sheets else None


def _sheet(desk: Desk, place: Place, batch: str) -> bytes | None:
    record = record_of(desk.session, place.paper.subject)
    if place.turn in (Turn.OWED, Turn.VOID):
        return None
    if place.turn is Turn.ORIGINAL:
        return printing.kept(desk, record)
    counted = event_of_request(desk.session, f"{batch}:copy:{place.paper.subject}")
    if counted is None:
        return None
    copy = record.history[counted.envelope.number - 1].evidence.copy
    return pdf.stamp(printing.kept(desk, record), f"copy {copy}")


def confirm(desk: Desk, actor: Actor, papers: Iterable[Place], batch: str) -> Iterator[Result]:
    """Count as handed out the originals whose sheets are in hand; one that another took meanwhile is told."""
    items = [
        Item(place.paper.subject, Print())
        for place in papers
        if printing.may_take_original(actor, place.paper)
    ]
    return casework.perform_many(desk, actor, "print_original", items, f"{batch}:original")
