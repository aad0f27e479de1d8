"""The chain: appended under a lock, never changed, and every change by hand is found where it was made."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Date, LargeBinary, String, TextClause, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests.stores import NOON, Store, change_by_hand, envelope, on_sqlite, reading, rewrite_by_hand
from workflow.store.access import note
from workflow.store.canonical import canonical
from workflow.store.chain import (
    ClockBehind,
    Envelope,
    all_events,
    append,
    event_of_request,
    events_of,
    heads,
    link,
)
from workflow.store.database import UTC, NotWriting
from workflow.store.payloads import Erased, destroy
from workflow.store.truth import TRUTH, ChainHead, Counter, EventRow
from workflow.store.verify import verify_chain, verify_files

pytest_plugins = ["tests.store_fixtures"]
RACERS, LAPS = 8, 12
GOLDEN_HASH = "ad088a83c02655084d1c75ec5785012bcfd0b8c7bfcc93fd8392d4ae39fc55f9"


def test_an_event_is_read_back_as_it_was_stored(store: Store):
    sent = envelope(
        flags=("on_hold",),
        numbers={"receipt": "1/2569", "permits": ["1/2569", "2/2569"]},
        papers=("receipt",),
        request_id="acc-1:k",
    )
    with store.writing() as session:
        stored = append(session, sent, {"ชื่อ": "សុខា", "men": 3, "wage": None}, "req-1")
    with store.reading() as session:
        [entry] = events_of(session, "req-1")
        again = event_of_request(session, "acc-1:k")
    assert entry.envelope == sent
    assert entry.payload == {"ชื่อ": "សុខា", "men": 3, "wage": None}
    assert (entry.position, entry.seq, entry.hash) == (stored.position, stored.seq, stored.hash)
    assert again == entry


def test_a_request_that_stored_nothing_is_not_found(store: Store):
    with store.reading() as session:
        assert event_of_request(session, "acc-1:other") is None


def test_text_is_stored_in_one_form_only(store: Store):
    decomposed = "e\u0301"
    store.record("req-1", payload={decomposed: decomposed})
    with store.reading() as session:
        assert events_of(session, "req-1")[0].payload == {"\u00e9": "\u00e9"}


@pytest.mark.parametrize("payload", [{"wage": 1.5}, {"on": NOON}, {1: "one"}, {"é": 1, "e\u0301": 2}])
def test_what_has_no_single_form_is_refused(store: Store, payload: dict):
    with pytest.raises((TypeError, ValueError)):
        store.record("req-1", payload=payload)


def test_chains_of_offices_count_apart_and_positions_together(store: Store):
    places = [
        store.record(subject, chain=chain) for subject, chain in [("a", "CTI"), ("b", "TRT"), ("c", "CTI")]
    ]
    assert [place.seq for place in places] == [1, 1, 2]
    assert [place.position for place in places] == sorted({place.position for place in places})
    with store.reading() as session:
        assert [entry.envelope.subject for entry in all_events(session)] == ["a", "b", "c"]
        assert [e.envelope.subject for e in all_events(session, after=places[0].position)] == ["b", "c"]
        assert {chain: head.seq for chain, head in heads(session).items()} == {"CTI": 2, "TRT": 1}


def test_appending_outside_a_writing_transaction_is_refused(store: Store):
    with store.reading() as session, pytest.raises(NotWriting):
        append(session, envelope(), {}, "req-1")


def test_a_clock_a_little_behind_gives_the_moment_of_the_last_event(store: Store):
    store.record("req-1")
    assert store.record("req-1", 2, recorded_at=NOON - timedelta(seconds=1)).recorded_at == NOON


def test_a_clock_far_behind_stops_recording(store: Store):
    store.record("req-1")
    with pytest.raises(ClockBehind):
        store.record("req-1", 2, recorded_at=NOON - timedelta(seconds=3))
    with store.reading() as session:
        assert heads(session)["CTI"].seq == 1


def test_a_moment_without_zone_is_refused(store: Store):
    with pytest.raises(ValueError, match="time zone"):
        store.record("req-1", happened_at=datetime(2026, 11, 23, 12))


def test_the_same_request_cannot_be_stored_twice(store: Store):
    store.record("req-1", request_id="acc-1:k")
    with pytest.raises(IntegrityError):
        store.record("req-1", 2, request_id="acc-1:k")


def test_two_who_saw_the_same_case_cannot_both_move_it(store: Store):
    store.record("req-1", 1)
    with pytest.raises(IntegrityError):
        store.record("req-1", 1)


def test_an_envelope_of_a_later_version_is_read_by_what_is_known():
    plain = envelope().plain() | {"later": True}
    assert Envelope.read(plain) == envelope()


def test_an_event_as_first_shipped_is_still_read_and_written_the_same():
    stored = (Path(__file__).parent / "golden" / "event-1.json").read_bytes()
    frame = json.loads(stored)
    event = Envelope.read(frame["event"])
    assert event == envelope(
        account="acc-1",
        request_id="acc-1:k",
        request_digest="cd" * 32,
        flags=("on_hold",),
        numbers={"receipt": "1/2569", "permits": ["1/2569", "2/2569"]},
        papers=("receipt",),
        on_behalf_of="emp-1",
        corrects=1,
        position="เจ้าหน้าที่",
        session="ef" * 8,
    )
    assert canonical(frame | {"event": event.plain()}) == stored
    assert link(bytes.fromhex(frame["before"]), stored).hex() == GOLDEN_HASH


def test_racing_writers_leave_no_gap(store: Store):
    def race(racer: int) -> None:
        for number in range(1, LAPS + 1):
            store.record(f"req-{racer}", number)

    with ThreadPoolExecutor(RACERS) as racers:
        list(racers.map(race, range(RACERS)))
    with store.reading() as session:
        verdict = verify_chain(session)
        seqs = session.scalars(select(EventRow.seq).order_by(EventRow.position)).all()
    assert verdict.breaches == []
    assert verdict.heads["CTI"].seq == RACERS * LAPS
    assert list(seqs) == list(range(1, RACERS * LAPS + 1))


def test_of_racers_for_one_case_one_wins_each_turn(store: Store):
    def try_it(racer: int) -> bool:
        try:
            store.record("req-1", 1, person=f"p-{racer}")
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(RACERS) as racers:
        won = list(racers.map(try_it, range(RACERS)))
    assert won.count(True) == 1


# --- append-only ----------------------------------------------------------------------------------

BYPASSES = {
    "update": "UPDATE {table} SET {column} = {column}",
    "delete": "DELETE FROM {table}",
    "upsert": "INSERT INTO {table} SELECT * FROM {table} WHERE true"
    " ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}",
}
SQLITE_BYPASSES = {
    "replace": "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "update or replace": "UPDATE OR REPLACE {table} SET {column} = {column}",
    "update from": "UPDATE {table} SET {column} = other.{column} FROM {table} AS other",
}
POSTGRES_BYPASSES = {
    "truncate": "TRUNCATE {table} CASCADE",
    "merge": "MERGE INTO {table} USING {table} AS other ON {table}.{column} = other.{column}"
    " WHEN MATCHED THEN DELETE",
    "replica role": "SET LOCAL session_replication_role = replica; DELETE FROM {table}",
}


@pytest.mark.parametrize("table", [table.name for table in TRUTH])
def test_every_way_to_change_truth_is_refused(filled: Store, table: str):
    columns = {known.name: known for known in TRUTH}[table]
    ways = BYPASSES | (SQLITE_BYPASSES if filled.engine.dialect.name == "sqlite" else POSTGRES_BYPASSES)
    key = ", ".join(columns.primary_key.columns.keys())
    for way, statement in ways.items():
        column = columns.columns.keys()[-1]
        attempt = text(statement.format(table=table, column=column, key=key))
        assert "append-only" in refusal(filled, attempt), f"{way} was not refused on {table}"


def refusal(store: Store, attempt: TextClause) -> str:
    try:
        with Session(store.engine) as session:
            session.execute(attempt)
    except DBAPIError as refused:
        return str(refused.orig)
    return ""


@on_sqlite
def test_replacing_is_refused_even_where_triggers_do_not_recurse(store: Store):
    store.record("req-1")
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA recursive_triggers = 0")
        with pytest.raises(IntegrityError, match="append-only"):
            connection.exec_driver_sql("INSERT OR REPLACE INTO event SELECT * FROM event")


# --- tampering ------------------------------------------------------------------------------------

CHECKED = {table.name: table for table in (*TRUTH, ChainHead.__table__, Counter.__table__)}
COLUMNS = [(name, column) for name, table in CHECKED.items() for column in table.columns.keys()]  # noqa: SIM118
UNCHECKED = {
    # The moment beside a head serves only the clock guard, and the verifier takes it from the events.
    ("chain_head", "recorded_at"),
}


def tampered(value: object, column) -> object:
    if isinstance(column.type, LargeBinary):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(column.type, String):
        return (
            "x"
            if value is None
            else f"{value}x"[-column.type.length :]
            if column.type.length
            else value + "x"
        )
    if isinstance(column.type, UTC):
        return (value or NOON) + timedelta(days=1)
    if isinstance(column.type, Date):
        return value + timedelta(days=1)
    return value + (1 if column.name == "opening" else 1000)  # a CHECK holds a counter above its opening


def breaches(session: Session) -> list:
    return [*verify_chain(session).breaches, *verify_files(session).breaches]


@pytest.mark.parametrize(("table", "name"), [pair for pair in COLUMNS if pair not in UNCHECKED])
def test_a_change_to_any_column_is_found(filled: Store, table: str, name: str):
    columns = CHECKED[table]
    key = columns.primary_key.columns.keys()
    with Session(filled.engine) as session:
        rows = [row for row in session.execute(select(columns)).mappings() if not erased(table, name, row)]
        session.rollback()
        for row in rows:
            same = " AND ".join(f"{part} = :key_{part}" for part in key)
            change = text(f"UPDATE {table} SET {name} = :new WHERE {same}").bindparams()
            new = tampered(row[name], columns.columns[name])
            if type(new) is date:
                new = new.isoformat() if filled.engine.dialect.name == "sqlite" else new
            if isinstance(new, datetime) and filled.engine.dialect.name == "sqlite":
                new = new.replace(tzinfo=None).isoformat(" ")
            change_by_hand(session, change.text, new=new, **{f"key_{part}": row[part] for part in key})
            found = breaches(session)
            assert any(names(row, breach.place) for breach in found), (row, found)
            session.rollback()
        assert breaches(session) == []


def names(row, place: str) -> bool:
    """Say whether the place of a breach is that of the row, or of what hangs together with it."""
    marks = {
        f"{row.get('chain')} {row.get('seq')}",
        f"payload {row.get('position')}",
        f"subject_key {row.get('subject')}",
        f"subject_key {row.get('key_subject')}",
        f"ruleset_text {row.get('digest')}",
        f"stored_file {row.get('sha256')}",
        f"chain_head {row.get('chain')}",
        f"counter {row.get('office')} {row.get('series')} {row.get('year')}",
        f"{row.get('office')} 1",  # the first event of a counter that began elsewhere
    }
    return place in marks or place.startswith(
        ("payload of", "ruleset_text", "stored_file", "counter", "measure_item")
    )


def erased(table: str, name: str, row) -> bool:
    """Say whether what stands there can no longer be read, so that nobody can say what it was."""
    sealed = table == "payload" and name in ("nonce", "ciphertext") and row["key_subject"] == "wrk-2"
    return sealed or (table == "stored_file" and row["subject"] == "wrk-2")


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_deleted_event_is_found_and_named(filled: Store, seq: int):
    with Session(filled.engine) as session:
        change_by_hand(session, "DELETE FROM event WHERE chain = 'CTI' AND seq = :seq", seq=seq)
        found = {breach.place for breach in verify_chain(session).breaches}
        assert found & {f"CTI {seq}", "chain_head CTI"}
        assert any(place.startswith("payload ") for place in found)


def test_a_deleted_payload_is_found(filled: Store):
    with Session(filled.engine) as session:
        change_by_hand(session, "DELETE FROM payload WHERE position = 2")
        assert [b.fault for b in verify_chain(session).breaches] == ["is missing"]


def test_swapped_events_are_found(filled: Store):
    with Session(filled.engine) as session:
        for here, there in [(1, 90), (2, 1), (90, 2)]:
            change_by_hand(
                session,
                "UPDATE event SET seq = :there WHERE chain = 'CTI' AND seq = :here",
                here=here,
                there=there,
            )
        places = {breach.place for breach in verify_chain(session).breaches}
        assert {"CTI 1", "CTI 2"} <= places


def test_an_event_put_in_by_hand_is_found(filled: Store):
    with Session(filled.engine) as session:
        copied = "chain, 4, bytes, hash, flow, subject, 4, step, NULL, recorded_at"
        change_by_hand(
            session,
            "INSERT INTO event (position, chain, seq, bytes, hash, flow, subject, number, step, request_id,"
            f" recorded_at) SELECT 99, {copied} FROM event WHERE chain = 'CTI' AND seq = 3",
        )
        assert "CTI 4" in {breach.place for breach in verify_chain(session).breaches}


def test_a_chain_that_was_made_anew_is_found_only_against_a_checkpoint(filled: Store):
    with Session(filled.engine) as session:
        before = heads(session)
        rewrite_by_hand(session, "CTI")
        assert verify_chain(session).breaches == []
        found = verify_chain(session, before).breaches
        assert {(b.place, b.fault) for b in found} == {("CTI 3", "is not the event of the checkpoint")}


def test_a_chain_cut_at_its_end_is_found_against_a_checkpoint(filled: Store):
    with Session(filled.engine) as session:
        before = heads(session)
        change_by_hand(session, "DELETE FROM payload WHERE position = 3")
        change_by_hand(session, "DELETE FROM event WHERE position = 3")
        change_by_hand(session, "UPDATE counter SET value = 2")
        cut = "UPDATE chain_head SET seq = 2, hash = (SELECT hash FROM event WHERE position = 2)"
        change_by_hand(session, f"{cut} WHERE chain = 'CTI'")
        assert verify_chain(session).breaches == []
        assert [b.place for b in verify_chain(session, before).breaches] == ["CTI 3"]


def test_a_longer_chain_still_holds_its_checkpoint(store: Store):
    store.record("req-1")
    with store.reading() as session:
        before = heads(session)
    store.record("req-1", 2)
    with store.reading() as session:
        assert verify_chain(session, before).sound


def test_another_master_key_opens_nothing(filled: Store, monkeypatch):
    with Session(filled.engine) as session:
        monkeypatch.setattr("workflow.store.verify.keys_of", lambda _: _other_keys())
        found = verify_chain(session).breaches
    assert {"payload of CTI 1", "subject_key req-1"} <= {breach.place for breach in found}


def _other_keys():
    from workflow.store.keys import Keys

    return Keys(bytes(range(32)), bytes(range(32)))


# --- erasure --------------------------------------------------------------------------------------


def test_erasing_a_person_keeps_the_chain_and_counts_what_is_gone(store: Store):
    store.record("wrk-1", 1, {"name_khmer": "សុខា"})
    store.record("wrk-1", 2, {"name_khmer": "សុខា"})
    with store.writing() as session:
        assert destroy(session, "wrk-1", now=NOON)
        assert not destroy(session, "wrk-1", now=NOON)
    with store.reading() as session:
        verdict = verify_chain(session)
        assert [entry.payload for entry in events_of(session, "wrk-1")] == [None, None]
    assert verdict.sound
    assert verdict.erased == {"wrk-1": 2}


def test_nothing_more_is_stored_about_someone_erased(store: Store):
    store.record("wrk-1")
    with store.writing() as session:
        destroy(session, "wrk-1", now=NOON)
    with pytest.raises(Erased):
        store.record("wrk-1", 2)


def test_a_key_blanked_by_hand_is_no_lawful_erasure(filled: Store):
    with Session(filled.engine) as session:
        change_by_hand(
            session,
            "UPDATE subject_key SET wrapped = :nothing, destroyed_at = created_at WHERE subject = 'wrk-1'",
            nothing=b"0" * 28,
        )
        verdict = verify_chain(session)
    assert "subject_key wrk-1" in {breach.place for breach in verdict.breaches}


def test_a_destroyed_key_cannot_be_brought_back(filled: Store):
    statement = "UPDATE subject_key SET destroyed_at = NULL WHERE subject = 'wrk-2'"
    with Session(filled.engine) as session, pytest.raises(IntegrityError, match="append-only"):
        session.execute(text(statement))


# --- readings -------------------------------------------------------------------------------------


def test_a_reading_is_on_record_whatever_becomes_of_the_request(store: Store):
    with store.reading() as session:
        session.execute(select(EventRow)).all()
        note(session, reading())
        session.rollback()
    with store.reading() as session:
        verdict = verify_chain(session)
    assert verdict.sound
    assert verdict.heads["access/CTI"].seq == 1


def test_a_reading_within_a_writing_transaction_goes_with_it(store: Store):
    with store.writing() as session:
        note(session, reading())
        session.rollback()
    with store.reading() as session:
        assert heads(session) == {}
