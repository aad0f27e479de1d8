"""What a paper's code says where there is no network: the verdict on a token, from pinned keys and a list alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from workflow import tokens
from workflow.domain.words import N_
from workflow.tokens import Altered, OtherKey, Token
from workflow.withdrawals import Why, Withdrawals


class Finding(StrEnum):
    """What is said of a paper; `label` is the sentence, `exit` how a command ends."""

    label: str
    exit: int

    def __new__(cls, value: str, label: str, exit: int) -> "Finding":
        finding = str.__new__(cls, value)
        finding._value_ = value
        finding.label = label
        finding.exit = exit
        return finding

    VALID = "valid", N_("Genuine, and in force by what is printed on it."), 0
    ALTERED = "altered", N_("Not genuine: altered, or not made by this office."), 1
    REVOKED = "revoked", N_("Genuine, but the work permit was revoked."), 3
    REPLACED = "replaced", N_("Replaced by a newer paper. This sheet no longer counts."), 4
    EXPIRED = "expired", N_("Genuine, but the last day printed on it has passed."), 5
    NOT_YET = "not_yet", N_("Genuine, but the work permit begins later."), 6
    VOID = "void", N_("Void. This sheet no longer counts."), 7
    ENDED = "ended", N_("Genuine, but the work permit has ended."), 8
    STOPPED = "stopped", N_("Genuine, but the work permit is on hold: no work now."), 9
    OTHER_KEY = "other_key", N_("Signed by a key that is not trusted here. Ask the office for its newest keys."), 10


BY_LIST = {
    Why.REPLACED: Finding.REPLACED,
    Why.VOID: Finding.VOID,
    Why.REVOKED: Finding.REVOKED,
    Why.ENDED: Finding.ENDED,
    Why.STOPPED: Finding.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a paper, with what its token says and by which paper it was replaced."""

    finding: Finding
    token: Token | None = None
    replaced_by: str = ""


def judge(
    written: str, keys: Mapping[bytes, Ed25519PublicKey], withdrawn: Withdrawals | None, on: date
) -> Judged:
    """Judge a token on a day; without a list only what is printed is judged."""
    try:
        token = tokens.read(written, keys)
    except OtherKey:
        return Judged(Finding.OTHER_KEY)
    except Altered:
        return Judged(Finding.ALTERED)
    why, by = (withdrawn.papers if withdrawn else {}).get(token.number, (None, ""))
    if why in BY_LIST:
        return Judged(BY_LIST[why], token, by)
    if on > token.valid_until:
        return Judged(Finding.EXPIRED, token)
    return Judged(Finding.NOT_YET if on < token.valid_from else Finding.VALID, token)
