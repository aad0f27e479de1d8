"""Verify the whole register: every hash anew from the stored bytes, every column against them, every payload.

Nothing stored is trusted to check itself: a stored hash is only ever compared. What was lawfully erased is
counted and named, so that it can be held against the events that ordered it.
"""

from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from workflow.domain.words import N_
from workflow.store.access import TAG as READING_TAG
from workflow.store.chain import BEFORE_THE_FIRST, BESIDE, TAG, Head, link
from workflow.store.counters import Numbers
from workflow.store.files import check_files
from workflow.store.keys import Keys, keys_of
from workflow.store.lenient import lenient
from workflow.store.links import Breach, Links, place_of, read_digest, read_frame, read_moment
from workflow.store.measures import check_items
from workflow.store.payloads import Erased, Tampered, unpack, unwrap
from workflow.store.truth import AccessRow, ChainHead, EventRow, PayloadRow, RulesetTextRow, SubjectKey

AT_ONCE = 500


@dataclass(slots=True)
class Verdict:
    """What a verification found; `erased` counts what can no longer be read, by subject."""

    counted: int = 0
    breaches: list[Breach] = field(default_factory=list)
    erased: Tally[str] = field(default_factory=Tally)
    heads: dict[str, Head] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        return not self.breaches


def verify_chain(session: Session, checkpoint: Mapping[str, Head] | None = None) -> Verdict:
    """Verify events, payloads, keys, readings, rulesets, items of measures and counters.

    A checkpoint is what `heads` gave earlier and someone else kept. Only against it can be told that a chain
    was rewritten as a whole, or cut at its end together with its copies.
    """
    verdict, known = Verdict(), checkpoint or {}
    _verify_events(session, verdict, known)
    _verify_readings(session, verdict, known)
    verdict.breaches += _heads(session, verdict.heads, known)
    verdict.breaches += [*_strays(session), *_subjects(session), *_keys(session), *_rulesets(session)]
    verdict.breaches += check_items(session)
    return verdict


def verify_files(session: Session) -> Verdict:
    """Verify every stored file: there, unchanged, of the digest and size that were recorded."""
    verdict = Verdict()
    for stored, fault in check_files(session):
        verdict.counted += 1
        if fault == "erased":
            verdict.erased[stored.subject] += 1
        elif fault is not None:
            verdict.breaches.append(Breach(f"stored_file {stored.sha256}", fault))
    return verdict


def _rows(session: Session, asked: Select[Any]) -> Iterator[Row[Any]]:
    yield from session.execute(asked.execution_options(yield_per=AT_ONCE))


# --- events ---------------------------------------------------------------------------------------

_EVENTS = (
    select(
        *lenient(EventRow.__table__, subject="about"),
        *(column for column in lenient(PayloadRow.__table__) if column.name != "position"),
        *lenient(SubjectKey.__table__),
    )
    .outerjoin(PayloadRow, PayloadRow.position == EventRow.position)
    .outerjoin(SubjectKey, SubjectKey.subject == PayloadRow.key_subject)
    .order_by(EventRow.chain, EventRow.seq)
)


def _verify_events(session: Session, verdict: Verdict, known: Mapping[str, Head]) -> None:
    keys, links, numbers = keys_of(session), Links(TAG, known), Numbers(session)
    for row in _rows(session, _EVENTS):
        frame = read_frame(row.bytes, "event")
        verdict.counted += 1
        verdict.breaches += links.follow(row, frame, row.recorded_at)
        verdict.breaches += _columns(row, frame)
        verdict.breaches += _payload(keys, row, frame, verdict.erased)
        verdict.breaches += numbers.follow(row, frame)
    verdict.breaches += numbers.end()
    verdict.heads |= links.heads


def _columns(row: Row[Any], frame: Mapping[str, Any]) -> Iterator[Breach]:
    if not frame:
        yield Breach(place_of(row), N_("cannot be read"))
        return
    told = {name: frame["event"].get(name) for name in BESIDE}
    told |= {"position": frame.get("position"), "seq": frame.get("seq")}
    told |= {"recorded_at": read_moment(told["recorded_at"]), "about": told.pop("subject")}
    yield from _differences(row, told)


def _differences(row: Row[Any], told: Mapping[str, object]) -> Iterator[Breach]:
    for name, value in told.items():
        if getattr(row, name) != value:
            column = "subject" if name == "about" else name
            yield Breach(place_of(row), N_("has a column %(column)s that is not what its bytes say"), {"column": column})


def _payload(keys: Keys, row: Row[Any], frame: Mapping[str, Any], erased: Tally[str]) -> Iterator[Breach]:
    place, digest = f"payload of {place_of(row)}", read_digest(frame.get("payload"))
    if row.key_subject is None:
        yield Breach(place, N_("is missing"))
        return
    if row.key_subject != frame.get("key") or row.digest != digest:
        yield Breach(place, N_("is not the one that the event names"))
    if row.key_id is None:
        yield Breach(f"subject_key {row.key_subject}", N_("is missing"))
        return
    try:
        cipher = unwrap(keys, row)
        stated = unpack(cipher.open(f"payload {row.position}", row.nonce, row.ciphertext))
        if not cipher.bound(stated, digest):
            yield Breach(place, N_("is not what was stated"))
    except Erased:
        erased[row.key_subject] += 1
    except Tampered:
        yield Breach(place, N_("cannot be opened"))


# --- a part of the register -----------------------------------------------------------------------


def verify_part(session: Session, condition: ColumnElement[bool]) -> Verdict:
    """Verify some events: each by its own bytes and payload, bound to the event before and after it.

    Says nothing of events that the condition leaves out, so nothing of a cut end of a chain.
    """
    keys, verdict, last = keys_of(session), Verdict(), None
    for row in _rows(session, _EVENTS.where(condition)):
        frame = read_frame(row.bytes, "event")
        verdict.counted += 1
        verdict.breaches += _bound(session, last, row, frame)
        verdict.breaches += [*_columns(row, frame), *_payload(keys, row, frame, verdict.erased)]
        verdict.heads[row.chain] = Head(row.seq, row.hash, row.recorded_at)
        last = row
    verdict.breaches += _followed(session, last)
    return verdict


def _bound(
    session: Session, last: Row[Any] | None, row: Row[Any], frame: Mapping[str, Any]
) -> Iterator[Breach]:
    before = read_digest(frame.get("before"))
    if link(before, row.bytes) != row.hash:
        yield Breach(place_of(row), N_("has another hash than its bytes give"))
    if last is not None and (last.chain, last.seq + 1) == (row.chain, row.seq):
        known = last.hash
    else:
        yield from _followed(session, last)
        known = BEFORE_THE_FIRST if row.seq == 1 else _hash_at(session, row.chain, row.seq - 1)
    if known != before:
        yield Breach(f"{row.chain} {row.seq - 1}", N_("is not the event that the next one was bound to"))


def _followed(session: Session, last: Row[Any] | None) -> Iterator[Breach]:
    """The event after the last one was bound to it; at the end of its chain the chain ends with it."""
    if last is None:
        return
    after = select(EventRow.bytes).where(EventRow.chain == last.chain, EventRow.seq == last.seq + 1)
    stored = session.scalar(after)
    if stored is not None:
        known = read_digest(read_frame(stored, "event").get("before"))
    else:
        known = session.scalar(select(ChainHead.hash).where(ChainHead.chain == last.chain))
    if known != last.hash:
        yield Breach(place_of(last), N_("is not the event that the next one was bound to"))


def _hash_at(session: Session, chain: str, seq: int) -> bytes | None:
    return session.scalar(select(EventRow.hash).where(EventRow.chain == chain, EventRow.seq == seq))


# --- readings -------------------------------------------------------------------------------------


def _verify_readings(session: Session, verdict: Verdict, known: Mapping[str, Head]) -> None:
    links = Links(READING_TAG, known)
    asked = select(*lenient(AccessRow.__table__)).order_by(AccessRow.chain, AccessRow.seq)
    for row in _rows(session, asked):
        frame = read_frame(row.bytes, "reading")
        verdict.breaches += [*links.follow(row, frame), *_reading_columns(row, frame)]
    verdict.heads |= links.heads


def _reading_columns(row: Row[Any], frame: Mapping[str, Any]) -> Iterator[Breach]:
    if not frame:
        yield Breach(place_of(row), N_("cannot be read"))
        return
    reading = frame["reading"]
    told = {name: frame.get(name) for name in ("chain", "seq")}
    told |= {name: reading.get(name) for name in ("person", "subject")}
    yield from _differences(row, told | {"read_at": read_moment(reading.get("read_at"))})


# --- what belongs to them -------------------------------------------------------------------------


def _heads(session: Session, found: Mapping[str, Head], known: Mapping[str, Head]) -> Iterator[Breach]:
    asked = select(*lenient(ChainHead.__table__)).where(ChainHead.seq != 0)
    kept = {row.chain: Head(row.seq, row.hash) for row in _rows(session, asked)}
    for chain in sorted(found.keys() | kept.keys()):
        if _end(found.get(chain)) != _end(kept.get(chain)):
            yield Breach(f"chain_head {chain}", N_("is not where the chain ends"))
    for chain, head in known.items():
        if chain not in found or found[chain].seq < head.seq:
            yield Breach(f"{chain} {head.seq}", N_("is missing, though the checkpoint names it"))


def _end(head: Head | None) -> tuple[int, bytes] | None:
    return head and (head.seq, head.hash)


def _strays(session: Session) -> Iterator[Breach]:
    stray = select(PayloadRow.position).outerjoin(EventRow, EventRow.position == PayloadRow.position)
    for position in session.scalars(stray.where(EventRow.position.is_(None))):
        yield Breach(f"payload {position}", N_("belongs to no event"))


def _subjects(session: Session) -> Iterator[Breach]:
    counted = select(EventRow.subject).group_by(EventRow.subject)
    gaps = counted.having((func.count() != func.max(EventRow.number)) | (func.min(EventRow.number) != 1))
    for subject in session.scalars(gaps):
        yield Breach(f"subject {subject}", N_("has events that are not numbered from 1 without a gap"))


def _keys(session: Session) -> Iterator[Breach]:
    for row in _rows(session, select(*lenient(SubjectKey.__table__))):
        try:
            unwrap(keys_of(session), row)
        except Erased:
            continue
        except Tampered:
            yield Breach(f"subject_key {row.subject}", N_("is not what the office's master key wrapped"))


def _rulesets(session: Session) -> Iterator[Breach]:
    for row in _rows(session, select(*lenient(RulesetTextRow.__table__))):
        if sha256(row.text.encode()).hexdigest() != row.digest:
            yield Breach(f"ruleset_text {row.digest}", N_("is not the text of that digest"))
