"""Signing a paper: pyHanko with the key held and the room fixed, beside pyHanko as the first page of its manual uses it.

`python -m bench.signing [COUNT]` prints one JSON object a line. The plain ways load the key from a PKCS12 file for each
signature, with the key of our kind (P-256) and with the usual one (RSA-2048), and let the room be measured; the ways are
timed in turn, in processor time, on the record of a permit.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, signers
from pyhanko.sign.fields import SigSeedSubFilter

from bench.telling import tell
from pdf import render
from pdf.seal import Seal
from pdf.signature import Integrity, look, sign
from workflow import certificates

COUNT = 20
"""Signatures a round; the plain ways make one a round."""

ROUNDS = 9
GOAL = 5
AT = datetime(2026, 11, 24, tzinfo=UTC)
SECRET = b"bench"


def seal() -> Seal:
    """Make an authority and an office under it."""
    above, own = (certificates.private_number(sha256(name).digest()) for name in (b"authority", b"office"))
    authority = certificates.authority(above, "Authority", AT)
    return Seal(own, certificates.of_office(own, "Office", AT, above, authority), authority)


def plain(file: Path) -> Callable[[bytes], bytes]:
    """Sign as the manual's first page does: the key loaded, the room measured by a signature on trial."""

    def signed(sheet: bytes) -> bytes:
        signer = signers.SimpleSigner.load_pkcs12(str(file), passphrase=SECRET)
        meta = PdfSignatureMetadata(field_name="Office", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
        return signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(sheet)), meta, signer=signer).getvalue()

    return signed


def packed(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, folder: Path, name: str) -> Path:
    """Pack a key with a certificate of its own."""
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(named).issuer_name(named).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(AT).not_valid_after(AT.replace(year=2036))
    usage = x509.KeyUsage(**certificates.NOTHING_ELSE | {"digital_signature": True, "content_commitment": True})
    certificate = made.add_extension(usage, critical=True).sign(key, SHA256())
    file = folder / f"{name}.p12"
    locked = BestAvailableEncryption(SECRET)
    file.write_bytes(pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, locked))
    return file


def main(count: int = COUNT) -> None:
    """Measure and print."""
    from tests.record_sample import for_paper, sample

    told, held = partial(tell, "signing"), seal()
    sheet = render("permit_record", for_paper("permit_record", sample()))
    with tempfile.TemporaryDirectory() as folder:
        keys = {"p256": ec.generate_private_key(ec.SECP256R1()), "rsa": rsa.generate_private_key(65537, 2048)}
        ways: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
            f"plain_{name}": (1, plain(packed(key, Path(folder), name))) for name, key in keys.items()
        }
        ways["ours"] = count, lambda one: sign(one, held, AT)
        for _, way in ways.values():
            way(sheet)
        took: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(ROUNDS):
            for name in list(ways) if number % 2 else reversed(ways):
                often, way = ways[name]
                began = time.process_time()
                for _ in range(often):
                    way(sheet)
                took[name].append((time.process_time() - began) / often * 1000)
    for name, times in took.items():
        told(f"{name}_each", statistics.median(times), "ms")
    for name in keys:
        ratio = statistics.median(a / b for a, b in zip(took[f"plain_{name}"], took["ours"], strict=True))
        told(f"over_plain_{name}", ratio, "times", GOAL, least=True)
    signed = sign(sheet, held, AT)
    told("not_sound", look(signed, held.authority, AT).integrity is not Integrity.SOUND, "papers", 0)
    told("bytes_added", len(signed) - len(sheet), "bytes")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
