"""The office's signature in the file of a paper (PAdES), and what a file says of itself when it is looked at.

The same sheet under the same key at the same moment gives the same bytes: the key signs without chance (RFC 6979), the
moment is the paper's own, and the identifier of the file follows from the sheet. The file is certified: nothing may be
added to it later.
"""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import Any

import pikepdf
from asn1crypto import cms, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.api import CAdESSignedAttrSpec
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from pdf.seal import Seal

FIELD = "Office"
RESERVED = 4096
"""Letters kept free in a file for the signature: a fixed room, so that it is made once and not twice."""


class _Held(Signer):
    """A signer that keeps its key: pyHanko's own loads and checks it anew for each signature."""

    def __init__(self, seal: Seal) -> None:
        own = x509.Certificate.load(seal.certificate)
        super().__init__(signing_cert=own, cert_registry=SimpleCertificateStore())
        self.key = ec.derive_private_key(int.from_bytes(seal.number), ec.SECP256R1())

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Sign; the key never leaves this process."""
        return self.key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True))


class _Writer(IncrementalPdfFileWriter):
    """Adds to a file under an identifier that follows from it, where pyHanko draws one and notes the time of day."""

    def _update_meta(self) -> None:
        """Leave title, language and the mark of PDF/A as they are."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        first, second = prev.trailer["/ID"]
        plain = second.original_bytes if isinstance(second, generic.TextStringObject) else bytes(second)
        known = super()._handle_id(prev)
        known[1] = generic.ByteStringObject(sha256(b"saphan signed\n" + plain).digest()[:16])
        return known


@lru_cache(16)
def _signer(seal: Seal) -> PdfSigner:
    meta = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        cades_signed_attr_spec=CAdESSignedAttrSpec(),
    )
    return PdfSigner(meta, signer=_Held(seal))


def sign(sheet: bytes, seal: Seal, at: datetime) -> bytes:
    """Sign the file of a paper as of a moment."""
    writer = _Writer(BytesIO(sheet))
    session = _signer(seal).init_signing_session(writer)
    session.system_time = at
    to_sign = session.prepare_tbs_document(None, bytes_reserved=RESERVED)
    digested, output = to_sign.digest_tbs_document()
    work = to_sign.perform_signature(digested.document_digest, PdfCMSSignedAttributes(signing_time=at))
    with ThreadPoolExecutor(1) as apart:  # where a loop runs already, pyHanko's own cannot
        apart.submit(asyncio.run, work).result()
    return output.getvalue()


# looking at a file ----------------------------------------------------------------------------


class Integrity(StrEnum):
    """What the signature of a file says."""

    SOUND = "sound"
    ALTERED = "altered"
    UNSIGNED = "unsigned"
    FOREIGN = "foreign"
    OUT_OF_TIME = "out_of_time"


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file says: whether it is whole, the number of its paper, the certificate that signed it, and when."""

    integrity: Integrity
    number: str = ""
    certificate: bytes = b""
    signer: str = ""


BROKEN = Looked(Integrity.ALTERED)


def look(file: bytes, authority: bytes, at: datetime) -> Looked:
    """Look at a file with nothing at hand but the certificate of the authority."""
    try:
        found = PdfFileReader(BytesIO(file)).embedded_signatures
        if len(found) != 1:
            return BROKEN if found or b"/ByteRange" in file else Looked(Integrity.UNSIGNED)
        return _judged(file, found[0], authority, at)
    except (PdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, pikepdf.PdfError):
        return BROKEN if b"/ByteRange" in file else Looked(Integrity.UNSIGNED)


def _judged(file: bytes, signed: Any, authority: bytes, at: datetime) -> Looked:
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(authority)], allow_fetching=False, revocation_mode="soft-fail", moment=at
    )
    status = validate_pdf_signature(signed, context)
    whole = (
        status.intact
        and status.valid
        and status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        and status.modification_level in (None, ModificationLevel.NONE)
        and _holds_nothing_else(file, signed)
    )
    if not whole:
        return BROKEN
    certificate = status.signing_cert
    if not status.trusted:
        ours = certificate.issuer == x509.Certificate.load(authority).subject
        late = not certificate.not_valid_before <= at <= certificate.not_valid_after
        return Looked(Integrity.OUT_OF_TIME if ours and late else Integrity.FOREIGN)
    name = certificate.subject.native.get("common_name", "")
    return Looked(Integrity.SOUND, _number(file), certificate.dump(), name)


def _holds_nothing_else(file: bytes, signed: Any) -> bool:
    """Say whether the room of the signature, which no signature can cover, holds the signature alone.

    What is written there must be what its parts make when written anew, then noughts to the end.
    """
    start, length, after, _ = signed.byte_range
    written = cms.ContentInfo.load(bytes(signed.pkcs7_content)).dump(force=True).hex().upper()
    return file[start + length : after] == b"<%s>" % written.encode().ljust(RESERVED, b"0")


_NUMBER = re.compile(r"document\.number$")


def _number(file: bytes) -> str:
    with pikepdf.open(BytesIO(file)) as document:
        facts = json.loads(document.attachments["facts.json"].get_file().read_bytes())["facts"]
    return next(value for name, value in facts.items() if _NUMBER.search(name))
