"""Verification: whatever is changed by hand, in truth or in a copy, is found with its place; copies are healed."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import JSON, Boolean, Date, Integer, LargeBinary, Numeric, Table, select
from sqlalchemy.orm import Session

from tests.offices import copied, desk_at, drive_everything, new_office, reopened, season_at
from tests.stores import ENGINES
from workflow import verification
from workflow.store.chain import heads, link
from workflow.store.database import UTC, db
from workflow.store.projections import PROJECTIONS, Case
from workflow.store.truth import TRUTH, StoredFile
from workflow.verification import COPIES, Verdict, rebuild, verify

Connection = sqlite3.Connection


pytest_plugins = ["tests.office_fixtures"]


@pytest.fixture(scope="module")
def home(driven_home: Path) -> Path:
    return driven_home


@pytest.fixture
def database(home: Path, tmp_path: Path) -> Path:
    """A copy of the driven office's database, to be changed by hand."""
    return copied(home / "saphan.sqlite", tmp_path)


@contextmanager
def by_hand(database: Path) -> Iterator[Connection]:
    """Change a database as one does who holds the file: no triggers, no references, no checks."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys = 0")
        connection.execute("PRAGMA ignore_check_constraints = 1")
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        connection.commit()


def verdict_of(home: Path, database: Path | None = None, checkpoint: dict | None = None) -> Verdict:
    with reopened(home, database) as desk:
        return verify(desk, checkpoint)


def places(verdict: Verdict) -> str:
    return "\n".join(f"{breach.place}: {breach.fault}" for breach in verdict.breaches)


# what is sound --------------------------------------------------------------------------------


def test_a_store_that_nobody_touched_verifies_and_tells_what_it_looked_at(home: Path) -> None:
    verdict = verdict_of(home)
    assert places(verdict) == ""
    assert verdict.sound
    told = list(verdict.lines())
    assert told[-1] == "sound"
    assert all(table.name in told[0] for table in TRUTH)
    assert all(table.name in told[1] for table in COPIES)
    assert {table.name for table in COPIES} <= set(verdict.counts)
    print(verdict.counts)
    assert verdict.counts["events"] > 100
    assert verdict.counts["files"] > 3


def test_every_table_to_be_tampered_with_holds_rows(home: Path) -> None:
    with closing(sqlite3.connect(home / "saphan.sqlite")) as connection:
        for table in (*TRUTH, *COPIES):
            assert connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0] > 0, table.name


def test_no_line_of_a_verdict_names_a_person(home: Path, database: Path) -> None:
    with by_hand(database) as connection:
        connection.execute("UPDATE worker SET name_latin = 'SOMEBODY ELSE'")
        connection.execute("UPDATE event SET step = 'other' WHERE flow = 'worker'")
    told = "\n".join(verdict_of(home, database).lines())
    assert "NOT SOUND" in told
    assert "KOSAL" not in told
    assert "SOMEBODY" not in told


# each column of each table --------------------------------------------------------------------


def changed(table: Table, name: str, value: object) -> object:
    """Another value that the column could rightly hold: the hardest change to see."""
    kind = table.columns[name].type
    if isinstance(kind, LargeBinary):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(kind, Boolean):
        return 1 - value
    if isinstance(kind, (Integer, Numeric)):
        return (value or 0) + 1000  # no other row has it
    if isinstance(kind, UTC):
        return str(datetime.fromisoformat(value) + timedelta(seconds=1)) if value else "2026-11-23 02:00:00.000000"
    if isinstance(kind, Date):
        return (date.fromisoformat(value) + timedelta(days=1)).isoformat() if value else "2026-11-23"
    if isinstance(kind, JSON):
        return value[:-1] + ', "added": 1}'
    return f"{value}x" if value else "x"


def cells(tables: tuple[Table, ...]) -> Iterator[list[tuple[Table, str]]]:
    """Give one column of each table at a time: the first of each, then the second, ..."""
    for number in range(max(len(table.columns) for table in tables)):
        yield [(table, list(table.columns)[number].name) for table in tables if number < len(table.columns)]


def change(connection: Connection, table: Table, name: str) -> tuple[object, ...]:
    """Change one column of the middle row of a table; give the row's key before."""
    key = [column.name for column in table.primary_key]
    rows = connection.execute(f"SELECT {', '.join(key)}, {name} FROM {table.name} ORDER BY rowid").fetchall()
    *where, value = rows[len(rows) // 2]
    wanted = " AND ".join(f"{column} = ?" for column in key)
    connection.execute(f"UPDATE {table.name} SET {name} = ? WHERE {wanted}", (changed(table, name, value), *where))
    return tuple(where)


COPY_ROUNDS = list(cells(COPIES))


@pytest.mark.parametrize("together", COPY_ROUNDS, ids=[f"column {n}" for n in range(1, len(COPY_ROUNDS) + 1)])
def test_each_column_of_each_copy_changed_by_hand_is_found_and_named(
    home: Path, database: Path, together: list[tuple[Table, str]]
) -> None:
    with by_hand(database) as connection:
        keys = [change(connection, table, name) for table, name in together]
    verdict = verdict_of(home, database)
    for (table, name), key in zip(together, keys, strict=True):
        place = f"{table.name} {' '.join(map(str, key))}"
        told = [breach.fault for breach in verdict.breaches if breach.place == place]
        in_key = name in table.primary_key.columns
        assert any("is missing" in fault if in_key else name in fault or "stands at" in fault or "chain ends" in fault
                   for fault in told), (place, name, places(verdict))  # fmt: skip
    print(f"{len(together)} changes, {len(verdict.breaches)} breaches")


TRUTH_CELLS = [(table, column.name) for table in TRUTH for column in table.columns]
PLACES: dict[str, Callable[[dict], list[str]]] = {
    "event": lambda row: [f"{row['chain']} {row['seq']}"],
    "payload": lambda row: [f"payload of {row['chain']} {row['seq']}", f"payload {row['position']}"],
    "subject_key": lambda row: [f"subject_key {row['subject']}"],
    "ruleset_text": lambda row: [f"ruleset_text {row['digest']}"],
    "stored_file": lambda row: [f"stored_file {row['sha256']}"],
    "access_log": lambda row: [f"{row['chain']} {row['seq']}"],
    "measure_item": lambda row: [f"measure_item {row['measure']} {row['subject']} {row['version']}"],
}


@pytest.mark.parametrize(("table", "name"), TRUTH_CELLS, ids=[f"{t.name}.{n}" for t, n in TRUTH_CELLS])
def test_each_column_of_each_table_of_truth_changed_by_hand_is_found_and_named(
    home: Path, database: Path, table: Table, name: str
) -> None:
    with by_hand(database) as connection:
        row = middle(connection, table)
        change(connection, table, name)
    verdict = verdict_of(home, database)
    found = places(verdict)
    now = row | {name: changed(table, name, row[name])}
    assert any(place in found for place in (*PLACES[table.name](row), *PLACES[table.name](now))), found


def middle(connection: Connection, table: Table) -> dict[str, object]:
    """Read the middle row of a table, a payload's with the place of its event."""
    names = [column.name for column in table.columns]
    rows = connection.execute(f"SELECT {', '.join(names)} FROM {table.name} ORDER BY rowid").fetchall()
    row = dict(zip(names, rows[len(rows) // 2], strict=True))
    if table.name == "payload":
        asked = "SELECT chain, seq FROM event WHERE position = ?"
        row |= dict(zip(("chain", "seq"), connection.execute(asked, (row["position"],)).fetchone(), strict=True))
    return row


def test_garbage_in_every_column_of_every_copy_is_found_and_breaks_nothing(home: Path, database: Path) -> None:
    with by_hand(database) as connection:
        for table in COPIES:
            key = {column.name for column in table.primary_key}
            for column in table.columns:
                if column.name not in key and not column.unique:
                    connection.execute(f"UPDATE {table.name} SET {column.name} = x'00ff'")
    verdict = verdict_of(home, database)
    told = places(verdict)
    for table in PROJECTIONS:
        assert f"\n{table.name} " in f"\n{told}", table.name


# rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", COPIES, ids=lambda table: table.name)
def test_a_row_taken_out_of_a_copy_is_missed(home: Path, database: Path, table: Table) -> None:
    with by_hand(database) as connection:
        key = [column.name for column in table.primary_key]
        where = connection.execute(f"SELECT {', '.join(key)} FROM {table.name} ORDER BY rowid").fetchone()
        wanted = " AND ".join(f"{column} = ?" for column in key)
        connection.execute(f"DELETE FROM {table.name} WHERE {wanted}", where)
    assert f"{table.name} {' '.join(map(str, where))}" in places(verdict_of(home, database))


@pytest.mark.parametrize("table", PROJECTIONS, ids=lambda table: table.name)
def test_a_row_that_no_event_made_is_found(home: Path, database: Path, table: Table) -> None:
    with by_hand(database) as connection:
        names = [column.name for column in table.columns]
        row = dict(zip(names, connection.execute(f"SELECT {', '.join(names)} FROM {table.name}").fetchone(), strict=True))
        for column in table.columns:
            if column.unique or column.name in table.primary_key.columns:
                row[column.name] = changed(table, column.name, row[column.name])
        if table.name == "case_row":
            row["worker"] = "somebody"
        marks = ", ".join("?" for _ in names)
        connection.execute(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", list(row.values()))
    key = " ".join(str(row[column.name]) for column in table.primary_key)
    assert f"{table.name} {key}: is there, though no event made it" in places(verdict_of(home, database))


@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_an_event_taken_out_is_missed_at_its_place(home: Path, database: Path, which: str) -> None:
    with by_hand(database) as connection:
        rows = connection.execute("SELECT position, seq FROM event WHERE chain = 'PNR' ORDER BY seq").fetchall()
        position, seq = rows[{"first": 0, "middle": len(rows) // 2, "last": -1}[which]]
        for table in ("payload", "event"):
            connection.execute(f"DELETE FROM {table} WHERE position = ?", (position,))
    found = places(verdict_of(home, database))
    assert "chain_head PNR" in found if which == "last" else f"PNR {seq}: is missing" in found


def test_two_events_that_changed_places_are_found(home: Path, database: Path) -> None:
    with by_hand(database) as connection:
        for swap in ("-1 WHERE seq = 10", "10 WHERE seq = 11", "11 WHERE seq = -1"):
            connection.execute(f"UPDATE event SET seq = {swap} AND chain = 'PNR'")
    found = places(verdict_of(home, database))
    assert "PNR 10: " in found
    assert "PNR 11: " in found


def forged(connection: Connection, chain: str) -> int:
    """Append a copy of the last event with the next numbers and a hash that fits: all but the seal can be made."""
    row = connection.execute(
        "SELECT position, seq, bytes, hash, flow, subject, number, step, recorded_at FROM event"
        " WHERE chain = ? ORDER BY seq DESC LIMIT 1", (chain,)
    ).fetchone()  # fmt: skip
    position, seq, stored, before, flow, subject, number, step, moment = row
    last = connection.execute("SELECT max(position) FROM event").fetchone()[0]
    again = (
        stored.replace(f'"position":{position},'.encode(), f'"position":{last + 1},'.encode())
        .replace(f'"seq":{seq},'.encode(), f'"seq":{seq + 1},'.encode())
        .replace(f'"number":{number},'.encode(), f'"number":{number + 1},'.encode())
    )
    start = again.index(b'"before":"') + 10
    again = again[:start] + before.hex().encode() + again[start + 64 :]
    values = (last + 1, chain, seq + 1, again, link(before, again), flow, subject, number + 1, step, None, moment)
    connection.execute(
        "INSERT INTO event (position, chain, seq, bytes, hash, flow, subject, number, step, request_id, recorded_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values
    )  # fmt: skip
    connection.execute(
        "INSERT INTO payload SELECT ?, key_subject, nonce, ciphertext, digest FROM payload WHERE position = ?",
        (last + 1, position),
    )
    connection.execute("UPDATE chain_head SET seq = ?, hash = ? WHERE chain = ?", (seq + 1, values[4], chain))
    return seq + 1


def test_a_forged_event_at_the_end_of_a_chain_is_found_by_its_seal(home: Path, database: Path) -> None:
    with by_hand(database) as connection:
        seq = forged(connection, "PNR")
    assert f"payload of PNR {seq}: cannot be opened" in places(verdict_of(home, database))


def test_a_chain_cut_at_its_end_with_all_copies_is_found_against_a_checkpoint_only(
    home: Path, database: Path
) -> None:
    with reopened(home) as desk:
        checkpoint = heads(desk.session)
    with by_hand(database) as connection:
        position, seq = connection.execute(
            "SELECT position, seq FROM event WHERE chain = 'system' ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        for table in ("payload", "event"):
            connection.execute(f"DELETE FROM {table} WHERE position = ?", (position,))
    with reopened(home, database) as desk:
        rebuild(desk)
        assert verify(desk).sound
        found = places(verify(desk, checkpoint))
    assert f"system {seq}" in found


def test_a_chain_written_anew_from_some_event_on_is_found_against_a_checkpoint(home: Path, database: Path) -> None:
    with reopened(home) as desk:
        checkpoint = heads(desk.session)
    with by_hand(database) as connection:
        asked = "SELECT position, seq, bytes, hash FROM event WHERE chain = 'system' ORDER BY seq"
        before = bytes(32)
        for position, seq, stored, _ in connection.execute(asked).fetchall():
            start = stored.index(b'"before":"') + 10
            again = stored[:start] + before.hex().encode() + stored[start + 64 :]
            again = again.replace(b'"name":"Saphan', b'"name":"Satphan') if seq == 3 else again
            before = link(before, again)
            connection.execute("UPDATE event SET bytes = ?, hash = ? WHERE position = ?", (again, before, position))
        connection.execute("UPDATE chain_head SET hash = ? WHERE chain = 'system'", (before,))
    assert verdict_of(home, database).sound
    last = checkpoint["system"].seq
    assert f"system {last}: is not the event of the checkpoint" in places(verdict_of(home, database, checkpoint))


# files ----------------------------------------------------------------------------------------


@pytest.fixture
def paper(home: Path) -> Iterator[tuple[Path, str]]:
    """A made paper on disk, put back as it was afterwards."""
    with reopened(home) as desk:
        digest = desk.session.scalars(
            select(StoredFile.sha256).where(StoredFile.media_type == "application/pdf")
        ).first()
    (path,) = (home / "files" / digest[:2]).glob(f"{digest[2:]}-*")
    content = path.read_bytes()
    yield path, digest
    path.write_bytes(content)


@pytest.mark.parametrize("place", [0, 12, 1000, -1])
def test_a_changed_byte_of_a_stored_paper_is_found(home: Path, paper: tuple[Path, str], place: int) -> None:
    path, digest = paper
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert f"stored_file {digest}: is not what was stored" in places(verdict_of(home))


def test_a_stored_paper_that_is_gone_or_cut_short_is_found(home: Path, paper: tuple[Path, str]) -> None:
    path, digest = paper
    path.write_bytes(path.read_bytes()[:500])
    assert f"stored_file {digest}: is not what was stored" in places(verdict_of(home))
    path.unlink()
    assert f"stored_file {digest}: is not on disk" in places(verdict_of(home))


# making copies again --------------------------------------------------------------------------


def test_rebuild_makes_every_copy_again_and_leaves_truth_as_it_is(home: Path, database: Path) -> None:
    with by_hand(database) as connection:
        for table in COPIES:
            connection.execute(f"DELETE FROM {table.name}")
    with reopened(home, database) as desk:
        assert not verify(desk).sound
        truth = [desk.session.execute(select(table)).all() for table in TRUTH]
        counts = rebuild(desk)
        assert places(verify(desk)) == ""
        assert [desk.session.execute(select(table)).all() for table in TRUTH] == truth
    assert set(counts) == {table.name for table in COPIES}
    assert counts == {name: count for name, count in verdict_of(home).counts.items() if name in counts}


def test_rebuild_heals_whatever_was_changed_in_a_copy(home: Path, database: Path) -> None:
    with by_hand(database) as connection:
        for together in COPY_ROUNDS[2:]:
            for table, name in together:
                if name != "opening":  # no event says where a series was opened
                    change(connection, table, name)
    with reopened(home, database) as desk:
        broken = verify(desk)
        rebuild(desk)
        healed = verify(desk)
    print(f"{len(broken.breaches)} breaches healed")
    assert len(broken.breaches) > 60
    assert places(healed) == ""


def test_rebuild_that_fails_changes_nothing(home: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    with reopened(home, database) as desk:
        monkeypatch.setattr(verification, "project", fails)
        with pytest.raises(ZeroDivisionError):
            rebuild(desk)
        monkeypatch.undo()
        assert verify(desk).sound


def test_what_is_rebuilt_goes_on_where_it_stood(home: Path, database: Path) -> None:
    with reopened(home, database) as desk:
        rebuild(desk)
        season = season_at(desk, desk.now)
        record = season.request((), until="received", men=1)
        assert verify(desk).sound
        assert desk.session.scalar(select(Case.state).filter_by(subject=record.subject)) == "received"


def test_the_comparison_of_columns_is_what_finds_a_changed_copy(
    home: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Canary: with the comparison switched off the same change goes unseen."""
    with by_hand(database) as connection:
        connection.execute("UPDATE case_row SET title = 'SOMEBODY ELSE'")
    assert not verdict_of(home, database).sound
    monkeypatch.setattr(verification, "_same", lambda stored, expected: True)
    assert verdict_of(home, database).sound


# the other engine -----------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", [engine for engine in ENGINES if engine != "sqlite"])
def test_a_driven_office_verifies_and_heals_on_the_other_engine_too(dialect: str, tmp_path: Path) -> None:
    with new_office(dialect, tmp_path) as (_, calendar), Session(db.engine) as session:
        desk = desk_at(session, calendar)
        drive_everything(season_at(desk, calendar))
        assert places(verify(desk)) == ""
        session.execute(Case.__table__.update().values(title="SOMEBODY ELSE", version=99))
        session.commit()
        assert len(verify(desk).breaches) == 2 * len(session.scalars(select(Case.subject)).all())
        rebuild(desk)
        assert places(verify(desk)) == ""
