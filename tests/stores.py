"""A store to test with, on each engine given, and the words to fill it."""

import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from workflow.domain.measure import After, Before
from workflow.store.access import Reading, note
from workflow.store.chain import Envelope, Stored, append
from workflow.store.counters import next_number, write_number
from workflow.store.database import begin_write, open_engine
from workflow.store.files import keep
from workflow.store.measures import item, keep_items
from workflow.store.payloads import destroy
from workflow.store.rulesets import keep_text
from workflow.store.schema import upgrade
from workflow.store.start import open_store
from workflow.store.truth import EventRow

POSTGRES = os.environ.get("SAPHAN_TEST_POSTGRES")
ENGINES = ["sqlite", *(["postgresql"] if POSTGRES else [])]
on_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True, scope="session")
on_postgres = pytest.mark.parametrize("dialect", ENGINES[1:], indirect=True, scope="session")
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
_names = (f"saphan_{os.getpid()}_{number}" for number in itertools.count())


@dataclass(frozen=True)
class Store:
    """A store that is open, with the folder that is its home."""

    engine: Engine
    folder: Path

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Write, and commit if all went well."""
        with Session(self.engine) as session:
            begin_write(session)
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.engine) as session:
            yield session

    def record(self, subject: str, number: int = 1, payload: dict | None = None, **changes: object) -> Stored:
        """Store one event, committed."""
        with self.writing() as session:
            return append(session, envelope(subject, number, **changes), payload or {"n": number}, subject)


def envelope(subject: str = "req-1", number: int = 1, **changes: object) -> Envelope:
    """An officer of Chanthaburi does something at noon."""
    plain = Envelope(
        chain="CTI",
        flow="request",
        subject=subject,
        number=number,
        step="submit",
        source="drafted",
        target="submitted",
        person="p-1",
        role="officer",
        name="สมชาย ใจดี",
        office="CTI",
        happened_at=NOON,
        recorded_at=NOON,
        ruleset="ab" * 32,
        kind="demand",
    )
    return replace(plain, **changes)


@contextmanager
def empty_database(dialect: str, folder: Path) -> Iterator[str]:
    """Make an address of a database without tables; it goes away afterwards."""
    if dialect == "sqlite":
        yield f"sqlite:///{folder}/office.db"
        return
    with postgres_database() as url:
        yield url


@contextmanager
def postgres_database(template: str = "template1") -> Iterator[str]:
    name, server = next(_names), open_engine(POSTGRES, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def model_database(dialect: str, folder: Path) -> Iterator[str]:
    """Make one database with all tables, to copy for each test."""
    with empty_database(dialect, folder) as url:
        engine = open_engine(url, poolclass=NullPool)
        upgrade(engine)
        with engine.connect() as connection:  # close the log, so that one file is all of it
            if dialect == "sqlite":
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        yield url


@contextmanager
def copy_of(model: str, folder: Path) -> Iterator[str]:
    """Copy a model database for one test."""
    name = make_url(model).database
    if make_url(model).get_backend_name() == "sqlite":
        shutil.copy(name, folder / "office.db")
        yield f"sqlite:///{folder}/office.db"
    else:
        with postgres_database(name) as url:
            yield url


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Store]:
    """Open the store of a database and a home."""
    engine = open_engine(url)
    try:
        open_store(engine, folder, now=NOON, trial=True)
        yield Store(engine, folder)
    finally:
        engine.dispose()


def fill(store: Store) -> None:
    """Store something of every kind: two chains, numbers, a file, a reading, a law, someone erased."""
    with store.writing() as session:
        keep_text(session, "id = 'DEMO'")
        for number in (1, 2, 3):
            receipt = write_number(next_number(session, "CTI", "request_receipt", 2569), 2569)
            append(
                session,
                envelope("req-1", number, numbers={"request_receipt": receipt}, request_id=f"acc-1:{number}"),
                {"employer": "สวนลำไย", "n": number},
                "req-1",
            )
        append(session, envelope("wrk-1", chain="TRT"), {"name_khmer": "សុខា"}, "wrk-1")
        append(session, envelope("wrk-2", chain="TRT"), {"name_khmer": "ចាន់"}, "wrk-2")
        keep(session, b"%PDF of the demand letter", "application/pdf", "req-1", now=NOON)
        keep(session, b"a photograph", "image/jpeg", "wrk-2", now=NOON)
        note(session, reading("wrk-1"))
        note(session, reading("wrk-2"))
        before = Before("per-1", 1, frozenset(), *[NOON.date()] * 4, employers=1, measure="")
        after = After(NOON.date(), NOON.date(), frozenset({"grace"}))
        keep_items(session, [item("mea-1", "CTI", before, after)])
    with store.writing() as session:
        destroy(session, "wrk-2", now=NOON + timedelta(minutes=1))


def reading(subject: str = "wrk-1") -> Reading:
    """An auditor looks at someone."""
    return Reading(
        person="p-9",
        account="acc-9",
        role="auditor",
        office="CTI",
        flow="worker",
        subject=subject,
        purpose="audit order 3/2569",
        read_at=NOON,
    )


def change_by_hand(session: Session, statement: str, **values: object) -> None:
    """Do what someone does who holds the database itself: triggers and references are off.

    Take it back with session.rollback().
    """
    begin_write(session)
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = 1")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = 1")
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    else:
        named = "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal"
        for table, name in connection.exec_driver_sql(named).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    connection.execute(text(statement), values)


def rewrite_by_hand(session: Session, chain: str) -> None:
    """Say that a step was another one, and make every hash from there on fit again."""
    before = bytes(32)
    for row in session.execute(select(EventRow.__table__).where(EventRow.chain == chain)).all():
        frame = json.loads(row.bytes) | {"before": before.hex()}
        frame["event"]["step"] = "approve"
        made = json.dumps(frame, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        before = hashlib.sha256(b"saphan event 1\n" + before + made).digest()
        change_by_hand(
            session,
            "UPDATE event SET bytes = :made, hash = :hash, step = 'approve' WHERE position = :position",
            made=made,
            hash=before,
            position=row.position,
        )
    change_by_hand(
        session, "UPDATE chain_head SET hash = :hash WHERE chain = :chain", hash=before, chain=chain
    )
