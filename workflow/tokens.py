"""The signed token in the code of a paper that is carried: the least that shows whether what is printed is true.

A token is read anywhere, with no network, by whoever holds the office's public key. It names the paper, for whom,
where and as what the work is, from when until when, and of the holder the first letters; never what concerns
health, never a number of the holder. Bytes: format, flags, key, first and last day, words, Ed25519 signature;
written in base 32, which a QR code packs tightly and an address carries as it is.
"""

import base64
import binascii
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORMAT = 1
HEAD = struct.Struct(">BB4sHH")
SIGNATURE = 64
KEY_BYTES = 4
FIRST_DAY = date(2000, 1, 1)
SPECIMEN, WIDE = 1, 2
"""Flags: of a demonstration; words in UTF-8, since not all are Thai or Latin."""
THAI = "cp874"
"""One byte a letter, where UTF-8 takes three."""
BETWEEN, WITHIN = "\x1f", "\x1e"
LONGEST = 36
"""Letters of a name or a job that go into a token."""
MOST_EMPLOYERS = 3
WRITTEN = re.compile(r"[A-Z2-7]{100,1200}")
TAG = b"saphan token 1\n"


class Altered(Exception):
    """This is no token, or not as it was signed."""


class OtherKey(Altered):
    """The token names a key that is not among those trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token says. `kind` is the sign of the paper's series, `place` the code of a district or province."""

    number: str
    kind: str
    employers: tuple[str, ...]
    place: str
    job: str
    valid_from: date
    valid_until: date
    name: str
    specimen: bool = False


def key_sign(key: Ed25519PublicKey) -> bytes:
    """Give the few bytes by which tokens name the key that signed them."""
    return sha256(key.public_bytes_raw()).digest()[:KEY_BYTES]


def write(token: Token, key: Ed25519PrivateKey) -> str:
    """Sign a token and write it; the same token under the same key is always the same text."""
    words = BETWEEN.join(
        (
            *(_plain(text) for text in (token.number, token.kind, token.place)),
            *(_plain(text)[:LONGEST] for text in (token.job, token.name)),
            WITHIN.join(_plain(name)[:LONGEST] for name in token.employers[:MOST_EMPLOYERS]),
        )
    )
    try:
        body, flags = words.encode(THAI), 0
    except UnicodeEncodeError:
        body, flags = words.encode(), WIDE
    flags |= SPECIMEN if token.specimen else 0
    days = ((day - FIRST_DAY).days for day in (token.valid_from, token.valid_until))
    said = HEAD.pack(FORMAT, flags, key_sign(key.public_key()), *days) + body
    return base64.b32encode(said + key.sign(TAG + said)).decode().rstrip("=")


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter >= " ").strip()


def read(written: str, keys: Mapping[bytes, Ed25519PublicKey]) -> Token:
    """Read a token, alone or at the end of an address, under trusted keys by their signs; raises Altered, OtherKey."""
    said, signature = _parts(written)
    if len(said) <= HEAD.size or said[0] != FORMAT:
        raise Altered("no token of this format")
    _, flags, sign, first, last = HEAD.unpack_from(said)
    if sign not in keys:
        raise OtherKey(sign.hex())
    try:
        keys[sign].verify(signature, TAG + said)
    except InvalidSignature as changed:
        raise Altered("the signature does not fit") from changed
    number, kind, place, job, name, employers = (
        said[HEAD.size :].decode("utf-8" if flags & WIDE else THAI).split(BETWEEN)
    )
    return Token(
        number=number,
        kind=kind,
        employers=tuple(employers.split(WITHIN)),
        place=place,
        job=job,
        valid_from=FIRST_DAY + timedelta(first),
        valid_until=FIRST_DAY + timedelta(last),
        name=name,
        specimen=bool(flags & SPECIMEN),
    )


def written_in(text: str) -> str | None:
    """Find what is written like a token in a text as scanned, pasted or typed; None where nothing is."""
    last = re.sub(r"\s", "", text).rpartition("#")[2].upper()
    return last if WRITTEN.fullmatch(last) else None


def _parts(text: str) -> tuple[bytes, bytes]:
    token = written_in(text)
    if token is None:
        raise Altered("this is not written like a token")
    try:
        whole = base64.b32decode(token + "=" * (-len(token) % 8))
    except binascii.Error as broken:
        raise Altered("letters are missing") from broken
    if base64.b32encode(whole).decode().rstrip("=") != token:
        raise Altered("letters were changed")
    return whole[:-SIGNATURE], whole[-SIGNATURE:]
