"""Papers printed from a plate: the same sheet as laid out whole, read back letter for letter, whoever came before."""

import base64
import json
import re
from html import unescape
from io import BytesIO
from typing import Any

import pikepdf
import pypdf
import pypdfium2 as pdfium
import pytest
import zxingcpp
from PIL import Image, ImageChops
from record_sample import for_paper, sample

from bench.likeness import DOTS, differing, drawn, whole
from pdf import composing, plate, render
from pdf.faces import Face, faces, signs
from pdf.outline import filling, outlined
from workflow.domain.documents import DOCUMENTS, Likeness

PLATES = [key for key, paper in DOCUMENTS.items() if paper.plate]
LONG = {
    "name_latin": "CHANTHAVONGSA SOMPHONPHAKDY-SREYLEAK NAVY",
    "name_khmer": "ចាន់ថាវង្សសា សំផុនភក្តី ស្រីល័ក្ខណាវី",
    "name_thai": "จันทะวงษา สมพรภักดี-สไรเลียก นาวี",
}


def photo(shade: int = 90) -> dict[str, str]:
    drawn = BytesIO()
    Image.new("RGB", (300, 400), (shade, 140, 160)).save(drawn, "JPEG")
    return {"base64": base64.b64encode(drawn.getvalue()).decode()}


def record(key: str, **names: str) -> dict[str, Any]:
    made = for_paper(key, sample())
    made["images"]["photo"] = photo()
    made["worker"] |= names
    if made["application"].get("identity"):
        made["application"]["identity"] |= names
    return made


def from_plate(key: str, made: dict[str, Any]) -> bytes:
    return composing.impression(key, made)


@pytest.mark.parametrize("key", PLATES)
@pytest.mark.parametrize("names", [{}, LONG], ids=["ordinary", "long"])
def test_a_sheet_from_the_plate_looks_as_if_laid_out_whole(key, names):
    made = record(key, **names)
    ours, theirs = drawn(from_plate(key, made)), drawn(whole(key, made))
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert differing(one, other) <= DOTS


@pytest.mark.parametrize("key", PLATES)
def test_every_value_reads_back_letter_for_letter(key):
    made = record(key)
    paper = from_plate(key, made)
    with pikepdf.open(BytesIO(paper)) as document:
        kept = document.attachments["facts.json"].get_file().read_bytes()
    shown = "".join(unescape(re.sub("<[^>]*>", "", composing.compose(key, made)[0].partition("<body")[2])).split())
    facts = [value.replace("\u200b", "") for value in json.loads(kept)["facts"].values()]
    facts = [fact for fact in facts if "".join(fact.split()) in shown.replace("\u200b", "")]
    assert facts
    by_pdfium = " ".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(paper))
    by_pypdf = " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(paper)).pages)
    for text in (by_pdfium, by_pypdf):
        found = "".join(text.split())
        assert [fact for fact in facts if "".join(fact.split()) not in found] == []


@pytest.mark.parametrize("key", PLATES)
def test_who_came_before_changes_no_byte(key):
    made = record(key)
    first = render(key, made)
    render(key, record(key, **LONG))
    assert render(key, made) == first
    plate._plate.cache_clear()
    plate._held.cache_clear()
    render(key, record(key, **LONG))
    assert render(key, made) == first


@pytest.mark.parametrize("key", PLATES)
def test_the_plate_holds_nothing_of_a_person(key):
    html, _ = composing.compose(key, record(key), for_plate=True)
    page = outlined(html).page()
    other, _ = composing.compose(
        key, record(key, name_latin="KEO NARY", name_khmer="កែវ ណារី", name_thai="แก้ว นารี"), for_plate=True
    )
    assert page == outlined(other).page()
    assert "SOK DARA" not in page


@pytest.mark.parametrize("key", PLATES)
def test_the_code_of_each_sheet_is_its_own(key):
    made = record(key)
    drawn = pdfium.PdfDocument(from_plate(key, made))[0].render(scale=3, grayscale=True).to_pil()
    read = {code.text for code in zxingcpp.read_barcodes(drawn)}
    more = [made["application"]["reference"]] * (key == "cover_sheet")
    more += [made["document"]["signed_url"]] * DOCUMENTS[key].checkable
    assert read == {made["document"]["verify_url"], *more}


@pytest.mark.parametrize("key", [key for key in PLATES if DOCUMENTS[key].likeness is Likeness.OWN])
def test_what_does_not_fit_is_laid_out_whole(key):
    made = record(key, name_latin="VERY LONG NAME " * 12)
    with pytest.raises(plate.DoesNotFit):
        from_plate(key, made)
    text = " ".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(render(key, made)))
    assert "".join(("VERY LONG NAME " * 12).split()) in "".join(text.split())


def test_a_photo_that_is_no_jpeg_is_left_to_the_press():
    made = for_paper("permit_record", sample())
    with pytest.raises(plate.DoesNotFit):
        from_plate("permit_record", made)
    assert render("permit_record", made).startswith(b"%PDF")


def test_each_sheet_bears_its_own_photo():
    made, other = record("permit_record"), record("permit_record")
    other["images"]["photo"] = photo(200)
    for each in (made, other):
        with pikepdf.open(BytesIO(render("permit_record", each))) as document:
            found = [one.read_raw_bytes() for one in document.objects if _is_picture(one)]
        assert base64.b64decode(each["images"]["photo"]["base64"]) in found


def _is_picture(one: object) -> bool:
    return isinstance(one, pikepdf.Stream) and one.get("/Filter") == "/DCTDecode"


@pytest.mark.parametrize("mark", ["copy 2", "draft"])
def test_a_marked_sheet_says_so(mark):
    assert render("permit_record", record("permit_record"), mark=mark) != render(
        "permit_record", record("permit_record")
    )


def test_a_substitute_says_so_in_red():
    made = record("permit_record")
    made["application"]["kind_of"] = "substitute"
    page = pdfium.PdfDocument(from_plate("permit_record", made))[0]
    assert "SUBSTITUTE" in page.get_textpage().get_text_range()
    red, green, blue = page.render().to_pil().convert("RGB").split()
    assert ImageChops.subtract(red, ImageChops.lighter(green, blue)).getextrema()[1] > 100


# signs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["น้ำทำงานผู้ที่กำปั่น", "ក្រុមហ៊ុនស្ត្រី", "SOK Dara 0-1234"])
def test_a_cluster_is_one_sign_that_stands_for_its_letters(text):
    assert "".join(sign.text for _, run in signs(text, 400) for sign, _ in run) == text


def test_a_subset_has_its_signs_in_order_and_as_wide_as_set():
    from fontTools.ttLib import TTFont

    face: Face = next(face for face, _ in signs("น้ำ", 400))
    run = next(iter(signs("น้ำผู้ก", 400)))[1]
    case = [sign for sign, _ in run]
    font = TTFont(BytesIO(face.subset(case)))
    order = font.getGlyphOrder()
    assert [font["hmtx"][order[n]][0] for n in range(1, len(case) + 1)] == [sign.width for sign in case]
    assert font["glyf"][order[1]].isComposite()
    assert not font["glyf"][order[3]].isComposite()


def test_a_letter_that_no_face_has_is_named():
    with pytest.raises(KeyError):
        list(signs("漢", 400))


def test_the_letters_that_stand_in_are_of_the_same_script():
    assert (filling("SOK"), filling("สุข"), filling("សុខ"), filling("សុខ 12")) == ("ก", "ก", "ក", "កa")


def test_every_face_prints_what_it_says():
    for weight in (400, 700):
        for face in faces(weight):
            assert face.prints
            assert all(face.outlines[glyph] for glyph in range(len(face.advances)))



