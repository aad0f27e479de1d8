"""What the office signs with, and what others check it by: the keys of codes and papers at the desk."""

from collections.abc import Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from workflow import tokens
from workflow.desk import Desk
from workflow.store import seals
from workflow.store.seals import Purpose

PEM_END = b"-----END PUBLIC KEY-----"


class NoKey(Exception):
    """There is no key to check with."""


def code_key(desk: Desk) -> Ed25519PrivateKey:
    """Give the key that signs codes and lists; made when first needed, within a writing transaction."""
    row = seals.in_use(desk.session, Purpose.CODES)
    if row is not None:
        return Ed25519PrivateKey.from_private_bytes(seals.private_part(desk.session, row))
    private = seals.drawn(desk.chance, Purpose.CODES)
    key = Ed25519PrivateKey.from_private_bytes(private)
    seals.keep(desk.session, Purpose.CODES, private, key.public_key().public_bytes_raw(), desk.now())
    return key


def public_keys(desk: Desk) -> Mapping[bytes, Ed25519PublicKey]:
    """Give the public keys of codes that still count, by the sign that tokens name them with."""
    rows = seals.every(desk.session, Purpose.CODES)
    keys = [Ed25519PublicKey.from_public_bytes(row.public) for row in rows if row.revoked_at is None]
    return {tokens.key_sign(key): key for key in keys}


def written_keys(keys: Mapping[bytes, Ed25519PublicKey]) -> str:
    """Write public keys as PEM: what an officer's telephone or another office pins."""
    return "".join(
        key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode() for key in keys.values()
    )


def read_keys(pem: bytes) -> Mapping[bytes, Ed25519PublicKey]:
    """Read pinned public keys back, one or more; raises NoKey."""
    found = []
    for part in pem.split(PEM_END)[:-1]:
        try:
            found.append(load_pem_public_key(part.lstrip() + PEM_END + b"\n"))
        except (ValueError, UnsupportedAlgorithm) as broken:
            raise NoKey("this is no public key") from broken
    keys = [key for key in found if isinstance(key, Ed25519PublicKey)]
    if not keys:
        raise NoKey("this file holds no public key of codes")
    return {tokens.key_sign(key): key for key in keys}
