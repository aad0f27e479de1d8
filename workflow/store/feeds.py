"""The secret addresses under which employers' calendars are fetched: kept as digests, revocable, not without bound.

They are no truth and never chained: losing one costs an employer the making of another.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Integer, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.store.database import UTC, Base, begin_write, must_write

SIGNS = 32
"""Bytes of chance in an address: nobody guesses one."""
FETCHES = 60
AN_HOUR = timedelta(hours=1)
"""How often one address may be fetched; calendars ask every quarter of an hour to once a day."""
AT_MOST = 5
"""How many addresses of an employer may be open at once."""


class FeedAddress(Base):
    """One address of an employer's calendar, by its digest."""

    __tablename__ = "feed_address"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    employer: Mapped[str] = mapped_column(String(40), index=True)
    language: Mapped[str] = mapped_column(String(5))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UTC)
    revoked_at: Mapped[datetime | None] = mapped_column(UTC)
    hour_from: Mapped[datetime | None] = mapped_column(UTC)
    fetches: Mapped[int] = mapped_column(Integer)
    fetched_at: Mapped[datetime | None] = mapped_column(UTC)


class TooManyFetches(Exception):
    """An address was fetched too often; `wait` says when it may be fetched again."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"wait {wait}")


class TooManyAddresses(Exception):
    """The employer has as many open addresses as may be; one is to be revoked first."""


def open_address(session: Session, employer: str, account: str, language: str, now: datetime) -> str:
    """Make an address and give its secret part, which is shown once and kept nowhere. Raises TooManyAddresses."""
    must_write(session)
    mine = select(func.count()).where(FeedAddress.employer == employer, FeedAddress.revoked_at.is_(None))
    if (session.scalar(mine) or 0) >= AT_MOST:
        raise TooManyAddresses
    secret = secrets.token_urlsafe(SIGNS)
    session.add(
        FeedAddress(
            digest=digest_of(secret),
            employer=employer,
            language=language,
            made_by=account,
            made_at=now,
            fetches=0,
        )
    )
    return secret


def addresses_of(session: Session, employer: str) -> list[FeedAddress]:
    """List the open addresses of an employer, the oldest first."""
    mine = select(FeedAddress).where(FeedAddress.employer == employer, FeedAddress.revoked_at.is_(None))
    return list(session.scalars(mine.order_by(FeedAddress.made_at, FeedAddress.digest)))


def revoke(session: Session, employer: str, digest: str, now: datetime) -> bool:
    """Close an address of an employer for good; say whether it was open."""
    must_write(session)
    mine = update(FeedAddress).where(
        FeedAddress.digest == digest, FeedAddress.employer == employer, FeedAddress.revoked_at.is_(None)
    )
    return session.execute(mine.values(revoked_at=now)).rowcount == 1


def fetch(session: Session, secret: str, now: datetime) -> FeedAddress | None:
    """Find the open address with a secret part and count the fetch, on a connection of its own.

    Raises TooManyFetches. An unknown address costs one look and writes nothing.
    """
    digest = digest_of(secret)
    open_one = select(FeedAddress).where(FeedAddress.digest == digest, FeedAddress.revoked_at.is_(None))
    if session.scalar(open_one) is None:
        return None
    with Session(session.get_bind(), expire_on_commit=False) as own:
        begin_write(own)
        address = own.scalar(open_one.with_for_update())
        if address is None:
            return None
        _count(address, now)
        own.commit()
        return address


def _count(address: FeedAddress, now: datetime) -> None:
    if address.hour_from is None or now - address.hour_from >= AN_HOUR:
        address.hour_from, address.fetches = now, 0
    if address.fetches >= FETCHES:
        raise TooManyFetches(AN_HOUR - (now - address.hour_from))
    address.fetches += 1
    address.fetched_at = now


def digest_of(secret: str) -> str:
    """Give what stands for the secret part of an address."""
    return hashlib.sha256(secret.encode()).hexdigest()
