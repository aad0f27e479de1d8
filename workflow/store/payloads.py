"""What was stated, sealed so that only the office reads it, and so that one person can be erased for good.

Every subject (a worker, an employer, a register entry) has a data key of its own, wrapped by the master key.
Destroying it makes all that was sealed under it unreadable for ever, while the chain still verifies.
"""

import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hmac import compare_digest
from hmac import digest as hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflow.store.canonical import canonical
from workflow.store.database import insert_once, must_write
from workflow.store.keys import Keys, keys_of
from workflow.store.truth import SubjectKey

NONCE_BYTES = 12
KEY_BYTES = 32


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

    def seal(self, place: str, plain: bytes) -> Sealed:
        nonce = os.urandom(NONCE_BYTES)
        return Sealed(nonce, self.aead.encrypt(nonce, plain, self._bound(place)), self.digest(plain))

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


def cipher_of(session: Session, subject: str, *, now: datetime | None = None) -> SubjectCipher:
    """Find a subject's cipher; with `now`, make its key when there is none yet.

    Raises Erased when the key was destroyed, KeyError when there never was one.
    """
    found = select(SubjectKey.key_id, SubjectKey.wrapped).where(SubjectKey.subject == subject)
    row = session.execute(found).one_or_none()
    if row is None and now is not None:
        _make_key(session, subject, now)
        row = session.execute(found).one()
    if row is None:
        raise KeyError(subject)
    return unwrap(keys_of(session), subject, row.key_id, row.wrapped)


def unwrap(keys: Keys, subject: str, key_id: str, wrapped: bytes | None) -> SubjectCipher:
    """Give the cipher of a stored key; raises Erased, or Tampered under another master key."""
    if wrapped is None:
        raise Erased(subject)
    return _unwrap(keys, subject, key_id, wrapped)


@lru_cache(maxsize=4096)
def _unwrap(keys: Keys, subject: str, key_id: str, wrapped: bytes) -> SubjectCipher:
    nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
    try:
        key = AESGCM(keys.master).decrypt(nonce, sealed, canonical([subject, key_id]))
    except (InvalidTag, ValueError) as changed:
        raise Tampered(f"key of {subject}") from changed
    return SubjectCipher(
        subject, key_id, AESGCM(hmac(key, b"saphan seal", "sha256")), hmac(key, b"saphan bind", "sha256")
    )


def _make_key(session: Session, subject: str, now: datetime) -> None:
    must_write(session)
    key_id, nonce = secrets.token_hex(8), os.urandom(NONCE_BYTES)
    key = os.urandom(KEY_BYTES)
    wrapped = nonce + AESGCM(keys_of(session).master).encrypt(nonce, key, canonical([subject, key_id]))
    row = {"subject": subject, "key_id": key_id, "wrapped": wrapped, "created_at": now}
    insert_once(session, SubjectKey.__table__, row)


def destroy(session: Session, subject: str, *, now: datetime) -> bool:
    """Destroy a subject's key: what is sealed under it can never be read again.

    Says whether there was a key to destroy. The caller records it as an event under another subject's key,
    and clears the copies and the files of the person.
    """
    must_write(session)
    gone = update(SubjectKey).where(SubjectKey.subject == subject, SubjectKey.wrapped.is_not(None))
    done = session.execute(gone.values(wrapped=None, destroyed_at=now))
    _unwrap.cache_clear()
    return done.rowcount == 1
