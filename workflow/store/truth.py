"""The tables that hold the truth: rows are added and never changed, and the database itself refuses it.

Whatever else the store holds (chain_head, counter, the projections) can be made again from these.
"""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import CreateSequence

from workflow.store.database import UTC, Base, Position, StartRefused

POSITIONS = Sequence("event_position", metadata=Base.metadata)
"""Where PostgreSQL takes positions from; SQLite counts on under its one write lock."""


class EventRow(Base):
    """One event: its stored bytes are the truth, the columns beside them are for finding it."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("chain", "seq"), UniqueConstraint("subject", "number"))

    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    chain: Mapped[str] = mapped_column(String(100))
    seq: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    flow: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(100))
    number: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(60))
    request_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    recorded_at: Mapped[datetime] = mapped_column(UTC, index=True)


Index("ix_event_flow_step", EventRow.flow, EventRow.step)


class PayloadRow(Base):
    """What an event states, sealed under the key of the one it is about."""

    __tablename__ = "payload"

    position: Mapped[int] = mapped_column(
        Position, ForeignKey("event.position", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    key_subject: Mapped[str] = mapped_column(
        String(100), ForeignKey("subject_key.subject", ondelete="RESTRICT"), index=True
    )
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class SubjectKey(Base):
    """The key of one person, employer or register entry, wrapped by the master key.

    When it is destroyed, `wrapped` keeps a proof under the master key that the office did it, no more.
    """

    __tablename__ = "subject_key"

    subject: Mapped[str] = mapped_column(String(100), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32), unique=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTC)
    destroyed_at: Mapped[datetime | None] = mapped_column(UTC)


class RulesetTextRow(Base):
    """A text of the law as data, by its SHA-256."""

    __tablename__ = "ruleset_text"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class StoredFile(Base):
    """An upload or a paper on disk; the digest is that of its plain bytes."""

    __tablename__ = "stored_file"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject: Mapped[str] = mapped_column(
        String(100), ForeignKey("subject_key.subject", ondelete="RESTRICT"), primary_key=True
    )
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    stored_at: Mapped[datetime] = mapped_column(UTC)


class AccessRow(Base):
    """That a person read personal data, chained like events, written on its own connection."""

    __tablename__ = "access_log"

    chain: Mapped[str] = mapped_column(String(100), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    bytes: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    person: Mapped[str] = mapped_column(String(100), index=True)
    subject: Mapped[str] = mapped_column(String(100), index=True)
    read_at: Mapped[datetime] = mapped_column(UTC, index=True)


class MeasureColumns:
    """A permit before and after a measure; `version` is what was seen, `was_measure` the measure that lay over it then."""

    measure: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    office: Mapped[str] = mapped_column(String(100))
    crossed_on: Mapped[date | None] = mapped_column(Date)
    was_until: Mapped[date] = mapped_column(Date)
    was_stay: Mapped[date | None] = mapped_column(Date)
    was_flags: Mapped[str] = mapped_column(String(200))
    was_measure: Mapped[str] = mapped_column(String(40))
    until: Mapped[date] = mapped_column(Date)
    stay: Mapped[date | None] = mapped_column(Date)
    flags: Mapped[str] = mapped_column(String(200))
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class MeasureItem(MeasureColumns, Base):
    """What a measure makes of one permit; the event that lays it at the office binds all items by their digests.

    `attempt` counts how often it was judged at that version: another measure moves a permit without an event of it.
    """

    __tablename__ = "measure_item"
    __table_args__ = (Index("ix_measure_item_office", "measure", "office"),)

    attempt: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, sort_order=1)


class ChainHead(Base):
    """A copy: where each chain stands; its row is the lock that writers of the chain take in turn."""

    __tablename__ = "chain_head"

    chain: Mapped[str] = mapped_column(String(100), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime | None] = mapped_column(UTC)


class Counter(Base):
    """A copy: the last number handed out in a series of an office and Buddhist year."""

    __tablename__ = "counter"
    __table_args__ = (CheckConstraint("value >= opening AND opening >= 0", name="counts_up"),)

    office: Mapped[str] = mapped_column(String(100), primary_key=True)
    series: Mapped[str] = mapped_column(String(60), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    opening: Mapped[int] = mapped_column(BigInteger)
    value: Mapped[int] = mapped_column(BigInteger)


TRUTH: tuple[Table, ...] = tuple(
    row.__table__
    for row in (SubjectKey, EventRow, PayloadRow, RulesetTextRow, StoredFile, AccessRow, MeasureItem)
)
"""The append-only tables; of a subject's key alone the destruction may be written."""

DESTROYS_A_KEY = (
    "NEW.subject = OLD.subject AND NEW.key_id = OLD.key_id AND NEW.created_at = OLD.created_at"
    " AND OLD.destroyed_at IS NULL AND NEW.destroyed_at IS NOT NULL"
    " AND length(NEW.wrapped) < length(OLD.wrapped)"
)


def guard(connection: Connection) -> None:
    """Set the triggers that make truth append-only; called after every change of the schema."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(POSTGRES_REFUSAL)
        connection.execute(CreateSequence(POSITIONS, if_not_exists=True))
    for name, statement in _guards(connection).items():
        table = name.partition("__")[0]
        drop = f"DROP TRIGGER IF EXISTS {name}"
        connection.exec_driver_sql(drop if connection.dialect.name == "sqlite" else f"{drop} ON {table}")
        connection.exec_driver_sql(statement)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def assert_guarded(connection: Connection) -> None:
    """Refuse to start where a trigger is missing, changed or switched off."""
    if connection.dialect.name == "sqlite":
        wanted, asked = _guards(connection), "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
    else:
        wanted, asked = {name: _as_set(name) for name in _guards(connection)}, POSTGRES_TRIGGERS
    found = dict(connection.exec_driver_sql(asked).all())
    wrong = [name for name, statement in wanted.items() if found.get(name) != statement]
    if wrong:
        raise StartRefused(f"the triggers that keep the records unchanged are not as set: {', '.join(wrong)}")


def _guards(connection: Connection) -> dict[str, str]:
    guards = _sqlite_guards if connection.dialect.name == "sqlite" else _postgres_guards
    return {name: text for table in TRUTH for name, text in guards(table).items()}


def _sqlite_guards(table: Table) -> dict[str, str]:
    name = table.name
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
    unless = f" WHEN NOT ({DESTROYS_A_KEY})" if name == "subject_key" else ""
    keys = [tuple(table.primary_key.columns.keys()), *_unique(table)]
    same = " OR ".join(f"({' AND '.join(f'{column} = NEW.{column}' for column in key)})" for key in keys)
    there = f"EXISTS (SELECT 1 FROM {name} WHERE {same})"
    return _triggers(
        name,
        no_update=f"BEFORE UPDATE ON {name}{unless} {refuse}",
        no_delete=f"BEFORE DELETE ON {name} {refuse}",
        no_replace=f"BEFORE INSERT ON {name} WHEN {there} {refuse}",
    )


def _unique(table: Table) -> list[tuple[str, ...]]:
    singles = [(column.name,) for column in table.columns if column.unique]
    several = [tuple(rule.columns.keys()) for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    return sorted({*singles, *several})


POSTGRES_REFUSAL = """
CREATE OR REPLACE FUNCTION saphan_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    RAISE integrity_constraint_violation USING MESSAGE = TG_TABLE_NAME || ' is append-only';
END $$
"""


POSTGRES_TRIGGERS = """
SELECT tgname, concat_ws(' ', tgenabled, tgtype, tgqual IS NULL, prosrc)
FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal
"""
TRIGGER_TYPES = {"no_update": 19, "no_delete": 11, "no_truncate": 34}
"""As PostgreSQL writes down: before each row updated, each row deleted, each statement that truncates."""


def _as_set(name: str) -> str:
    """Say how PostgreSQL describes a trigger that is set as it should be, on always and unchanged."""
    table, rule = name.split("__")
    always = "f" if (table, rule) == ("subject_key", "no_update") else "t"
    return f"A {TRIGGER_TYPES[rule]} {always} {POSTGRES_REFUSAL.split('$$')[1]}"


def _postgres_guards(table: Table) -> dict[str, str]:
    name, refuse = table.name, "EXECUTE FUNCTION saphan_append_only()"
    unless = f" WHEN (NOT ({DESTROYS_A_KEY}))" if name == "subject_key" else ""
    return _triggers(
        name,
        no_update=f"BEFORE UPDATE ON {name} FOR EACH ROW{unless} {refuse}",
        no_delete=f"BEFORE DELETE ON {name} FOR EACH ROW {refuse}",
        no_truncate=f"BEFORE TRUNCATE ON {name} FOR EACH STATEMENT {refuse}",
    )


def _triggers(table: str, **rules: str) -> dict[str, str]:
    return {f"{table}__{name}": f"CREATE TRIGGER {table}__{name} {rule}" for name, rule in rules.items()}
