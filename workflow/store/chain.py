"""The chain of events: append one, read them back.

Each is stored as the very bytes that were hashed, bound to the one before it; one chain for each office, so
that offices do not wait for each other.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from workflow.store.canonical import canonical
from workflow.store.database import insert_once, must_write
from workflow.store.keys import Keys, keys_of
from workflow.store.payloads import Erased, Sealed, cipher_of, pack, unpack, unwrap
from workflow.store.truth import POSITIONS, ChainHead, EventRow, PayloadRow, SubjectKey

EVENT, PAYLOAD, HEAD, KEY = (row.__table__ for row in (EventRow, PayloadRow, ChainHead, SubjectKey))

VERSION = 1
TAG = b"saphan event 1\n"
BEFORE_THE_FIRST = bytes(32)
CLOCK_TOLERANCE = timedelta(seconds=2)
"""By how much clocks of several servers may differ; the later event then gets the moment of the earlier."""


class ClockBehind(Exception):
    """The server's clock is behind the last event: nothing is recorded until it is right again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who did which step, for whom, when, under which rules: all but what was stated.

    It is readable for ever, so it names officials only; workers' personal data belong in the payload.
    `number` counts from 1 within the subject; `numbers` handed out: {"receipt": "12/2569"}, several as a list;
    `request_id` is unique over all events; None where another event, at position `cause`, caused this one.
    """

    chain: str
    flow: str
    subject: str
    number: int
    step: str
    source: str | None
    target: str
    person: str
    role: str
    name: str
    happened_at: datetime
    recorded_at: datetime
    ruleset: str
    kind: str
    kind_version: int = 1
    flags: tuple[str, ...] = ()
    account: str | None = None
    position: str = ""
    office: str | None = None
    on_behalf_of: str | None = None
    session: str | None = None
    request_id: str | None = None
    request_digest: str | None = None
    cause: int | None = None
    corrects: int | None = None
    numbers: dict[str, str | list[str]] | None = None
    papers: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Give the envelope as JSON values."""
        facts = {f.name: getattr(self, f.name) for f in fields(self)}
        return facts | {name: _written(facts[name]) for name in MOMENTS}

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Envelope":
        """Read an envelope back from its stored JSON values; a field of a later version is passed over."""
        facts = {f.name: stored[f.name] for f in fields(cls) if f.name in stored}
        moments = {name: datetime.fromisoformat(facts[name]) for name in MOMENTS}
        return cls(**(facts | moments | {name: tuple(facts.get(name, ())) for name in ("flags", "papers")}))


MOMENTS = ("happened_at", "recorded_at")


def _written(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be recorded")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain stands."""

    seq: int
    hash: bytes
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What appending gave: the event's place over all chains and in its own, its hash, its moment."""

    position: int
    seq: int
    hash: bytes
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """An event read back; the payload is None when the key of its subject was destroyed."""

    position: int
    seq: int
    hash: bytes
    envelope: Envelope
    payload: dict[str, Any] | None


def lock_chains(session: Session, *chains: str) -> dict[str, Head]:
    """Take the place of the writer on these chains, always in one order; take the time after this.

    The first lock of every writing transaction, before any other row.
    """
    must_write(session)
    return {chain: _lock(session, chain) for chain in sorted(set(chains))}


def _lock(session: Session, chain: str) -> Head:
    named = {"named": chain}
    row = session.connection().execute(_HEAD_OF, named).one_or_none()
    if row is None:
        insert_once(session, HEAD, {"chain": chain, "seq": 0, "hash": BEFORE_THE_FIRST})
        row = session.connection().execute(_HEAD_OF, named).one()
    return Head(row.seq, row.hash, row.recorded_at)


def append(session: Session, envelope: Envelope, payload: dict[str, Any], key_subject: str) -> Stored:
    """Add an event to its chain, its payload sealed under the key of `key_subject`.

    Raises ClockBehind, Erased (the subject's key was destroyed), NotWriting; IntegrityError when another
    event has the same request_id, or the same number of the same subject.
    """
    head = lock_chains(session, envelope.chain)[envelope.chain]
    envelope = replace(envelope, recorded_at=_moment(envelope.recorded_at, head.recorded_at))
    position = _next_position(session)
    cipher = cipher_of(session, key_subject, now=envelope.recorded_at)
    stated = canonical(payload)
    sealed = cipher.seal(f"payload {position}", pack(stated), bind=stated)
    stored = canonical(
        {
            "v": VERSION,
            "position": position,
            "seq": head.seq + 1,
            "before": head.hash.hex(),
            "key": key_subject,
            "payload": sealed.digest.hex(),
            "event": envelope.plain(),
        }
    )
    done = Stored(position, head.seq + 1, link(head.hash, stored), envelope.recorded_at)
    beside = {name: getattr(envelope, name) for name in BESIDE}
    connection = session.connection()
    connection.execute(_ADD_EVENT, _fields(done) | beside | {"bytes": stored})
    connection.execute(_ADD_PAYLOAD, _fields(sealed) | {"position": position, "key_subject": key_subject})
    connection.execute(
        _MOVE_HEAD, {"named": envelope.chain} | _fields(Head(done.seq, done.hash, done.recorded_at))
    )
    return done


def link(before: bytes, stored: bytes, tag: bytes = TAG) -> bytes:
    """Give the hash of an event: over its own bytes and the hash of the event before it."""
    return sha256(tag + before + stored).digest()


def _moment(now: datetime, last: datetime | None) -> datetime:
    if last is None or now >= last:
        return now
    if last - now > CLOCK_TOLERANCE:
        raise ClockBehind(f"the clock shows {now.isoformat()}, the last event is of {last.isoformat()}")
    return last


def _next_position(session: Session) -> int:
    if session.get_bind().dialect.name == "postgresql":
        return session.execute(select(POSITIONS.next_value())).scalar_one()
    return session.connection().execute(_LAST_POSITION).scalar_one() + 1


def _fields(values: Head | Stored | Sealed) -> dict[str, object]:
    return {name: getattr(values, name) for name in values.__slots__}


BESIDE = ("chain", "flow", "subject", "number", "step", "request_id", "recorded_at")
"""The columns kept beside the bytes, for finding; verification compares each with the bytes."""

# Made once: to make a statement anew takes as long as to run it.
_HEAD_OF = select(HEAD).where(HEAD.c.chain == bindparam("named")).with_for_update()
_LAST_POSITION = select(func.coalesce(func.max(EVENT.c.position), 0))
_ADD_EVENT, _ADD_PAYLOAD = insert(EVENT), insert(PAYLOAD)
_MOVE_HEAD = update(HEAD).where(HEAD.c.chain == bindparam("named"))
_READ = (
    select(
        EVENT.c.position, EVENT.c.seq, EVENT.c.hash, EVENT.c.bytes, PAYLOAD.c.nonce, PAYLOAD.c.ciphertext, KEY
    )
    .join(PAYLOAD, PAYLOAD.c.position == EVENT.c.position)
    .join(KEY, KEY.c.subject == PAYLOAD.c.key_subject)
)


def events_of(session: Session, subject: str) -> list[Entry]:
    """Read the history of a subject, oldest first."""
    return list(_entries(session, _READ.where(EVENT.c.subject == subject).order_by(EVENT.c.number)))


def event_of_request(session: Session, request_id: str) -> Entry | None:
    """Find the event that an earlier try of the same request already stored."""
    return next(_entries(session, _READ.where(EVENT.c.request_id == request_id)), None)


def all_events(session: Session, after: int = 0) -> Iterator[Entry]:
    """Read every event in the order of positions, a few at a time."""
    asked = _READ.where(EVENT.c.position > after).order_by(EVENT.c.position)
    yield from _entries(session, asked.execution_options(yield_per=500))


def _entries(session: Session, asked: Select[Any]) -> Iterator[Entry]:
    keys = keys_of(session)
    for row in session.execute(asked):
        stored = json.loads(row.bytes)
        yield Entry(row.position, row.seq, row.hash, Envelope.read(stored["event"]), _payload(keys, row))


def _payload(keys: Keys, row: Row[Any]) -> dict[str, Any] | None:
    try:
        cipher = unwrap(keys, row)
    except Erased:
        return None
    return json.loads(unpack(cipher.open(f"payload {row.position}", row.nonce, row.ciphertext)))


def heads(session: Session) -> dict[str, Head]:
    """Say where every chain stands: what a checkpoint, a backup and a daily report write down."""
    rows = session.execute(select(HEAD).order_by(HEAD.c.chain))
    return {row.chain: Head(row.seq, row.hash, row.recorded_at) for row in rows if row.seq}
