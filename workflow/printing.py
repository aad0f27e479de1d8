"""Papers made and handed out: the bytes once, the original once, copies marked and counted."""

import base64
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from typing import Any

from sqlalchemy import ColumnElement, case, select

import pdf
from pdf.seal import Seal
from pdf.signature import sign
from workflow import casework, paperwork, vouching
from workflow.casework import Act
from workflow.desk import Desk
from workflow.domain.actor import SYSTEM, Actor, Role
from workflow.domain.documents import DOCUMENTS
from workflow.domain.documents import Document as Kind
from workflow.domain.paper import Frozen, Made, Print
from workflow.domain.record import Record
from workflow.store import files
from workflow.store.history import CaseNotFound, record_of
from workflow.store.payloads import Erased
from workflow.store.projections import Case, Document
from workflow.visibility import papers_visible_to, visible_to

PDF = "application/pdf"


def make(desk: Desk, paper: str) -> bytes:
    """Make the bytes of an owed paper from its frozen record alone and keep them; a made one is read.

    Safe to call twice: the second caller finds the bytes of the first.
    """
    desk.forget()
    record = record_of(desk.session, paper)
    if record.last("make_paper"):
        return kept(desk, record)
    owing = (*_frozen(desk, record), _seal(desk, record))
    desk.session.rollback()  # nobody waits for us while the page is laid out
    body = laid_out(*owing)
    with casework.transaction(desk):
        _keep(desk, paper, body)
    return body


def make_owed(desk: Desk, *, processes: int = 1) -> Iterator[str]:
    """Make all papers that are owed, with several processes laying out pages; tell each."""
    if processes == 1:
        while waiting := owed(desk):
            yield from (paper for paper in waiting if make(desk, paper))
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        while waiting := owed(desk, 40):
            records = [record_of(desk.session, paper) for paper in waiting]
            owing = [(*_frozen(desk, record), _seal(desk, record)) for record in records]
            desk.session.rollback()
            bodies = list(pool.map(laid_out, *zip(*owing, strict=True), chunksize=4))
            with casework.transaction(desk):
                for paper, body in zip(waiting, bodies, strict=True):
                    _keep(desk, paper, body)
            yield from waiting


def _frozen(desk: Desk, record: Record) -> tuple[str, dict[str, Any]]:
    frozen: Frozen = record.history[0].evidence
    return frozen.key, _with_images(desk, frozen.facts)


def _seal(desk: Desk, record: Record) -> Seal | None:
    """Give what the office of a paper signs it with; made for the first one."""
    if not DOCUMENTS[record.history[0].evidence.key].sealed:
        return None
    kept = vouching.paper_seal(desk, record.office)
    if kept is None:
        with casework.transaction(desk):
            kept = vouching.make_seal(desk, record.office)
    return kept


def laid_out(key: str, facts: dict[str, Any], seal: Seal | None) -> bytes:
    """Lay out and sign, as of the moment at which the paper was owed: the same record gives the same bytes."""
    body = pdf.render(key, facts)
    return sign(body, seal, datetime.fromisoformat(facts["document"]["made_at"])) if seal else body


def _keep(desk: Desk, paper: str, body: bytes) -> None:
    sha256 = files.keep(desk.session, body, PDF, casework.key_of(desk, paper), now=desk.now())
    made = Made(sha256=sha256, size=len(body))
    casework.perform_within(desk, SYSTEM, paper, "make_paper", made, Act(request_id=f"make:{paper}"))


def kept(desk: Desk, record: Record) -> bytes:
    """Read the bytes of a made paper; raises Erased where its person's key was destroyed."""
    made = record.last("make_paper").evidence
    if not isinstance(made, Made):
        raise Erased(record.subject)
    return files.open_file(desk.session, made.sha256)


def _with_images(desk: Desk, facts: dict[str, Any]) -> dict[str, Any]:
    images = {name: _image(desk, kept) for name, kept in facts.get("images", {}).items() if kept}
    signing = (facts.get("actor") or {}).get("office") or facts.get("office") or {}
    emblem = signing.get("emblem")
    if emblem:
        images["emblem"] = _image(desk, {"sha256": emblem})
    return facts | {"images": images}


def _image(desk: Desk, kept: dict[str, str]) -> dict[str, str]:
    body = files.open_file(desk.session, kept["sha256"])
    kind = "image/png" if body.startswith(b"\x89PNG") else "image/jpeg"
    return {"sha256": kept["sha256"], "type": kind, "base64": base64.b64encode(body).decode()}


def owed(desk: Desk, limit: int = 200) -> list[str]:
    """List papers whose bytes are not made yet, the oldest first."""
    waiting = select(Document.subject).filter_by(state="owed").order_by(Document.owed_at, Document.number)
    return list(desk.session.scalars(waiting.limit(limit)))


# who may open and print ---------------------------------------------------------------------


def papers_of(desk: Desk, actor: Actor, owners: Iterable[str]) -> list[Document]:
    """List the papers of some cases that an actor may open, in the order of the paper tray."""
    return [paper for paper, _ in in_tray_order(desk, actor, Document.owner.in_(list(owners)))]


_TRAY = case({key: place for place, key in enumerate(DOCUMENTS)}, value=Document.key)


def in_tray_order(
    desk: Desk, actor: Actor, wanted: ColumnElement[bool], most: int | None = None
) -> list[tuple[Document, Case]]:
    """List some papers that an actor may open, each with its case, in the order of the paper tray."""
    rows = desk.session.execute(
        select(Document, Case)
        .join(Case, Case.subject == Document.owner)
        .where(wanted, may_open(desk, actor))
        .order_by(_TRAY, Document.owed_at, Case.reference, Document.number)
        .limit(most)
    )
    return [(row.Document, row.Case) for row in rows]


def may_open(desk: Desk, actor: Actor) -> ColumnElement[bool]:
    """Say which papers, joined with their cases, an actor may open."""
    keys = [key for key in DOCUMENTS if paperwork.may_open(key, actor.role)]
    return Document.key.in_(keys) & visible_to(desk, actor)


def papers_on_employer(desk: Desk, actor: Actor, employer: str) -> list[Document]:
    """List the papers of orders on an employer that an actor may open, the newest first."""
    keys = [key for key in DOCUMENTS if paperwork.may_open(key, actor.role)]
    mine = select(Document).where(Document.owner == employer, Document.key.in_(keys), papers_visible_to(desk, actor))
    return list(desk.session.scalars(mine.order_by(Document.owed_at.desc())))


def paper_seen(desk: Desk, actor: Actor, number_or_subject: str) -> Document:
    """Find a paper that an actor may open; raises CaseNotFound for any other."""
    named = (Document.subject == number_or_subject) | (Document.number == number_or_subject)
    row = desk.session.scalar(select(Document).where(named, papers_visible_to(desk, actor)))
    if row is None or not paperwork.may_open(row.key, actor.role):
        raise CaseNotFound(number_or_subject)
    return row


@dataclass(frozen=True, slots=True)
class Sheet:
    """What leaves the printer: the bytes, and whether it is the original or which copy."""

    document: Document
    body: bytes
    copy: int


def view(desk: Desk, actor: Actor, paper: str) -> Sheet:
    """Open a paper on screen: a view, never counted, and so never the clean original."""
    row = paper_seen(desk, actor, paper)
    return Sheet(row, _viewed(desk, actor, row), 0)


def _viewed(desk: Desk, actor: Actor, row: Document) -> bytes:
    body = make(desk, row.subject)
    if row.state == "void":
        return pdf.stamp(body, "void")
    return pdf.stamp(body, "audit copy" if actor.role is Role.AUDITOR else "copy")


def hand_out(desk: Desk, actor: Actor, paper: str, act: Act, reason: str = "") -> Sheet:
    """Print: the first sheet is the original, every further one a copy with its number and reason."""
    row = paper_seen(desk, actor, paper)
    body = make(desk, row.subject)
    if row.state == "void":
        body = pdf.stamp(body, "void")
    if actor.role is Role.AUDITOR:
        casework.perform(desk, actor, row.subject, "print_audit_copy", Print(reason=reason), act)
        return Sheet(row, pdf.stamp(body, "audit copy"), 0)
    record = record_of(desk.session, row.subject)
    if may_take_original(actor, row) and "original_out" not in record.flags and row.state != "void":
        casework.perform(desk, actor, row.subject, "print_original", Print(reason=reason), act)
        return Sheet(row, body, 0)
    number = 1 + sum(done.step == "print_copy" for done in record.history)
    casework.perform(desk, actor, row.subject, "print_copy", Print(copy=number, reason=reason), act)
    return Sheet(row, pdf.stamp(body, f"copy {number}"), number)


def may_take_original(actor: Actor, row: Document) -> bool:
    """Say whether an actor may print an original: the office hands them out, employers print what they sign."""
    return may_take(actor, DOCUMENTS[row.key])


def may_take(actor: Actor, kind: Kind) -> bool:
    """Say whether an actor may print originals of a kind of paper."""
    if actor.role is Role.AUDITOR:
        return False
    return actor.role.official or kind.signed_by_employer


def spoil(desk: Desk, actor: Actor, paper: str, act: Act, reason: str, sheet: str) -> None:
    """Record a spoiled sheet: the next print is the original again."""
    row = paper_seen(desk, actor, paper)
    casework.perform(desk, actor, row.subject, "spoil_sheet", Print(reason=reason, sheet=sheet), act)


def all_in_one(desk: Desk, actor: Actor, papers: Iterable[Document]) -> bytes:
    """Give many papers as one file in the order of the paper tray, to look at: none is the original."""
    return pdf.merge([_viewed(desk, actor, paper) for paper in papers])
