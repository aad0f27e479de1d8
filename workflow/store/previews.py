"""What is on its way: lists and photos not confirmed yet, files for the printer; sealed for days, and never chained."""

import json
import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, LargeBinary, Select, String, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.store.database import UTC, Base, must_write
from workflow.store.payloads import Erased, cipher_of

KEPT_FOR = timedelta(days=7)


class ListPreview(Base):
    """One list on its way: at most one for each account and request; it may be lost without harm."""

    __tablename__ = "list_preview"
    __table_args__ = (UniqueConstraint("account", "request"),)

    reference: Mapped[str] = mapped_column(String(40), primary_key=True)
    account: Mapped[str] = mapped_column(String(40))
    request: Mapped[str] = mapped_column(String(40), index=True)
    sealed_for: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    stated: Mapped[bytes] = mapped_column(LargeBinary)
    sheet_nonce: Mapped[bytes | None] = mapped_column(LargeBinary)
    sheet: Mapped[bytes | None] = mapped_column(LargeBinary)
    began_at: Mapped[datetime] = mapped_column(UTC)
    ends_at: Mapped[datetime] = mapped_column(UTC, index=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A kept list as it is read back; `version` grows with every mending."""

    reference: str
    version: int
    stated: dict[str, Any]
    began_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose list it is: the account that handed it in, for which request, sealed under whose key."""

    account: str
    request: str
    sealed_for: str


def begin(session: Session, owner: Owner, stated: dict[str, Any], sheet: bytes | None, now: datetime) -> str:
    """Keep a list in place of an earlier one of the same account and request; give its reference."""
    must_write(session)
    sweep(session, now)
    end(session, owner)
    reference = secrets.token_hex(12)
    cipher = cipher_of(session, owner.sealed_for, now=now)
    sealed = cipher.seal(_place(reference, "stated"), _packed(stated))
    kept = cipher.seal(_place(reference, "sheet"), sheet) if sheet is not None else None
    session.add(
        ListPreview(
            reference=reference,
            account=owner.account,
            request=owner.request,
            sealed_for=owner.sealed_for,
            version=1,
            nonce=sealed.nonce,
            stated=sealed.ciphertext,
            sheet_nonce=kept and kept.nonce,
            sheet=kept and kept.ciphertext,
            began_at=now,
            ends_at=now + KEPT_FOR,
        )
    )
    session.flush()
    return reference


def find(session: Session, owner: Owner, now: datetime) -> Preview | None:
    """Find the list that an account has on its way for a request; nothing where it ended or was erased."""
    row = session.scalar(_of(owner).where(ListPreview.ends_at > now))
    if row is None:
        return None
    try:
        plain = cipher_of(session, row.sealed_for).open(
            _place(row.reference, "stated"), row.nonce, row.stated
        )
    except Erased:
        return None
    return Preview(
        reference=row.reference,
        version=row.version,
        stated=json.loads(zlib.decompress(plain)),
        began_at=row.began_at,
        ends_at=row.ends_at,
    )


def every(session: Session, request: str, since: datetime) -> list[tuple[str, Preview]]:
    """List what all accounts have on their way for one request and began lately, each with its account."""
    asked = select(ListPreview.account).where(ListPreview.request == request, ListPreview.began_at > since)
    owners = [Owner(account, request, account) for account in session.scalars(asked)]
    return [(one.account, found) for one in owners if (found := find(session, one, since))]


def change(
    session: Session, preview: Preview, owner: Owner, stated: dict[str, Any], sheet: bytes | None = None
) -> bool:
    """Keep a mended list in place of the version that was seen; say no where another window was faster.

    `sheet` takes the place of the one that was kept, if one is given.
    """
    must_write(session)
    cipher = cipher_of(session, owner.sealed_for)
    sealed = cipher.seal(_place(preview.reference, "stated"), _packed(stated))
    seen = update(ListPreview).filter_by(reference=preview.reference, version=preview.version)
    values = {"version": preview.version + 1, "nonce": sealed.nonce, "stated": sealed.ciphertext}
    if sheet is not None:
        kept = cipher.seal(_place(preview.reference, "sheet"), sheet)
        values |= {"sheet_nonce": kept.nonce, "sheet": kept.ciphertext}
    return session.execute(seen.values(**values)).rowcount == 1


def sheet_of(session: Session, owner: Owner) -> bytes | None:
    """Open the sheet as it was handed in."""
    row = session.scalar(_of(owner))
    if row is None or row.sheet is None or row.sheet_nonce is None:
        return None
    return cipher_of(session, row.sealed_for).open(_place(row.reference, "sheet"), row.sheet_nonce, row.sheet)


def end(session: Session, owner: Owner) -> None:
    """Forget the list that an account has on its way for a request."""
    must_write(session)
    session.execute(delete(ListPreview).filter_by(account=owner.account, request=owner.request))


def sweep(session: Session, now: datetime) -> int:
    """Forget the lists whose time is over; give how many there were."""
    must_write(session)
    return session.execute(delete(ListPreview).where(ListPreview.ends_at <= now)).rowcount


def _of(owner: Owner) -> Select[tuple[ListPreview]]:
    return select(ListPreview).filter_by(account=owner.account, request=owner.request)


def _place(reference: str, part: str) -> str:
    return f"preview {reference} {part}"


def _packed(stated: dict[str, Any]) -> bytes:
    return zlib.compress(json.dumps(stated, ensure_ascii=False, separators=(",", ":")).encode())
