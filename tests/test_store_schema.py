"""Revisions: up, down and up again on both engines, with data, and always what the models say."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.orm import Session

from tests.stores import NOON, Store, empty_database, fill
from workflow.store.archive import kind_of
from workflow.store.database import Base, StartRefused, open_engine
from workflow.store.schema import (
    MIGRATIONS,
    OPTIONS,
    assert_newest,
    downgrade,
    load_tables,
    newest,
    revision_of,
    upgrade,
)
from workflow.store.start import open_store
from workflow.store.truth import TRUTH, assert_guarded
from workflow.store.verify import verify_chain

pytest_plugins = ["tests.store_fixtures"]
REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


@pytest.fixture
def engine(dialect: str, tmp_path: Path) -> Iterator[Engine]:
    with empty_database(dialect, tmp_path) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


def test_the_newest_revision_is_what_the_models_say(store: Store):
    options = {name: value for name, value in OPTIONS.items() if name != "target_metadata"}
    with store.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    assert difference == [], "write a new revision: see workflow/store/schema.py"


def test_every_revision_goes_up_and_down_and_up_again(engine: Engine):
    for revision in REVISIONS:
        upgrade(engine, revision)
        assert revision_of(engine) == revision
    for revision in [*REVISIONS[:-1][::-1], "base"]:
        downgrade(engine, revision)
    assert revision_of(engine) is None
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    assert_newest(engine)


def test_an_upgrade_leaves_truth_as_it_was_and_guarded(engine: Engine, tmp_path: Path):
    upgrade(engine, REVISIONS[0])
    if REVISIONS[0] == newest():
        open_store(engine, tmp_path, now=NOON, trial=True)
        fill(Store(engine, tmp_path))
    upgrade(engine)
    with Session(engine) as session:
        assert_guarded(session.connection())
        assert verify_chain(session).sound


def test_upgrading_again_changes_nothing(store: Store):
    store.record("req-1")
    upgrade(store.engine)
    with store.reading() as session:
        assert verify_chain(session).sound


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(engine: Engine, monkeypatch):
    monkeypatch.setattr("workflow.store.schema.guard", lambda connection: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        upgrade(engine)
    assert inspect(engine).get_table_names() == []


def test_tables_of_another_version_are_refused(store: Store):
    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StartRefused, match="run the upgrade first"):
        assert_newest(store.engine)


def test_no_revision_copies_and_drops_a_table_of_truth():
    for path in (MIGRATIONS / "versions").glob("*.py"):
        batched = re.findall(r"batch_alter_table\(\s*[\"'](\w+)", path.read_text())
        assert not {table.name for table in TRUTH} & set(batched), path.name


def test_tables_of_others_in_the_same_database_are_left_alone(store: Store):
    with store.writing() as session:
        session.execute(text("CREATE TABLE workflow_status (id integer)"))
    test_the_newest_revision_is_what_the_models_say(store)


def test_every_column_can_be_carried_away_in_a_copy():
    load_tables()
    for table in Base.metadata.sorted_tables:
        assert table.primary_key.columns, table.name
        for column in table.columns:
            assert kind_of(column.type), column
