"""The certificates of the office: a local authority made once, and under it one for each office that issues papers."""

from datetime import datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many private numbers the curve P-256 has, and one more."""
DAY = timedelta(days=1)
OF_AUTHORITY, OF_OFFICE = 7300 * DAY, 3650 * DAY
LONGEST = 64
"""Letters of a name in a certificate."""
NOTHING_ELSE = dict.fromkeys(
    (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    ),
    False,
)


def private_number(drawn: bytes) -> bytes:
    """Make the private number of a key from 32 drawn bytes."""
    return (int.from_bytes(drawn) % (ORDER - 1) + 1).to_bytes(32)


def authority(number: bytes, name: str, now: datetime) -> bytes:
    """Make the certificate of the authority, signed by itself; in DER."""
    key, named = _key(number), _named(name)
    made = _begun(named, named, key, now, OF_AUTHORITY)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    usage = x509.KeyUsage(**NOTHING_ELSE | {"key_cert_sign": True, "crl_sign": True})
    return _signed(made.add_extension(usage, critical=True), key)


def of_office(number: bytes, name: str, now: datetime, authority_number: bytes, authority: bytes) -> bytes:
    """Make the certificate of an office under the authority; in DER."""
    above, key = x509.load_der_x509_certificate(authority), _key(number)
    made = _begun(_named(name), above.subject, key, now, OF_OFFICE)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    usage = x509.KeyUsage(**NOTHING_ELSE | {"digital_signature": True, "content_commitment": True})
    made = made.add_extension(usage, critical=True).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False
    )
    return _signed(made, _key(authority_number))


def _key(number: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(number), CURVE)


def _named(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "TH"),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:LONGEST]),
        ]
    )


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    public = key.public_key()
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(int.from_bytes(sha256(identifier.digest).digest()[:8]) >> 1 | 1)
        .not_valid_before(now - DAY)
        .not_valid_after(now + lasts)
        .add_extension(identifier, critical=False)
    )


def _signed(made: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> bytes:
    return made.sign(key, SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)
