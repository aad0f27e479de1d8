"""What an auditor looks at beside the case itself: the days of an office, the proof of a file, the registers."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

import pdf
from workflow import printing
from workflow.casework import Act
from workflow.desk import SYSTEM_CHAIN, Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.documents import DOCUMENTS
from workflow.domain.flows import FLOWS, step_label
from workflow.domain.record import Record
from workflow.domain.thai import BANGKOK
from workflow.domain.words import N_
from workflow.store.access import chain_of
from workflow.store.chain import Envelope, heads
from workflow.store.files import FileLost, open_file
from workflow.store.history import record_of
from workflow.store.links import Breach
from workflow.store.payloads import Erased, Tampered
from workflow.store.projections import Account, Case, Document, RegisterEntry
from workflow.store.truth import AccessRow, EventRow
from workflow.store.verify import Verdict, verify_part
from workflow.visibility import offices_of
from workflow.workingprint import heading

INDEX = "case_file_index"
Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as an auditor reads it: where it stands in its chain, its hash, who did what to which subject."""

    seq: int
    hash: str
    envelope: Envelope
    who: str
    about: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One reading of personal data: who, as what, when, what for, how many."""

    person: str
    role: str
    office: str
    subject: str
    purpose: str
    read_at: datetime
    count: int


@dataclass(slots=True)
class Proof:
    """What a verification of a part looked at and found."""

    events: int = 0
    papers: int = 0
    erased: int = 0
    breaches: list[Breach] = field(default_factory=list)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Say whether everything is as it was stored."""
        return not self.breaches


# offices and days ---------------------------------------------------------------------------


def offices_in_view(desk: Desk, actor: Actor) -> list[RegisterEntry]:
    """List the offices that an auditor reads; one whose account names no office reads all."""
    wanted = select(RegisterEntry).filter_by(register="office").order_by(RegisterEntry.name)
    if actor.province:
        wanted = wanted.where(RegisterEntry.subject.in_(offices_of(desk, actor.province)))
    return list(desk.session.scalars(wanted))


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Give the moments between which some days of Bangkok lie."""
    begin = datetime.combine(first, time(), BANGKOK).astimezone(UTC)
    return begin, datetime.combine(last + timedelta(days=1), time(), BANGKOK).astimezone(UTC)


def on_days(first: date, last: date) -> ColumnElement[bool]:
    """Say that an event was recorded on some days."""
    begin, end = bounds(first, last)
    return (EventRow.recorded_at >= begin) & (EventRow.recorded_at < end)


def count_of_day(desk: Desk, chain: str, on: date) -> int:
    """Count the events of a chain on a day."""
    return desk.session.scalar(select(func.count()).where(EventRow.chain == chain, on_days(on, on))) or 0


def entries_of_day(desk: Desk, chains: Iterable[str], on: date, most: int) -> list[Entry]:
    """List the events of some chains on a day, the newest first; those of the accounts and rules among them."""
    condition = EventRow.chain.in_([*chains, SYSTEM_CHAIN]) & on_days(on, on)
    return list(_entries(desk, condition, EventRow.position.desc(), most))


def entries_of(desk: Desk, subject: str) -> list[Entry]:
    """List the events of a case, the oldest first."""
    return list(_entries(desk, EventRow.subject == subject, EventRow.number, 5000))


def _entries(desk: Desk, condition: ColumnElement[bool], order: Any, most: int) -> Iterator[Entry]:
    rows = desk.session.execute(
        select(EventRow.seq, EventRow.hash, EventRow.bytes).where(condition).order_by(order).limit(most)
    ).all()
    read = [(row, Envelope.read(json.loads(row.bytes)["event"])) for row in rows]
    named = _names(desk, {envelope.subject for _, envelope in read})
    private = _private(desk, {envelope.account for _, envelope in read if not envelope.name})
    for row, envelope in read:
        who = envelope.name or private.get(envelope.account or "", "")
        yield Entry(row.seq, row.hash.hex(), envelope, who, *named.get(envelope.subject, ("", "")))


def _private(desk: Desk, accounts: set[str | None]) -> dict[str, str]:
    """An event names officials only; who is none is named by the account, while it is there."""
    rows = desk.session.execute(select(Account.reference, Account.name).where(Account.reference.in_(accounts)))
    return {row.reference: row.name for row in rows}


def _names(desk: Desk, subjects: set[str]) -> dict[str, tuple[str, str]]:
    """Say what each subject is: a case by title and reference, a paper by its number and its case."""
    cases = select(Case.subject, Case.title, Case.reference).where(Case.subject.in_(subjects))
    papers = (
        select(Document.subject, Document.key, Document.number, Case.reference)
        .outerjoin(Case, Case.subject == Document.owner)
        .where(Document.subject.in_(subjects))
    )
    registered = select(RegisterEntry.subject, RegisterEntry.name).where(RegisterEntry.subject.in_(subjects))
    return (
        {row.subject: (row.name, "") for row in desk.session.execute(registered)}
        | {row.subject: (row.title, row.reference) for row in desk.session.execute(cases)}
        | {row.subject: (row.number, row.reference or "") for row in desk.session.execute(papers)}
    )


def looks_at(desk: Desk, subject: str, most: int = 100) -> list[Look]:
    """List who looked at a case, the newest first."""
    rows = select(AccessRow.bytes).where(AccessRow.subject == subject).order_by(AccessRow.read_at.desc())
    return [_look(stored) for stored in desk.session.scalars(rows.limit(most))]


def looks_of_day(desk: Desk, chains: Iterable[str], on: date, flow: str, most: int = 100) -> list[Look]:
    """List what was put on record of one kind on a day: codes given, second factors taken away."""
    begin, end = bounds(on, on)
    logs = [chain_of(chain) for chain in (*chains, None)]
    rows = select(AccessRow.bytes).where(
        AccessRow.chain.in_(logs), AccessRow.read_at >= begin, AccessRow.read_at < end
    )
    every = (json.loads(stored) for stored in desk.session.scalars(rows.order_by(AccessRow.read_at.desc())))
    found = (_read_look(frame["reading"]) for frame in every if frame["reading"]["flow"] == flow)
    return [look for look, _ in zip(found, range(most), strict=False)]


def _look(stored: bytes) -> Look:
    return _read_look(json.loads(stored)["reading"])


def _read_look(reading: dict[str, Any]) -> Look:
    return Look(
        reading["account"],
        reading["role"],
        reading["office"] or "",
        reading["subject"],
        reading["purpose"],
        datetime.fromisoformat(reading["read_at"]),
        reading["count"],
    )


# verification -------------------------------------------------------------------------------


def verify_case(desk: Desk, case: Case) -> Proof:
    """Verify a case: its events and those of its papers, the bytes of the papers, and the row that lists show."""
    papers = list(desk.session.scalars(select(Document).filter_by(owner=case.subject)))
    subjects = [case.subject, *(paper.subject for paper in papers)]
    proof = proof_of(verify_part(desk.session, EventRow.subject.in_(subjects)))
    proof.papers = len(papers)
    if not proof.breaches:
        proof.breaches += [*_numbering(desk, subjects), *_papers(desk, papers), *_row(desk, case)]
    return proof


def verify_day(desk: Desk, chain: str, on: date) -> Proof:
    """Verify the events that an office recorded on a day."""
    return proof_of(verify_part(desk.session, (EventRow.chain == chain) & on_days(on, on)))


def verify_office(desk: Desk, chain: str) -> Proof:
    """Verify all events of an office from the first to the last."""
    proof = proof_of(verify_part(desk.session, EventRow.chain == chain))
    last = heads(desk.session).get(chain)
    if last is not None and last.seq != proof.events:
        counted = {"events": proof.events, "end": last.seq}
        proof.breaches.append(Breach(chain, N_("has %(events)s events, though it ends at %(end)s"), counted))
    return proof


def proof_of(verdict: Verdict) -> Proof:
    """Tell what a verification of a part found."""
    ends = {chain: (head.seq, head.hash.hex()) for chain, head in verdict.heads.items()}
    return Proof(
        events=verdict.counted, erased=verdict.erased.total(), breaches=list(verdict.breaches), heads=ends
    )


def _numbering(desk: Desk, subjects: list[str]) -> Iterator[Breach]:
    counted = select(EventRow.subject, func.count().label("all"), func.max(EventRow.number).label("last"))
    for row in desk.session.execute(counted.where(EventRow.subject.in_(subjects)).group_by(EventRow.subject)):
        if row.all != row.last:
            yield Breach(f"subject {row.subject}", N_("has events that are not numbered from 1 without a gap"))


def _papers(desk: Desk, papers: list[Document]) -> Iterator[Breach]:
    for paper in papers:
        made = record_of(desk.session, paper.subject).last("make_paper")
        if made is None:
            continue
        try:
            open_file(desk.session, made.evidence.sha256)
        except (FileLost, Tampered, KeyError):
            yield Breach(paper.number, N_("the stored sheet is not the one that was made"))
        except Erased:
            continue


def _row(desk: Desk, case: Case) -> Iterator[Breach]:
    """The row that lists show says what the events say."""
    record = record_of(desk.session, case.subject)
    told = (record.state, ",".join(sorted(record.flags)), record.version)
    if told != (case.state, case.flags, case.version):
        yield Breach(case.reference, N_("is shown in lists otherwise than its events say"))


# the case file on paper ---------------------------------------------------------------------


def case_file(desk: Desk, actor: Actor, case: Case, reason: str, sign: str, words: Words) -> bytes:
    """Print a whole case: an index that proves it, then an audit copy of every paper; each print is on record."""
    papers = printing.papers_of(desk, actor, [case.subject])
    sheets = [
        printing.hand_out(desk, actor, paper.subject, Act(request_id=f"{sign}:{paper.subject}"), reason).body
        for paper in papers
    ]
    record = index_record(desk, actor, desk.session.get_one(Case, case.subject), reason, words)
    return pdf.merge([pdf.render(INDEX, record), *sheets])


def index_record(desk: Desk, actor: Actor, case: Case, reason: str, words: Words) -> dict[str, Any]:
    """Gather what the index of a case file prints."""
    record, head, proof = (
        record_of(desk.session, case.subject),
        heads(desk.session)[case.office],
        verify_case(desk, case),
    )
    return {
        **heading(desk, actor, case.office, reason=reason),
        "case_file": {
            "reference": case.reference,
            "title": case.title,
            "state": words(FLOWS[case.flow].label_of(case.state)),
            "papers": [
                _paper_line(paper, words) for paper in printing.papers_of(desk, actor, [case.subject])
            ],
            "events": [_event_line(entry, record, words) for entry in entries_of(desk, case.subject)],
            "chain": case.office,
            "head_seq": head.seq,
            "head_hash": head.hash.hex(),
            "verdict": words("Sound") if proof.sound else words("Not sound"),
        },
    }


def _paper_line(paper: Document, words: Words) -> dict[str, Any]:
    title = words(DOCUMENTS[paper.key].title)
    return {"title": title, "number": paper.number, "sha256": paper.sha256, "void": paper.state == "void"}


def _event_line(entry: Entry, record: Record, words: Words) -> dict[str, Any]:
    envelope = entry.envelope
    return {
        "number": envelope.number,
        "recorded_at": envelope.recorded_at.isoformat(),
        "step": words(step_label(record.flow, envelope.step)),
        "who": entry.who or words(Role(envelope.role).label),
        "seq": entry.seq,
        "hash": entry.hash,
    }
