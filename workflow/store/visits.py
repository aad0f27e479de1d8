"""Visits, from sign-in to sign-out: the browser holds a random ticket, all else lies and is ended here."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.store.database import UTC, Base

NOTED_EVERY = timedelta(minutes=1)
KEPT_FOR = timedelta(days=90)


class Stage(StrEnum):
    """How far a visitor has come."""

    INVITED = "invited"
    PASSWORD_SHOWN = "password_shown"
    SIGNED_IN = "signed_in"


class Visit(Base):
    """One sign-in on one browser; the key is the digest of what the browser holds."""

    __tablename__ = "visit"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(String(100), index=True)
    role: Mapped[str] = mapped_column(String(40))
    stage: Mapped[Stage] = mapped_column(String(20))
    began_at: Mapped[datetime] = mapped_column(UTC)
    seen_at: Mapped[datetime] = mapped_column(UTC)
    factor_at: Mapped[datetime | None] = mapped_column(UTC)
    ended_at: Mapped[datetime | None] = mapped_column(UTC, index=True)
    browser: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(60), default="")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a visit lasts: unused, and at most."""

    idle: timedelta
    whole: timedelta

    def allow(self, visit: Visit, now: datetime) -> bool:
        """Say whether a visit still runs."""
        return (
            visit.ended_at is None and now - visit.seen_at < self.idle and now - visit.began_at < self.whole
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who begins a visit and from where."""

    account: str
    role: str
    browser: str = ""
    address: str = ""


def begin(session: Session, visitor: Visitor, stage: Stage, now: datetime, *, factor: bool = False) -> str:
    """Begin a visit and give what the browser is to hold."""
    ticket = secrets.token_urlsafe(32)
    session.add(
        Visit(
            digest=digest(ticket),
            account=visitor.account,
            role=visitor.role,
            stage=stage,
            began_at=now,
            seen_at=now,
            factor_at=now if factor else None,
            browser=visitor.browser[:200],
            address=visitor.address[:60],
        )
    )
    session.execute(delete(Visit).where(Visit.began_at < now - KEPT_FOR))
    return ticket


def find(session: Session, ticket: str) -> Visit | None:
    """Find the visit of a browser, ended or not."""
    return session.get(Visit, digest(ticket))


def must_note(visit: Visit, now: datetime) -> bool:
    """Say whether it is time to note that the visitor is still there."""
    return now - visit.seen_at >= NOTED_EVERY


def note(session: Session, ticket: str, now: datetime) -> None:
    """Note that the visitor is still there."""
    session.execute(update(Visit).where(Visit.digest == digest(ticket)).values(seen_at=now))


def note_factor(session: Session, ticket: str, now: datetime) -> None:
    """Note that the visitor has just proved himself again."""
    session.execute(update(Visit).where(Visit.digest == digest(ticket)).values(factor_at=now))


def end(session: Session, ticket: str, now: datetime) -> None:
    """End one visit."""
    _end(session, now, Visit.digest == digest(ticket))


def end_all(session: Session, account: str, now: datetime, *, keep: str | None = None) -> None:
    """End every visit of an account, but for the one whose ticket is given."""
    _end(session, now, Visit.account == account, Visit.digest != (digest(keep) if keep else ""))


def running(session: Session, account: str, now: datetime, limits: Limits) -> Sequence[Visit]:
    """List the visits of an account that still run, the newest first."""
    of_account = select(Visit).where(
        Visit.account == account, Visit.stage == Stage.SIGNED_IN, Visit.ended_at.is_(None)
    )
    visits = session.scalars(of_account.order_by(Visit.seen_at.desc()))
    return [visit for visit in visits if limits.allow(visit, now)]


def digest(ticket: str) -> str:
    """Give the key under which a ticket is kept: the table does not hold the tickets themselves."""
    return hashlib.sha256(ticket.encode()).hexdigest()


def _end(session: Session, now: datetime, *which: object) -> None:
    session.execute(update(Visit).where(*which, Visit.ended_at.is_(None)).values(ended_at=now))  # type: ignore[arg-type]
