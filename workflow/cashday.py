"""The cashier's day: what was taken on which receipt, what became void, what is to be paid back, in one sum."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

import pdf
from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.application import Payment, ReceiptSource
from workflow.domain.flows import FLOWS
from workflow.domain.record import Done, Record
from workflow.domain.thai import bangkok_date
from workflow.ledgers import parts
from workflow.paperwork import FEES
from workflow.store.history import record_of
from workflow.store.projections import Case, FeeLine, RegisterEntry
from workflow.visibility import visible_to
from workflow.workingprint import heading

PRINT = "cashier_day"
STEPS = {fee: step for step, fee in FEES.items()}


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose money of a day is meant: one cashier's or all, one office's or all."""

    on: date
    cashier: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One fee on one receipt; `void` is the number that a correction took out of use."""

    book: str
    number: str
    portal: bool
    fee: str
    amount: Decimal
    payer: str
    case: Case
    cashier: str
    taker: str
    void: str
    to_pay_back: bool


@dataclass(frozen=True, slots=True)
class PayBack:
    """A fee that came to be paid back on the day, because the case ended before the permit."""

    case: Case
    fee: str
    amount: Decimal
    receipt: str


@dataclass(frozen=True, slots=True)
class CashDay:
    """A day's money: receipts in the order of their numbers, what is to be paid back, who took it, where."""

    choice: Choice
    receipts: list[Receipt] = field(default_factory=list)
    pay_back: list[PayBack] = field(default_factory=list)
    cashiers: dict[str, str] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """Add up what was taken."""
        return sum((receipt.amount for receipt in self.receipts), Decimal())

    @property
    def count(self) -> int:
        """Count the receipts; one may stand for the fees of many."""
        return len({(receipt.book, receipt.number) for receipt in self.receipts})

    @property
    def by_cashier(self) -> list[tuple[str, Decimal]]:
        """Add up what each cashier took."""
        return [
            (name, sum((one.amount for one in self.receipts if one.taker == person), Decimal()))
            for person, name in self.cashiers.items()
            if any(one.taker == person for one in self.receipts)
        ]


def day_of(desk: Desk, actor: Actor, choice: Choice) -> CashDay:
    """Gather a day of the offices that an actor sees."""
    every = sorted(_taken(desk, actor, choice.on), key=_place)
    kept = [
        one for one in every if choice.cashier in ("", one.taker) and choice.office in ("", one.case.office)
    ]
    back = [one for one in _pay_back(desk, actor, choice.on) if choice.office in ("", one.case.office)]
    offices = sorted({one.case.office for one in (*every, *back)})
    return CashDay(
        choice=choice,
        receipts=kept,
        pay_back=back,
        cashiers={one.taker: one.cashier for one in every},
        offices={office: _office_name(desk, office) for office in offices},
    )


def days_before(desk: Desk, actor: Actor, before: date, most: int = 10) -> list[tuple[date, Decimal]]:
    """List the latest earlier days on which money was taken, each with its sum."""
    rows = (
        select(FeeLine.paid_on, func.sum(FeeLine.amount))
        .join(Case, Case.subject == FeeLine.application)
        .where(FeeLine.paid_on < before, visible_to(desk, actor))
        .group_by(FeeLine.paid_on)
        .order_by(FeeLine.paid_on.desc())
    )
    return [(on, total) for on, total in desk.session.execute(rows.limit(most))]


def _taken(desk: Desk, actor: Actor, on: date) -> Iterator[Receipt]:
    for line, case in _lines(desk, actor, FeeLine.paid_on == on):
        done = record_of(desk.session, case.subject).last(STEPS[line.fee])
        if done is not None:
            yield _receipt(line, case, done)


def _lines(desk: Desk, actor: Actor, wanted: Any) -> list[tuple[FeeLine, Case]]:
    rows = desk.session.execute(
        select(FeeLine, Case)
        .join(Case, Case.subject == FeeLine.application)
        .where(wanted, visible_to(desk, actor))
    )
    return [(row.FeeLine, row.Case) for row in rows]


def _receipt(line: FeeLine, case: Case, done: Done) -> Receipt:
    paid: Payment = done.evidence
    first = done.original if isinstance(done.original, Payment) else paid
    return Receipt(
        book=paid.receipt_book,
        number=paid.receipt_number,
        portal=paid.receipt_source is ReceiptSource.PORTAL,
        fee=line.fee,
        amount=paid.amount,
        payer=paid.paid_by,
        case=case,
        cashier=done.name,
        taker=done.person,
        void=_written(first) if _written(first) != _written(paid) else "",
        to_pay_back=line.status == "refund_due",
    )


def _written(paid: Payment) -> str:
    return f"{paid.receipt_book} {paid.receipt_number}".strip()


def _place(receipt: Receipt) -> tuple[str, str, str, int, str]:
    return receipt.book, *parts(receipt.number), receipt.case.reference


def _pay_back(desk: Desk, actor: Actor, on: date) -> Iterator[PayBack]:
    finals = {state.value for state in FLOWS["application"].states if state.final}
    for line, case in _lines(desk, actor, FeeLine.status == "refund_due"):
        if _ended_on(record_of(desk.session, case.subject), finals) == on:
            yield PayBack(case, line.fee, line.amount, line.receipt or "")


def _ended_on(record: Record, finals: Iterable[str]) -> date | None:
    ended = next((done for done in record.history if done.target in finals), None)
    return bangkok_date(ended.happened_at) if ended else None


def _office_name(desk: Desk, office: str) -> str:
    return desk.session.scalar(select(RegisterEntry.name).filter_by(subject=office)) or ""


# on paper -----------------------------------------------------------------------------------


def printed(desk: Desk, actor: Actor, day: CashDay, handed_to: str) -> bytes:
    """Print the day list with its sum in figures and in words, to be signed by who hands over and who receives."""
    return pdf.render(PRINT, day_record(desk, actor, day, handed_to))


def day_record(desk: Desk, actor: Actor, day: CashDay, handed_to: str) -> dict[str, Any]:
    """Gather what the print of a day says."""
    return {
        **heading(desk, actor, day.choice.office or actor.office),
        "cash_day": {
            "on": day.choice.on.isoformat(),
            "cashier": day.cashiers.get(day.choice.cashier, ""),
            "handed_to": handed_to,
            "count": day.count,
            "total": f"{day.total:.2f}",
            "receipts": [_receipt_line(receipt) for receipt in day.receipts],
            "pay_back": [
                {
                    "fee": one.fee,
                    "amount": f"{one.amount:.2f}",
                    "receipt": one.receipt,
                    "case": one.case.reference,
                }
                for one in day.pay_back
            ],
            "by_cashier": [{"name": name, "amount": f"{amount:.2f}"} for name, amount in day.by_cashier],
        },
    }


def _receipt_line(receipt: Receipt) -> dict[str, Any]:
    return {
        "book": receipt.book,
        "number": receipt.number,
        "portal": receipt.portal,
        "fee": receipt.fee,
        "amount": f"{receipt.amount:.2f}",
        "payer": receipt.payer,
        "case": receipt.case.reference,
        "title": receipt.case.title,
        "void": receipt.void,
        "to_pay_back": receipt.to_pay_back,
    }
