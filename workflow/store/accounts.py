"""What proves that a person is the one of an account: the password, and the one-time code of the first day.

Who has an account is register truth and lies in events; these rows are secrets and are never chained.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.domain.thai import arabic_digits
from workflow.store import passwords
from workflow.store.database import UTC, Base

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Letters of codes that people copy from paper: none that is taken for another."""


class Secret(Base):
    """The secrets of one account; a row from the first invitation on."""

    __tablename__ = "account_secret"

    account: Mapped[str] = mapped_column(String(100), primary_key=True)
    password: Mapped[str | None] = mapped_column(String(200))
    password_set_at: Mapped[datetime | None] = mapped_column(UTC)
    totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_offered: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_counter: Mapped[int] = mapped_column(BigInteger, default=0)
    slip: Mapped[str | None] = mapped_column(String(200))
    link: Mapped[str | None] = mapped_column(String(64), unique=True)
    invited_until: Mapped[datetime | None] = mapped_column(UTC)


def secret_of(session: Session, account: str) -> Secret:
    """Give the secrets of an account, empty ones for the first time."""
    found = session.get(Secret, account)
    if found is None:
        found = Secret(account=account, totp_counter=0)
        session.add(found)
        session.flush()
    return found


# --- password


def set_password(session: Session, account: str, password: str, now: datetime) -> None:
    """Keep a new password; every one-time code and link of the account ends with it."""
    secret = secret_of(session, account)
    secret.password, secret.password_set_at = passwords.keep(password), now
    secret.slip = secret.link = secret.invited_until = None


def password_matches(session: Session, account: str | None, password: str) -> bool:
    """Compare a password; for an unknown account, or one without a password, with the same work."""
    secret = session.get(Secret, account) if account else None
    return passwords.matches(password, secret.password if secret else None)


def renew_password(session: Session, account: str, password: str) -> None:
    """Keep a right password anew where it was kept in a way that is no longer thought strong."""
    secret = session.get(Secret, account)
    if secret and secret.password and passwords.is_outdated(secret.password):
        secret.password = passwords.keep(password)


# --- invitations: the first way in


def invite(session: Session, account: str, now: datetime, valid_for: timedelta) -> str:
    """Give a one-time code for a slip of paper; it ends the password, and an earlier code or link."""
    code = spell(12)
    _invited(session, account, now + valid_for).slip = passwords.keep(plain_code(code))
    return code


def invite_by_link(session: Session, account: str, now: datetime, valid_for: timedelta) -> str:
    """Give the token of a one-time link; it ends the password, and an earlier code or link."""
    token = secrets.token_urlsafe(32)
    _invited(session, account, now + valid_for).link = digest("link", token)
    return token


def slip_matches(session: Session, account: str | None, code: str, now: datetime) -> bool:
    """Compare the code of a slip; unknown accounts and ended slips cost the same work."""
    secret = session.get(Secret, account) if account else None
    live = secret is not None and secret.invited_until is not None and now < secret.invited_until
    return passwords.matches(plain_code(code), secret.slip if secret and live else None)


def account_of_link(session: Session, token: str, now: datetime) -> str | None:
    """Name the account that a one-time link opens, while it does."""
    return session.scalar(
        select(Secret.account).where(Secret.link == digest("link", token), Secret.invited_until > now)
    )


def _invited(session: Session, account: str, until: datetime) -> Secret:
    secret = secret_of(session, account)
    secret.password = secret.slip = secret.link = None
    secret.invited_until = until
    return secret


# --- spelling


def plain_code(code: str) -> str:
    """Take a code as typed: spaces, hyphens, small letters and Thai figures do not matter."""
    return "".join(letter for letter in arabic_digits(code).upper() if letter.isalnum())


def spell(length: int) -> str:
    """Make a random code in groups of four letters."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(length))
    return "-".join(letters[start : start + 4] for start in range(0, length, 4))


def digest(*parts: str) -> str:
    """Give what is stored in place of a long random code."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
