"""The office's signature on a paper: accepted by others, and nothing can be changed, cut off or added unnoticed."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

import pdf
from pdf.seal import Seal
from pdf.signature import Integrity, look, sign
from tests.record_sample import for_paper, sample
from workflow import certificates

AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def seal_of(name: str) -> Seal:
    above, own = (certificates.private_number(sha256(f"{name} {one}".encode()).digest()) for one in ("ca", "office"))
    authority = certificates.authority(above, f"{name} authority", AT)
    return Seal(own, certificates.of_office(own, f"{name} office", AT, above, authority), authority)


OURS, OTHER = seal_of("Ours"), seal_of("Other")


@pytest.fixture(scope="module")
def signed() -> bytes:
    return sign(pdf.render("permit_record", for_paper("permit_record", sample())), OURS, AT)


def integrity(file: bytes, at: datetime = AT) -> Integrity:
    return look(file, OURS.authority, at).integrity


def test_a_signed_paper_is_sound_and_says_its_number(signed: bytes) -> None:
    found = look(signed, OURS.authority, AT)
    assert found.integrity is Integrity.SOUND
    assert (found.number, found.signer) == (sample()["document"]["number"], "Ours office")
    assert found.certificate == OURS.certificate


@pytest.mark.parametrize("key", ["permit_record", "approval_letter", "contract"])
def test_poppler_and_qpdf_accept_it_and_it_stays_archival(key: str, tmp_path) -> None:
    sheet = pdf.render(key, for_paper(key, sample()))
    file = tmp_path / "paper.pdf"
    file.write_bytes(sign(sheet, OURS, AT))
    told = subprocess.run(["pdfsig", file], capture_output=True, text=True).stdout
    for part in ("Signature is Valid", "ETSI.CAdES.detached", "Total document signed", "Ours office"):
        assert part in told
    checked = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True)
    assert (checked.returncode, "No syntax" in checked.stdout) == (0, True), checked
    with pikepdf.open(file) as paper, pikepdf.open(BytesIO(sheet)) as before:
        assert "pdfaid:part" in paper.Root.Metadata.read_bytes().decode()
        assert paper.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert paper.attachments["facts.json"].get_file().read_bytes()
        field = paper.Root.AcroForm.Fields[0]
        assert list(field.Rect) == [0, 0, 0, 0], "a field without extent needs no appearance in PDF/A"
        assert field.F == 132
    assert file.read_bytes()[: len(sheet)] == sheet


def test_the_same_paper_is_signed_with_the_same_bytes(signed: bytes) -> None:
    sheet = pdf.render("permit_record", for_paper("permit_record", sample()))
    assert sign(sheet, OURS, AT) == signed
    assert sign(sheet, OURS, AT + timedelta(seconds=1)) != signed


@pytest.mark.parametrize("left", [0.1, 0.5, 0.95, 0.9999])
def test_a_truncated_file_is_altered(signed: bytes, left: float) -> None:
    cut = signed[: int(len(signed) * left)]
    assert integrity(cut) in (Integrity.ALTERED, Integrity.UNSIGNED)


def test_one_changed_bit_anywhere_is_noticed(signed: bytes) -> None:
    room = re.search(rb"/Contents <", signed).end()
    places = [*range(7, len(signed), len(signed) // 30), *range(room, room + 4096, 97)]
    unnoticed = []
    for place in places:
        changed = bytearray(signed)
        changed[place] ^= 1
        if integrity(bytes(changed)) is Integrity.SOUND:
            unnoticed.append(place)
    assert unnoticed == []


def test_what_is_added_later_is_noticed(signed: bytes) -> None:
    assert integrity(signed + b"\n% more\n") is Integrity.ALTERED
    updated = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(signed))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = NumberObject(90)
    writer.update_container(page)
    writer.write(updated)
    assert updated.getvalue().startswith(signed)
    assert integrity(updated.getvalue()) is Integrity.ALTERED
    assert integrity(sign(pdf.stamp(signed, "copy 1"), OTHER, AT)) is Integrity.FOREIGN


def test_another_authority_is_told_apart(signed: bytes) -> None:
    sheet = pdf.render("permit_record", for_paper("permit_record", sample()))
    assert integrity(sign(sheet, OTHER, AT)) is Integrity.FOREIGN
    assert integrity(sheet) is Integrity.UNSIGNED
    assert integrity(b"no PDF") is Integrity.UNSIGNED
    assert integrity(signed, AT + timedelta(days=4000)) is Integrity.OUT_OF_TIME


def test_a_copy_bears_no_signature(signed: bytes) -> None:
    for changed in (pdf.stamp(signed, "copy 1"), pdf.merge([signed, signed])):
        assert integrity(changed) is Integrity.UNSIGNED
        assert b"/ByteRange" not in changed
