"""A copy of a running office that can be carried away, and the way back from it.

It holds events and files, all sealed; the keys go into a second file, and the lists are made again from the
events. Keep every copy as long as you like, but only the newest file of keys: then who was erased is erased
from the old copies, too.
"""

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, inspect, select, text
from sqlalchemy.orm import Session

from workflow.store.archive import Reader, RestoreRefused, Writer
from workflow.store.attempts import Attempt
from workflow.store.chain import Head, heads
from workflow.store.database import WRITING, Base
from workflow.store.files import FILES, Kept, path_of, write_whole
from workflow.store.keys import Home, Keys, home_of, settle
from workflow.store.payloads import KEY
from workflow.store.previews import ListPreview
from workflow.store.projections import PROJECTIONS
from workflow.store.schema import downgrade, load_tables, revision_of, upgrade
from workflow.store.truth import POSITIONS, EventRow
from workflow.store.verify import verify_chain, verify_files
from workflow.store.visits import Visit

FORMAT = 1
LEFT_OUT: tuple[Table, ...] = (*PROJECTIONS, *(row.__table__ for row in (Visit, Attempt, ListPreview)))
"""What is made again from the events, and what must not come back to life: open visits, half-read lists."""
FILE_NAME = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{62}-[0-9a-f]{16}")


def keys_beside(target: Path) -> Path:
    """Say where the keys of a copy go: ``office.tar`` has ``office.tar.keys``."""
    return target.with_name(f"{target.name}.keys")


def backup(engine: Engine, target: Path, *, now: datetime) -> dict[str, Any]:
    """Copy the office while it runs, as of one moment, to `target`, and its keys beside it.

    Gives the manifest: chain heads, counts, and under "missing" the files that were not on disk.
    """
    load_tables()
    with _snapshot(engine) as connection, Writer(target) as copy, Writer(keys_beside(target)) as keys:
        home = home_of(Session(connection))
        about = {"format": FORMAT, "made_at": now.isoformat(), "master": _name_of(home.keys)}
        for table in _copied():
            (keys if table is KEY else copy).add_table(connection, table)
        keys.add("master.key", home.keys.master)
        keys.add("session.key", home.keys.session_secret)
        manifest = about | {
            "revision": revision_of(engine),
            "heads": {
                chain: [head.seq, head.hash.hex()] for chain, head in heads(Session(connection)).items()
            },
            "missing": list(_add_files(connection, copy, home.folder)),
        }
        keys.finish(about)
        copy.finish(manifest)
    return manifest


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """Read everything as of one moment, without holding any writer up."""
    isolation = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**isolation) as connection:
        yield connection


def _copied() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table not in LEFT_OUT]


def _name_of(keys: Keys) -> str:
    return hashlib.sha256(b"saphan master\n" + keys.master).hexdigest()[:16]


def _add_files(connection: Connection, copy: Writer, folder: Path) -> Iterator[str]:
    living = select(FILES).join(KEY, KEY.c.subject == FILES.c.subject).where(KEY.c.destroyed_at.is_(None))
    for row in connection.execute(living):
        path = path_of(folder, Kept(*row))
        try:
            with path.open("rb") as file:
                copy.add_file(str(path.relative_to(folder)), file, path.stat().st_size)
        except FileNotFoundError:
            yield row.sha256


def restore(source: Path, keys: Path, folder: Path, engine: Engine) -> dict[str, Any]:
    """Make an office again from a copy and a file of keys not older than it, and verify all of it.

    The lists are still empty then: they are made again from the events by the caller.
    Raises RestoreRefused: the home or the database is in use, the keys do not fit, the copy is damaged. Then
    home and database are as empty as before.
    """
    with Reader(source) as copy, Reader(keys) as secrets:
        _assert_fit(copy.manifest, secrets.manifest)
        _assert_empty(folder, engine)
        home = Home(folder, Keys(secrets.read("master.key"), secrets.read("session.key")))
        try:
            _restore_files(copy, folder)
            _restore_tables(copy, secrets, engine)
            home.keys.keep(folder)
            settle(engine, home)
            _assert_same(copy.manifest, engine)
        except BaseException:
            _empty(folder, engine)
            raise
        return copy.manifest


def _assert_fit(copy: dict[str, Any], keys: dict[str, Any]) -> None:
    if copy["format"] != FORMAT:
        raise RestoreRefused(f"the copy has format {copy['format']}, this version reads {FORMAT}")
    if copy["master"] != keys["master"]:
        raise RestoreRefused("the keys are those of another office")
    if datetime.fromisoformat(keys["made_at"]) < datetime.fromisoformat(copy["made_at"]):
        raise RestoreRefused("the keys are older than the copy: some of it could not be read")


def _assert_empty(folder: Path, engine: Engine) -> None:
    for name in ("keys", "files"):
        if (folder / name).exists() and any((folder / name).iterdir()):
            raise RestoreRefused(f"{folder / name} is not empty: restore into a new home")
    if revision_of(engine) is not None:
        raise RestoreRefused("the database is not empty: restore into a new one")


def _empty(folder: Path, engine: Engine) -> None:
    for name in ("keys", "files"):
        shutil.rmtree(folder / name, ignore_errors=True)
    if revision_of(engine) is not None:
        downgrade(engine, "base")


def _restore_files(copy: Reader, folder: Path) -> None:
    for name in copy.parts("files"):
        if not FILE_NAME.fullmatch(name):
            raise RestoreRefused(f"{name} is no name of a file of an office")
        write_whole(folder / name, copy.read(name))


def _restore_tables(copy: Reader, secrets: Reader, engine: Engine) -> None:
    """Load the rows into tables of the copy's own revision, then bring these to the newest."""
    upgrade(engine, copy.manifest["revision"])
    with engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
        _load(connection, secrets, KEY.name)
        for name in copy.parts("tables"):
            _load(connection, copy, name.removeprefix("tables/"))
        if engine.dialect.name == "postgresql":
            _count_on(connection)
    upgrade(engine)


def _load(connection: Connection, archive: Reader, name: str) -> None:
    table, batches = archive.table(name)
    for batch in batches:
        connection.execute(table.insert(), batch)


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL's sequences go on after the rows that were loaded."""
    last = connection.execute(select(func.max(EventRow.position))).scalar_one() or 0
    connection.execute(select(func.setval(POSITIONS.name, last + 1, False)))
    for table in Base.metadata.sorted_tables:
        for column in table.primary_key.columns:
            own = func.pg_get_serial_sequence(table.name, column.name)
            if inspect(connection).has_table(table.name) and connection.execute(select(own)).scalar_one():
                highest = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
                connection.execute(select(func.setval(own, highest, text("false"))))


def _assert_same(manifest: dict[str, Any], engine: Engine) -> None:
    known = {chain: Head(seq, bytes.fromhex(hash_)) for chain, (seq, hash_) in manifest["heads"].items()}
    with Session(engine) as session:
        faults = verify_chain(session, known).breaches
        faults += [
            b for b in verify_files(session).breaches if b.place.split()[-1] not in manifest["missing"]
        ]
        now = {chain: (head.seq, head.hash) for chain, head in heads(session).items()}
    if faults or now != {chain: (head.seq, head.hash) for chain, head in known.items()}:
        raise RestoreRefused(f"what was restored is not what was copied: {faults[:5]}")
