"""Uploads and papers, sealed on disk under the key of the one they belong to, named by their own digest.

The bytes are on disk for good before the row that names them is committed; never the other way round.
"""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflow.domain.words import N_
from workflow.store.canonical import canonical
from workflow.store.database import must_write
from workflow.store.keys import home_of, sync_folder
from workflow.store.lenient import lenient
from workflow.store.payloads import KEY, NONCE_BYTES, Erased, Tampered, cipher_of
from workflow.store.truth import StoredFile

FILES = StoredFile.__table__

SPARED = timedelta(hours=24)
"""How long a file that nothing names may lie: an act in progress may still name it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the register says of a file; the fields are the columns."""

    sha256: str
    subject: str
    size: int
    media_type: str
    stored_at: datetime


class FileLost(Exception):
    """The register names a file that is not on disk."""


def keep(session: Session, content: bytes, media_type: str, subject: str, *, now: datetime) -> str:
    """Keep bytes under their subject's key; give their SHA-256. Raises Erased when that key was destroyed."""
    must_write(session)
    digest = sha256(content).hexdigest()
    row = _row(session, digest, subject)
    if row is None:
        row = Kept(digest, subject, len(content), media_type, now)
        _write(session, row, content)
        session.execute(insert(FILES), asdict(row))
    elif not path_of(home_of(session).folder, row).exists():
        _write(session, row, content)
    return digest


def open_file(session: Session, digest: str, subject: str | None = None) -> bytes:
    """Read kept bytes; without a subject, from whichever of several still has its key.

    Raises FileLost (not recorded, or not on disk), Erased, Tampered.
    """
    asked = select(FILES).join(KEY, KEY.c.subject == FILES.c.subject).where(FILES.c.sha256 == digest)
    if subject is not None:
        asked = asked.where(FILES.c.subject == subject)
    row = session.execute(asked.order_by(KEY.c.destroyed_at.is_not(None)).limit(1)).one_or_none()
    if row is None:
        raise FileLost(digest)
    return _read(session, Kept(*row))


def path_of(folder: Path, row: Kept) -> Path:
    """Say where a file lies: by its digest, and apart for each subject that holds the same bytes."""
    whose = sha256(row.subject.encode()).hexdigest()[:16]
    return folder / "files" / row.sha256[:2] / f"{row.sha256[2:]}-{whose}"


def check_files(session: Session) -> Iterator[tuple[Kept, str | None]]:
    """Read every recorded file, saying what is wrong with it: None, "erased", or the fault."""
    for row in session.execute(select(*lenient(FILES)).execution_options(yield_per=100)):
        kept = Kept(*row)
        yield kept, _fault(session, kept)


def sweep(session: Session, *, now: datetime) -> int:
    """Remove from disk what no row names for a day, and what was erased; give how many files went."""
    folder = home_of(session).folder
    rows = session.execute(select(FILES, KEY.c.destroyed_at).join(KEY, KEY.c.subject == FILES.c.subject))
    kept = {path_of(folder, Kept(*row[:-1])): row.destroyed_at is None for row in rows}
    gone = [path for path in (folder / "files").glob("*/*") if not kept.get(path, _is_young(path, now))]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _is_young(path: Path, now: datetime) -> bool:
    try:
        return now - datetime.fromtimestamp(path.stat().st_mtime, UTC) < SPARED
    except FileNotFoundError:
        return True


def _row(session: Session, digest: str, subject: str) -> Kept | None:
    asked = select(FILES).where(FILES.c.sha256 == digest, FILES.c.subject == subject)
    row = session.execute(asked).one_or_none()
    return row and Kept(*row)


def _place(row: Kept) -> str:
    moment = row.stored_at and row.stored_at.astimezone(UTC).isoformat()
    return canonical(["file", row.sha256, row.size, row.media_type, moment]).decode()


def _write(session: Session, row: Kept, content: bytes) -> None:
    cipher = cipher_of(session, row.subject, now=row.stored_at)
    sealed = cipher.seal(_place(row), content)
    write_whole(path_of(home_of(session).folder, row), sealed.nonce + sealed.ciphertext)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that after a power cut it is there whole or not at all."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync_folder(path.parent)
    sync_folder(path.parent.parent)


def _read(session: Session, row: Kept) -> bytes:
    cipher = cipher_of(session, row.subject)
    try:
        sealed = path_of(home_of(session).folder, row).read_bytes()
    except FileNotFoundError as lost:
        raise FileLost(row.sha256) from lost
    content = cipher.open(_place(row), sealed[:NONCE_BYTES], sealed[NONCE_BYTES:])
    if sha256(content).hexdigest() != row.sha256:
        raise Tampered(row.sha256)
    return content


def _fault(session: Session, row: Kept) -> str | None:
    try:
        content = _read(session, row)
    except Erased:
        return "erased"
    except FileLost:
        return N_("is not on disk")
    except (Tampered, KeyError):
        return N_("is not what was stored")
    return None if len(content) == row.size else "has another size than recorded"
