"""The secrets of one office's server: the master key, under which every subject's key is wrapped, and the
secret of its sessions. They lie apart from the database, are made once, and are backed up apart."""

import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from workflow.store.database import StartRefused

LENGTH = 32
FEWEST_DISTINCT = 12
"""Random bytes of that length practically never hold fewer different ones; a made-up key often does."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets in memory; never shown, never logged."""

    master: bytes = field(repr=False)
    session_secret: bytes = field(repr=False)

    @classmethod
    def at(cls, home: Path, *, first_run: bool) -> "Keys":
        """Read the secrets of an office's home; on the first run make them.

        Raises StartRefused for a secret that is missing although data exist, readable by others, or weak.
        """
        folder = home / "keys"
        if first_run:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        read: Callable[[str], bytes] = lambda name: _read(folder / name, make=first_run)  # noqa: E731
        return cls(read("master.key"), read("session.key"))

    def keep(self, home: Path) -> None:
        """Write secrets that came back from their backup into a home that has none."""
        folder = home / "keys"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(folder / "master.key", self.master)
        _make(folder / "session.key", self.session_secret)


def _read(path: Path, *, make: bool) -> bytes:
    if make and not path.exists():
        _make(path, secrets.token_bytes(LENGTH))
    if not path.exists():
        raise StartRefused(f"{path.name} is missing although there are data: restore it from its own backup")
    if path.stat().st_mode & 0o077:
        raise StartRefused(f"{path.name} can be read by other accounts of this machine: chmod 600 {path}")
    return _strong(path.name, path.read_text("ascii"))


def _strong(name: str, written: str) -> bytes:
    try:
        secret = bytes.fromhex(written)
    except ValueError as not_hex:
        raise StartRefused(f"{name} is damaged: restore it from its own backup") from not_hex
    if len(secret) != LENGTH or len(set(secret)) < FEWEST_DISTINCT:
        raise StartRefused(f"{name} is too weak to protect anyone: it must be {LENGTH} random bytes")
    return secret


def _make(path: Path, secret: bytes) -> None:
    """Write a secret whole or not at all; of two processes that try, one wins."""
    draft = path.with_suffix(f".{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret.hex())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that a new name in a folder survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Home:
    """Where an office's server keeps what is not in the database, and its secrets."""

    folder: Path
    keys: Keys


_HOMES: "WeakKeyDictionary[Engine, Home]" = WeakKeyDictionary()


def settle(engine: Engine, home: Home) -> None:
    """Say which home belongs to a database; done once at start, before anything is stored."""
    _HOMES[engine] = home


def home_of(session: Session) -> Home:
    """Find the home that belongs to the database of a session; raises StartRefused before `settle`."""
    engine = session.get_bind().engine
    if engine not in _HOMES:
        raise StartRefused("the store was not opened: call open_store first")
    return _HOMES[engine]


def keyed_digest(session: Session, sealed: str) -> str:
    """Digest what is sealed so that two can be compared, and nobody without the office's key can guess it."""
    return hmac.new(keys_of(session).master, b"saphan comparison 1\n" + sealed.encode(), sha256).hexdigest()


def keys_of(session: Session) -> Keys:
    """Find the secrets that belong to the database of a session."""
    return home_of(session).keys
