"""The keys by which the office vouches for its papers: made when first needed, wrapped by the master key.

A key of each purpose (and office) is in use at a time. One that is revoked is taken out of use for good: its private
part is destroyed, its public part and the moment stay, bound together under the master key.
"""

import os
from collections.abc import Callable
from datetime import UTC as ZONE
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Index, LargeBinary, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.store.canonical import canonical
from workflow.store.database import UTC, Base, must_write
from workflow.store.keys import Keys, keys_of
from workflow.store.payloads import NONCE_BYTES, Tampered

Chance = Callable[[int], str]
IN_USE = text("revoked_at IS NULL")


class Purpose(StrEnum):
    """What a key signs."""

    CODES = "codes"
    AUTHORITY = "authority"
    PAPERS = "papers"


class SigningKey(Base):
    """One key: its public part (raw, or as a certificate) and its wrapped private part."""

    __tablename__ = "signing_key"
    __table_args__ = (
        Index("uq_signing_key_in_use", "purpose", "office", unique=True, sqlite_where=IN_USE, postgresql_where=IN_USE),
    )

    key_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    office: Mapped[str] = mapped_column(String(40))
    public: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UTC)
    revoked_at: Mapped[datetime | None] = mapped_column(UTC)


def in_use(session: Session, purpose: Purpose, office: str = "") -> SigningKey | None:
    """Find the key that is in use for a purpose."""
    wanted = select(SigningKey).filter_by(purpose=purpose.value, office=office, revoked_at=None)
    return session.scalars(wanted).one_or_none()


def every(session: Session, purpose: Purpose) -> list[SigningKey]:
    """List all keys there ever were for a purpose, the oldest first."""
    wanted = select(SigningKey).filter_by(purpose=purpose.value)
    return list(session.scalars(wanted.order_by(SigningKey.made_at, SigningKey.key_id)))


def drawn(chance: Chance, name: str) -> bytes:
    """Draw 32 bytes for a new key from the desk's chance, so that a rehearsal gives the same papers each time."""
    return sha256(f"saphan key {name} {chance(64)}".encode()).digest()


def key_id(public: bytes) -> str:
    """Name a key after its public part."""
    return sha256(public).hexdigest()[:16]


def keep(
    session: Session, purpose: Purpose, private: bytes, public: bytes, now: datetime, office: str = ""
) -> SigningKey:
    """Take a new key in use."""
    must_write(session)
    row = SigningKey(
        key_id=key_id(public),
        purpose=purpose.value,
        office=office,
        public=public,
        made_at=now,
        revoked_at=None,
    )
    row.wrapped = _wrap(keys_of(session), private, _about(row))
    session.add(row)
    session.flush()
    return row


def private_part(session: Session, row: SigningKey) -> bytes:
    """Open the private part of a key, empty for a revoked one; raises Tampered."""
    return _unwrap(keys_of(session), row.key_id, row.wrapped, _about(row))


def revoke(session: Session, row: SigningKey, now: datetime) -> None:
    """Take a key out of use for good and destroy its private part."""
    must_write(session)
    private_part(session, row)
    row.revoked_at = now
    row.wrapped = _wrap(keys_of(session), b"", _about(row))
    session.flush()


@lru_cache(maxsize=256)
def _unwrap(keys: Keys, key_id: str, wrapped: bytes, about: bytes) -> bytes:
    try:
        return AESGCM(keys.master).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], about)
    except (InvalidTag, ValueError) as changed:
        raise Tampered(f"signing key {key_id}") from changed


def _wrap(keys: Keys, private: bytes, about: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(keys.master).encrypt(nonce, private, about)


def _about(row: SigningKey) -> bytes:
    moments = [moment and moment.astimezone(ZONE).isoformat() for moment in (row.made_at, row.revoked_at)]
    return canonical(["signing key", row.key_id, row.purpose, row.office, sha256(row.public).hexdigest(), *moments])
