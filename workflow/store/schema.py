"""The tables as revisions make them: upgrade, downgrade, and the next revision written from the models.

A new revision: ``python -m workflow.store.schema "Add what"``. Truth tables are never altered in batch mode,
which copies and drops a table; what an event lacks goes into its bytes, under a new version.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Literal

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, Engine, inspect

from workflow.store.database import UTC, WRITING, Base, StartRefused, open_engine
from workflow.store.truth import guard

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def load_tables() -> None:
    """Import every module of the store, so that all its tables are known."""
    for module in iter_modules([str(Path(__file__).parent)]):
        if module.name != "schema":
            import_module(f"workflow.store.{module.name}")


def is_ours(_: object, name: str | None, kind: str, reflected: bool, compared_to: object | None) -> bool:
    """Leave alone what others keep in the same database: the job library, the search."""
    return not (kind == "table" and reflected and compared_to is None)


def write_type(kind: str, item: object, context: AutogenContext) -> str | Literal[False]:
    """Write the store's own types in their plain form, so that a revision never changes with the code."""
    if kind == "type" and isinstance(item, UTC):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


OPTIONS: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "include_object": is_ours,
    "render_item": write_type,
    "compare_type": True,
}


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """Change the schema in one transaction, and set the triggers of truth again before it ends."""
    load_tables()
    with (
        engine.connect().execution_options(**{WRITING: True}) as connection,
        _references_unwatched(connection),
        connection.begin(),
    ):
        yield connection
        if inspect(connection).has_table("event"):
            guard(connection)


@contextmanager
def _references_unwatched(connection: Connection) -> Iterator[None]:
    """Let SQLite copy a table that others refer to; the references are checked again afterwards."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys = 0")  # has no effect within a transaction
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys = 1")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to a revision."""
    command.upgrade(_config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to a revision; "base" removes them all."""
    command.downgrade(_config(engine), revision)


def revision_of(engine: Engine) -> str | None:
    """Say at which revision a database stands; None for one without tables."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Say which revision this version of Saphan works with."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def assert_newest(engine: Engine) -> None:
    """Refuse to start on tables of another version."""
    found, wanted = revision_of(engine), newest()
    if found != wanted:
        raise StartRefused(f"the database is at revision {found}, not {wanted}: run the upgrade first")


def revise(message: str, number: str | None = None) -> None:
    """Write the revision that brings the tables from the newest revision to what the models say."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/scratch.db")
        upgrade(engine)
        newer = number or f"{int(newest() or 0) + 1:04d}"
        command.revision(_config(engine), message, autogenerate=True, rev_id=newer)
        engine.dispose()


def _config(engine: Engine) -> Config:
    config = Config(MIGRATIONS / "alembic.ini")
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


if __name__ == "__main__":
    revise(sys.argv[1])
