"""One database behind the office, SQLite or PostgreSQL, under settings that lose no acknowledged act."""

from collections.abc import Mapping
from datetime import UTC as ZONE
from datetime import datetime
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from workflow.store import sqlite

WRITING = "saphan_writing"
BUSY_MILLISECONDS = 30_000
SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: with NORMAL a power cut takes back what was acknowledged
    "foreign_keys": 1,
    "recursive_triggers": 1,  # else INSERT OR REPLACE deletes without asking the triggers
    "secure_delete": 1,  # a destroyed key leaves no bytes behind
    "trusted_schema": 0,
    "busy_timeout": BUSY_MILLISECONDS,
}
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SENT_BACK = frozenset({"40P01", "40001"})
"""What PostgreSQL says to a writer whom it sent back: a deadlock, transactions that cannot be put one after another."""


class StartRefused(Exception):
    """The store may not be used as it is; the message says what an administrator must mend."""


class NotWriting(Exception):
    """Something was to be stored outside a writing transaction: call begin_write first."""


class Base(DeclarativeBase):
    """All tables of the store, truth and copies."""

    metadata = MetaData(naming_convention=NAMES)


class UTC(TypeDecorator[datetime]):
    """A moment: aware when given and when read, stored in UTC on either engine."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(ZONE)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=ZONE) if value.tzinfo is None else value.astimezone(ZONE)


Json = JSON().with_variant(postgresql.JSONB(), "postgresql")
Position = BigInteger().with_variant(Integer, "sqlite")
"""The type of a row number that grows for ever; on SQLite it must be called INTEGER to be the row's own."""


class Database(SQLAlchemy):
    """Flask-SQLAlchemy over engines that are tended as the store needs."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        return tend(super()._make_engine(bind_key, options, app))


db = Database(model_class=Base)


def open_engine(url: str, **options: Any) -> Engine:
    """Open a database outside a web application: for the command line, jobs and tests."""
    return tend(create_engine(url, **options))


def tend(engine: Engine) -> Engine:
    """Give every connection of an engine its settings, and every transaction its kind."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not begin for us: `_begin` does
    cursor = connection.cursor()
    for name, value in SETTINGS.items():
        cursor.execute(f"PRAGMA {name} = {value}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def begin_write(session: Session) -> None:
    """Begin a writing transaction, ending the reading one; within a writing one, do nothing.

    On SQLite it waits its turn here (a reading transaction can never become a writing one), so what is
    read from now on is the newest. Raises NotWriting where changes were made before.
    """
    if is_writing(session):
        return
    if session.new or session.dirty or session.deleted:
        raise NotWriting("changes were made before begin_write")
    session.rollback()
    session.connection(execution_options={WRITING: True})


def is_writing(session: Session) -> bool:
    """Say whether a session is in a writing transaction."""
    return session.in_transaction() and bool(session.connection().get_execution_options().get(WRITING))


def must_write(session: Session) -> None:
    """Refuse to go on outside a writing transaction."""
    if not is_writing(session):
        raise NotWriting("call begin_write first")


def waited_for_each_other(fault: DBAPIError) -> bool:
    """Say whether the database sent a writer back because two waited for each other: nothing of it is stored."""
    return getattr(fault.orig, "sqlstate", None) in SENT_BACK


def insert_once(session: Session, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row unless one with its key is there already; say whether it was inserted.

    The one place of the product that says ON CONFLICT. Not for append-only tables: their triggers refuse it.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite_dialect
    done = session.execute(dialect.insert(table).values(values).on_conflict_do_nothing())
    return done.rowcount == 1


def assert_safe(engine: Engine) -> None:
    """Refuse to start on a database that could lose or damage what the office was told is stored."""
    with engine.connect() as connection:
        faults = _FAULTS[engine.dialect.name](connection)
    if faults:
        raise StartRefused("; ".join(faults))


def _sqlite_faults(connection: Connection) -> list[str]:
    version = tuple(map(int, connection.exec_driver_sql("select sqlite_version()").scalar_one().split(".")))
    faults = []
    if version < sqlite.OLDEST_SAFE:
        faults.append(f"SQLite {'.'.join(map(str, version))} can damage its log; 3.51.3 or newer is needed")
    for name, wanted in SETTINGS.items():
        found = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        if found != wanted:
            faults.append(f"SQLite's {name} is {found}, not {wanted}")
    return faults


def _postgres_faults(connection: Connection) -> list[str]:
    faults = []
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        found = connection.exec_driver_sql(f"SHOW {name}").scalar_one()
        if found not in ("on", "remote_write", "remote_apply"):
            faults.append(f"PostgreSQL's {name} is {found}: an acknowledged act could be lost")
    if connection.exec_driver_sql("SHOW server_encoding").scalar_one() != "UTF8":
        faults.append("the database does not store UTF-8")
    ctype = connection.exec_driver_sql(
        "SELECT datctype FROM pg_database WHERE datname = current_database()"
    ).scalar_one()
    if ctype in ("C", "POSIX"):
        faults.append(f"the database's character type is {ctype}: Thai and Khmer names would not be found")
    return faults


_FAULTS = {"sqlite": _sqlite_faults, "postgresql": _postgres_faults}
