"""What a paper's code or file says where there is no network: the verdict from pinned keys and a list alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pdf.signature import Integrity, look
from workflow import tokens
from workflow.domain.words import N_
from workflow.store.seals import key_id
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
    UNSIGNED = "unsigned", N_("This file bears no signature of the office: a copy, a scan, or not ours."), 11
    KEY_REVOKED = "key_revoked", N_("Signed by a key that the office has revoked: not to be trusted."), 12
    OUT_OF_TIME = "out_of_time", N_("The certificate of the office has run out, or this machine's clock is wrong."), 13
    GENUINE = "genuine", N_("Genuine: made by this office, and not changed since."), 0
    OTHER_KEY = "other_key", N_("Signed by a key that is not trusted here. Ask the office for its newest keys."), 10


BY_FILE = {
    Integrity.ALTERED: Finding.ALTERED,
    Integrity.UNSIGNED: Finding.UNSIGNED,
    Integrity.FOREIGN: Finding.OTHER_KEY,
    Integrity.OUT_OF_TIME: Finding.OUT_OF_TIME,
}
BY_LIST = {
    Why.REPLACED: Finding.REPLACED,
    Why.VOID: Finding.VOID,
    Why.REVOKED: Finding.REVOKED,
    Why.ENDED: Finding.ENDED,
    Why.STOPPED: Finding.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a paper, with what its token or file says and by which paper it was replaced."""

    finding: Finding
    token: Token | None = None
    replaced_by: str = ""
    number: str = ""
    signer: str = ""


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


def judge_file(file: bytes, authority: bytes, withdrawn: Withdrawals | None, at: datetime) -> Judged:
    """Judge the file of a signed paper by the certificate of the authority."""
    seen = look(file, authority, at)
    if seen.integrity is not Integrity.SOUND:
        return Judged(BY_FILE[seen.integrity])
    papers = withdrawn.papers if withdrawn else {}
    if f"key {key_id(seen.certificate)}" in papers:
        return Judged(Finding.KEY_REVOKED, signer=seen.signer)
    why, by = papers.get(seen.number, (None, ""))
    finding = BY_LIST.get(why, Finding.GENUINE)
    return Judged(finding, replaced_by=by, number=seen.number, signer=seen.signer)
