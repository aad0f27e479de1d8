"""Files: sealed under their subject's key, whole on disk before they are named, swept when nobody names them."""

import os
from datetime import timedelta
from hashlib import sha256

import pytest

from tests.stores import NOON, Store
from workflow.store.files import FileLost, keep, open_file, sweep
from workflow.store.payloads import Erased, Tampered, destroy
from workflow.store.verify import verify_files

pytest_plugins = ["tests.store_fixtures"]
SCAN = b"%PDF-1.7 a scan of the signed demand letter"


def put(store: Store, content: bytes = SCAN, subject: str = "req-1") -> str:
    with store.writing() as session:
        return keep(session, content, "application/pdf", subject, now=NOON)


def on_disk(store: Store) -> list:
    return [path for path in (store.folder / "files").glob("*/*") if path.is_file()]


def age(store: Store, hours: int) -> None:
    moment = (NOON - timedelta(hours=hours)).timestamp()
    for path in on_disk(store):
        os.utime(path, (moment, moment))


def test_a_file_is_read_back_by_its_digest(store: Store):
    digest = put(store)
    assert digest == sha256(SCAN).hexdigest()
    with store.reading() as session:
        assert open_file(session, digest) == SCAN


def test_a_file_lies_sealed_and_for_nobody_else_to_read(store: Store):
    put(store)
    [path] = on_disk(store)
    assert SCAN not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_the_same_file_again_is_kept_once(store: Store):
    assert put(store) == put(store)
    assert len(on_disk(store)) == 1


def test_the_same_file_of_two_subjects_outlives_the_erasure_of_one(store: Store):
    digest = put(store, subject="wrk-1")
    put(store, subject="wrk-2")
    with store.writing() as session:
        destroy(session, "wrk-1", now=NOON)
    with store.reading() as session:
        assert open_file(session, digest) == SCAN
        with pytest.raises(Erased):
            open_file(session, digest, "wrk-1")


def test_an_unknown_file_is_said_to_be_lost(store: Store):
    with store.reading() as session, pytest.raises(FileLost):
        open_file(session, "0" * 64)


def test_an_act_taken_back_leaves_no_file_behind_for_long(store: Store):
    with store.writing() as session:
        keep(session, SCAN, "application/pdf", "req-1", now=NOON)
        session.rollback()
    age(store, hours=23)
    with store.reading() as session:
        assert sweep(session, now=NOON) == 0
        age(store, hours=25)
        assert sweep(session, now=NOON) == 1
    assert on_disk(store) == []


def test_sweeping_leaves_what_is_named(store: Store):
    digest = put(store)
    age(store, hours=1000)
    with store.reading() as session:
        assert sweep(session, now=NOON) == 0
        assert open_file(session, digest) == SCAN


def test_sweeping_removes_half_written_drafts_and_what_was_erased(store: Store):
    put(store, subject="wrk-1")
    [path] = on_disk(store)
    path.with_name(f"{path.name}.0a1b2c3d").write_bytes(b"half")
    age(store, hours=25)
    with store.writing() as session:
        destroy(session, "wrk-1", now=NOON)
    with store.reading() as session:
        assert sweep(session, now=NOON) == 2
        verdict = verify_files(session)
    assert verdict.sound
    assert verdict.erased == {"wrk-1": 1}


def test_a_file_lost_from_disk_is_found_and_can_be_kept_again(store: Store):
    digest = put(store)
    on_disk(store)[0].unlink()
    with store.reading() as session:
        assert [b.fault for b in verify_files(session).breaches] == ["is not on disk"]
        with pytest.raises(FileLost):
            open_file(session, digest)
    put(store)
    with store.reading() as session:
        assert verify_files(session).sound


@pytest.mark.parametrize("at", [0, 12, -1])
def test_a_changed_file_is_found(store: Store, at: int):
    digest = put(store)
    [path] = on_disk(store)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with store.reading() as session:
        found = verify_files(session).breaches
        assert [(b.place, b.fault) for b in found] == [(f"stored_file {digest}", "is not what was stored")]
        with pytest.raises(Tampered):
            open_file(session, digest)


def test_a_file_put_in_the_place_of_another_is_found(store: Store):
    put(store)
    put(store, b"another")
    first, second = on_disk(store)
    second.write_bytes(first.read_bytes())
    with store.reading() as session:
        assert len(verify_files(session).breaches) == 1
