"""One box for everything: people in any script, pass, reference and foreigner number, receipts, papers, permits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import Blueprint, render_template, request
from sqlalchemy import ColumnElement, func, or_, select

from workflow import paperwork
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.documents import DOCUMENTS
from workflow.domain.names import clean_text
from workflow.domain.thai import arabic_digits, bangkok_date
from workflow.domain.words import N_
from workflow.ledgers import FEES
from workflow.store.projections import Case, Document, FeeLine, OfficialNumber
from workflow.visibility import visible_to
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.listing import Listing, Wanted, listing
from workflow.web.reading import note_look

search = Blueprint("search", __name__)

MOST = 50
SHORTEST = 2
SEARCHERS = (Role.OFFICER, Role.REGISTRAR, Role.AUDITOR, Role.CASHIER)


@dataclass(frozen=True, slots=True)
class Found:
    """A number that was found: what kind, the number, the case that it belongs to."""

    kind: str
    number: str
    case: Case
    paper: str = ""
    on: date | None = None
    amount: Decimal | None = None


@search.get("/search")
@allow(*SEARCHERS)
@in_menu(N_("Search"), order=15)
def find() -> str:
    """Find people and numbers, as far as the searcher may see their cases."""
    words = clean_text(request.args.get("q", ""))[:100]
    at, actor = desk(), current_actor()
    asked = len(words) >= SHORTEST
    people = listing(at, actor, Wanted(words=words)) if asked else Listing([], 0, 1, [])
    found = list(numbers(at, actor, words)) if asked else []
    if asked:
        note_look("search", "search", "search", people.count + len(found))
    return render_template(
        "search.html",
        words=words,
        asked=asked,
        people=people,
        found=found[: MOST * 3],
        most=MOST,
        more=people.count > MOST,
        on=bangkok_date(at.now()),
    )


def numbers(at: Desk, actor: Actor, words: str) -> Iterator[Found]:
    """Find receipts, papers and permits by a part of their numbers, however they are spaced."""
    typed = folded(words)
    if not any(character.isdigit() for character in typed):
        return
    mine = visible_to(at, actor)
    yield from _papers(at, actor, typed, mine)
    yield from _receipts(at, typed, mine)
    if actor.role is not Role.CASHIER:
        yield from _permits(at, typed, mine)


def folded(words: str) -> str:
    """Write a number as it is compared: Arabic digits, capitals, no spaces, colons or hyphens."""
    return "".join(c for c in arabic_digits(words).upper() if c not in " :-")


def _holds(column: ColumnElement[str], typed: str) -> ColumnElement[bool]:
    plain = func.replace(func.replace(func.replace(func.upper(column), " ", ""), ":", ""), "-", "")
    return plain.contains(typed, autoescape=True)


def _papers(at: Desk, actor: Actor, typed: str, mine: ColumnElement[bool]) -> Iterator[Found]:
    keys = [key for key in DOCUMENTS if paperwork.may_open(key, actor.role)]
    same = or_(_holds(Document.number, typed), _holds(Document.code, typed) if len(typed) > 7 else False)
    rows = at.session.execute(
        select(Document, Case)
        .join(Case, Case.subject == Document.owner)
        .where(Document.key.in_(keys), same, mine)
        .order_by(Document.owed_at.desc())
        .limit(MOST)
    )
    for row in rows:
        paper = row.Document
        yield Found(
            DOCUMENTS[paper.key].title, paper.number, row.Case, paper.subject, bangkok_date(paper.owed_at)
        )


def _receipts(at: Desk, typed: str, mine: ColumnElement[bool]) -> Iterator[Found]:
    rows = at.session.execute(
        select(FeeLine, Case)
        .join(Case, Case.subject == FeeLine.application)
        .where(_holds(FeeLine.receipt, typed), mine)
        .order_by(FeeLine.paid_on.desc())
        .limit(MOST)
    )
    for row in rows:
        fee = row.FeeLine
        yield Found(FEES.get(fee.fee, fee.fee), fee.receipt, row.Case, on=fee.paid_on, amount=fee.amount)


def _permits(at: Desk, typed: str, mine: ColumnElement[bool]) -> Iterator[Found]:
    rows = at.session.execute(
        select(OfficialNumber.value, Case)
        .join(Case, Case.subject == OfficialNumber.subject)
        .where(OfficialNumber.kind == "permit", _holds(OfficialNumber.value, typed), mine)
        .order_by(Case.reference)
        .limit(MOST)
    )
    for row in rows:
        yield Found(N_("Work permit"), row.value.replace(":", " ").strip(), row.Case)
