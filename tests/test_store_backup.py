"""Copies: taken while the office runs, carried to either engine, whole or refused."""

import io
import json
import tarfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from tests.stores import ENGINES, NOON, Store, empty_database, envelope, fill, opened
from workflow.store.archive import MANIFEST, SEAL, Damaged, Reader
from workflow.store.backup import LEFT_OUT, RestoreRefused, backup, keys_beside, restore
from workflow.store.chain import append, events_of, heads
from workflow.store.counters import next_number
from workflow.store.database import Base, open_engine
from workflow.store.files import FILES, open_file
from workflow.store.payloads import destroy
from workflow.store.projections import Pass
from workflow.store.schema import load_tables, revision_of
from workflow.store.verify import verify_chain, verify_files

pytest_plugins = ["tests.store_fixtures"]


@pytest.fixture
def busy(store: Store) -> Store:
    fill(store)
    return store


@pytest.fixture
def copy(busy: Store, tmp_path: Path) -> Path:
    """A copy of the filled store."""
    target = tmp_path / "away" / "office.tar"
    target.parent.mkdir()
    backup(busy.engine, target, now=NOON)
    return target


@pytest.fixture
def elsewhere(dialect: str, tmp_path: Path) -> Iterator[tuple[Path, Engine]]:
    """An empty home with an empty database."""
    home = tmp_path / "elsewhere"
    home.mkdir()
    with empty_database(dialect, home) as url:
        engine = open_engine(url)
        yield home, engine
        engine.dispose()


def rows_of(engine: Engine) -> dict[str, list]:
    load_tables()
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            for table in Base.metadata.sorted_tables
            if table not in LEFT_OUT
        }


def test_a_copy_restores_every_row_and_file(busy: Store, copy: Path, elsewhere):
    home, engine = elsewhere
    restore(copy, keys_beside(copy), home, engine)
    assert rows_of(engine) == rows_of(busy.engine)
    with Store(engine, home).reading() as session:
        assert heads(session)
        assert events_of(session, "req-1")[0].payload == {"employer": "สวนลำไย", "n": 1}
        digest = session.execute(select(FILES.c.sha256).where(FILES.c.subject == "req-1")).scalar_one()
        assert open_file(session, digest) == b"%PDF of the demand letter"


def test_work_goes_on_after_a_restore(copy: Path, elsewhere):
    home, engine = elsewhere
    restore(copy, keys_beside(copy), home, engine)
    again = Store(engine, home)
    with again.writing() as session:
        number = next_number(session, "CTI", "request_receipt", 2569)
        append(session, envelope("req-1", 4, numbers={"request_receipt": f"{number}/2569"}), {}, "req-1")
    with again.reading() as session:
        assert number == 4
        assert verify_chain(session).breaches == []


@pytest.mark.parametrize("other", ENGINES)
def test_an_office_moves_to_the_other_engine(busy: Store, copy: Path, tmp_path: Path, other: str):
    home = tmp_path / "moved"
    home.mkdir()
    with empty_database(other, home) as url:
        engine = open_engine(url)
        restore(copy, keys_beside(copy), home, engine)
        assert rows_of(engine) == rows_of(busy.engine)
        Store(engine, home).record("req-2")
        engine.dispose()
        with opened(url, home) as again, again.reading() as session:
            assert verify_chain(session).sound


def test_a_copy_made_while_others_write_is_of_one_moment(store: Store, tmp_path: Path, elsewhere):
    store.record("req-0")
    target, done = tmp_path / "office.tar", threading.Event()

    def write() -> None:
        for number in range(1, 1000):
            if done.is_set():
                return
            store.record("req-1", number)

    writer = threading.Thread(target=write)
    writer.start()
    manifests = []
    try:
        for _ in range(3):
            manifests.append(backup(store.engine, target, now=NOON))
    finally:
        done.set()
        writer.join()
    home, engine = elsewhere
    restored = restore(target, keys_beside(target), home, engine)
    assert restored["heads"] == manifests[-1]["heads"]
    with store.reading() as session, Store(engine, home).reading() as again:
        assert verify_chain(session, heads(again)).breaches == []


def test_the_copy_holds_no_key_and_the_keys_no_event(copy: Path):
    with Reader(copy) as data, Reader(keys_beside(copy)) as keys:
        assert "tables/subject_key" not in data.manifest["members"]
        assert sorted(keys.manifest["members"]) == ["master.key", "session.key", "tables/subject_key"]
    assert keys_beside(copy).stat().st_mode & 0o077 == 0


def test_no_list_of_names_is_carried_away(busy: Store, copy: Path, elsewhere):
    with busy.writing() as session:
        session.add(Pass(pass_key="BB1", worker="wrk-1", pass_number="PLAIN-NAME"))
    backup(busy.engine, copy, now=NOON)
    assert b"PLAIN-NAME" not in copy.read_bytes()
    restore(copy, keys_beside(copy), *elsewhere)
    with Store(elsewhere[1], elsewhere[0]).reading() as session:
        assert session.scalars(select(Pass)).all() == []


def test_newer_keys_erase_from_an_older_copy(busy: Store, copy: Path, tmp_path: Path, elsewhere):
    with busy.writing() as session:
        destroy(session, "wrk-1", now=NOON)
    newer = tmp_path / "newer.tar"
    backup(busy.engine, newer, now=NOON + timedelta(days=1))
    home, engine = elsewhere
    restore(copy, keys_beside(newer), home, engine)
    with Store(engine, home).reading() as session:
        assert events_of(session, "wrk-1")[0].payload is None
        assert verify_chain(session).sound


def test_keys_older_than_the_copy_are_refused(busy: Store, copy: Path, tmp_path: Path, elsewhere):
    newer = tmp_path / "newer.tar"
    backup(busy.engine, newer, now=NOON + timedelta(days=1))
    with pytest.raises(RestoreRefused, match="older"):
        restore(newer, keys_beside(copy), *elsewhere)
    assert revision_of(elsewhere[1]) is None


def test_the_keys_of_another_office_are_refused(copy: Path, tmp_path: Path, model: str, elsewhere):
    from tests.stores import copy_of

    (tmp_path / "other").mkdir()
    with copy_of(model, tmp_path / "other") as url, opened(url, tmp_path / "other") as other:
        other.record("req-1")
        backup(other.engine, tmp_path / "other.tar", now=NOON)
    with pytest.raises(RestoreRefused, match="another office"):
        restore(copy, keys_beside(tmp_path / "other.tar"), *elsewhere)


def test_an_office_in_use_is_not_restored_over(busy: Store, copy: Path, elsewhere):
    with pytest.raises(RestoreRefused, match="is not empty"):
        restore(copy, keys_beside(copy), busy.folder, elsewhere[1])
    with pytest.raises(RestoreRefused, match="database is not empty"):
        restore(copy, keys_beside(copy), elsewhere[0], busy.engine)


@pytest.mark.parametrize("part", ["tables/event", "tables/payload", "files/", MANIFEST, SEAL])
def test_a_damaged_copy_is_refused_before_anything_is_restored(copy: Path, elsewhere, part: str):
    with tarfile.open(copy) as tar:
        member = next(member for member in tar if member.name.startswith(part))
    content = bytearray(copy.read_bytes())
    content[member.offset_data + member.size // 2] ^= 1
    copy.write_bytes(content)
    with pytest.raises(Damaged):
        restore(copy, keys_beside(copy), *elsewhere)
    assert revision_of(elsewhere[1]) is None
    assert not (elsewhere[0] / "files").exists()


def test_a_copy_cut_short_is_refused(copy: Path, elsewhere):
    copy.write_bytes(copy.read_bytes()[:5000])
    with pytest.raises(Damaged):
        restore(copy, keys_beside(copy), *elsewhere)


def test_a_copy_changed_and_digested_anew_is_refused_after_the_fact(copy: Path, elsewhere):
    whole = copy.read_bytes()
    remake(copy, "tables/event", lambda content: content.replace(b"submit", b"revoke"))
    with pytest.raises(RestoreRefused, match="not what was copied"):
        restore(copy, keys_beside(copy), *elsewhere)
    copy.write_bytes(whole)
    restore(copy, keys_beside(copy), *elsewhere)


def test_a_copy_cannot_write_outside_its_home(copy: Path, elsewhere):
    remake(copy, "files/", lambda content: content, name="files/../../outside")
    with pytest.raises(RestoreRefused, match="no name of a file"):
        restore(copy, keys_beside(copy), *elsewhere)


def remake(path: Path, part: str, change, name: str | None = None) -> None:
    """Change one part of a copy and let its manifest agree."""
    with tarfile.open(path) as tar:
        parts = {member: tar.extractfile(member).read() for member in tar.getnames()}
    manifest = json.loads(parts.pop(MANIFEST))
    old = next(member for member in parts if member.startswith(part))
    parts[old] = change(parts[old])
    parts = {name if name and member == old else member: parts[member] for member in parts if member != SEAL}
    manifest["members"] = {member: sha256(content).hexdigest() for member, content in parts.items()}
    written = json.dumps(manifest).encode()
    with tarfile.open(path, "w") as tar:
        ending = {MANIFEST: written, SEAL: sha256(written).hexdigest().encode()}
        for member, content in (parts | ending).items():
            about = tarfile.TarInfo(member)
            about.size = len(content)
            tar.addfile(about, io.BytesIO(content))


def test_a_file_lost_before_the_copy_is_named_and_does_not_stop_it(busy: Store, tmp_path: Path, elsewhere):
    [lost] = [path for path in (busy.folder / "files").glob("*/*") if _is_of(busy, path, "req-1")]
    lost.unlink()
    manifest = backup(busy.engine, tmp_path / "office.tar", now=NOON)
    assert len(manifest["missing"]) == 1
    home, engine = elsewhere
    restore(tmp_path / "office.tar", keys_beside(tmp_path / "office.tar"), home, engine)
    with Store(engine, home).reading() as session:
        assert len(verify_files(session).breaches) == 1


def _is_of(store: Store, path: Path, subject: str) -> bool:
    with store.reading() as session:
        digest = session.execute(select(FILES.c.sha256).where(FILES.c.subject == subject)).scalar_one()
    return path.parent.name + path.name.partition("-")[0] == digest


def test_a_copy_that_fails_leaves_nothing_behind(busy: Store, tmp_path: Path, monkeypatch):
    away = tmp_path / "away"
    away.mkdir()
    monkeypatch.setattr("workflow.store.backup._add_files", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        backup(busy.engine, away / "office.tar", now=NOON)
    assert list(away.iterdir()) == []
