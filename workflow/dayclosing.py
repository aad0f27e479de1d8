"""The day-closing sheet (P33): numbers given, voids, money, prints and where the chain stands, signed by two pens.

What is written on the sheet of an earlier day is what a later verification is held against: paper cannot be rewritten.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

import pdf
from workflow import cashday, ledgers
from workflow.auditing import Proof, bounds, on_days, proof_of
from workflow.cashday import CashDay, Choice
from workflow.desk import SYSTEM_CHAIN, Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.documents import DOCUMENTS, PAPER_SIGNS, SHARED_SERIES
from workflow.domain.evidence import Ask, questions
from workflow.domain.flows import FLOWS
from workflow.domain.references import SERIES
from workflow.domain.words import N_
from workflow.ledgers import Gap, Line
from workflow.store.chain import Envelope, heads
from workflow.store.counters import NUMBER
from workflow.store.history import record_of
from workflow.store.links import Breach
from workflow.store.projections import Document, RegisterEntry
from workflow.store.truth import EventRow
from workflow.store.verify import verify_part
from workflow.workingprint import heading

PRINT, REGISTER = "day_closing", "register_extract"
LINES_A_PAGE = 16
"""Lines of a register on one page of the print, which sums them at its foot."""
WRITTEN = 32
"""Signs of a hash that stand on the sheet: half of them, which nobody can hit upon by trying."""
MARK = re.compile(r"([^\s/]+)/(\d{1,12})/([0-9a-f]{16,64})")
SHEETS = ("print_original", "print_copy", "spoil_sheet", "print_audit_copy")
Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Given:
    """One series of numbers of a day: the first and the last that was given, and how many."""

    series: str
    first: str
    last: str
    count: int


@dataclass(frozen=True, slots=True)
class Voided:
    """A paper that was voided on the day, by its number, with the reason."""

    key: str
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """Where a chain stood when the day ended: its last event and the hash of that."""

    chain: str
    seq: int
    hash: str

    @property
    def mark(self) -> str:
        """Write it as it stands on the sheet and is typed from it."""
        return f"{self.chain}/{self.seq}/{self.hash[:WRITTEN]}"


@dataclass(frozen=True, slots=True)
class Closing:
    """A day of an office; `prints` counts by kind of paper and step."""

    office: RegisterEntry
    on: date
    events: int
    given: list[Given]
    voided: list[Voided]
    prints: dict[str, Counter[str]]
    money: CashDay
    ends: list[End]

    def printed(self, step: str) -> int:
        """Count the sheets of one step."""
        return sum(counted[step] for counted in self.prints.values())


def closing_of(desk: Desk, actor: Actor, office: RegisterEntry, on: date) -> Closing:
    """Gather a day of an office from its events."""
    envelopes = list(_envelopes(desk, office.subject, on))
    about = {one.subject for one in envelopes if one.flow == "paper"}
    asked = select(Document.subject, Document.key, Document.number).where(Document.subject.in_(about))
    papers = {row.subject: row for row in desk.session.execute(asked)}
    prints: dict[str, Counter[str]] = {}
    for one in envelopes:
        if one.step in SHEETS and one.subject in papers:
            prints.setdefault(papers[one.subject].key, Counter())[one.step] += 1
    return Closing(
        office=office,
        on=on,
        events=len(envelopes),
        given=list(_given(envelopes)),
        voided=[
            Voided(papers[one.subject].key, papers[one.subject].number, _reason(desk, one))
            for one in envelopes
            if one.step == "void_paper" and one.subject in papers
        ],
        prints={key: prints[key] for key in DOCUMENTS if key in prints},
        money=cashday.day_of(desk, actor, Choice(on, office=office.subject)),
        ends=[end for chain in (office.subject, SYSTEM_CHAIN) if (end := _end(desk, chain, on))],
    )


def _envelopes(desk: Desk, chain: str, on: date) -> Iterator[Envelope]:
    asked = select(EventRow.bytes).where(EventRow.chain == chain, on_days(on, on)).order_by(EventRow.seq)
    yield from (Envelope.read(json.loads(stored)["event"]) for stored in desk.session.scalars(asked))


def _given(envelopes: Iterable[Envelope]) -> Iterator[Given]:
    """Numbers of two years (the new year's first day, numbers entered late) are two series."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for one in envelopes:
        for series, written in (one.numbers or {}).items():
            for number in written if isinstance(written, list) else (written,):
                parts = NUMBER.fullmatch(number)
                if parts:
                    found.setdefault((series, parts[2]), []).append((int(parts[1]), number))
    for (series, _), numbers in sorted(found.items()):
        yield Given(series, min(numbers)[1], max(numbers)[1], len(numbers))


def _reason(desk: Desk, envelope: Envelope) -> str:
    done = record_of(desk.session, envelope.subject).history[envelope.number - 1]
    return str(getattr(done.evidence, "reason", ""))


def _end(desk: Desk, chain: str, on: date) -> End | None:
    _, end = bounds(on, on)
    asked = select(EventRow.seq, EventRow.hash).where(EventRow.chain == chain, EventRow.recorded_at < end)
    row = desk.session.execute(asked.order_by(EventRow.seq.desc()).limit(1)).one_or_none()
    return End(chain, row.seq, row.hash.hex()) if row else None


def series_label(series: str, say: Say) -> str:
    """Name a series: after the papers that it numbers, the kind of case, or the field that states the number."""
    if series in PAPER_SIGNS:
        first = next(paper.title for paper in DOCUMENTS.values() if paper.series == series)
        return say(SHARED_SERIES.get(series, first))
    if series in FLOWS:
        return say(FLOWS[series].label)
    return ": ".join(say(label) for label in _STATED[series])


_STATED = {
    str(question.options): (flow.label, question.label)
    for flow in FLOWS.values()
    for row in flow.steps
    for question in questions(row.evidence).values()
    if question.ask is Ask.GIVEN and question.options
}
"""The series whose numbers a step states in its evidence: whose step, and the label of the field."""


def sign_of(series: str) -> str:
    """Give the short sign under which the numbers of a series are written; nothing where they have none."""
    return PAPER_SIGNS.get(series) or SERIES.get(series, "")


# verification against a sheet -------------------------------------------------------------------


def read_mark(typed: str) -> End | None:
    """Read what was typed from a sheet, chain / number / hash, spaces or not; None where it is none."""
    found = MARK.fullmatch(re.sub(r"\s+", "", typed))
    return End(found[1], int(found[2]), found[3]) if found else None


def verify_since(desk: Desk, mark: End) -> Proof:
    """Verify a chain from the event that a sheet names to its end, and that event against the paper."""
    since = (EventRow.chain == mark.chain) & (EventRow.seq >= mark.seq)
    proof = proof_of(verify_part(desk.session, since))
    proof.breaches += _against(desk, mark, proof)
    return proof


def _against(desk: Desk, mark: End, proof: Proof) -> Iterator[Breach]:
    place, last = f"{mark.chain} {mark.seq}", heads(desk.session).get(mark.chain)
    asked = select(EventRow.hash).filter_by(chain=mark.chain, seq=mark.seq)
    stored = desk.session.scalar(asked)
    if stored is None:
        yield Breach(place, N_("is on the sheet, but not in the register"))
    elif not stored.hex().startswith(mark.hash):
        yield Breach(place, N_("has another hash than the sheet"))
    counted = last.seq - mark.seq + 1 if last else 0
    if stored is not None and proof.events != counted:
        values = {"events": proof.events, "end": last.seq if last else 0}
        yield Breach(mark.chain, N_("has %(events)s events since the sheet, though it ends at %(end)s"), values)


# on paper ---------------------------------------------------------------------------------------


def printed(desk: Desk, actor: Actor, closing: Closing, say: Say) -> bytes:
    """Print the sheet of a day; an auditor's print is marked as an audit copy."""
    return _marked(actor, pdf.render(PRINT, sheet_record(desk, actor, closing, say)))


def _marked(actor: Actor, body: bytes) -> bytes:
    return pdf.stamp(body, "audit copy") if actor.role is Role.AUDITOR else body


def sheet_record(desk: Desk, actor: Actor, closing: Closing, say: Say) -> dict[str, Any]:
    """Gather what the sheet of a day says; `say` speaks Thai."""
    money = closing.money
    return {
        **heading(desk, actor, closing.office.subject),
        "closing": {
            "on": closing.on.isoformat(),
            "events": closing.events,
            "series": [
                {
                    "label": series_label(one.series, say),
                    "sign": sign_of(one.series),
                    "first": one.first,
                    "last": one.last,
                    "count": one.count,
                }
                for one in closing.given
            ],
            "voided": [
                {"label": say(DOCUMENTS[one.key].title), "number": one.number, "reason": one.reason}
                for one in closing.voided
            ],
            "receipts": [
                {
                    "number": f"{one.book} {one.number}".strip(),
                    "amount": f"{one.amount:.2f}",
                    "void": one.void,
                    "cashier": one.cashier,
                }
                for one in money.receipts
            ],
            "count": money.count,
            "total": f"{money.total:.2f}",
            "prints": [
                {"label": say(DOCUMENTS[key].title), **{step: counted[step] for step in SHEETS}}
                for key, counted in closing.prints.items()
            ],
            "ends": [
                {"chain": end.chain, "seq": end.seq, "hash": end.hash, "mark": end.mark}
                for end in closing.ends
            ],
        },
    }


def register_printed(
    desk: Desk, actor: Actor, kind: str, days: tuple[date, date], say: Say, explained: Callable[[Gap], str]
) -> bytes:
    """Print a register of some days, numbers in order, every gap explained, each page summed."""
    lines = ledgers.ledger(desk, actor, kind, *days)
    return _marked(actor, pdf.render(REGISTER, register_record(desk, actor, kind, days, lines, say, explained)))


def register_record(
    desk: Desk,
    actor: Actor,
    kind: str,
    days: tuple[date, date],
    lines: list[Line | Gap],
    say: Say,
    explained: Callable[[Gap], str],
) -> dict[str, Any]:
    """Gather what the print of a register says, page by page."""
    pages = [lines[first : first + LINES_A_PAGE] for first in range(0, len(lines), LINES_A_PAGE)]
    written = [line for line in lines if isinstance(line, Line)]
    return {
        **heading(desk, actor, actor.office),
        "register": {
            "title": say(ledgers.KINDS[kind]),
            "first": days[0].isoformat(),
            "last": days[1].isoformat(),
            "money": kind == "receipts",
            "pages": [
                {"lines": [_line(line, say, explained) for line in page], "sum": f"{ledgers.total(page):.2f}"}
                for page in pages
            ],
            "count": len(written),
            "gaps": sum(line.count for line in lines if isinstance(line, Gap)),
            "total": f"{ledgers.total(lines):.2f}",
        },
    }


def _line(line: Line | Gap, say: Say, explained: Callable[[Gap], str]) -> dict[str, Any]:
    if isinstance(line, Gap):
        numbers = line.first if line.count == 1 else f"{line.first} – {line.last}"
        return {"gap": True, "number": numbers, "why": explained(line)}
    return {
        "gap": False,
        "number": line.number,
        "on": line.on.isoformat(),
        "case": line.case,
        "title": line.title,
        "about": say(line.about) if line.about else "",
        "state": say(ledgers.STATES.get(line.state, line.state)),
        "amount": "" if line.amount is None else f"{line.amount:.2f}",
        "by": line.by,
    }
