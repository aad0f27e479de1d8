"""One file that holds tables and files with the digest of each, read and written in small pieces.

Rows are written engine by engine alike, so that what SQLite kept PostgreSQL can take over.
"""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC as ZONE
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Table,
    TableClause,
    select,
)
from sqlalchemy import column as column_named
from sqlalchemy import table as table_named
from sqlalchemy.types import JSON, TypeEngine

from workflow.store.database import UTC, Json
from workflow.store.keys import sync_folder

MANIFEST, SEAL = "manifest.json", "manifest.sha256"
AT_ONCE = 500
PIECE = 1 << 20


class RestoreRefused(Exception):
    """Nothing was restored; the message says why."""


class Damaged(RestoreRefused):
    """An archive is not as it was written; the message says which part."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of one kind of column are written in an archive and read back."""

    of: type[TypeEngine[Any]] | type[UTC]
    stored: TypeEngine[Any]
    write: Callable[[Any], object] = lambda value: value
    read: Callable[[Any], object] = lambda value: value


KINDS: dict[str, Kind] = {
    "moment": Kind(UTC, UTC(), lambda v: v.astimezone(ZONE).isoformat(), datetime.fromisoformat),
    "day": Kind(Date, Date(), date.isoformat, date.fromisoformat),
    "bytes": Kind(LargeBinary, LargeBinary(), lambda v: b64encode(v).decode(), b64decode),
    "decision": Kind(Boolean, Boolean()),
    "number": Kind(Integer, BigInteger()),
    "decimal": Kind(Numeric, Numeric(), str, Decimal),
    "facts": Kind(JSON, Json),
    "text": Kind(String, String()),
}


def kind_of(type_: TypeEngine[Any]) -> str:
    """Name the kind of a column; raises TypeError for one that archives do not know."""
    for name, kind in KINDS.items():
        if isinstance(type_, kind.of):
            return name
    raise TypeError(f"archives do not know columns of {type_!r}")


class Writer:
    """Writes an archive beside its final place, and moves it there only when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path, self.draft = path, path.with_name(f"{path.name}.{os.urandom(4).hex()}")
        handle = os.open(self.draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self.file = os.fdopen(handle, "wb")
        self.tar = tarfile.open(fileobj=self.file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self.members: dict[str, str] = {}

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        self.file.close()
        self.draft.unlink(missing_ok=True)

    def add(self, name: str, content: bytes) -> None:
        """Add a small part."""
        self.add_file(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, file: IO[bytes], size: int) -> None:
        """Add a part of known size from an open file."""
        part = tarfile.TarInfo(name)
        part.size, part.mode = size, 0o600
        reader = _Digesting(file)
        self.tar.addfile(part, reader)
        self.members[name] = reader.digest.hexdigest()

    def add_table(self, connection: Connection, table: Table) -> int:
        """Add all rows of a table as the connection's snapshot shows them; give how many."""
        kinds = {column.name: kind_of(column.type) for column in table.columns}
        count = 0
        with tempfile.TemporaryFile(dir=self.path.parent) as spool:
            spool.write(_line(kinds))
            asked = select(table).order_by(*table.primary_key.columns)
            for row in connection.execute(asked.execution_options(yield_per=AT_ONCE)):
                spool.write(_line(_written(kinds, row._mapping)))
                count += 1
            size = spool.tell()
            spool.seek(0)
            self.add_file(f"tables/{table.name}", spool, size)
        return count

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest with the digest of every part, and put the archive in its place for good."""
        written = json.dumps(manifest | {"members": self.members}, indent=1).encode()
        self.add(MANIFEST, written)
        self.add(SEAL, hashlib.sha256(written).hexdigest().encode())
        self.tar.close()
        self.file.flush()
        os.fsync(self.file.fileno())
        self.draft.rename(self.path)
        sync_folder(self.path.parent)


class Reader:
    """Reads an archive whose every part was first held against its digest."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("rb")
        try:
            self.tar = tarfile.open(fileobj=self.file, mode="r:")  # noqa: SIM115
            self.manifest: dict[str, Any] = self._manifest()
            self._check()
        except (tarfile.TarError, ValueError, KeyError, EOFError) as damaged:
            self.file.close()
            raise Damaged(f"{path.name} is not a whole archive: {damaged}") from damaged
        except Damaged:
            self.file.close()
            raise

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def _manifest(self) -> dict[str, Any]:
        written = self.read(MANIFEST)
        if hashlib.sha256(written).hexdigest().encode() != self.read(SEAL):
            raise Damaged("the manifest of the archive is not as it was written")
        return json.loads(written)

    def _check(self) -> None:
        names = [name for name in self.tar.getnames() if name not in (MANIFEST, SEAL)]
        if sorted(names) != sorted(self.manifest["members"]):
            raise Damaged("parts of the archive are missing, twice there or added")
        for name in names:
            digesting = _Digesting(self.open(name))
            while digesting.read(PIECE):
                pass
            if digesting.digest.hexdigest() != self.manifest["members"][name]:
                raise Damaged(f"{name} in the archive is not as it was written")

    def open(self, name: str) -> IO[bytes]:
        file = self.tar.extractfile(name)
        if file is None:
            raise KeyError(name)
        return file

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    def parts(self, folder: str) -> Iterator[str]:
        """Name the parts below a folder, in the order they were written."""
        return (name for name in self.tar.getnames() if name.startswith(f"{folder}/"))

    def table(self, name: str) -> tuple[TableClause, Iterator[list[dict[str, object]]]]:
        """Give a table as it was, with its rows, some hundreds at a time."""
        file = self.open(f"tables/{name}")
        kinds = json.loads(file.readline())
        columns = [column_named(column, KINDS[kind].stored) for column, kind in kinds.items()]
        return table_named(name, *columns), _batches(file, kinds)


class _Digesting:
    """A file that is digested while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.file.read(size)
        self.digest.update(piece)
        return piece


def _line(values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _written(kinds: Mapping[str, str], row: Mapping[str, Any]) -> list[object]:
    values = ((KINDS[kind], row[name]) for name, kind in kinds.items())
    return [None if value is None else kind.write(value) for kind, value in values]


def _batches(file: IO[bytes], kinds: Mapping[str, str]) -> Iterator[list[dict[str, object]]]:
    batch: list[dict[str, object]] = []
    for line in file:
        values = zip(kinds.items(), json.loads(line), strict=True)
        batch.append({n: None if value is None else KINDS[kind].read(value) for (n, kind), value in values})
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
