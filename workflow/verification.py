"""Verify the whole register and make its copies again: nothing stored is trusted that can be worked out anew.

Truth is verified from its own bytes (events, payloads, keys, readings, laws, files); every copy is made
again from the events in a store that exists in memory only, and compared column by column.
"""

import json
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from sqlalchemy import JSON, Engine, Row, Table, create_engine, delete, insert, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from sqlalchemy.types import NullType

from workflow import casework
from workflow.desk import Desk
from workflow.domain.record import Record
from workflow.domain.rulesets import Ruleset
from workflow.domain.words import N_
from workflow.store.chain import Entry, Head, all_events, lock_chains
from workflow.store.counters import NUMBER
from workflow.store.database import Base
from workflow.store.history import begun, grown, laid_over
from workflow.store.lenient import lenient
from workflow.store.links import Breach
from workflow.store.projecting import project
from workflow.store.projections import PROJECTIONS, DutyShift
from workflow.store.truth import TRUTH, AccessRow, ChainHead, Counter, MeasureItem
from workflow.store.verify import verify_chain, verify_files

HEADS, COUNTERS, READINGS, ITEMS, SHIFTS = (
    row.__table__ for row in (ChainHead, Counter, AccessRow, MeasureItem, DutyShift)
)
COPIES: tuple[Table, ...] = (*PROJECTIONS, HEADS, COUNTERS)
"""Every table that can be made again from the truth."""

Rules = Callable[[str], Ruleset]
Key = tuple[object, ...]
Values = dict[str, Any]


@dataclass(slots=True)
class Verdict:
    """What a verification looked at and found; `counts` by check or table, `erased` by subject."""

    counts: dict[str, int] = field(default_factory=dict)
    breaches: list[Breach] = field(default_factory=list)
    erased: Tally[str] = field(default_factory=Tally)
    heads: dict[str, Head] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Say whether everything is as it was stored."""
        return not self.breaches

    def lines(self) -> Iterator[str]:
        """Tell the verdict line by line, the result last; no line holds personal data."""
        yield f"truth:  {', '.join(table.name for table in TRUTH)}"
        yield f"copies: {', '.join(table.name for table in COPIES)}"
        yield from (f"{what}: {count}" for what, count in self.counts.items())
        for chain, head in sorted(self.heads.items()):
            yield f"chain {chain} ends at {head.seq}, {head.hash.hex()}"
        if self.erased:
            yield f"erased: {self.erased.total()} entries and files of {len(self.erased)} persons cannot be read"
        yield from (f"BREACH {breach.place}: {breach.fault}" for breach in self.breaches)
        yield "sound" if self.sound else f"NOT SOUND: {len(self.breaches)} breaches"


def verify(desk: Desk, checkpoint: Mapping[str, Head] | None = None) -> Verdict:
    """Verify events, payloads, keys, readings, laws and files, and hold every copy against the events.

    `checkpoint` is where the chains stood earlier, as somebody else kept it: only against one can it be
    told that a whole chain was written anew.
    """
    _begin_reading(desk.session)
    verdict = Verdict()
    chain, files = verify_chain(desk.session, checkpoint), verify_files(desk.session)
    verdict.counts |= {"events": chain.counted, "files": files.counted}
    verdict.breaches += [*chain.breaches, *files.breaches]
    verdict.erased, verdict.heads = chain.erased + files.erased, chain.heads
    verdict.breaches += _copies(desk, verdict.counts)
    desk.session.rollback()
    return verdict


def _begin_reading(session: Session) -> None:
    """See one state of the store to the end, whatever others store meanwhile; SQLite reads so by itself."""
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def rebuild(desk: Desk) -> dict[str, int]:
    """Make every copy again from the events, in one writing transaction; give the rows of each table."""
    with casework.transaction(desk):
        session = desk.session
        lock_chains(session, *session.scalars(select(HEADS.c.chain)))
        openings = {key: int(row["opening"]) for key, row in _lenient(session, COUNTERS).items()}
        for table in reversed(COPIES):
            session.execute(delete(table))
        replay = Replay(session, desk.ruleset, session)
        for entry in all_events(session):
            replay.follow(entry)
        _put_back(session, HEADS, [*replay.heads(), *_reading_heads(session)])
        _put_back(session, COUNTERS, replay.counters(openings))
        return {table.name: len(session.execute(select(*table.primary_key)).all()) for table in COPIES}


def _put_back(session: Session, table: Table, rows: list[Values]) -> None:
    if rows:
        session.execute(insert(table), rows)


class Replay:
    """Follows every event from the first and makes the copies again in a session; `truth` holds what events bind."""

    def __init__(self, session: Session, rules: Rules, truth: Session) -> None:
        self.session, self.rules, self.truth = session, rules, truth
        self.records: dict[str, Record] = {}
        self.ends: dict[str, Entry] = {}
        self.numbers: dict[Key, list[int]] = {}

    def follow(self, entry: Entry) -> None:
        """Follow one event; nothing is copied of a person whose key was destroyed."""
        envelope = entry.envelope
        self.ends[envelope.chain] = entry
        self._count(entry)
        if entry.payload is None:
            return
        record = grown(self.records.get(envelope.subject) or begun(entry), entry)
        items = list(self._items(record)) if record.flow == "laying" else []
        project(self.session, record, record.history[-1], self.rules)
        self.records[envelope.subject] = _lightened(record)
        for subject in items:
            self.records[subject] = laid_over(self.session, self.records[subject])

    def _items(self, record: Record) -> Iterator[str]:
        """Bring the items that an event lays or lifts to where the copies are made; give their permits that are known."""
        measure = record.history[0].evidence.measure
        asked = select(ITEMS).where(ITEMS.c.measure == measure, ITEMS.c.office == record.office)
        rows = [dict(row._mapping) for row in self.truth.execute(asked)]
        if self.session is not self.truth and record.version == 1 and rows:
            self.session.execute(insert(ITEMS), rows)
        yield from {str(row["subject"]) for row in rows} & self.records.keys()

    def _count(self, entry: Entry) -> None:
        for series, written in (entry.envelope.numbers or {}).items():
            for number in written if isinstance(written, list) else (written,):
                parts = NUMBER.fullmatch(number)
                if parts:
                    key = (entry.envelope.chain, series, int(parts[2]))
                    first, _ = self.numbers.setdefault(key, [int(parts[1]), 0])
                    self.numbers[key] = [first, int(parts[1])]

    def heads(self) -> list[Values]:
        """Give where each chain of events ends."""
        return [
            {"chain": chain, "seq": end.seq, "hash": end.hash, "recorded_at": end.envelope.recorded_at}
            for chain, end in self.ends.items()
        ]

    def counters(self, openings: Mapping[Key, int]) -> list[Values]:
        """Give where each series stands; openings that were set by hand stay where numbers follow them."""
        unused = {key: [opening + 1, opening] for key, opening in openings.items() if key not in self.numbers}
        return [
            dict(zip(("office", "series", "year"), key, strict=True)) | {"opening": first - 1, "value": last}
            for key, (first, last) in {**self.numbers, **unused}.items()
        ]


def _lightened(record: Record) -> Record:
    """Let go of what a paper prints: the copies do not hold it, and there are many papers."""
    if record.flow != "paper" or record.version > 1:
        return record
    frozen = record.history[0]
    return replace(record, history=(replace(frozen, evidence=replace(frozen.evidence, facts={})),))


def _reading_heads(session: Session) -> list[Values]:
    """Give where each chain of readings ends."""
    asked = select(READINGS.c.chain, READINGS.c.seq, READINGS.c.hash).order_by(READINGS.c.seq)
    ends = {row.chain: row for row in session.execute(asked)}
    return [
        {"chain": row.chain, "seq": row.seq, "hash": row.hash, "recorded_at": None} for row in ends.values()
    ]


# every copy against the events ----------------------------------------------------------------


def _copies(desk: Desk, counts: dict[str, int]) -> Iterator[Breach]:
    with Session(_scratch()) as made_again:
        Base.metadata.create_all(made_again.connection(), tables=[*PROJECTIONS, ITEMS, SHIFTS])
        replay = Replay(made_again, desk.ruleset, desk.session)
        entry: Entry | None = None
        try:
            for entry in all_events(desk.session):
                replay.follow(entry)
        except Exception as broken:  # events that were changed by hand may fail in any way; the chain says which
            why = {"why": type(broken).__name__}
            yield Breach(_after(entry), N_("the copies cannot follow the events from here: %(why)s"), why)
            return
        for table in PROJECTIONS:
            yield from _compared(desk.session, made_again, table, counts)
    yield from _compared_rows(HEADS, _lenient(desk.session, HEADS), _by_key(HEADS, _ends(desk, replay)), counts)
    yield from _counters(desk, replay, counts)


def _after(entry: Entry | None) -> str:
    return f"{entry.envelope.chain} {entry.seq}" if entry else "the first event"


@cache
def _scratch() -> Engine:
    """Stores in memory, a new one for each connection."""
    return create_engine("sqlite://", poolclass=NullPool)


def _ends(desk: Desk, replay: Replay) -> list[Values]:
    return [*replay.heads(), *_reading_heads(desk.session)]


def _counters(desk: Desk, replay: Replay, counts: dict[str, int]) -> Iterator[Breach]:
    """An opening is no event: what numbers follow must fit it, and nothing says what a series without numbers holds."""
    stored = _lenient(desk.session, COUNTERS)
    expected = {key: row for key, row in stored.items() if key not in replay.numbers}
    expected |= _by_key(COUNTERS, replay.counters({}))
    yield from _compared_rows(COUNTERS, stored, expected, counts)


def _compared(live: Session, made_again: Session, table: Table, counts: dict[str, int]) -> Iterator[Breach]:
    raw = live.get_bind().dialect.name == "sqlite"
    yield from _compared_rows(table, _stored(live, table, raw), _stored(made_again, table, raw), counts)


def _compared_rows(
    table: Table, stored: Mapping[Key, Values], expected: Mapping[Key, Values], counts: dict[str, int]
) -> Iterator[Breach]:
    counts[table.name] = len(stored)
    for key in sorted(stored.keys() | expected.keys(), key=str):
        place = f"{table.name} {' '.join(map(str, key))}"
        if key not in stored:
            yield Breach(place, N_("is missing"))
        elif key not in expected:
            yield Breach(place, N_("is there, though no event made it"))
        else:
            for column in (column.name for column in table.columns):
                if not _same(stored[key][column], expected[key][column]):
                    text = N_("has a column %(column)s that is not what the events give")
                    yield Breach(place, text, {"column": column})


def _same(stored: object, expected: object) -> bool:
    return stored == expected and (type(stored) is type(expected) or not isinstance(stored, (str, bytes)))


def _stored(session: Session, table: Table, raw: bool = False) -> dict[Key, Values]:
    """Read all rows by key; raw as SQLite keeps them, since a column changed by hand may hold anything."""
    columns = [type_coerce(column, NullType).label(column.name) if raw else column for column in table.columns]
    asked = select(*columns).execution_options(yield_per=500)
    rows = ((row, row._asdict()) for row in session.execute(asked))
    return {_key(table, row): _read_json(table, values) if raw else values for row, values in rows}


def _lenient(session: Session, table: Table) -> dict[Key, Values]:
    return {_key(table, row): row._asdict() for row in session.execute(select(*lenient(table)))}


def _read_json(table: Table, values: Values) -> Values:
    return values | {c.name: _loaded(values[c.name]) for c in table.columns if isinstance(c.type, JSON)}


def _loaded(stored: object) -> object:
    try:
        return json.loads(stored) if isinstance(stored, str) else stored
    except ValueError:
        return stored


def _key(table: Table, row: Row[Any]) -> Key:
    return tuple(getattr(row, column.name) for column in table.primary_key)


def _by_key(table: Table, rows: list[Values]) -> dict[Key, Values]:
    return {tuple(row[column.name] for column in table.primary_key): row for row in rows}
