"""Attempts to sign in, noted before they are judged, so that guessing is slowed however many ask at once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.store.database import UTC, Base, Position

KEPT_FOR = timedelta(days=90)


class Proof(StrEnum):
    """What was offered as proof."""

    PASSWORD = "password"
    ONE_TIME_CODE = "one_time_code"
    SECOND_FACTOR = "second_factor"
    PAPER_CODE = "paper_code"


class Attempt(Base):
    """One attempt; unknown user names are noted like known ones, by digest: people type passwords there."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_name_at", "name", "at"),
        Index("ix_sign_in_attempt_address_at", "address", "at"),
    )

    number: Mapped[int] = mapped_column(Position, primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(60))
    proof: Mapped[Proof] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UTC, index=True)
    succeeded: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many failures in a span of time."""

    failures: int
    within: timedelta


PER_ACCOUNT = Limit(5, timedelta(seconds=60))
PER_ADDRESS = Limit(20, timedelta(seconds=60))
PER_LOOKER = Limit(30, timedelta(seconds=60))
"""Codes of papers that do not exist, from one address: whoever scans real papers may go on."""
PER_SECOND_FACTOR = Limit(20, timedelta(hours=24))
"""Wrong second factors come after a right password: guessing six figures for days must end."""


class TooMany(Exception):
    """Too many failures: this attempt is not judged; `wait` says how long to wait."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"wait {wait}")


def note(session: Session, user_name: str, address: str, proof: Proof, now: datetime) -> int:
    """Note an attempt as failed and give its number; the caller commits before judging it."""
    attempt = Attempt(name=name_digest(user_name), address=address[:60], proof=proof, at=now, succeeded=False)
    session.add(attempt)
    session.flush()
    return attempt.number


def judge(session: Session, user_name: str, address: str, proof: Proof, now: datetime) -> None:
    """Raise TooMany where this attempt is one too many for the account or the address."""
    of_account = Attempt.name == name_digest(user_name)
    _judge(session, now, PER_ACCOUNT, of_account)
    _judge(session, now, PER_ADDRESS, Attempt.address == address[:60], Attempt.proof != Proof.PAPER_CODE)
    if proof is Proof.SECOND_FACTOR:
        _judge(session, now, PER_SECOND_FACTOR, of_account, Attempt.proof == proof)


def judge_looks(session: Session, address: str, now: datetime) -> None:
    """Raise TooMany where an address asked for too many papers that do not exist."""
    _judge(session, now, PER_LOOKER, Attempt.address == address[:60], Attempt.proof == Proof.PAPER_CODE)


def succeeded(session: Session, number: int, now: datetime) -> None:
    """Note that an attempt was right; attempts long past are forgotten."""
    session.execute(update(Attempt).where(Attempt.number == number).values(succeeded=True))
    session.execute(delete(Attempt).where(Attempt.at < now - KEPT_FOR))


def recent(session: Session, user_name: str, how_many: int = 10) -> Sequence[Attempt]:
    """List the latest attempts on a user name, the newest first."""
    of_account = select(Attempt).where(Attempt.name == name_digest(user_name))
    return session.scalars(of_account.order_by(Attempt.number.desc()).limit(how_many)).all()


def name_digest(user_name: str) -> str:
    """Give what stands for a user name, known or not."""
    return hashlib.sha256(user_name.strip().casefold().encode()).hexdigest()


def _judge(session: Session, now: datetime, limit: Limit, *which: ColumnElement[bool]) -> None:
    failed = select(func.count()).where(*which, Attempt.at > now - limit.within, Attempt.succeeded.is_(False))
    if (session.scalar(failed) or 0) > limit.failures:
        raise TooMany(limit.within)
