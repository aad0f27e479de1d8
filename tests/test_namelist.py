"""Name lists of every shape: who is accepted, held or refused, why, and how a list is mended and sent again."""

import io
import json
import random
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.listfacts import ListFacts
from forms.listfile import mending_workbook, report_workbook, sentence
from forms.listkept import from_json, to_json
from forms.namelist import Reading, drop, judged, mend, mend_facts, read, renew
from tests.samples import (
    MESSY_HEADINGS,
    OFFICIAL_HEADINGS,
    RULES,
    TODAY,
    Row,
    buddhist,
    csv_text,
    long_workbook,
    messy,
    official,
    paged,
    people,
    simple,
    wide,
    workbook,
)
from workflow.domain.namelist import (
    Finding,
    FindingKind,
    ListRow,
    ListRules,
    Outcome,
    counts,
    judge,
    judge_list,
)

GOOD: Row = ["KIM DARA", "M", "BB115133"]


def _read(rows: Sequence[Row], **how: object) -> Reading:
    reading = read("list.xlsx", workbook(rows, **how), RULES, TODAY)
    assert not reading.faults, reading.faults
    return reading


def _list(*rows: Row, headings: Sequence[str] = ("Name", "Sex", "Border Pass no.")) -> Reading:
    return _read(simple(rows, headings))


def _fault(content: bytes | str) -> str:
    reading = read("list.xlsx", content, RULES, TODAY)
    assert not reading.rows
    (fault,) = reading.faults
    assert "%(" not in sentence(fault, str)
    return fault.code


def _found(reading: Reading) -> list[tuple[str, str, str | None]]:
    for finding in reading.findings:
        assert "%(" not in sentence(finding, str)
    return [(finding.kind.value, finding.code, finding.cell) for finding in reading.findings]


# --- the three kinds of list ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_official_list_is_read_page_after_page(seed: int) -> None:
    reading = _read(official(40, seed))
    assert reading.counts == counts(reading.rows, ())
    assert reading.counts.accepted == 40
    assert [row.name for row in reading.rows] == [p.latin for p in people(40, seed)]
    assert [row.pass_number for row in reading.rows] == [p.pass_number for p in people(40, seed)]
    assert reading.facts == ListFacts(
        employer="สวนลำไยตัวอย่าง จำกัด",
        business="ปลูกลำไย",
        address="99 หมู่ 4 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140",
        total=40,
        starts_on=date(2026, 12, 1),
    )
    assert reading.rows[10].row == 25
    assert {row.birth_precision for row in reading.rows} == {"age"}
    assert "birth" in reading.rows[0].missing
    assert not reading.skipped


@pytest.mark.parametrize("seed", range(5))
def test_the_wide_list_has_everything_that_the_papers_need(seed: int) -> None:
    reading = _read(wide(40, seed))
    assert reading.counts.accepted == 40
    assert not any(row.missing for row in reading.rows)
    for row, p in zip(reading.rows, people(40, seed), strict=True):
        assert (row.name_khmer, row.name_thai, row.birth_on) == (p.khmer, p.thai, p.birth)
        assert (row.pass_issued_on, row.pass_expires_on) == (p.issued, p.expires)


@pytest.mark.parametrize("seed", range(5))
def test_of_a_messy_list_all_but_the_last_five_are_accepted(seed: int) -> None:
    reading = _read(messy(60, seed))
    assert (reading.counts.found, reading.counts.accepted) == (65, 60)
    bad = [finding for finding in reading.findings if finding.kind is not FindingKind.WARNING]
    assert [finding.row for finding in bad] == [row.row for row in reading.rows[-5:]]
    assert [finding.code for finding in bad] == [
        "pass_doubled",
        "under_age",
        "pass_missing",
        "pass_ended",
        "province",
    ]
    assert [finding.cell[0] for finding in bad if finding.cell] == ["A", "E", "A", "F", "G"]
    assert reading.rows[0].remark == '=HYPERLINK("http://127.0.0.1/x","click")'
    assert reading.rows[1].remark == 'ขอด่วน <b>x</b> & "q"'
    assert reading.rows[1].pass_key == people(60, seed)[1].pass_number
    assert reading.rows[2].name_latin == people(60, seed)[2].latin
    assert reading.rows[3].birth_precision == "year"


@pytest.mark.parametrize("seed", range(8))
def test_columns_may_stand_in_any_order(seed: int) -> None:
    order = list(range(len(MESSY_HEADINGS)))
    random.Random(seed).shuffle(order)
    rows = [[row[i] for i in order] if len(row) == len(order) else row for row in messy(30, seed)]
    reading = _read(rows)
    assert (reading.counts.found, reading.counts.accepted) == (35, 30)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp874"])
def test_a_list_may_come_as_text(encoding: str, separator: str) -> None:
    text = csv_text(official(), separator)
    from_file = read("list.csv", text.encode(encoding), RULES, TODAY)
    pasted = read("", text, RULES, TODAY)
    assert from_file.counts.accepted == pasted.counts.accepted == 40
    assert from_file.rows == pasted.rows == _read(official()).rows


def test_a_messy_list_pasted_from_excel_gives_the_same_rows() -> None:
    reading = read("", csv_text(messy(), "\t"), RULES, TODAY)
    assert (reading.counts.found, reading.counts.accepted) == (65, 60)


def test_the_forms_own_fields_are_read_with_their_dotted_lines() -> None:
    lines = [
        ["ชื่อนายจ้าง/สถานประกอบการ Employer/Company)....สวน ก....ประเภทกิจการ(Type of Business)......ลำไย...."],
        ["ที่อยู่(Address)....12/3 หมู่ 1.... มือถือ....081-234 5678.....โทรสาร..............."],
        ["สถานที่ทำงาน....สวน 2...."],
        ["จำนวนแรงงานต่างด้าวที่จ้างรวม...๑...คน  ระยะเวลาการจ้างตั้งแต่วันที่..๑..เดือน...ธันวาคม...พ.ศ. 2569"],
    ]
    facts = _read([*lines, *simple([GOOD])]).facts
    assert facts == ListFacts("สวน ก", "ลำไย", "12/3 หมู่ 1", "081-234 5678", "สวน 2", 1, date(2026, 12, 1))


# --- headings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sex", "number"),
    [
        ("ชื่อ-สกุล", "เพศ", "หมายเลข Border Pass"),
        ("ชื่อ - นามสกุล (ภาษาอังกฤษ)", "เพศ (ช/ญ)", "เลขที่บัตรผ่านแดน"),
        ("Full name", "Gender", "Pass number"),
        ("NAME", "M/F", "BP"),
        ("ឈ្មោះ", "ភេទ", "លេខប័ណ្ណឆ្លងដែន"),
        ("Name of worker", "SEX", "Border-Pass No."),
        ("ชื่อแรงงาน", "เพศชาย/หญิง", "เลขบัตร"),
    ],
)
def test_headings_are_known_in_three_languages(name: str, sex: str, number: str) -> None:
    reading = _list(GOOD, headings=[name, sex, number])
    assert reading.accepted()[0].pass_number == "BB115133"
    assert not reading.unknown


def test_headings_may_stand_on_two_lines() -> None:
    rows: list[Row] = [
        ["ที่", "ชื่อ-สกุล", None, "เพศ", "บัตรผ่านแดน", None, None],
        [None, "ภาษาอังกฤษ", "ภาษาเขมร", None, "เลขที่", "วันออก", "หมดอายุ"],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"],
        [1, "KIM DARA", "គឹម ដារ៉ា", "ชาย", "BB115133", "1/1/2568", "1/1/2570"],
    ]
    for merges in ((), ("B1:C1", "E1:G1", "A1:A2")):
        (row,) = _read(rows, merges=merges).rows
        assert (row.name_latin, row.name_khmer, row.sex, row.pass_number) == (
            "KIM DARA",
            "គឹម ដារ៉ា",
            "M",
            "BB115133",
        )
        assert (row.pass_issued_on, row.pass_expires_on) == (date(2025, 1, 1), date(2027, 1, 1))


def test_the_blank_forms_two_lines_of_headings_are_one() -> None:
    rows: list[Row] = [
        ["ลำดับที่", "คำนำหน้า", "ชื่อ-สกุล", "เพศ", "อายุ", "หมายเลข Border Pass", "หมายเหตุ"],
        [None, "Mr./Mrs./Miss", "Name - Sername", None, None, "(BP)", None],
        [1, "Mr", "KIM DARA", "M", 30, "BB115133", None],
        [2, None, None, None, None, None, None],
    ]
    reading = _read(rows)
    assert reading.counts.found == reading.counts.accepted == 1


def test_family_and_given_name_may_stand_apart() -> None:
    for headings in (["Surname", "First name", "Sex", "BP no."], ["นามสกุล", "ชื่อ", "เพศ", "เลขบัตร"]):
        assert _list(["Kim", "Dara", "M", "BB115133"], headings=headings).rows[0].name_latin == "KIM DARA"
    swapped = _list(["Dara", "Kim", "M", "BB115133"], headings=["Given name", "Family name", "Sex", "BP no."])
    assert swapped.rows[0].name_latin == "KIM DARA"


def test_the_province_of_the_pass_is_told_from_another() -> None:
    headings = ["Name", "Sex", "BP no.", "จังหวัด", "จังหวัดที่ออกบัตร"]
    reading = _list([*GOOD, "จันทบุรี", "Pailin"], headings=headings)
    assert reading.accepted()[0].pass_province == "pailin"
    assert reading.extras == {2: {"จังหวัด": "จันทบุรี"}}


def test_day_month_and_year_of_birth_may_stand_in_three_columns() -> None:
    headings = ["Name", "Sex", "BP no.", "วันเกิด", "เดือนเกิด", "ปีเกิด"]
    assert _list([*GOOD, 26, 3, 2530], headings=headings).rows[0].birth_on == date(1987, 3, 26)


def test_sexes_may_be_ticked_in_two_columns() -> None:
    headings = ["Name", "ชาย", "หญิง", "BP no."]
    reading = _list(
        ["A B", "x", None, "BB1111"],
        ["C D", None, "/", "BB2222"],
        ["E F", "x", "x", "BB3333"],
        headings=headings,
    )
    assert [row.sex for row in reading.rows[:2]] == ["M", "F"]
    assert reading.counts.accepted == 2
    below: list[Row] = [
        ["Name", "เพศ", None, "BP no."],
        [None, "ชาย", "หญิง", None],
        ["C D", None, "✓", "BB2222"],
    ]
    assert _read(below, merges=["B1:C1"]).accepted()[0].sex == "F"


def test_names_go_by_the_script_they_are_written_in() -> None:
    reading = _list(["Mr. Kim Dara (គឹម ដារ៉ា) กึม ดารา", None, "BB115133"])
    (row,) = reading.accepted()
    assert (row.name_latin, row.name_khmer, row.name_thai) == ("KIM DARA", "គឹម ដារ៉ា", "กึม ดารา")
    assert (row.title, row.sex) == ("Mr", "M")
    assert _list(["គឹម ដារ៉ា", "ប្រុស", "BB115133"]).accepted()[0].name_latin is None


def test_unknown_columns_are_kept_as_text() -> None:
    reading = _list([*GOOD, "A+", "=1+1"], headings=["Name", "Sex", "BP no.", "กรุ๊ปเลือด", "รหัส"])
    assert reading.unknown == ("กรุ๊ปเลือด", "รหัส")
    assert reading.extras == {2: {"กรุ๊ปเลือด": "A+", "รหัส": "=1+1"}}
    assert reading.counts.accepted == 1


def test_a_column_is_known_by_its_values_where_its_heading_says_nothing() -> None:
    rows: list[Row] = [[p.latin, p.sex, p.pass_number, p.age] for p in people(5)]
    reading = _list(*rows, headings=["ชื่อ", "เพศ", "รหัส", "อายุ"])
    assert reading.counts.accepted == 5
    assert [note.code for note in reading.notes] == ["guessed"]
    assert "Border pass number" in sentence(reading.notes[0], str)


def test_passports_gates_and_employers_are_no_passes_and_no_names() -> None:
    headings = ["ชื่อนายจ้าง", "Name", "Sex", "Passport no.", "จุดผ่านแดน", "BP no.", "จังหวัดที่ทำงาน"]
    (row,) = _list(
        ["สวน ก", "KIM DARA", "M", "N1234567", "บ้านแหลม", "BB115133", "จันทบุรี"], headings=headings
    ).accepted()
    assert (row.name_latin, row.pass_number, row.pass_province) == ("KIM DARA", "BB115133", None)


# --- what refuses a file ----------------------------------------------------------------------------


def test_a_file_without_a_list_is_refused() -> None:
    assert _fault(workbook([["hello"], [1, 2, 3]])) == "no_headings"
    assert _fault(workbook([["KIM DARA", "M", "BB115133"]])) == "no_headings"
    assert _fault(workbook(simple([]))) == "no_rows"
    assert _fault("just a sentence") == "no_headings"
    assert _fault("") == "empty"
    assert _fault(b"%PDF") == "not_excel"


def test_two_lists_in_one_file_are_refused() -> None:
    assert _fault(workbook(simple([GOOD]), simple([GOOD]))) == "two_tables"
    other = [*simple([GOOD]), *simple([["BB2", "SOK BORA", "M"]], ["BP no.", "Name", "Sex"])]
    assert _fault(workbook(other)) == "two_headings"
    rows: list[Row] = [[p.number, p.title, p.latin, p.sex, p.age, p.pass_number, None] for p in people(20)]
    assert (
        _fault(workbook(paged(OFFICIAL_HEADINGS, rows, ("สวนลำไย ก จำกัด", "บริษัท ทุเรียนทอง"))))
        == "two_employers"
    )
    assert (
        _fault(workbook(simple([[*GOOD, "BB9"]], ["Name", "Sex", "BP no.", "Border pass no."])))
        == "same_heading"
    )


def test_a_hidden_sheet_is_named_and_not_read() -> None:
    reading = read("x.xlsx", workbook(simple([GOOD]), simple([GOOD]), hidden_sheets=[1]), RULES, TODAY)
    assert reading.counts.found == 1
    assert [note.code for note in reading.notes] == ["hidden_sheet"]


def test_a_second_sheet_without_a_list_does_no_harm() -> None:
    assert (
        read("x.xlsx", workbook([["จังหวัด"], ["Pailin"]], simple([GOOD])), RULES, TODAY).counts.accepted == 1
    )


def test_a_stated_total_that_differs_is_noted() -> None:
    rows = [*official(20)]
    rows = [row for row in rows if not row or row[0] != 20]
    assert [note.code for note in _read(rows).notes] == ["total_differs"]


# --- what holds a row -------------------------------------------------------------------------------


def test_a_formula_holds_its_row_and_names_its_cell() -> None:
    reading = _list(["=A1", "M", "BB1111"], ["KIM DARA", "M", "=B1&1"], GOOD)
    assert _found(reading) == [("held", "formula", "A2"), ("held", "formula", "C3")]
    assert reading.counts.accepted == 1


def test_a_running_number_may_be_a_formula() -> None:
    reading = _list(["=ROW()", *GOOD], headings=["ที่", "Name", "Sex", "BP no."])
    assert reading.counts.accepted == 1


@pytest.mark.parametrize(
    ("field", "written", "code"),
    [
        ("Date of birth", "31/02/2530", "date_impossible"),
        ("Date of birth", "02/25/1990", "date_month_first"),
        ("Date of birth", "26/03/30", "date_two_digits"),
        ("Date of birth", "12/2530", "date_no_day"),
        ("Date of birth", "=TODAY()", "formula"),
        ("Expiry", "2570", "date_no_day"),
        ("Expiry", "soon", "date_unreadable"),
        ("Province", "Atlantis", "province_unknown"),
        ("Age", "thirty", "age_unreadable"),
        ("Age", 300, "age_unreadable"),
        ("Nationality", "Martian", "nationality_unknown"),
    ],
)
def test_a_cell_that_cannot_be_read_holds_its_row_with_its_text(
    field: str, written: str | int, code: str
) -> None:
    reading = _list([*GOOD, written], headings=["Name", "Sex", "BP no.", field])
    assert _found(reading) == [("held", code, "D2")]
    if code != "formula":
        assert str(written) in sentence(reading.findings[0], str)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ([None, "M", "BB115133"], "name_missing"),
        (["KIM DARA", None, "BB115133"], "sex_missing"),
        (["KIM DARA", "M", None], "pass_missing"),
        (["KIM DARA", "M", "-"], "pass_missing"),
        (["KIM DARA", "M", "BB"], "pass_unreadable"),
        (["KIM DARA", "M", "1" * 30], "pass_unreadable"),
        (["KIM DARA", "M", 1234567890123456789], "digits_lost"),
        (["KIM DARA", "third", "BB115133"], "sex_unreadable"),
        (["<script>alert(1)</script>", "M", "BB115133"], "name_letters"),
        (["KIM DARA 2", "M", "BB115133"], "name_letters"),
        (["КІМ", "M", "BB115133"], "name_letters"),
        (["K" * 101, "M", "BB115133"], "name_long"),
    ],
)
def test_only_name_sex_and_pass_are_asked_for(row: Row, code: str) -> None:
    reading = _list(row)
    assert [finding.code for finding in reading.findings] == [code]
    assert reading.counts.held == 1
    assert _list(GOOD).accepted()


def test_numbers_of_passes_are_texts_even_where_excel_made_them_numbers() -> None:
    reading = read(
        "x.xlsx",
        workbook(simple([["KIM DARA", "M", 12345678], ["SOK BORA", "M", 45]]), formats={"C3": '"BB"000000'}),
        RULES,
        TODAY,
    )
    assert [row.pass_number for row in reading.accepted()] == ["12345678", "BB000045"]
    assert (
        _list(["KIM DARA", "M", "12345678.0"], ["A B", "M", "เลขที่ PL 555"]).rows[0].pass_number == "12345678"
    )


@pytest.mark.parametrize("word", ["M", "m", "Male", "ชาย", "ช", "ប្រុស", "ប", " ชาย ", "M."])
def test_men_are_men_in_three_languages(word: str) -> None:
    assert _list(["KIM DARA", word, "BB115133"]).rows[0].sex == "M"


@pytest.mark.parametrize("word", ["F", "female", "หญิง", "ญ", "ស្រី", "ស"])
def test_women_are_women_in_three_languages(word: str) -> None:
    assert _list(["KIM RATANA", word, "BB115133"]).rows[0].sex == "F"


def test_the_title_tells_the_sex_where_nobody_else_does() -> None:
    headings = ["Title", "Name", "Sex", "BP no."]
    reading = _list(
        ["นาย", "A B", None, "BB1111"],
        ["นางสาว", "C D", None, "BB2222"],
        ["Mr", "E F", "F", "BB3333"],
        headings=headings,
    )
    assert [row.sex for row in reading.rows] == ["M", "F", "F"]
    assert _found(reading) == [("warning", "title_differs", "A4")]


def test_hidden_rows_and_joined_cells_are_taken_with_a_warning() -> None:
    rows = simple(
        [[*GOOD, "Pailin"], ["SOK BORA", "M", "BB2222", None]], ["Name", "Sex", "BP no.", "Province"]
    )
    reading = _read(rows, merges=["D2:D3"], hidden_rows=[2])
    assert [row.pass_province for row in reading.accepted()] == ["pailin", "pailin"]
    assert _found(reading) == [("warning", "row_hidden", None), ("warning", "cell_joined", None)]
    one_pass = _read(simple([GOOD, ["SOK BORA", "M", None]]), merges=["C2:C3"])
    assert _found(one_pass) == [("held", "pass_missing", "C3")]


def test_signatures_sums_and_blank_numbers_are_no_workers() -> None:
    rows: list[Row] = [
        ["Name list of workers"],
        ["ที่", "Name", "Sex", "BP no.", "Remark"],
        [1, *GOOD, None],
        [2, None, None, None, None],
        ["รวม", "1", "คน"],
        [None, "ลงชื่อ..............", None, "ลงชื่อ.............."],
        [None, "(นายสมชาย ใจดี)", None, "(นางสาวสมหญิง ดีใจ)"],
        [None, "ตำแหน่ง นายจ้าง"],
        ["รวมทั้งสิ้น", 1, "คน"],
        ["หมายเหตุ: ส่งภายในวันศุกร์"],
    ]
    reading = _read(rows)
    assert reading.counts.found == 1
    assert not reading.skipped


def test_a_line_left_out_is_shown_unless_it_belongs_to_the_page() -> None:
    reading = _read([*simple([GOOD]), [None, None, None, "ฝากคุณแดงดูแลด้วย"], ["กลุ่มที่ 2 สวนใต้"]])
    assert [(line.row, line.text) for line in reading.skipped] == [(3, "ฝากคุณแดงดูแลด้วย"), (4, "กลุ่มที่ 2 สวนใต้")]


def test_a_worker_of_whom_little_is_said_is_held_not_lost() -> None:
    reading = _list(["KIM DARA", None, None], [None, None, "BB999999"])
    assert reading.counts.held == 2


# --- what the rules say -----------------------------------------------------------------------------


def _judged(**known: object) -> list[tuple[FindingKind, str]]:
    row = ListRow(**{"row": 2, "name_latin": "KIM DARA", "sex": "M", "pass_number": "BB115133", **known})
    return [(finding.kind, finding.code) for finding in judge(row, replace(RULES, maximum_age=55), TODAY)]


HELD, WARNED, REFUSED = FindingKind.HELD, FindingKind.WARNING, FindingKind.REFUSED


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ({"birth_on": date(2008, 11, 23)}, []),
        ({"birth_on": date(2008, 11, 24)}, [(REFUSED, "under_age")]),
        ({"birth_on": date(2008, 1, 1)}, [(WARNED, "first_of_january")]),
        ({"birth_on": date(1970, 11, 24)}, []),
        ({"birth_on": date(1970, 11, 23)}, [(REFUSED, "over_age")]),
        ({"birth_on": date(2027, 1, 1)}, [(HELD, "age_impossible")]),
        ({"birth_year": 2007}, []),
        ({"birth_year": 2008}, [(HELD, "age_near_limit")]),
        ({"birth_year": 2009}, [(REFUSED, "under_age")]),
        ({"birth_year": 1970}, [(HELD, "age_near_limit")]),
        ({"birth_year": 1969}, [(REFUSED, "over_age")]),
        ({"birth_year": 1850}, [(HELD, "age_impossible")]),
        ({"age": 19}, []),
        ({"age": 18}, [(HELD, "age_near_limit")]),
        ({"age": 17}, [(HELD, "age_near_limit")]),
        ({"age": 16}, [(REFUSED, "under_age")]),
        ({"age": 57}, [(REFUSED, "over_age")]),
        ({"age": 40, "birth_year": 1987}, []),
        ({"age": 30, "birth_year": 1987}, [(WARNED, "age_differs")]),
        ({"pass_expires_on": date(2026, 11, 23)}, []),
        ({"pass_expires_on": date(2026, 11, 22)}, [(REFUSED, "pass_ended")]),
        ({"pass_issued_on": date(2026, 11, 24)}, [(HELD, "issued_later")]),
        ({"pass_issued_on": date(2026, 5, 2), "pass_expires_on": date(2026, 5, 1)},
         [(HELD, "ends_before_issue"), (REFUSED, "pass_ended")]),
        ({"pass_province": "siem_reap"}, [(REFUSED, "province")]),
        ({"pass_province": "pailin"}, []),
        ({"nationality": "LAO"}, [(REFUSED, "nationality")]),
        ({"title": "Mrs"}, [(WARNED, "title_differs")]),
    ],
)  # fmt: skip
def test_every_column_that_is_there_is_judged(
    known: dict[str, object], found: list[tuple[FindingKind, str]]
) -> None:
    assert _judged(**known) == found


def test_a_pass_that_ends_before_the_work_begins_is_a_warning() -> None:
    rules = replace(RULES, starts_on=date(2026, 12, 1))
    row = ListRow(row=2, name_latin="A B", sex="M", pass_number="BB1111", pass_expires_on=date(2026, 11, 30))
    assert [(f.kind, f.code) for f in judge(row, rules, TODAY)] == [(WARNED, "ends_before_start")]


def test_the_numbers_come_from_the_rules_alone() -> None:
    row = ListRow(
        row=2, name_latin="A B", sex="M", pass_number="BB1111", birth_on=date(2010, 1, 1), pass_province="kep"
    )
    assert not judge(row, ListRules(minimum_age=15), TODAY)
    assert judge(row, ListRules(minimum_age=20), TODAY)


def _pair(**other: object) -> list[tuple[FindingKind, str, int]]:
    one = ListRow(
        row=2,
        name_latin="KIM DARA",
        sex="M",
        pass_number="BB 1111",
        birth_on=date(1990, 1, 2),
        pass_province="pailin",
    )
    found = judge_list([one, replace(one, row=3, **other)], RULES, TODAY)
    return [(f.kind, f.code, f.row) for f in found]


def test_the_second_row_with_the_same_pass_is_refused() -> None:
    assert _pair(pass_number="bb-1111", name_latin="SOK BORA") == [(REFUSED, "pass_doubled", 3)]
    assert _pair(name_latin="SOK BORA", pass_province=None) == [(REFUSED, "pass_doubled", 3)]
    assert _pair(name_latin="SOK BORA", pass_province="pursat") == [(WARNED, "pass_number_shared", 3)]


def test_the_same_name_and_birth_under_another_pass_is_a_warning() -> None:
    assert _pair(pass_number="BB2222", name_latin="dara kim") == [(WARNED, "person_doubled", 3)]
    assert _pair(pass_number="BB2222", birth_on=date(1991, 1, 2)) == []


def test_refused_outweighs_held_and_a_warning_leaves_a_row_accepted() -> None:
    rows = [ListRow(row=n) for n in (2, 3, 4)]
    findings = [
        Finding(kind, "x", row, "x") for row, kind in ((2, HELD), (2, REFUSED), (3, HELD), (4, WARNED))
    ]
    told = counts(rows, findings)
    assert (told.found, told.accepted, told.held, told.refused) == (3, 1, 1, 1)


# --- mending, keeping, sending again ----------------------------------------------------------------


def test_a_row_is_mended_in_the_preview() -> None:
    reading = _list(["KIM DARA", "third", "BB"], headings=["Name", "Sex", "BP no."])
    reading = mend(
        reading, 2, {"sex": "ชาย", "pass_number": "bb 115-133", "birth": "31/2/2530"}, RULES, TODAY
    )
    assert [finding.code for finding in reading.findings] == ["date_impossible"]
    reading = mend(reading, 2, {"birth": "๒๕๓๐", "name_khmer": "គឹម ដារ៉ា"}, RULES, TODAY)
    (row,) = reading.accepted()
    assert (row.birth_year, row.birth_precision, row.name_khmer, row.name_latin) == (
        1987,
        "year",
        "គឹម ដារ៉ា",
        "KIM DARA",
    )
    emptied = mend(reading, 2, {"birth": "", "name_khmer": ""}, RULES, TODAY)
    assert (emptied.rows[0].birth_precision, emptied.rows[0].name_khmer) == (None, None)
    assert mend(reading, 99, {"sex": "M"}, RULES, TODAY) == reading


def test_mending_one_of_two_doubles_frees_the_other() -> None:
    reading = _list(GOOD, ["SOK BORA", "M", "BB115133"])
    assert reading.counts.refused == 1
    assert mend(reading, 3, {"pass_number": "BB115134"}, RULES, TODAY).counts.accepted == 2
    assert drop(reading, 2, RULES, TODAY).counts.accepted == 1


def test_the_page_can_be_put_right_too() -> None:
    reading = _list([*GOOD, "01/06/2570"], headings=["Name", "Sex", "BP no.", "Expiry"])
    later = mend_facts(reading, ListFacts(starts_on=date(2027, 6, 2)), RULES, TODAY)
    assert [finding.code for finding in later.findings] == ["ends_before_start"]


def test_what_others_found_stands_beside_what_the_list_shows() -> None:
    reading = _list(GOOD)
    rival = Finding(HELD, "in_another_file", 2, "This pass is already in another file.", field="pass_number")
    reading = judged(reading, RULES, TODAY, added=[rival])
    assert _found(reading) == [("held", "in_another_file", "C2")]
    assert mend(reading, 2, {"sex": "M"}, RULES, TODAY).counts.held == 1


@pytest.mark.parametrize("rows", [official(), wide(), messy()])
def test_a_reading_is_kept_as_json(rows: list[Row]) -> None:
    reading = _read(rows)
    kept = json.loads(json.dumps(to_json(reading)))
    assert from_json(kept) == reading
    refused = read("x.xlsx", b"", RULES, TODAY)
    assert from_json(json.loads(json.dumps(to_json(refused)))) == refused


@pytest.mark.parametrize("kept", [{}, {"version": 9}, {"version": 1}, {"version": 1, "rows": 5}])
def test_a_reading_kept_otherwise_is_not_taken(kept: dict) -> None:
    with pytest.raises(ValueError, match="reading"):
        from_json(kept)


@pytest.mark.parametrize("rows", [official(), wide(), messy()])
def test_the_sheet_for_mending_comes_back_without_a_double(rows: list[Row]) -> None:
    reading = _read(rows)
    again = read("mended.xlsx", mending_workbook(reading, str), RULES, TODAY)
    assert not again.faults
    assert [replace(row, row=0) for row in again.rows] == [replace(row, row=0) for row in reading.rows]
    renewed = renew(reading, again, RULES, TODAY)
    assert renewed.rows == reading.rows
    assert renewed.counts == reading.counts
    assert renew(renewed, again, RULES, TODAY).rows == renewed.rows


def test_held_rows_are_mended_in_their_sheet_and_laid_over_the_list(tmp_path: object) -> None:
    reading = _read(messy())
    packed = mending_workbook(reading, str, held_only=True)
    path = f"{tmp_path}/mend.xlsx"
    with open(path, "wb") as file:
        file.write(packed)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet.max_row == 3 + 5
    by_heading = {cell.value: cell.column for cell in sheet[3]}
    number = by_heading["หมายเลขบัตรผ่านแดน / Border pass no."]
    held = next(row for row in range(4, 9) if not sheet.cell(row, number).value)
    assert sheet.cell(held, number).fill.fgColor.rgb == "FFF7B267"
    sheet.cell(held, number).value = "BB 700-700"
    sheet.cell(held, by_heading["วันที่ออกบัตร / Date of issue"]).value = "01/02/2569"
    book.save(path)
    with open(path, "rb") as file:
        newer = read("mended.xlsx", file.read(), RULES, TODAY)
    renewed = renew(reading, newer, RULES, TODAY)
    assert (renewed.counts.found, renewed.counts.accepted, renewed.counts.held) == (65, 61, 0)
    (row,) = [row for row in renewed.rows if row.pass_key == "BB700700"]
    assert (row.name_latin, row.pass_issued_on, row.birth_on) == (
        "NO PASS",
        date(2026, 2, 1),
        date(1990, 1, 1),
    )


def test_a_newer_list_updates_by_pass_number_and_adds_who_is_new() -> None:
    old = _list(GOOD, ["SOK BORA", "M", "BB2222"])
    newer = _list(
        ["CHAN RATANA", "F", "BB3333", None],
        ["SOK BORA", "M", "bb 2222", "ด่วน"],
        headings=["Name", "Sex", "BP no.", "Remark"],
    )
    renewed = renew(old, newer, RULES, TODAY)
    assert [(row.row, row.name_latin, row.remark) for row in renewed.rows] == [
        (2, "KIM DARA", None), (3, "SOK BORA", "ด่วน"), (4, "CHAN RATANA", None),
    ]  # fmt: skip
    assert renew(old, read("x.xlsx", b"", RULES, TODAY), RULES, TODAY).faults


def test_no_sheet_of_ours_holds_a_living_formula() -> None:
    wild = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "http://127.0.0.1/x", '=HYPERLINK("x")']
    reading = _list(*([f"KIM D{'ARAB'[n % 4]}", "M", f"BB{n}00000", remark] for n, remark in enumerate(wild)),
                    headings=["Name", "Sex", "BP no.", "Remark"])  # fmt: skip
    for packed in (report_workbook(reading, str), mending_workbook(reading, str)):
        again = read("x.xlsx", packed, RULES, TODAY)
        assert not any(finding.code == "formula" for finding in again.findings)
        for line in openpyxl.load_workbook(_stream(packed)).active.iter_rows():
            assert not any(cell.data_type == "f" or cell.hyperlink for cell in line)
            assert not any(str(cell.value or "")[:1] in tuple("=+-@\t") for cell in line)
    back = read("x.xlsx", mending_workbook(reading, str), RULES, TODAY)
    assert [row.remark for row in back.rows] == [row.remark for row in reading.rows]


def _stream(packed: bytes) -> io.BytesIO:
    return io.BytesIO(packed)


def test_the_report_says_what_became_of_each_row_in_the_readers_language() -> None:
    reading = _read(messy())
    packed = report_workbook(reading, lambda text: "«" + text + "»")
    lines = list(openpyxl.load_workbook(_stream(packed)).active.iter_rows(values_only=True))
    assert lines[1][0] == "«Row»"
    assert len(lines) == 2 + 65
    assert sum(line[4] == "«Accepted»" for line in lines) == 60
    assert lines[-1][1].startswith("G")
    assert lines[-1][5] == "«Siem Reap does not issue border passes.»"
    faulty = report_workbook(read("x.xlsx", b"", RULES, TODAY), str)
    assert openpyxl.load_workbook(_stream(faulty)).active.max_row == 3


# --- large, and anything at all ---------------------------------------------------------------------


def test_ten_thousand_rows_are_read_and_more_refused() -> None:
    packed = long_workbook(10_000)
    begun = time.perf_counter()
    reading = read("long.xlsx", packed, RULES, TODAY)
    print(f"10,000 rows read and judged in {time.perf_counter() - begun:.2f} s")
    assert reading.counts.accepted == 10_000
    assert _fault(long_workbook(10_001)) == "too_many_rows"
    assert _fault(long_workbook(100_000)) == "too_many_rows"


@pytest.mark.parametrize("headings", [MESSY_HEADINGS])
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(cells=st.lists(st.lists(st.text(max_size=30), min_size=8, max_size=8), max_size=6))
def test_whatever_stands_in_the_cells_is_a_row_or_a_finding(
    headings: list[str], cells: list[list[str]]
) -> None:
    reading = read("", csv_text([headings, *cells], "\t"), RULES, TODAY)
    assert reading.faults or reading.rows
    for said in (*reading.findings, *reading.faults, *reading.notes):
        assert "%(" not in sentence(said, str) or "%(" in str(said.params)
    kept = json.dumps(to_json(reading), ensure_ascii=False)
    assert from_json(json.loads(kept)) == reading
    assert kept.encode()
    assert not re.search(r"[\x00-\x1f\u202e]|\\\\u00[01]", kept)
    mending_workbook(reading, str)
    report_workbook(reading, str)


@given(
    st.text(max_size=60),
    st.sampled_from(["birth", "sex", "pass_number", "name_latin", "age", "pass_province", "remark", "title"]),
)
def test_whatever_is_typed_while_mending_is_read_or_held(text: str, field: str) -> None:
    reading = mend(_GOOD_READING, 2, {field: text}, RULES, TODAY)
    assert reading.counts.found == 1


_GOOD_READING = read("", csv_text(simple([GOOD])), RULES, TODAY)


def test_a_list_of_last_season_is_the_same_list() -> None:
    rows: list[Row] = [[p.latin, p.sex, p.pass_number, buddhist(p.expires)] for p in people(10)]
    early = date(2025, 11, 23)
    reading = read("", csv_text(simple(rows, ["Name", "Sex", "BP no.", "Expiry"])), RULES, early)
    later = judged(reading, RULES, date(2028, 1, 1))
    assert reading.counts.accepted == 10
    assert set(later.outcomes.values()) == {Outcome.REFUSED}
