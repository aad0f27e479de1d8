"""The office's letters, orders, slips and covers: complete, legible, the same every time, deaf to hostile text."""

import copy
import io
import logging
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
import pypdfium2
import pytest
from markupsafe import escape
from sqlalchemy import select

import pdf
from pdf.composing import compose, qr
from tests import record_sample
from tests.test_casework import ROWS
from workflow import casework, printing
from workflow.casework import Act
from workflow.demonstration import Season
from workflow.domain.application import CodedReason
from workflow.domain.request import RequestOrder, RequestOutcome
from workflow.store.history import record_of
from workflow.store.projections import Case, Document

LETTERS = ("approval_letter", "refusal_letter", "revocation_order")
ORDERS = ("permit_order", "refusal_order")
SLIPS = ("request_receipt", "deficiency_record", "filing_receipt", "worker_notice", "cover_sheet")
KEYS = (*LETTERS, *ORDERS, *SLIPS)
ONE_PAGE = (*ORDERS, *SLIPS, "refusal_letter", "revocation_order")
RECORDS: dict[str, Callable[[], dict[str, Any]]] = {
    "sample": record_sample.sample,
    "long names": record_sample.long_names,
}


SARA_AM = re.compile("ํ([่-๋]?)า")
"""A sheet's text gives sara am in its two parts."""


def record_for(key: str, kind: str = "sample") -> dict[str, Any]:
    return record_sample.for_paper(key, copy.deepcopy(RECORDS[kind]()))


@cache
def sheet_of(key: str, kind: str = "sample") -> bytes:
    return pdf.render(key, record_for(key, kind))


def words_of(sheet: bytes) -> str:
    """Read a sheet's text as one line, without the marks that only part lines."""
    pages = pypdfium2.PdfDocument(sheet)
    text = "\n".join(page.get_textpage().get_text_range() for page in pages)
    return SARA_AM.sub(r"\1ำ", " ".join(text.replace("\u200b", "").split()))


def plain(page: str) -> str:
    """Take out of a page what only keeps its words together."""
    return page.replace("<nobr>", "").replace("</nobr>", "").replace("\u200b", "")


def unspaced(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("kind", RECORDS)
@pytest.mark.parametrize("key", KEYS)
def test_a_paper_is_made_without_a_complaint(
    key: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    assert pdf.preflight(key, record_for(key, kind)) == []
    assert sheet_of(key, kind).startswith(b"%PDF-")
    assert caplog.records == []


@pytest.mark.parametrize("key", ONE_PAGE)
def test_long_names_wrap_on_the_one_sheet(key: str) -> None:
    pages = pypdfium2.PdfDocument(sheet_of(key, "long names"))
    assert len(pages) == 1


@pytest.mark.parametrize("key", KEYS)
def test_nothing_runs_over_the_edge(key: str) -> None:
    for page in pypdfium2.PdfDocument(sheet_of(key, "long names")):
        width, height = page.get_size()
        text = page.get_textpage()
        for number in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(number)
            assert left >= 20
            assert right <= width - 20
            assert bottom >= 20
            assert top <= height - 10


@pytest.mark.parametrize("key", KEYS)
def test_only_our_fonts_are_used_and_embedded(key: str) -> None:
    with pikepdf.open(io.BytesIO(sheet_of(key, "long names"))) as sheet:
        fonts = [item for item in sheet.objects if isinstance(item, pikepdf.Dictionary) and "/FontName" in item]
        assert fonts
        for font in fonts:
            name = str(font.FontName).replace("-", "")
            assert "Sarabun" in name or "NotoSansKhmer" in name
            assert {"/FontFile2", "/FontFile3"} & set(font.keys())


@pytest.mark.parametrize("key", ["approval_letter", "refusal_order", "filing_receipt", "cover_sheet"])
def test_the_same_record_gives_the_same_bytes(key: str) -> None:
    assert pdf.render(key, record_for(key)) == sheet_of(key)


NEEDED = [
    ("request_receipt", "request.request_receipt.number"),
    ("request_receipt", "employer.name"),
    ("deficiency_record", "request.deficiencies.answer_until"),
    ("approval_letter", "request.request_order.number"),
    ("approval_letter", "request.demand.workplace"),
    ("refusal_letter", "request.request_receipt.number"),
    ("refusal_letter", "terms.appeal"),
    ("revocation_order", "request.revoke_request.reason"),
    ("revocation_order", "terms.appeal"),
    ("cover_sheet", "application.reference"),
    ("filing_receipt", "application.filing.number"),
    ("filing_receipt", "worker.pass_number"),
    ("permit_order", "application.permit_order.valid_until"),
    ("permit_order", "application.permit_order.conditions"),
    ("permit_order", "application.filing.workplace"),
    ("refusal_order", "terms.appeal"),
    ("refusal_order", "actor.name"),
    ("worker_notice", "employer.name"),
    ("worker_notice", "application.reference"),
]


@pytest.mark.parametrize(("key", "fact"), NEEDED)
def test_a_required_fact_that_is_missing_is_named(key: str, fact: str) -> None:
    record = record_for(key)
    *path, last = fact.split(".")
    part = record
    for name in path:
        part = part[name]
    part[last] = None
    assert [(lack.code, lack.fact) for lack in pdf.preflight(key, record)] == [("missing", fact)]
    with pytest.raises(pdf.PaperFault, match=fact):
        pdf.render(key, record)


@pytest.mark.parametrize("key", ["refusal_letter", "refusal_order", "worker_notice"])
def test_an_adverse_paper_without_a_reason_is_not_made(key: str) -> None:
    record = record_for(key)
    for why in (
        record["request"]["request_order"],
        record["application"]["permit_order"],
        record["application"]["coded_reason"],
    ):
        why.update(reason_code=None, reason="")
    assert [lack.fact.rsplit(".", 1)[-1] for lack in pdf.preflight(key, record)] == ["reason"]


HOSTILE = "<b>x</b><script>alert(1)</script>{{ 7*7 }}{% raw %}</td></table>&amp;"


@pytest.mark.parametrize("key", KEYS)
def test_hostile_text_is_text_on_the_page(key: str) -> None:
    record = record_for(key)
    record["employer"]["name"] = HOSTILE
    page = compose(key, record)[0]
    assert str(escape(HOSTILE)) in page
    assert "<script" not in page


@pytest.mark.parametrize("key", ["revocation_order", "cover_sheet"])
def test_hostile_text_is_printed_as_text(key: str) -> None:
    record = record_for(key)
    record["employer"]["name"] = HOSTILE
    assert unspaced(HOSTILE) in unspaced(words_of(pdf.render(key, record)))


def test_a_photo_address_in_a_name_is_not_fetched() -> None:
    record = record_for("refusal_letter")
    record["request"]["request_order"]["reason"] = '<img src="http://127.0.0.1:9/x.png"> url(file:///etc/passwd)'
    assert "file:///etc/passwd" in words_of(pdf.render("refusal_letter", record))


@pytest.mark.parametrize("key", LETTERS)
def test_a_letter_follows_the_order_of_its_parts(key: str) -> None:
    page = compose(key, record_for(key))[0]
    parts = (
        "ที่ จบ-PEO 2569/000123", "ศาลากลาง", ">เรื่อง<", ">เรียน<", ">อ้างถึง<", "จึงเรียนมาเพื่อทราบ",
        "ขอแสดงความนับถือ", "(นางวิภา ศรีสุข)", "จัดหางานจังหวัดจันทบุรี นายทะเบียน", 'class="unit"',
    )  # fmt: skip
    places = [plain(page).index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.parametrize("key", ["refusal_letter", "revocation_order", "refusal_order"])
def test_an_adverse_paper_tells_how_and_where_to_appeal(key: str) -> None:
    words = words_of(sheet_of(key))
    assert "ภายใน 30 วัน" in words
    assert "ถนนเลียบเนิน" in words


def test_a_refusal_is_told_to_the_worker_in_khmer_and_english() -> None:
    record = record_for("refusal_order")
    page = compose("refusal_order", record)[0]
    assert record["terms"]["appeal"]["km"] in page
    assert "The registrar has refused the work permit" in words_of(sheet_of("refusal_order"))


def test_a_part_approved_says_why_not_the_rest_and_the_whole_does_not() -> None:
    record = record_for("approval_letter")
    record["request"]["request_order"].update(order="approved", reason_code=None, reason="", women=5)
    assert "เหตุผลที่ไม่อนุมัติ" in words_of(sheet_of("approval_letter"))
    assert "เหตุผลที่ไม่อนุมัติ" not in words_of(pdf.render("approval_letter", record))


def test_the_list_of_what_is_missing_counts_its_items() -> None:
    assert "รวม 3 รายการ" in words_of(sheet_of("deficiency_record"))


def test_the_cover_carries_its_reference_as_a_code() -> None:
    page = compose("cover_sheet", record_for("cover_sheet"))[0]
    assert str(qr("A-2569-000712")) in page


def test_an_emblem_heads_letters_and_orders() -> None:
    for key in ("approval_letter", "permit_order"):
        record = record_for(key)
        record["images"]["emblem"] = record_sample.picture()
        assert pdf.render(key, record) != sheet_of(key)


def frozen_facts(season: Season, key: str) -> tuple[str, dict[str, Any]]:
    paper = season.desk.session.scalars(select(Document).filter_by(key=key)).one()
    record = record_of(season.desk.session, paper.subject)
    return paper.subject, record.history[0].evidence.facts


def test_a_refusal_goes_out_under_the_office_of_who_signs(season: Season) -> None:
    request = season.request(ROWS, until="reviewed")
    order = RequestOrder(order=RequestOutcome.REFUSED, reason_code="quota", reason="ที่พักคนงานไม่เพียงพอ")
    casework.perform(season.desk, season.cast["registrar"], request.subject, "decide_request", order, Act())
    paper, facts = frozen_facts(season, "refusal_letter")
    assert facts["actor"]["office"]["kind_of"] == "peo"
    words = words_of(printing.make(season.desk, paper))
    assert facts["actor"]["office"]["name_th"] in words
    assert facts["office"]["address"] not in words
    assert "กล่าวคือ ที่พักคนงานไม่เพียงพอ" in words


def test_a_revocation_prints_its_reason(season: Season) -> None:
    request = season.request(ROWS, until="list_open")
    why = CodedReason(reason_code="employer", reason="นายจ้างไม่จัดที่พักตามที่ให้คำรับรองไว้")
    casework.perform(season.desk, season.cast["registrar"], request.subject, "revoke_request", why, Act())
    paper, _ = frozen_facts(season, "revocation_order")
    assert why.reason in words_of(printing.make(season.desk, paper))


def test_a_worker_whose_identity_is_not_accepted_gets_a_notice_with_the_pass_of_the_list(season: Season) -> None:
    season.request(ROWS)
    worker = season.desk.session.scalars(
        select(Case.subject).filter_by(flow="application").order_by(Case.reference)
    ).first()
    why = CodedReason(reason_code="identity", reason="รูปถ่ายในบัตรไม่ตรงกับตัวบุคคล")
    casework.perform(season.desk, season.cast["officer"], worker, "refuse_identity", why, Act())
    paper, facts = frozen_facts(season, "worker_notice")
    words = words_of(printing.make(season.desk, paper))
    assert facts["application"]["listed"]["pass_number"] in words
    assert why.reason in words
