"""The registers of some days, numbers in order and each gap explained: permits issued, receipts taken."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from workflow.auditing import bounds
from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.store.projections import Account, Case, Document, FeeLine, OfficialNumber
from workflow.visibility import visible_to

OURS = {"permits": "permit_record", "fee_records": "fee_receipt"}
"""The registers of papers that the office numbers itself, by the paper's key."""
KINDS = {
    "permits": N_("Permits issued"),
    "receipts": N_("Receipts"),
    "fee_records": N_("Our records of fees paid"),
}
NUMBER = re.compile(r"(?P<series>.*?)\s*(?P<number>\d+)(?P<year>/\d{4})?")
MOST_NAMED = 20
ELSEWHERE = N_("Entered on another day, or at another office: %(day)s.")
NOT_ENTERED = N_("Not entered here: a void or spoiled receipt, or one for other money. See the receipt book.")
MISSING = N_("Not in the register of papers: erased, or missing. Verify the office.")

FEES = {"application_fee": N_("Application fee"), "permit_fee": N_("Permit fee")}
STATES = {
    "due": N_("Due"),
    "paid": N_("Paid"),
    "lapsed": N_("Lapsed"),
    "refund_due": N_("To be paid back"),
    "void": N_("Void"),
    "owed": N_("Being made"),
    "made": N_("Made"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One number of a register: what it stands on, for whose case, how it stands."""

    number: str
    on: date
    case: str
    title: str
    about: str
    state: str
    amount: Decimal | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that are not among those of the days: from, to, how many, and why as far as the store knows."""

    first: str
    last: str
    count: int
    text: str
    values: dict[str, object]


def ledger(desk: Desk, actor: Actor, kind: str, first: date, last: date) -> list[Line | Gap]:
    """Give a register of some days, numbers in order, with every gap between them."""
    lines = (
        _papers(desk, actor, OURS[kind], first, last) if kind in OURS else _receipts(desk, actor, first, last)
    )
    return list(with_gaps(desk, sorted(lines, key=_place), kind))


def total(lines: Iterable[Line | Gap]) -> Decimal:
    """Add up what was taken; a receipt that covers several fees stands on several lines."""
    return sum((line.amount for line in lines if isinstance(line, Line) and line.amount), Decimal())


def _papers(desk: Desk, actor: Actor, key: str, first: date, last: date) -> Iterator[Line]:
    begin, end = bounds(first, last)
    official = select(OfficialNumber.value).where(
        OfficialNumber.kind == "permit", OfficialNumber.subject == Case.subject
    )
    rows = desk.session.execute(
        select(Document, Case, official.scalar_subquery().label("official"))
        .join(Case, Case.subject == Document.owner)
        .where(
            Document.key == key, Document.owed_at >= begin, Document.owed_at < end, visible_to(desk, actor)
        )
    )
    for row in rows:
        paper, case = row.Document, row.Case
        about = (row.official or "").replace(":", " ").strip() if key == OURS["permits"] else ""
        yield Line(paper.number, bangkok_date(paper.owed_at), case.reference, case.title, about, paper.state)


def _receipts(desk: Desk, actor: Actor, first: date, last: date) -> Iterator[Line]:
    rows = desk.session.execute(
        select(FeeLine, Case)
        .join(Case, Case.subject == FeeLine.application)
        .where(FeeLine.paid_on >= first, FeeLine.paid_on <= last, visible_to(desk, actor))
    ).all()
    takers = select(Account.person, Account.name).where(
        Account.person.in_({row.FeeLine.cashier for row in rows})
    )
    names = {row.person: row.name for row in desk.session.execute(takers)}
    for row in rows:
        fee, case = row.FeeLine, row.Case
        yield Line(
            fee.receipt or "",
            fee.paid_on,
            case.reference,
            case.title,
            FEES.get(fee.fee, fee.fee),
            fee.status,
            fee.amount,
            names.get(fee.cashier or "", ""),
        )


def _place(line: Line) -> tuple[str, str, int]:
    series, year, number = parts(line.number)
    return series, year, number


def parts(written: str) -> tuple[str, str, int]:
    """Take a number apart: the series or book, the year, the running number."""
    found = NUMBER.fullmatch(written.strip())
    if found is None:
        return written, "", 0
    return found["series"], found["year"] or "", int(found["number"])


def with_gaps(desk: Desk, lines: list[Line], kind: str) -> Iterator[Line | Gap]:
    """Put between two lines of a series whatever numbers are missing there."""
    before: Line | None = None
    for line in lines:
        if before is not None:
            yield from _gap(desk, before, line, kind)
        yield line
        before = line


def _gap(desk: Desk, before: Line, after: Line, kind: str) -> Iterator[Gap]:
    (series, year, low), (other, other_year, high) = parts(before.number), parts(after.number)
    if (series, year) != (other, other_year) or high <= low + 1:
        return
    few = range(low + 1, min(high, low + 1 + MOST_NAMED))
    missing = [_like(before, number) for number in few]
    known = dict(_elsewhere(desk, missing, kind))
    if high - low - 1 > MOST_NAMED:
        text = N_("Not used in these days; too many to name each.")
        yield Gap(missing[0], _like(after, high - 1), high - low - 1, text, {})
        return
    for number in missing:
        yield _explained(number, known.get(number), kind)


def _like(line: Line, number: int) -> str:
    """Write another number of the same series in the same way, with its leading noughts."""
    found = NUMBER.fullmatch(line.number.strip())
    assert found is not None
    return (
        line.number.strip()[: found.start("number")]
        + f"{number:0{len(found['number'])}}"
        + (found["year"] or "")
    )


def _elsewhere(desk: Desk, numbers: list[str], kind: str) -> Iterator[tuple[str, date]]:
    if kind in OURS:
        papers = select(Document.number, Document.owed_at).where(Document.number.in_(numbers))
        yield from ((row.number, bangkok_date(row.owed_at)) for row in desk.session.execute(papers))
    else:
        paid = select(FeeLine.receipt, FeeLine.paid_on).where(FeeLine.receipt.in_(numbers))
        yield from ((row.receipt, row.paid_on) for row in desk.session.execute(paid))


def _explained(number: str, on: date | None, kind: str) -> Gap:
    if on is not None:
        return Gap(number, number, 1, ELSEWHERE, {"day": on})
    return Gap(number, number, 1, MISSING if kind in OURS else NOT_ENTERED, {})
