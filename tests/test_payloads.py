"""Payloads: sealed under their subject's own key, bound to their place, and gone when the key is destroyed."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.stores import NOON, Store, change_by_hand, envelope, on_sqlite
from workflow.store.canonical import canonical
from workflow.store.chain import append, events_of
from workflow.store.database import NotWriting
from workflow.store.keys import Keys
from workflow.store.payloads import Erased, Tampered, cipher_of, destroy
from workflow.store.verify import verify_chain

pytest_plugins = ["tests.store_fixtures"]
SECRET = "ឈ្មោះសម្ងាត់"


def test_what_was_sealed_is_opened_in_its_place_only(store: Store):
    with store.writing() as session:
        cipher = cipher_of(session, "wrk-1", now=NOON)
    sealed = cipher.seal("payload 1", b"stated")
    assert cipher.open("payload 1", sealed.nonce, sealed.ciphertext) == b"stated"
    assert cipher.bound(b"stated", sealed.digest)
    assert not cipher.bound(b"other", sealed.digest)
    with pytest.raises(Tampered):
        cipher.open("payload 2", sealed.nonce, sealed.ciphertext)


def test_the_same_words_are_sealed_differently_each_time(store: Store):
    with store.writing() as session:
        mine, yours = (cipher_of(session, subject, now=NOON) for subject in ("wrk-1", "wrk-2"))
    assert mine.seal("p", b"same").ciphertext != mine.seal("p", b"same").ciphertext
    assert mine.digest(b"same") != yours.digest(b"same")


def test_a_payload_moved_to_another_event_cannot_be_opened(filled: Store):
    with Session(filled.engine) as session:
        for column in ("nonce", "ciphertext", "digest"):
            moved = f"UPDATE payload SET {column} = (SELECT {column} FROM payload WHERE position = 1)"
            change_by_hand(session, f"{moved} WHERE position = 2")
        with pytest.raises(Tampered):
            events_of(session, "req-1")


def test_a_payload_moved_to_another_subject_cannot_be_opened(filled: Store):
    with Session(filled.engine) as session:
        change_by_hand(session, "UPDATE payload SET key_subject = 'wrk-1' WHERE position = 1")
        with pytest.raises(Tampered):
            events_of(session, "req-1")


def test_a_key_put_in_the_place_of_another_opens_nothing(filled: Store):
    with Session(filled.engine) as session:
        other = "UPDATE subject_key SET wrapped = (SELECT wrapped FROM subject_key WHERE subject = 'wrk-1')"
        change_by_hand(session, f"{other} WHERE subject = 'req-1'")
        with pytest.raises(Tampered):
            events_of(session, "req-1")


def test_a_subject_without_a_key_has_none_until_it_is_made(store: Store):
    with store.writing() as session:
        with pytest.raises(KeyError):
            cipher_of(session, "wrk-1")
        made = cipher_of(session, "wrk-1", now=NOON)
        assert cipher_of(session, "wrk-1").key_id == made.key_id


def test_keys_are_made_and_destroyed_only_when_writing(store: Store):
    with store.reading() as session:
        with pytest.raises(NotWriting):
            cipher_of(session, "wrk-1", now=NOON)
        with pytest.raises(NotWriting):
            destroy(session, "wrk-1", now=NOON)


def test_a_destroyed_key_is_gone_also_from_memory(store: Store):
    with store.writing() as session:
        cipher_of(session, "wrk-1", now=NOON)
    with store.writing() as session:
        assert destroy(session, "wrk-1", now=NOON)
        with pytest.raises(Erased):
            cipher_of(session, "wrk-1")
    with store.writing() as session, pytest.raises(Erased):
        cipher_of(session, "wrk-1", now=NOON)


def test_a_destruction_that_is_taken_back_leaves_the_key(store: Store):
    with store.writing() as session:
        cipher_of(session, "wrk-1", now=NOON)
    with store.writing() as session:
        destroy(session, "wrk-1", now=NOON)
        session.rollback()
    with store.reading() as session:
        assert cipher_of(session, "wrk-1").subject == "wrk-1"


def test_destroying_what_never_was_says_so(store: Store):
    with store.writing() as session:
        assert not destroy(session, "nobody", now=NOON)


@on_sqlite
def test_nothing_of_what_was_stated_lies_open_in_the_database(store: Store):
    with store.writing() as session:
        append(session, envelope("wrk-1"), {"name_khmer": SECRET, "medical": "class 3"}, "wrk-1")
    kept = b"".join(path.read_bytes() for path in store.folder.glob("office.db*"))
    assert b"wrk-1" in kept
    assert SECRET.encode() not in kept
    assert b"class 3" not in kept


@on_sqlite
def test_an_erased_key_leaves_no_bytes_in_the_file(store: Store):
    with store.writing() as session:
        cipher_of(session, "wrk-1", now=NOON)
        wrapped = session.execute(text("SELECT wrapped FROM subject_key")).scalar_one()
    with store.writing() as session:
        destroy(session, "wrk-1", now=NOON)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = b"".join(path.read_bytes() for path in store.folder.glob("office.db*"))
    assert wrapped not in kept


def test_a_long_payload_is_kept_short_and_read_back(store: Store):
    long = {"terms": [{"text": "ให้ผู้รับใบอนุญาตปฏิบัติตามเงื่อนไข", "n": n} for n in range(200)]}
    store.record("req-1", payload=long)
    with store.reading() as session:
        kept = session.execute(text("SELECT length(ciphertext) FROM payload")).scalar_one()
        assert events_of(session, "req-1")[0].payload == long
        assert verify_chain(session).sound
    assert kept < len(canonical(long)) / 5


def test_keys_do_not_show_themselves():
    keys = Keys(bytes(range(32)), bytes(range(32)))
    assert repr(keys) == "Keys()"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": [True, None, "é"]}, '{"a":[true,null,"é"],"b":1}'),
        ({"ប៉ោយប៉ែត": "ปอยเปต"}, '{"ប៉ោយប៉ែត":"ปอยเปต"}'),
        ((), "[]"),
    ],
)
def test_values_have_one_canonical_form(value, written):
    assert canonical(value) == written.encode()


def test_a_lone_surrogate_is_refused():
    with pytest.raises(ValueError, match="surrogates"):
        canonical({"name": "\ud800"})
