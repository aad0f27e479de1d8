"""Files of cells: what they hold is read, what they try is refused with a sentence, and nothing ever runs."""

import io
import random
import struct
import time
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.delimited import decode
from forms.grid import Broken, FileFault, Formula, Grid, column_letters, value_text
from forms.sheet import open_file, open_pasted
from tests.samples import (
    csv_text,
    long_workbook,
    messy,
    official,
    ole,
    plain_workbook,
    repacked,
    simple,
    wide,
    workbook,
)

SHEET = "xl/worksheets/sheet1.xml"
ROW = ["KIM DARA", "M", "BB115133"]


def _grid(packed: bytes, name: str = "list.xlsx") -> Grid:
    grids = open_file(name, packed)
    assert not isinstance(grids, FileFault), grids
    return grids[0]


def _code(packed: bytes, name: str = "list.xlsx") -> str:
    fault = open_file(name, packed)
    assert isinstance(fault, FileFault), fault
    assert "%(" not in fault.text % fault.params
    return fault.code


def _texts(grid: Grid) -> list[list[str]]:
    return [[line.text(column) for column in sorted(line.cells)] for line in grid.lines]


# --- what is read -----------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [official(), wide(), messy()])
def test_every_value_is_read_as_another_reader_reads_it(rows: list) -> None:
    packed = workbook(rows)
    ours = _grid(packed)
    theirs = openpyxl.load_workbook(io.BytesIO(packed)).active
    for line in ours.lines:
        for column, value in line.cells.items():
            known = theirs.cell(line.number, column).value
            assert value == (known.date() if hasattr(known, "date") else known)
    filled = sum(1 for row in theirs.iter_rows(values_only=True) for value in row if value not in (None, ""))
    assert filled == sum(len(line.cells) for line in ours.lines)


def test_texts_kept_once_are_found_without_their_sound_hints() -> None:
    packed = repacked(
        plain_workbook([["x"]]),
        {
            "xl/sharedStrings.xml": b"<sst><si><r><t>KIM</t></r><r><t> DARA</t></r><rPh><t>no</t></rPh></si></sst>"
        },
    )
    assert _texts(_grid(packed)) == [["KIM DARA"]]


def test_values_keep_their_kind_and_rows_their_number() -> None:
    packed = workbook([["a", 12345678, 12.5, True, date(2027, 1, 4)], [], ["", "  ", "b"]])
    grid = _grid(packed)
    assert [line.number for line in grid.lines] == [1, 3]
    assert grid.lines[0].cells == {1: "a", 2: 12345678.0, 3: 12.5, 4: True, 5: date(2027, 1, 4)}
    assert _texts(grid) == [["a", "12345678", "12.5", "TRUE", "04/01/2027"], ["b"]]


def test_a_formula_is_kept_as_text_with_its_cell() -> None:
    grid = _grid(workbook([["x", '=HYPERLINK("http://127.0.0.1/x","click")', "=1+1"]]))
    assert grid.lines[0].cells == {1: "x", 2: '=HYPERLINK("http://127.0.0.1/x","click")', 3: "=1+1"}
    assert [type(value) for value in grid.lines[0].cells.values()] == [str, Formula, Formula]


def test_shared_and_remembered_formulas_are_formulas_too() -> None:
    cells = b'<c r="A1"><f t="shared" si="0"/><v>5</v></c><c r="B1" t="str"><f>A1&amp;"x"</f><v>evil</v></c>'
    packed = repacked(workbook([["x"]]), {SHEET: lambda xml: _with_cells(xml, cells)})
    values = _grid(packed).lines[0].cells
    assert values == {1: "=", 2: '=A1&"x"'}
    assert all(isinstance(value, Formula) for value in values.values())


def _with_cells(xml: bytes, cells: bytes) -> bytes:
    start, end = xml.index(b"<sheetData>"), xml.index(b"</sheetData>")
    return xml[:start] + b"<sheetData><row>" + cells + b"</row>" + xml[end:]


def test_errors_hidden_rows_and_joined_cells_are_seen() -> None:
    cells = b'<c r="A1" t="e"><v>#REF!</v></c>'
    packed = repacked(workbook([["x"]]), {SHEET: lambda xml: _with_cells(xml, cells)})
    assert isinstance(_grid(packed).lines[0].cells[1], Broken)
    grid = _grid(workbook([["a", "b"], ["c", "d"]], hidden_rows=[2], merges=["A1:B1"]))
    assert [line.hidden for line in grid.lines] == [False, True]
    assert (grid.merges[0].top, grid.merges[0].left, grid.merges[0].right) == (1, 1, 2)


def test_numbers_padded_by_their_format_are_read_as_shown() -> None:
    packed = workbook(
        [[123, 45, 46727]], formats={"A1": "00000000", "B1": '"BB"000000', "C1": "[$-107041E]d mmmm yyyy"}
    )
    assert _grid(packed).lines[0].cells == {1: "00000123", 2: "BB000045", 3: date(2027, 12, 6)}


def test_sheets_of_other_makers_are_read() -> None:
    """Prefixed names, cells without an address, inline and rich text, days written as text, days from 1904."""
    cells = (
        b'<c t="inlineStr"><is><r><t>KIM </t></r><r><t>DARA</t></r></is></c><c t="d"><v>1987-03-26T00:00:00</v></c>'
        b'<c t="str"><v>a_x000D_b</v></c><c t="b"><v>1</v></c>'
    )
    packed = repacked(workbook([["x"]]), {SHEET: lambda xml: _with_cells(xml, cells)})
    assert _grid(packed).lines[0].cells == {1: "KIM DARA", 2: date(1987, 3, 26), 3: "a\rb", 4: True}
    prefixed = (
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="1">'
        b'<x:c r="B1"><x:f>1+1</x:f><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    assert _grid(repacked(workbook([["x"]]), {SHEET: prefixed})).lines[0].cells == {2: "=1+1"}
    old = repacked(
        workbook([[date(2027, 1, 4)]]),
        {"xl/workbook.xml": lambda xml: xml.replace(b"<workbookPr", b'<workbookPr date1904="1"', 1)},
    )
    assert _grid(old).lines[0].cells == {1: date(2031, 1, 5)}


def test_only_visible_sheets_are_read() -> None:
    grids = open_file("list.xlsx", workbook([["a", "b"]], [["c"]], hidden_sheets=[1]))
    assert not isinstance(grids, FileFault)
    assert [(grid.hidden, len(grid.lines)) for grid in grids] == [(False, 1), (True, 0)]


def test_columns_are_named_as_in_excel() -> None:
    assert [column_letters(n) for n in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]
    assert value_text(1e20) == "1e+20"


# --- text files and pasted cells --------------------------------------------------------------------

TABLE = [["ชื่อ-สกุล", "เพศ", "หมายเลขบัตร"], ["KIM, DARA", "ชาย", "BB115133"], ["สุข ดารา", "หญิง", "BB 1;2 34"]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp874", "tis-620"]
)
def test_a_text_is_read_in_any_encoding_and_with_any_separator(encoding: str, separator: str) -> None:
    grid = _grid(csv_text(TABLE, separator).encode(encoding), "รายชื่อ.csv")
    assert _texts(grid) == TABLE


def test_excel_may_say_what_parts_the_fields() -> None:
    assert _texts(_grid(b"sep=|\r\na|b,c\r\n1|2,3\r\n", "x.csv")) == [["a", "b,c"], ["1", "2,3"]]


def test_pasted_cells_keep_their_lines_and_quotes() -> None:
    grids = open_pasted('a\tb\tc\n"two\nlines"\tx "y" z\t=1+1\n\n5" pipe\t\tq\n')
    assert not isinstance(grids, FileFault)
    assert [line.number for line in grids[0].lines] == [1, 2, 4]
    assert _texts(grids[0])[1] == ["two\nlines", 'x "y" z', "=1+1"]
    assert isinstance(grids[0].lines[1].cells[3], Formula)


def test_a_stray_quotation_mark_does_not_swallow_the_list() -> None:
    lines = ["name\tpass", '"KIM DARA\tBB1', *(f"SOK {n}\tBB{n}" for n in range(100))]
    grids = open_pasted("\n".join(lines))
    assert not isinstance(grids, FileFault)
    assert len(grids[0].lines) == 102


def test_letters_that_nobody_can_read_are_refused() -> None:
    assert _code(bytes(range(256)) * 20, "x.csv") == "encoding"
    assert _code(b"a,b\n\xdb\xdc\xfd", "x.csv") == "encoding"
    assert decode("ก,ข".encode("cp874")) == "ก,ข"


# --- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("packed", "name", "code"),
    [
        (b"", "list.xlsx", "empty"),
        (b"\r\n \xef\xbb\xbf", "list.csv", "empty"),
        (b"x" * (5 * 1024 * 1024 + 1), "list.csv", "too_large"),
        (ole("Workbook"), "list.xls", "old_excel"),
        (ole("Book"), "list.xlsx", "old_excel"),
        (ole("EncryptedPackage"), "list.xlsx", "password"),
        (ole("WordDocument"), "list.xlsx", "not_excel"),
        (b"%PDF-1.7 ...", "list.pdf", "not_excel"),
        (b"%PDF-1.7 ...", "list.csv", "not_excel"),
        (b"<html><table></table></html>", "list.xls", "old_excel"),
        (b"<html><table></table></html>", "list.csv", "not_excel"),
        (b"\x89PNG\r\n\x1a\n0000", "list.xlsx", "not_excel"),
        (b"name,pass\nx,1", "list.xlsx", "not_excel"),
        (b"PK\x03\x04 broken", "list.xlsx", "damaged"),
    ],
)
def test_a_file_that_is_no_list_is_refused_by_what_it_is(packed: bytes, name: str, code: str) -> None:
    assert _code(packed, name) == code


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def test_other_packages_are_refused() -> None:
    assert _code(_zip({"word/document.xml": b"<w/>"}), "list.docx") == "not_excel"
    assert (
        _code(_zip({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "list.ods")
        == "other_sheet"
    )
    assert _code(_zip({"xl/workbook.bin": b"\x00"}), "list.xlsb") == "other_sheet"
    assert _code(_zip({"a.txt": b"x"}), "list.zip") == "not_excel"


def test_macros_are_refused_under_any_name() -> None:
    good = workbook(simple([ROW]))
    assert _code(good, "list.xlsm") == "macros"
    assert _code(repacked(good, {"xl/vbaProject.bin": b"x"})) == "macros"
    renamed = repacked(
        good,
        {
            "[Content_Types].xml": lambda xml: xml.replace(
                b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main"
            )
        },
    )
    assert _code(renamed) == "macros"


def test_bombs_are_refused_before_they_unfold() -> None:
    good = workbook(simple([ROW]))
    assert _code(repacked(good, {"xl/media/x.bin": b"\0" * 60_000_000})) == "bomb"
    assert _code(repacked(good, {"xl/media/x.bin": b"\0" * 20_000_000})) == "bomb"
    assert _code(repacked(good, {f"xl/media/{n}": b"" for n in range(300)})) == "bomb"


def test_a_part_that_lies_about_its_size_is_counted_all_the_same() -> None:
    packed = bytearray(repacked(workbook(simple([ROW])), {"xl/media/x.bin": b"\0" * 60_000_000}))
    directory = packed.rindex(b"PK\x01\x02")
    packed[directory + 24 : directory + 28] = struct.pack("<I", 10)
    assert _code(bytes(packed)) in ("bomb", "damaged")


@pytest.mark.parametrize(
    "prologue",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b"<!DOCTYPE x>",
    ],
)
@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_no_entity_and_no_document_type_gets_in(part: str, prologue: bytes) -> None:
    packed = repacked(plain_workbook([ROW]), {part: lambda xml: _after_declaration(xml, prologue)})
    assert _code(packed) == "damaged"


def _after_declaration(xml: bytes, prologue: bytes) -> bytes:
    start = xml.index(b"?>") + 2 if xml.startswith(b"<?xml") else 0
    return xml[:start] + prologue + xml[start:]


def test_two_cells_at_the_ends_of_the_sheet_cost_nothing() -> None:
    """A reader that fills the space between them would ask for half a terabyte."""
    far = b'<c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>'
    packed = repacked(workbook([["x"]]), {SHEET: lambda xml: _with_cells(xml, far)})
    assert _code(packed) == "too_many_columns"
    down = b'<c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c>'
    assert len(_grid(repacked(packed, {SHEET: lambda xml: _with_cells(xml, down)})).lines) == 2


def test_one_long_text_in_many_cells_is_kept_once() -> None:
    cells = b'<c t="s"><v>0</v></c>' * 50
    text = b"<sst><si><t>" + b"x" * 32_000 + b"</t></si></sst>"
    rows = b"</row><row>".join([cells] * 2000)
    packed = repacked(
        plain_workbook([["x"]]), {SHEET: lambda xml: _with_cells(xml, rows), "xl/sharedStrings.xml": text}
    )
    grid = _grid(packed)
    assert len({id(value) for line in grid.lines for value in line.cells.values()}) == 1


@pytest.mark.parametrize(
    "cells",
    [
        b'<c r="1A"><v>1</v></c>',
        b'<c r="A1"><v>one</v></c>',
        b'<c r="A1" t="s"><v>99</v></c>',
        b'<c r="A1" t="s"><v>x</v></c>',
        b'<c r="A1" s="99"><v>1</v></c>',
        b'<c r="A1" t="d"><v>soon</v></c>',
        b'<c r="A1"><v>1</c>',
        b'</row><row r="0"><c><v>1</v></c>',
        b'</row><row r="9999999"><c><v>1</v></c>',
    ],
)
def test_broken_cells_make_a_damaged_file_not_an_error(cells: bytes) -> None:
    assert _code(repacked(workbook([["x"]]), {SHEET: lambda xml: _with_cells(xml, cells)})) == "damaged"


def test_missing_parts_make_a_damaged_file() -> None:
    assert (
        _code(_zip({"xl/workbook.xml": b"<workbook><sheets><sheet name='a'/></sheets></workbook>"}))
        == "damaged"
    )
    good = workbook(simple([ROW]))
    assert (
        _code(
            repacked(
                good, {"xl/_rels/workbook.xml.rels": lambda xml: xml.replace(b"sheet1.xml", b"gone.xml")}
            )
        )
        == "damaged"
    )


def test_long_and_broad_lists_are_refused_quickly() -> None:
    begun = time.perf_counter()
    assert _code(long_workbook(100_000)) in ("too_many_rows", "too_large")
    assert _code(workbook([["x"] * 61])) == "too_many_columns"
    assert _code(("a,b\n" * 30_000).encode(), "x.csv") == "too_many_rows"
    assert _code((",".join("x" * 70) + "\n").encode(), "x.csv") == "too_many_columns"
    assert _code(workbook(*[[["x"]] for _ in range(51)])) == "too_many_sheets"
    print(f"refused in {time.perf_counter() - begun:.1f} s")


# --- anything at all --------------------------------------------------------------------------------


@given(st.binary(max_size=2000), st.sampled_from(["a.xlsx", "a.csv", "a.xls", "a", "a.txt"]))
def test_any_bytes_are_read_or_refused(packed: bytes, name: str) -> None:
    assert isinstance(open_file(name, packed), tuple | FileFault)


@given(st.text(max_size=1000))
def test_any_paste_is_read_or_refused(text: str) -> None:
    assert isinstance(open_pasted(text), tuple | FileFault)


GOOD = workbook(messy(12))
GOOD_SHEET = zipfile.ZipFile(io.BytesIO(GOOD)).read(SHEET)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 30))
def test_a_workbook_with_flipped_bytes_is_read_or_refused(chance: random.Random, flips: int) -> None:
    packed = bytearray(GOOD)
    for _ in range(flips):
        packed[chance.randrange(len(packed))] = chance.randrange(256)
    assert isinstance(open_file("a.xlsx", bytes(packed)), tuple | FileFault)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 8))
def test_a_sheet_with_changed_xml_is_read_or_refused(chance: random.Random, changes: int) -> None:
    xml = bytearray(GOOD_SHEET)
    for _ in range(changes):
        at = chance.randrange(len(xml))
        xml[at : at + chance.randrange(8)] = chance.choice(
            (b"", b"<", b"</c>", b"&#0;", b"<f>1</f>", b'"', b"\xff", b"9" * 9)
        )
    assert isinstance(open_file("a.xlsx", repacked(GOOD, {SHEET: bytes(xml)})), tuple | FileFault)


def test_a_workbook_cut_short_is_damaged() -> None:
    assert _code(GOOD[: len(GOOD) // 2] + GOOD[len(GOOD) // 2 + 1 :]) == "damaged"
    assert _code(GOOD[:-30]) == "damaged"
