"""What was stated, sealed so that only the office reads it, and so that one person can be erased for good.

Every subject (a worker, an employer, a register entry) has a data key of its own, wrapped by the master key.
Destroying it makes all that was sealed under it unreadable for ever, while the chain still verifies.
"""

import os
import secrets
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hmac import compare_digest
from hmac import digest as hmac
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from workflow.store.canonical import canonical
from workflow.store.database import insert_once, must_write
from workflow.store.keys import Keys, keys_of
from workflow.store.truth import SubjectKey

KEY = SubjectKey.__table__
NONCE_BYTES = 12
KEY_BYTES = 32
WORTH_PACKING = 400


class Erased(Exception):
    """The subject's key was destroyed: nothing can be read or stored under it."""


class Tampered(Exception):
    """What is stored is not what was sealed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed bytes with the digest that binds them to their event."""

    nonce: bytes
    ciphertext: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class SubjectCipher:
    """Seals and opens what belongs to one subject; `place` is where it lies and can't be moved from."""

    subject: str
    key_id: str
    aead: AESGCM = field(repr=False)
    mac: bytes = field(repr=False)

    def seal(self, place: str, plain: bytes, *, bind: bytes | None = None) -> Sealed:
        """Seal bytes into their place; the digest binds them, or what they are packed from."""
        nonce = os.urandom(NONCE_BYTES)
        digest = self.digest(plain if bind is None else bind)
        return Sealed(nonce, self.aead.encrypt(nonce, plain, self._bound(place)), digest)

    def open(self, place: str, nonce: bytes, ciphertext: bytes) -> bytes:
        """Open sealed bytes; raises Tampered when they, their place or their subject changed."""
        try:
            return self.aead.decrypt(nonce, ciphertext, self._bound(place))
        except (InvalidTag, ValueError) as changed:
            raise Tampered(place) from changed

    def digest(self, plain: bytes) -> bytes:
        """Bind plain bytes by a digest that says nothing once the key is gone."""
        return hmac(self.mac, plain, "sha256")

    def bound(self, plain: bytes, digest: bytes) -> bool:
        return compare_digest(self.digest(plain), digest)

    def _bound(self, place: str) -> bytes:
        return canonical([place, self.subject, self.key_id])


def pack(stated: bytes) -> bytes:
    """Make long words short before they are sealed: the record of a paper is full of the same words."""
    packed = zlib.compress(stated, 1) if len(stated) > WORTH_PACKING else stated
    return min(stated, packed, key=len)


def unpack(opened: bytes) -> bytes:
    """Undo `pack`; what was not packed is JSON and begins with a brace."""
    return opened if opened.startswith(b"{") else zlib.decompress(opened)


def cipher_of(session: Session, subject: str, *, now: datetime | None = None) -> SubjectCipher:
    """Find a subject's cipher; with `now`, make its key when there is none yet.

    Raises Erased when the key was destroyed, KeyError when there never was one.
    """
    row = session.connection().execute(_KEY_OF, {"whose": subject}).one_or_none()
    if row is None and now is not None:
        _make_key(session, subject, now)
        row = session.connection().execute(_KEY_OF, {"whose": subject}).one()
    if row is None:
        raise KeyError(subject)
    return unwrap(keys_of(session), row)


_KEY_OF = select(KEY).where(KEY.c.subject == bindparam("whose"))


def unwrap(keys: Keys, row: Row[Any]) -> SubjectCipher:
    """Give the cipher of a row of subject_key; raises Erased, or Tampered (or another master key)."""
    cipher = _unwrap(keys, row.subject, row.key_id, row.wrapped, row.created_at, row.destroyed_at)
    if cipher is None:
        raise Erased(row.subject)
    return cipher


@lru_cache(maxsize=4096)
def _unwrap(
    keys: Keys,
    subject: str,
    key_id: str,
    wrapped: bytes,
    created_at: datetime,
    destroyed_at: datetime | None,
) -> SubjectCipher | None:
    """Open a wrapped key; None, when what is wrapped is the proof that it was destroyed."""
    about = _about(subject, key_id, created_at, destroyed_at)
    try:
        key = AESGCM(keys.master).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], about)
    except (InvalidTag, ValueError) as changed:
        raise Tampered(f"key of {subject}") from changed
    if not key:
        return None
    return SubjectCipher(
        subject, key_id, AESGCM(hmac(key, b"saphan seal", "sha256")), hmac(key, b"saphan bind", "sha256")
    )


def _wrap(keys: Keys, key: bytes, about: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(keys.master).encrypt(nonce, key, about)


def _about(subject: str, key_id: str, created_at: datetime, destroyed_at: datetime | None) -> bytes:
    moments = [moment and moment.astimezone(UTC).isoformat() for moment in (created_at, destroyed_at)]
    return canonical([subject, key_id, *moments])


def _make_key(session: Session, subject: str, now: datetime) -> None:
    must_write(session)
    key_id, key = secrets.token_hex(8), os.urandom(KEY_BYTES)
    wrapped = _wrap(keys_of(session), key, _about(subject, key_id, now, None))
    row = {"subject": subject, "key_id": key_id, "wrapped": wrapped, "created_at": now}
    insert_once(session, KEY, row)


def destroy(session: Session, subject: str, *, now: datetime) -> bool:
    """Destroy a subject's key: what is sealed under it can never be read again.

    Says whether there was a key to destroy. The caller records it as an event under another subject's key,
    and clears the copies and the files of the person.
    """
    must_write(session)
    live = select(KEY).where(KEY.c.subject == subject, KEY.c.destroyed_at.is_(None))
    row = session.execute(live.with_for_update()).one_or_none()
    if row is None:
        return False
    proof = _wrap(keys_of(session), b"", _about(subject, row.key_id, row.created_at, now))
    gone = update(KEY).where(KEY.c.subject == subject)
    session.execute(gone, {"wrapped": proof, "destroyed_at": now})
    _unwrap.cache_clear()
    return True
