"""Who read whose data, when and why: a log of its own, chained like events and never changed.

It is written on its own connection, so that a reading is on record whatever becomes of the request.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from workflow.store.canonical import canonical
from workflow.store.chain import HEAD, Head, link, lock_chains
from workflow.store.database import begin_write, is_writing
from workflow.store.truth import AccessRow

LOG = AccessRow.__table__
TAG = b"saphan reading 1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One look at personal data: by whom, in which role and office, at whose, what for."""

    person: str
    account: str
    role: str
    office: str | None
    flow: str
    subject: str
    purpose: str
    read_at: datetime
    count: int = 1


def note(session: Session, reading: Reading) -> None:
    """Record a reading: at once, or with the writing transaction that the session is in."""
    if is_writing(session):
        _append(session, reading)
        return
    with Session(session.get_bind()) as own:
        begin_write(own)
        _append(own, reading)
        own.commit()


def chain_of(office: str | None) -> str:
    """Name the chain of readings of an office."""
    return f"access/{office or 'system'}"


def _append(session: Session, reading: Reading) -> None:
    chain = chain_of(reading.office)
    head = lock_chains(session, chain)[chain]
    stored = canonical(_frame(chain, head, reading))
    seq, hash_ = head.seq + 1, link(head.hash, stored, TAG)
    beside = {"person": reading.person, "subject": reading.subject, "read_at": reading.read_at}
    moved = {"seq": seq, "hash": hash_}
    session.execute(insert(LOG), {"chain": chain, "bytes": stored} | moved | beside)
    session.execute(update(HEAD).where(HEAD.c.chain == chain), moved)


def _frame(chain: str, head: Head, reading: Reading) -> dict[str, object]:
    return {
        "v": 1,
        "chain": chain,
        "seq": head.seq + 1,
        "before": head.hash.hex(),
        "reading": {
            "person": reading.person,
            "account": reading.account,
            "role": reading.role,
            "office": reading.office,
            "flow": reading.flow,
            "subject": reading.subject,
            "purpose": reading.purpose,
            "read_at": reading.read_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "count": reading.count,
        },
    }
