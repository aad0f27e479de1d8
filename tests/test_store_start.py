"""Starting: refused on any store that could lose, show or mix up what the office keeps."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.stores import NOON, Store, copy_of, empty_database, on_postgres, on_sqlite, opened
from workflow.store import database, sqlite
from workflow.store.database import (
    NotWriting,
    StartRefused,
    assert_safe,
    begin_write,
    is_writing,
    open_engine,
)
from workflow.store.keys import Keys
from workflow.store.start import open_store
from workflow.store.truth import Counter

pytest_plugins = ["tests.store_fixtures"]


def start(store: Store, **changes: object) -> None:
    open_store(store.engine, **({"folder": store.folder, "now": NOON, "trial": True} | changes))


def test_a_sound_store_starts_again(store: Store):
    store.record("req-1")
    start(store)


def test_a_database_without_tables_is_refused(dialect: str, tmp_path: Path):
    with empty_database(dialect, tmp_path) as url:
        engine = open_engine(url)
        with pytest.raises(StartRefused, match="revision None"):
            open_store(engine, tmp_path, now=NOON, trial=True)
        engine.dispose()


@on_postgres
def test_a_careless_postgres_is_refused(store: Store):
    with pytest.raises(StartRefused, match="fsync is off"):  # so runs the tests' own server
        assert_safe(store.engine)


@on_sqlite
@pytest.mark.parametrize("setting", ["synchronous", "foreign_keys", "recursive_triggers"])
def test_an_sqlite_with_a_careless_setting_is_refused(store: Store, monkeypatch, setting: str):
    monkeypatch.setitem(database.SETTINGS, setting, database.SETTINGS[setting] + 1)
    with pytest.raises(StartRefused, match=setting):
        assert_safe(store.engine)


@on_sqlite
def test_an_sqlite_too_old_is_refused(store: Store, monkeypatch):
    monkeypatch.setattr(sqlite, "OLDEST_SAFE", (99, 0, 0))
    with pytest.raises(StartRefused, match="is needed"):
        assert_safe(store.engine)


def test_a_missing_trigger_is_refused(store: Store):
    drop = "DROP TRIGGER event__no_delete" + (
        " ON event" if store.engine.dialect.name == "postgresql" else ""
    )
    with store.writing() as session:
        session.execute(text(drop))
    with pytest.raises(StartRefused, match="event__no_delete"):
        start(store)


def test_a_trigger_switched_off_or_emptied_is_refused(store: Store):
    with store.writing() as session:
        if store.engine.dialect.name == "postgresql":
            session.execute(text("ALTER TABLE event DISABLE TRIGGER event__no_delete"))
        else:
            session.execute(text("DROP TRIGGER event__no_delete"))
            session.execute(
                text("CREATE TRIGGER event__no_delete BEFORE DELETE ON event BEGIN SELECT 1; END")
            )
    with pytest.raises(StartRefused, match="event__no_delete"):
        start(store)


@on_postgres
@pytest.mark.parametrize(
    "change",
    [
        "CREATE OR REPLACE FUNCTION saphan_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$",
        "ALTER TABLE event ENABLE TRIGGER event__no_delete",
        "CREATE OR REPLACE TRIGGER event__no_delete BEFORE DELETE ON event FOR EACH ROW WHEN (false)"
        " EXECUTE FUNCTION saphan_append_only()",
        "CREATE OR REPLACE TRIGGER event__no_delete AFTER DELETE ON event FOR EACH ROW"
        " EXECUTE FUNCTION saphan_append_only()",
    ],
)
def test_a_trigger_made_harmless_is_refused(store: Store, change: str):
    with store.writing() as session:
        session.connection().exec_driver_sql(change)
    with pytest.raises(StartRefused, match="event__no_delete"):
        start(store)


def test_a_clock_behind_the_last_event_is_refused(store: Store):
    store.record("req-1")
    with pytest.raises(StartRefused, match="clock"):
        start(store, now=NOON - timedelta(hours=1))


# --- keys -----------------------------------------------------------------------------------------


def test_the_first_run_makes_keys_that_later_runs_read(tmp_path: Path):
    made = Keys.at(tmp_path, first_run=True)
    assert Keys.at(tmp_path, first_run=False) == made
    assert Keys.at(tmp_path, first_run=True) == made
    assert made.master != made.session_secret
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_missing_keys_are_refused_where_data_exist(store: Store, tmp_path: Path):
    store.record("req-1")
    with pytest.raises(StartRefused, match=r"master\.key is missing"):
        start(store, folder=tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()


def test_the_keys_of_another_office_are_refused(store: Store, tmp_path: Path):
    store.record("req-1")
    Keys.at(tmp_path / "elsewhere", first_run=True)
    with pytest.raises(StartRefused, match="not the one of this database"):
        start(store, folder=tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("00" * 32, "too weak"),
        ("0123456789abcdef" * 3, "too weak"),
        ("0102" * 16, "too weak"),
        ("changeme", "damaged"),
        ("", "too weak"),
    ],
)
def test_a_weak_or_damaged_key_is_refused(tmp_path: Path, written: str, said: str):
    Keys.at(tmp_path, first_run=True)
    (tmp_path / "keys" / "master.key").write_text(written)
    with pytest.raises(StartRefused, match=said):
        Keys.at(tmp_path, first_run=False)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path):
    Keys.at(tmp_path, first_run=True)
    (tmp_path / "keys" / "session.key").chmod(0o640)
    with pytest.raises(StartRefused, match="can be read by other accounts"):
        Keys.at(tmp_path, first_run=False)


# --- transactions ---------------------------------------------------------------------------------


def test_a_reading_session_writes_after_begin_write(store: Store):
    with store.reading() as session:
        session.execute(text("SELECT count(*) FROM event"))
        assert not is_writing(session)
        begin_write(session)
        begin_write(session)
        assert is_writing(session)
        session.commit()
        assert not is_writing(session)


def test_changes_made_before_begin_write_are_refused_not_lost(store: Store):
    with store.reading() as session:
        session.add(Counter(office="CTI", series="receipt", year=2569, opening=0, value=0))
        with pytest.raises(NotWriting):
            begin_write(session)


def test_a_writer_sees_what_was_written_since_it_last_read(store: Store):
    with store.reading() as session:
        assert session.execute(text("SELECT count(*) FROM event")).scalar_one() == 0
        store.record("req-1")
        begin_write(session)
        assert session.execute(text("SELECT count(*) FROM event")).scalar_one() == 1


def test_reading_does_not_hold_a_writer_up(store: Store):
    with store.reading() as session:
        session.execute(text("SELECT count(*) FROM event"))
        store.record("req-1")
        assert session.execute(text("SELECT count(*) FROM subject_key")).scalar_one() in (0, 1)


def test_two_stores_in_one_process_keep_their_keys_apart(model: str, tmp_path: Path):
    homes = [tmp_path / name for name in ("one", "two")]
    for home in homes:
        home.mkdir()
    with (
        copy_of(model, homes[0]) as first,
        copy_of(model, homes[1]) as second,
        opened(first, homes[0]) as one,
        opened(second, homes[1]) as two,
    ):
        one.record("req-1")
        two.record("req-1")
        start(one)
        with pytest.raises(StartRefused):
            start(one, folder=two.folder)
