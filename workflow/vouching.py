"""What the office signs with, and what others check it by: the keys of codes and papers at the desk."""

from collections.abc import Iterable, Mapping
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from sqlalchemy import select

from pdf.seal import Seal
from workflow import certificates, tokens
from workflow.desk import Desk
from workflow.store import seals
from workflow.store.projections import RegisterEntry
from workflow.store.seals import Purpose, SigningKey

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
    return _by_sign(row for row in seals.every(desk.session, Purpose.CODES) if row.revoked_at is None)


def keys_ever(desk: Desk) -> Mapping[bytes, Ed25519PublicKey]:
    """Give every public key of codes that this office had, to read what it signed itself."""
    return _by_sign(seals.every(desk.session, Purpose.CODES))


def _by_sign(rows: Iterable[Any]) -> Mapping[bytes, Ed25519PublicKey]:
    keys = [Ed25519PublicKey.from_public_bytes(row.public) for row in rows]
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


# the signature on papers --------------------------------------------------------------------


def paper_seal(desk: Desk, office: str) -> Seal | None:
    """Give what an office signs its papers with; None while it has no key in use."""
    above = seals.in_use(desk.session, Purpose.AUTHORITY)
    own = seals.in_use(desk.session, Purpose.PAPERS, office)
    if above is None or own is None:
        return None
    return Seal(seals.private_part(desk.session, own), own.public, above.public)


def make_seal(desk: Desk, office: str) -> Seal:
    """Take a key in use for an office, and an authority if there is none; within a writing transaction."""
    above = make_authority(desk)
    if seals.in_use(desk.session, Purpose.PAPERS, office) is None:
        number = certificates.private_number(seals.drawn(desk.chance, office))
        over = seals.private_part(desk.session, above)
        certificate = certificates.of_office(number, _name(desk, office), desk.now(), over, above.public)
        seals.keep(desk.session, Purpose.PAPERS, number, certificate, desk.now(), office)
    return paper_seal(desk, office)


def make_authority(desk: Desk) -> SigningKey:
    """Make the authority where there is none; within a writing transaction."""
    kept = seals.in_use(desk.session, Purpose.AUTHORITY)
    if kept is not None:
        return kept
    number = certificates.private_number(seals.drawn(desk.chance, Purpose.AUTHORITY))
    certificate = certificates.authority(number, f"Saphan, papers of {desk.site}", desk.now())
    return seals.keep(desk.session, Purpose.AUTHORITY, number, certificate, desk.now())


def _name(desk: Desk, office: str) -> str:
    stated = desk.session.scalar(select(RegisterEntry.stated).filter_by(subject=office)) or {}
    return str(stated.get("name_en") or stated.get("name_th") or office)


def authority_certificate(desk: Desk) -> bytes | None:
    """Give the certificate that papers are checked against, in DER; None before the first was made."""
    kept = seals.in_use(desk.session, Purpose.AUTHORITY)
    return kept.public if kept else None


def read_certificate(written: bytes) -> bytes:
    """Read a pinned certificate, PEM or DER, as DER; raises NoKey."""
    try:
        pem = written.lstrip().startswith(b"-----")
        found = x509.load_pem_x509_certificate(written) if pem else x509.load_der_x509_certificate(written)
    except ValueError as broken:
        raise NoKey("this is no certificate") from broken
    return found.public_bytes(Encoding.DER)


def written_certificate(certificate: bytes) -> str:
    """Write a certificate as PEM."""
    return x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM).decode()


def make_keys(desk: Desk) -> None:
    """Make the keys that every office needs, at its set-up; within a writing transaction."""
    code_key(desk)
    make_authority(desk)
