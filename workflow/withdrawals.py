"""The list of papers that count no more, signed, for those who check papers where there is no network.

Its lines name papers by number, never persons. A newer list has a higher edition: the place of the last event that
it knows of. What ran out by itself is not on it: that stands on the paper.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from workflow import casework, lookups, tokens, vouching
from workflow.desk import Desk
from workflow.domain.documents import DOCUMENTS
from workflow.domain.thai import bangkok_date
from workflow.store.history import record_of
from workflow.store.projections import Case, Document
from workflow.store.seals import SigningKey
from workflow.store.truth import EventRow

TITLE = "saphan withdrawn 1"
STOPPED = frozenset({"on_hold", "suspended"})


class NoList(Exception):
    """This is no list of withdrawn papers, or not as it was signed."""


class Why(StrEnum):
    """For what class of reasons a paper counts no more."""

    REPLACED = "replaced"
    VOID = "void"
    REVOKED = "revoked"
    ENDED = "ended"
    STOPPED = "stopped"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """A list as it is read: why each number counts no more, and by which it was replaced."""

    made_at: datetime
    edition: int
    papers: Mapping[str, tuple[Why, str]] = field(default_factory=dict)


def newest(desk: Desk) -> str:
    """Write the list as of now, signed by the key of codes, which is made if there is none."""
    with casework.transaction(desk):
        key = vouching.code_key(desk)
    return write(gather(desk), key)


def edition(desk: Desk) -> int:
    """Give the edition that a list made now would have."""
    return desk.session.scalar(select(func.max(EventRow.position))) or 0


def gather(desk: Desk) -> Withdrawals:
    """Gather what counts no more as of now."""
    papers = {number: (why, by) for number, why, by in (*_void(desk), *_of_permits(desk), *_keys(desk))}
    return Withdrawals(desk.now().replace(microsecond=0), edition(desk), dict(sorted(papers.items())))


def _void(desk: Desk) -> Iterator[tuple[str, Why, str]]:
    newer = aliased(Document)
    rows = select(Document.number, newer.number).outerjoin(newer, newer.replaces == Document.number)
    for number, by in desk.session.execute(rows.where(Document.state == "void")):
        yield number, Why.REPLACED if by else Why.VOID, by or ""


def _of_permits(desk: Desk) -> Iterator[tuple[str, Why, str]]:
    """Name the papers that are carried under permits which stopped before the day that stands on them."""
    runs_on = Case.valid_until >= bangkok_date(desk.now())
    for permit in list(desk.session.scalars(select(Case).where(Case.flow == "permit", runs_on))):
        why = _why(permit)
        if why is None:
            continue
        made_by = lookups.applications_of(record_of(desk.session, permit.subject))
        carried = [key for key, paper in DOCUMENTS.items() if paper.checkable]
        standing = select(Document.number).where(Document.owner.in_(made_by), Document.key.in_(carried))
        for number in desk.session.scalars(standing.where(Document.state != "void")):
            yield number, why, ""


def _why(permit: Case) -> Why | None:
    if permit.state == "active":
        return None if STOPPED.isdisjoint(permit.flags.split(",")) else Why.STOPPED
    return Why.REVOKED if permit.state == "revoked" else Why.ENDED


def _keys(desk: Desk) -> Iterator[tuple[str, Why, str]]:
    """Name the keys that were revoked: what they signed proves nothing."""
    for key in desk.session.scalars(select(SigningKey).where(SigningKey.revoked_at.is_not(None))):
        yield f"key {key.key_id}", Why.KEY, ""


def write(found: Withdrawals, key: Ed25519PrivateKey) -> str:
    """Write a list, a paper a line, closed by the signature."""
    lines = [TITLE, f"{found.made_at.isoformat()}\t{found.edition}"]
    lines += ["\t".join(filter(None, (number, why, by))) for number, (why, by) in found.papers.items()]
    said = "".join(f"{line}\n" for line in lines)
    signature = base64.b64encode(key.sign(said.encode())).decode()
    return f"{said}{tokens.key_sign(key.public_key()).hex()} {signature}\n"


def read(text: str, keys: Mapping[bytes, Ed25519PublicKey]) -> Withdrawals:
    """Read a list back under trusted keys; raises NoList."""
    said, _, close = text.replace("\r\n", "\n").rstrip("\n").rpartition("\n")
    sign, _, signature = close.partition(" ")
    try:
        key = keys[bytes.fromhex(sign)]
        key.verify(base64.b64decode(signature, validate=True), f"{said}\n".encode())
        title, head, *lines = said.split("\n")
        made_at, edition = head.split("\t")
        if title != TITLE:
            raise ValueError(title)
        rows = [(*line.split("\t"), "")[:3] for line in lines]
        papers = {number: (Why(why), by) for number, why, by in rows}
        return Withdrawals(datetime.fromisoformat(made_at), int(edition), papers)
    except (KeyError, ValueError, binascii.Error, InvalidSignature) as wrong:
        raise NoList("this is not a whole list signed by a trusted key") from wrong
