"""The second factor: codes of a telephone, each once, and the sheet of recovery codes for the day it is lost."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.domain.actor import Role
from workflow.store import passwords
from workflow.store.accounts import Secret, digest, plain_code, secret_of, spell
from workflow.store.database import UTC, Base
from workflow.store.keys import keys_of
from workflow.store.projections import Account

INTERVAL = 30
RECOVERY_CODES = 10


class RecoveryCode(Base):
    """One of the codes on the sheet in a drawer, for the day the telephone is lost; used once."""

    __tablename__ = "account_recovery_code"

    account: Mapped[str] = mapped_column(String(100), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(UTC)


@dataclass(frozen=True, slots=True)
class Safe:
    """Seals the secrets of second factors, so that a stolen database alone opens nothing."""

    key: bytes

    def seal(self, account: str, secret: str) -> bytes:
        """Seal a secret so that it opens for this account only."""
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self.key).encrypt(nonce, secret.encode(), account.encode())

    def open(self, account: str, sealed: bytes | None) -> str | None:
        """Give the secret back; nothing where there is none or another key sealed it."""
        if sealed is None:
            return None
        try:
            return AESGCM(self.key).decrypt(sealed[:12], sealed[12:], account.encode()).decode()
        except InvalidTag:
            return None


def _safe(session: Session) -> Safe:
    return Safe(HKDF(SHA256(), 32, None, b"saphan second factor").derive(keys_of(session).master))


def has_second_factor(session: Session, account: str) -> bool:
    """Say whether an account has confirmed a second factor."""
    return session.scalar(select(Secret.totp.is_not(None)).where(Secret.account == account)) or False


def offer_second_factor(session: Session, account: str) -> str:
    """Give the secret to be scanned, the same one until it is confirmed."""
    secret = secret_of(session, account)
    offered = _safe(session).open(account, secret.totp_offered)
    if offered is None:
        offered = pyotp.random_base32()
        secret.totp_offered = _safe(session).seal(account, offered)
    return offered


def confirm_second_factor(session: Session, account: str, code: str, now: datetime) -> bool:
    """Take the offered secret in use once the telephone has shown a right code of it."""
    secret = secret_of(session, account)
    offered = _safe(session).open(account, secret.totp_offered)
    counter = _counter_of(offered, code, now, ahead=1) if offered else None
    if counter is None:
        return False
    secret.totp, secret.totp_offered, secret.totp_counter = secret.totp_offered, None, counter
    return True


def second_factor_accepts(
    session: Session, account: str, code: str, now: datetime, *, ahead: int = 1
) -> bool:
    """Compare a code of the telephone; a code once used, or older than one used, is refused.

    `ahead` counts the half minutes by which a telephone's clock may run in front.
    """
    secret = session.get(Secret, account)
    known = _safe(session).open(account, secret.totp) if secret else None
    counter = _counter_of(known, code, now, ahead) if known else None
    if counter is None:
        return False
    taken = (
        update(Secret)
        .where(Secret.account == account, Secret.totp_counter < counter)
        .values(totp_counter=counter)
    )
    return session.execute(taken).rowcount == 1


def forget_second_factor(session: Session, account: str) -> None:
    """Take the second factor away, so that the next sign-in sets up a new one: for a lost telephone."""
    secret = secret_of(session, account)
    secret.totp = secret.totp_offered = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.account == account))


def next_code(session: Session, account: str, now: datetime, *, offered: bool = False) -> str | None:
    """Give the code that would be accepted next: for demonstrations and tests, never for real work."""
    secret = session.get(Secret, account)
    sealed = None if secret is None else secret.totp_offered if offered else secret.totp
    known = _safe(session).open(account, sealed)
    if known is None or secret is None:
        return None
    return pyotp.HOTP(known).at(_step(now) if offered else max(_step(now), secret.totp_counter + 1))


def equip_for_demonstration(session: Session, everyone: Iterable[str], password: str, now: datetime) -> None:
    """Give many accounts one password, and officials a second factor without telephone: never for real work."""
    kept = passwords.keep(password)
    for account in everyone:
        secret, entry = secret_of(session, account), session.get(Account, account)
        secret.password, secret.password_set_at = kept, now
        if entry is not None and Role(entry.role).official:
            secret.totp = _safe(session).seal(account, pyotp.random_base32())


def enrolment_address(secret: str, user_name: str, issuer: str) -> str:
    """Give what the code on the screen tells the telephone."""
    return pyotp.TOTP(secret, interval=INTERVAL).provisioning_uri(name=user_name, issuer_name=issuer)


def _counter_of(secret: str, code: str, now: datetime, ahead: int) -> int | None:
    typed, codes = plain_code(code), pyotp.HOTP(secret)
    for counter in range(_step(now) - 1, _step(now) + ahead + 1):
        if secrets.compare_digest(codes.at(counter).encode(), typed.encode()):
            return counter
    return None


def _step(now: datetime) -> int:
    return int(now.timestamp()) // INTERVAL


# --- recovery codes


def make_recovery_codes(session: Session, account: str) -> list[str]:
    """Give ten new recovery codes; the old ones end."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account == account))
    codes = [spell(16) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account=account, digest=digest(account, plain_code(code))) for code in codes)
    return codes


def spend_recovery_code(session: Session, account: str, code: str, now: datetime) -> bool:
    """Use up a recovery code; a second use is refused."""
    spent = (
        update(RecoveryCode)
        .where(RecoveryCode.account == account, RecoveryCode.digest == digest(account, plain_code(code)))
        .where(RecoveryCode.used_at.is_(None))
        .values(used_at=now)
    )
    return session.execute(spent).rowcount == 1


def recovery_codes_left(session: Session, account: str) -> int:
    """Count the recovery codes not used yet."""
    left = select(RecoveryCode.digest).where(RecoveryCode.account == account, RecoveryCode.used_at.is_(None))
    return len(session.scalars(left).all())
