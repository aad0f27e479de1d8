"""Passwords: which are too weak, how they are kept (argon2id) and compared in the same time for everybody."""

import re
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from workflow.domain.words import N_

SHORTEST, LONGEST = 12, 128
FEWEST_DIFFERENT = 5
COMMON = frozenset(
    [
        "abcdefghijkl",
        "admin",
        "administrator",
        "bangkok",
        "chanthaburi",
        "chantaburi",
        "changeme",
        "demo",
        "employer",
        "iloveyou",
        "letmein",
        "monkey",
        "office",
        "officer",
        "password",
        "passw",
        "passwort",
        "qwerty",
        "qwertyuiop",
        "qwertyuiopasdfghjkl",
        "registrar",
        "saphan",
        "secret",
        "test",
        "thailand",
        "user",
        "welcome",
        "สวัสดี",
        "รหัสผ่าน",
        "สะพาน",
        "จันทบุรี",
        "กรุงเทพ",
        "ประเทศไทย",
        "นายทะเบียน",
        "เจ้าหน้าที่",
    ]
)
"""Words that do not become a password by adding figures and signs."""

HASHER = PasswordHasher()


def weakness(password: str, *names: str) -> str | None:
    """Say why a password may not be used, or nothing; `names` are the user's own, which it may not repeat."""
    text = _normal(password)
    if len(text) < SHORTEST:
        return N_("Use at least 12 characters. Several words in a row are easy to remember.")
    if len(text) > LONGEST:
        return N_("Use at most 128 characters.")
    folded = text.casefold()
    letters = re.sub(r"[\W\d_]", "", folded)
    if len(set(folded)) < FEWEST_DIFFERENT or not letters or letters in COMMON:
        return N_("This password is easy to guess. Use several words that do not belong together.")
    if any(len(name) > 3 and name.casefold() in folded for name in names):
        return N_("Your password may not contain your user name.")
    return None


def keep(password: str) -> str:
    """Give the hash that is stored in place of a password."""
    return HASHER.hash(_normal(password))


def matches(password: str, kept: str | None) -> bool:
    """Compare a password with what is kept; where nothing is kept the same work is done, for nothing."""
    try:
        return HASHER.verify(kept or _nobodys(), _normal(password)) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Say whether a password is kept in a weaker way than new ones are."""
    return HASHER.check_needs_rehash(kept)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)[: LONGEST + 1]


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody's password")
