"""Paper: complete or refused with every reason, the same bytes always, closed to the world, true to the blanks."""

import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
from record_sample import for_paper, long_names, rows, sample
from weasyprint.urls import FatalURLFetchingError

from bench import layout
from pdf import PaperFault, fonts, merge, preflight, render, stamp
from pdf.composing import compose
from pdf.marks import mark_words
from pdf.placing import fitted, pieces
from pdf.press import ClosedFetcher
from pdf.stencil import fixed_parts, own_parts
from workflow.domain.documents import DOCUMENTS, Likeness, Page

ROOT = Path(__file__).parent.parent
Record = dict[str, Any]


def text_of(paper: bytes, page: int | None = None) -> str:
    """The text of a paper, its marks apart from their letters, all spaces alike."""
    document = pdfium.PdfDocument(paper)
    numbers = range(len(document)) if page is None else [page - 1]
    text = " ".join(document[number].get_textpage().get_text_range() for number in numbers)
    document.close()
    return plain(text)


def plain(text: str) -> str:
    """Text as it was written, with all spaces alike."""
    return " ".join(text.split())


def pages(paper: bytes) -> int:
    with pikepdf.open(BytesIO(paper)) as document:
        return len(document.pages)


def facts_in(paper: bytes) -> Record:
    with pikepdf.open(BytesIO(paper)) as document:
        return json.loads(document.attachments["facts.json"].get_file().read_bytes())


def reasons(key: str, record: Record) -> dict[str, str]:
    return {lack.fact: lack.code for lack in preflight(key, record)}


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    """Every paper of the sample case."""
    return {key: render(key, for_paper(key)) for key in DOCUMENTS}


@pytest.fixture(scope="module")
def made_long() -> dict[str, bytes]:
    """Every paper of the case with the longest names."""
    return {key: render(key, for_paper(key, long_names())) for key in DOCUMENTS}


# complete, or refused ---------------------------------------------------------------------------


@pytest.mark.parametrize("key", DOCUMENTS)
def test_a_whole_record_makes_every_paper(key, made):
    assert reasons(key, for_paper(key)) == {}
    with pikepdf.open(BytesIO(made[key])) as paper:
        width, height = paper.pages[0].mediabox[2:]
        lying = DOCUMENTS[key].page is Page.LANDSCAPE
        assert (round(width), round(height)) == ((842, 595) if lying else (595, 842))
        assert paper.check_pdf_syntax() == []


@pytest.mark.parametrize("key", DOCUMENTS)
def test_a_record_with_little_in_it_is_refused_with_all_that_is_missing(key):
    whole = for_paper(key)
    bare = {part: whole[part] for part in ("document", "office", "actor", "step")}
    missing = reasons(key, bare)
    assert len(missing) >= 2
    assert set(missing.values()) == {"missing"}


def test_every_missing_fact_is_named_at_once():
    record = for_paper("demand_letter")
    record["employer"].update(name="", business=None)
    del record["request"]["demand"]["workplace"]
    assert reasons("demand_letter", record) == {
        "employer.name": "missing",
        "employer.business": "missing",
        "request.demand.workplace": "missing",
    }
    with pytest.raises(PaperFault, match=r"employer\.name.*request\.demand\.workplace"):
        render("demand_letter", record)


@pytest.mark.parametrize(
    "part", ["request", "application", "employer", "worker", "hospital", "terms", "fees"]
)
def test_an_absent_part_is_a_reason_and_never_a_crash(part):
    for key in DOCUMENTS:
        record = for_paper(key)
        record[part] = None
        preflight(key, record)


def test_nought_and_no_are_facts():
    record = for_paper("demand_letter")
    record["request"]["demand"]["women"] = 0
    assert reasons("demand_letter", record) == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("สวน 漢字", "glyph"),
        ("สวน\x07ลำไย", "control"),
        ("สวน\u202eลำไย", "control"),
        ("สวน\u2066x", "control"),
    ],
)
def test_what_the_fonts_cannot_print_is_refused_before_printing(text, code):
    record = for_paper("bt46")
    record["employer"]["name"] = text
    assert reasons("bt46", record) == {"employer.name": code}


def test_thai_khmer_and_latin_with_accents_can_be_printed():
    for text in ("ผู้ป่าฎีกาญี่ปุ่นน้ำ๒๕๖๙", "ស្រីមុំ ឧត្តម ក្រុងប៉ៃលិន\u200b៛", "Đorđe Müller–O’Neill ½"):
        record = for_paper("bt46")
        record["employer"]["name"] = text
        assert reasons("bt46", record) == {}
        assert len(render("bt46", record)) > 1000


def test_the_permit_record_needs_the_photo_and_bt29_leaves_its_frame():
    for key, wanted in (("permit_record", {"images.photo": "missing"}), ("bt29", {})):
        record = for_paper(key)
        record["images"]["photo"] = None
        assert reasons(key, record) == wanted
    assert "รูปถ่าย" in text_of(render("bt29", record), 1)


def test_before_the_commit_a_photo_need_only_be_kept_and_at_the_press_it_must_be_there():
    record = for_paper("permit_record")
    record["images"]["photo"] = {"sha256": "f" * 64}
    assert reasons("permit_record", record) == {}
    with pytest.raises(PaperFault, match="photo"):
        render("permit_record", record)


@pytest.mark.parametrize(
    "content", ["no base64!", "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="]
)
def test_a_photo_that_is_no_picture_is_refused(content):
    record = for_paper("permit_record")
    record["images"]["photo"]["base64"] = content
    assert reasons("permit_record", record)["images.photo"] == "image"


def test_a_broken_picture_stops_the_press():
    record = for_paper("permit_record")
    record["images"]["photo"]["base64"] = record["images"]["photo"]["base64"][:40]
    with pytest.raises(PaperFault):
        render("permit_record", record)


# what stands on the paper -----------------------------------------------------------------------


@pytest.mark.parametrize("key", DOCUMENTS)
def test_every_page_bears_number_code_and_count(key, made):
    document, total = for_paper(key)["document"], pages(made[key])
    for number in range(1, total + 1):
        text = text_of(made[key], number)
        assert plain(document["number"]) in text
        assert document["code"] in text.replace(" ", "")
        assert f"{number}/{total}" in text
        assert "SPECIMEN" in text


def test_the_text_can_be_read_back_letter_by_letter(made):
    text = text_of(made["demand_letter"])
    for words in (
        "เมื่อมีการเลิกจ้าง แรงงานต่างด้าวหลบหนี จะต้องแจ้งให้อำเภอท้องที่ทราบภายใน 24 ชั่วโมง",
        "ต้องการนำแรงงานเข้ามาทำงานทางด่านตรวจคนเข้าเมือง",
        "บริษัท สวนลำไยสมบูรณ์ จำกัด",
        "99/5 หมู่ 3 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140",
    ):
        assert plain(words) in text
    assert "อ\u0e4d\u0e48" not in text


def test_only_our_fonts_are_in_the_papers(made):
    names = set()
    for paper in made.values():
        with pikepdf.open(BytesIO(paper)) as document:
            names |= {
                str(item.FontName).split("+")[-1]
                for item in document.objects
                if isinstance(item, pikepdf.Dictionary) and "/FontName" in item
            }
    assert {name.split("-")[0] for name in names} <= {family.replace(" ", "") for family in fonts.FAMILIES}


@pytest.mark.parametrize("key", DOCUMENTS)
def test_long_names_and_places_stay_on_the_sheet(key, made_long):
    document = pdfium.PdfDocument(made_long[key])
    for page in document:
        width, height = page.get_size()
        for letter in layout.letters(page):
            assert 0 < letter.x / layout.POINT < width - 8
            assert 0 < letter.y / layout.POINT < height - 8
    document.close()


def test_the_longest_names_are_printed_whole(made_long):
    record = long_names()
    for key in ("demand_letter", "bt46", "name_list"):
        squeezed = text_of(made_long[key]).replace(" ", "")
        assert plain(record["employer"]["name"]).replace(" ", "") in squeezed
        assert plain(record["employer"]["address"]).replace(" ", "") in squeezed


def test_what_cannot_go_in_at_any_size_is_refused():
    record = for_paper("demand_letter")
    record["request"]["demand"]["workplace"] = "สวนลำไย " * 90
    assert reasons("demand_letter", record) == {"request.demand.workplace": "too_long"}


def test_a_value_is_divided_at_words_and_never_between_a_letter_and_its_marks():
    size, placed = fitted("สวนลำไยสมบูรณ์ ตำบลเทพนิมิต", [(0, 30, 10), (0, 30, 16)], 10)
    assert size == 10
    assert [row.strip() for _, row in placed] == ["สวนลำไยสมบูรณ์", "ตำบลเทพนิมิต"]
    assert pieces("เนื้อที่นี้ ក្រុង") == ["เนื้", "อ", "ที่", "นี้", " ", "ក្រុ", "ង"]


def test_ten_workers_a_sheet_with_the_heading_on_each():
    record = for_paper("name_list")
    names = [("Mr", f"SOK NUMBER{n:03d}", "សុខ", "สุข", "M", f"BP{n:07d}") for n in range(1, 24)]
    record["request"]["name_list"]["rows"] = rows(tuple(names))
    paper = render("name_list", record)
    assert pages(paper) == 3
    for page, (first, last) in enumerate(((1, 10), (11, 20), (21, 23)), 1):
        text = text_of(paper, page)
        assert plain(record["employer"]["name"]) in text
        assert "Name - Surname" in text
        found = [n for n in range(1, 24) if f"NUMBER{n:03d}" in text]
        assert found == list(range(first, last + 1))


def test_a_list_row_with_gaps_is_printed_with_gaps():
    record = for_paper("name_list")
    record["request"]["name_list"]["rows"] = [
        {"row": 1, "name_khmer": "សុខ ដារ៉ា", "sex": "F", "pass_number": "A1"},
        {
            "row": 2,
            "name_latin": "KEO BOPHA",
            "sex": "F",
            "pass_number": "A2",
            "age": 31,
            "birth_precision": "age",
        },
    ]
    assert reasons("name_list", record) == {}
    assert "31" in text_of(render("name_list", record))


def test_blood_type_is_left_to_the_pen_and_stored_nowhere(made):
    assert "Blood type" in text_of(made["bt46"])
    assert [fact for fact in facts_in(made["bt46"])["facts"] if "blood" in fact] == []


def test_what_the_pen_is_to_fill_keeps_its_dotted_lines():
    record = for_paper("bt29")
    lines = count_lines(render("bt29", record), 4)
    for later in ("officer_opinion", "permit_order", "official_numbers", "payments"):
        record["application"][later] = None
    assert reasons("bt29", record) == {}
    assert count_lines(render("bt29", record), 4) == lines - 3  # three ticks less, every line still there


def count_lines(paper: bytes, page: int) -> int:
    document = pdfium.PdfDocument(paper)
    count = len(layout.paths(document[page - 1]))
    document.close()
    return count


def test_a_certificate_only_where_a_hospital_recorded_the_examination(made):
    assert plain("ใบรับรองการตรวจสุขภาพคนต่างด้าว") in text_of(made["medical_record"])
    record = for_paper("medical_record")
    record["application"]["medical_result"].update(_source="paper", _for="hospital", _by="นายสมชาย ใจดี")
    text = text_of(render("medical_record", record))
    assert plain("บันทึกการตรวจดูใบรับรองแพทย์") in text
    assert "This is not the medical certificate" in text
    assert plain("ใบรับรองการตรวจสุขภาพคนต่างด้าว") not in text


def test_a_check_that_was_not_passed_is_told_by_a_notice_and_never_by_a_certificate():
    for by in ("hospital", "paper"):
        record = for_paper("medical_record")
        record["application"]["medical_result"].update(_source=by, result="3")
        text = text_of(render("medical_record", record))
        assert plain("ใบรับรองการตรวจสุขภาพคนต่างด้าว") not in text
        assert "not a medical certificate" in text
        assert (plain("หนังสือแจ้งผลการตรวจสุขภาพคนต่างด้าว") in text) == (by == "hospital")


@pytest.mark.parametrize("number", ["1", "2", "3"])
def test_a_medical_result_is_a_class_and_class_two_needs_its_follow_up(number):
    record = for_paper("medical_record")
    record["application"]["medical_result"]["result"] = number
    wanted = {"application.medical_result.follow_up_on": "missing"} if number == "2" else {}
    assert reasons("medical_record", record) == wanted


def test_the_permit_record_says_that_it_is_not_the_card(made):
    text = text_of(made["permit_record"])
    assert plain("เอกสารนี้ไม่ใช่ใบอนุญาตทำงาน") in text
    assert "This is not the official work permit card." in text
    assert plain("กำหนดที่ใช้") in text


def test_the_fee_record_quotes_the_official_receipt_in_words(made):
    text = text_of(made["fee_receipt"])
    for words in ("สองร้อยยี่สิบห้าบาทถ้วน", "1204", "ไม่ใช่ใบเสร็จรับเงิน"):
        assert plain(words) in text
    record = for_paper("fee_receipt")
    record["step"] = "pay_application_fee"
    assert plain("หนึ่งร้อยบาทถ้วน") in text_of(render("fee_receipt", record))


def test_one_appointment_for_one_worker_or_a_list_for_many(made):
    assert "CHAN SREYMOM" in text_of(made["entry_appointment"])
    record = for_paper("entry_appointment")
    record["lines"] = []
    text = text_of(render("entry_appointment", record))
    assert "SOK DARA" in text
    assert plain("ช่วงเช้า") in text


def test_the_emblem_stands_only_where_the_office_gave_one():
    record = for_paper("approval_letter")
    plain_letter = render("approval_letter", record)
    record["images"]["emblem"] = record["images"]["photo"]
    with_emblem = render("approval_letter", record)
    assert b"/Image" not in bodies(plain_letter)
    assert b"/Image" in bodies(with_emblem)


def bodies(paper: bytes) -> bytes:
    with pikepdf.open(BytesIO(paper)) as document:
        return b" ".join(
            bytes(str(item.get("/Subtype", "")), "ascii")
            for item in document.objects
            if isinstance(item, pikepdf.Stream)
        )


# true to the blanks -----------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["made", "made_long"])
def test_every_place_of_the_blanks_is_within_three_millimetres(which, request):
    papers = request.getfixturevalue(which)
    places = layout.measure(papers)
    beyond = [place for place in places if place.distance is None or place.distance > layout.LIMIT]
    assert beyond == []
    assert len(places) > 850


def test_the_measuring_notices_what_stands_elsewhere(made):
    form = dict(layout.forms()[0])
    form["words"] = [[x + 5, y, words] for x, y, words in form["words"]]
    form["dotted"] = [[x, x2, y + 4] for x, x2, y in form["dotted"][:1]]
    form["boxes"] = form["lines"] = []
    document = pdfium.PdfDocument(made["demand_letter"])
    assert all(place.distance > layout.LIMIT for place in layout.compare(form, document[0]))
    form["words"] = [[10, 10, "words that no form has"]]
    assert next(iter(layout.compare(form, document[0]))).distance is None
    document.close()


def test_misprints_of_the_blanks_are_not_carried_on(made):
    everything = " ".join(text_of(made[key]) for key in ("demand_letter", "name_list", "bt46"))
    for misprint in ("วันนที่", "พระราชาหนด", "Sername", "hiring contact"):
        assert plain(misprint) not in everything


# always the same bytes --------------------------------------------------------------------------

AGAIN = """
import hashlib, json, sys
sys.path.insert(0, "tests")
from record_sample import for_paper
from pdf import merge, render, stamp
from workflow.domain.documents import DOCUMENTS
papers = {key: render(key, json.loads(json.dumps(for_paper(key)))) for key in DOCUMENTS}
papers["merged"] = merge(list(papers.values()))
papers["stamped"] = stamp(papers["bt29"], "copy 2")
print(json.dumps({key: hashlib.sha256(paper).hexdigest() for key, paper in papers.items()}))
"""


def test_another_process_on_another_day_makes_the_same_bytes(made):
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", AGAIN],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    here = {**made, "merged": merge(list(made.values())), "stamped": stamp(made["bt29"], "copy 2")}
    assert json.loads(run.stdout) == {key: hashlib.sha256(paper).hexdigest() for key, paper in here.items()}


def test_many_threads_make_the_same_bytes(made):
    keys = ["fee_receipt", "permit_record", "refusal_order", "medical_record"] * 2
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda key: render(key, for_paper(key)), keys)) == [made[key] for key in keys]


def test_another_fact_makes_other_bytes(made):
    record = for_paper("entry_record")
    record["application"]["entry"]["stay_until"] = "2026-12-26"
    assert render("entry_record", record) != made["entry_record"]


def test_the_facts_on_the_paper_lie_in_it_and_no_others(made):
    kept = facts_in(made["fee_receipt"])
    assert kept["paper"] == "fee_receipt"
    assert kept["facts"]["application.payments.permit_fee.receipt_number"] == "41"
    assert "สุข" not in json.dumps(facts_in(made["demand_letter"]), ensure_ascii=False)
    with pikepdf.open(BytesIO(made["fee_receipt"])) as document:
        assert list(document.attachments) == ["facts.json"]
        assert b"pdfaid:part" in document.Root.Metadata.read_bytes()
        assert document.Root.Lang == "th"
        assert "OutputIntents" in str(document.Root.keys())


# closed to the world ----------------------------------------------------------------------------

HOSTILE = (
    '<img src="http://127.0.0.1:1/x.png">',
    '<link rel=attachment href="file:///etc/passwd">',
    "<style>*{display:none}</style>",
    "url(file:///etc/hostname)",
    "{{ office }} {% include 'x' %}",
    "data:text/html,<b>bold</b>",
    '"><script>alert(1)</script>',
)


@pytest.mark.parametrize(
    ("key", "hostile"), [*(("fee_receipt", each) for each in HOSTILE), ("bt46", HOSTILE[0])]
)
def test_hostile_values_are_printed_as_they_are(key, hostile):
    record = for_paper(key)
    record["application"]["payments"]["permit_fee"]["paid_by"] = hostile
    record["employer"]["name"] = hostile
    paper = render(key, record)
    assert plain(hostile).replace(" ", "") in text_of(paper).replace(" ", "")
    with pikepdf.open(BytesIO(paper)) as document:
        assert list(document.attachments) == ["facts.json"]


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/", "file:///etc/passwd", "data:text/plain,x", "font:other", "picture:photo", "x"],
)
def test_the_press_fetches_nothing_from_outside(address):
    with pytest.raises(FatalURLFetchingError):
        ClosedFetcher().fetch(address)


def test_a_record_has_facts_and_no_methods():
    record = for_paper("request_receipt")
    record["request"]["demand"]["workplace"] = None
    record["request"]["demand"]["pop"] = "x"
    assert reasons("request_receipt", record) == {"request.demand.workplace": "missing"}


def test_what_weasyprint_only_warns_about_stops_the_sheet():
    from pdf.press import print_sheet

    html = "<html><head></head><body><p style='colour: red'>ก</p></body></html>"
    with pytest.raises(PaperFault, match="unknown property"):
        print_sheet(html, {}, b"0" * 16)


# the forms beneath the values -------------------------------------------------------------------

FORMS = [key for key, paper in DOCUMENTS.items() if paper.likeness is not Likeness.OWN]


@pytest.mark.parametrize("key", FORMS)
def test_the_stencil_of_a_form_holds_nothing_of_the_case(key):
    specimen = long_names()
    specimen["document"]["specimen"] = True
    ordinary, other = (compose(key, for_paper(key, record))[0] for record in (sample(), specimen))
    assert fixed_parts(ordinary) == fixed_parts(other)
    assert ordinary != other
    for fact in ("SOK DARA", "BP0045821", "สวนลำไย", "นายประเสริฐ", "จบ-PEO"):
        assert fact not in "".join(fixed_parts(ordinary))


@pytest.mark.parametrize("key", FORMS)
def test_what_is_the_sheets_own_leaves_no_word_of_the_form(key):
    html = compose(key, for_paper(key))[0]
    assert ' fixed"' in html
    assert ' fixed"' not in own_parts(html)


def test_a_paper_speaks_for_the_office_of_who_acted():
    record = for_paper("entry_record")
    record["office"] = {**record["office"], "name_th": "ที่ว่าการอำเภอโป่งน้ำร้อน", "kind_of": "district"}
    text = text_of(render("entry_record", record))
    assert plain("สำนักงานจัดหางานจังหวัดจันทบุรี") in text
    record["actor"]["office"] = None
    assert plain("สำนักงานจัดหางาน") not in text_of(render("entry_record", record))


# marks, copies and the tray ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "thai", "english"),
    [("draft", "ร่าง", "DRAFT"), ("copy 2", "สำเนา ๒", "COPY 2"), ("void", "ยกเลิก", "VOID"),
     ("audit copy", "สำเนาเพื่อการตรวจสอบ", "AUDIT COPY")],
)  # fmt: skip
def test_a_mark_stands_on_every_page(mark, thai, english, made):
    marked = render("fee_receipt", for_paper("fee_receipt"), mark=mark)
    stamped = stamp(made["bt29"], mark)
    assert pages(stamped) == 4
    for paper, page in ((marked, 1), *((stamped, page) for page in range(1, 5))):
        assert plain(thai) in text_of(paper, page)
        assert english in text_of(paper, page)


def test_a_void_copy_bears_both_marks(made):
    copy = stamp(stamp(made["fee_receipt"], "copy 1"), "void")
    assert {"COPY 1", "VOID"} <= set(re.findall(r"COPY 1|VOID", text_of(copy)))
    document = pdfium.PdfDocument(copy)
    places = layout.letters(document[0])
    run = "".join(letter.text for letter in places)
    assert places[run.index("VOID")].x - places[run.index("COPY1")].x > 30
    document.close()


def test_other_words_stand_as_a_mark_too():
    assert mark_words("ใช้ในการอบรม") == ("ใช้ในการอบรม", "")
    assert mark_words(None) is None


def test_without_the_demonstration_rules_no_specimen():
    record = for_paper("permit_record")
    record["document"]["specimen"] = False
    assert "SPECIMEN" not in text_of(render("permit_record", record))


def test_a_stamp_leaves_the_original_beneath(made):
    copy = stamp(made["demand_letter"], "copy 1")
    assert plain("บริษัท สวนลำไยสมบูรณ์ จำกัด") in text_of(copy)
    assert facts_in(copy) == facts_in(made["demand_letter"])


def test_sheets_are_bound_in_the_order_given(made):
    bound = merge([made["name_list"], made["bt46"], made["demand_letter"]])
    assert pages(bound) == pages(made["name_list"]) + 2
    assert "WP. 46" in text_of(bound, pages(made["name_list"]) + 1)


def test_the_case_holds_all_fonts_and_measures_thai_marks_as_nothing():
    assert fonts.width("กี่", 10) == fonts.width("ก", 10)
    assert fonts.width("ក្រុង", 10) < fonts.width("ករង", 10)
    assert fonts.prints("ក")
    assert not fonts.prints("漢")


def test_the_preview_prints_a_folder_of_papers(tmp_path):
    from pdf.__main__ import main

    assert main(["--sample", "--out", str(tmp_path), "--mark", "draft", "fee_receipt"]) == 0
    assert "DRAFT" in text_of((tmp_path / "fee_receipt.pdf").read_bytes())
    (tmp_path / "little.json").write_text(json.dumps({"document": sample()["document"]}))
    assert main(["--record", str(tmp_path / "little.json"), "--out", str(tmp_path), "fee_receipt"]) == 1
