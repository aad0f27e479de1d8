"""Writes the sheets that go back to an employer: what was found row by row, and the list to be mended.

Every cell is written as text, and nothing in it can wake up as a formula. The headings of the sheet for mending
are fixed in Thai and English, so that it can be read again whatever the language of the screen.
"""

import io
from collections.abc import Callable, Iterable, Sequence

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from forms.grid import FileFault
from forms.namelist import Reading
from workflow.domain.namelist import FIELDS, Finding, FindingKind, ListRow, Outcome
from workflow.domain.provinces import place_name
from workflow.domain.thai import BUDDHIST_OFFSET, numeric_date
from workflow.domain.words import N_

Words = Callable[[str], str]
"""Translates an English sentence of ours into the reader's language."""

OUTCOME_LABELS = {
    Outcome.ACCEPTED: N_("Accepted"),
    Outcome.HELD: N_("Held, to be mended"),
    Outcome.REFUSED: N_("Not taken"),
}
KIND_LABELS = {
    FindingKind.HELD: N_("To be mended"),
    FindingKind.WARNING: N_("To be looked at"),
    FindingKind.REFUSED: N_("Not taken"),
}
_REPORT_HEADINGS = (
    N_("Row"),
    N_("Cell"),
    N_("Name"),
    N_("Border pass number"),
    N_("Result"),
    N_("What was found"),
)
_REPORT_TITLE = N_("What was found in the name list")
_MENDING_TITLE = N_("Name list to be mended")
_LEGEND = N_("Orange: must be mended. Yellow: still missing. Send this file again; no worker is doubled.")

_MENDING_COLUMNS = (
    ("origin_row", "แถวเดิม / Original row", 9),
    ("title", "คำนำหน้า / Title", 9),
    ("name_latin", "ชื่อ-สกุล (อังกฤษ) / Name (English)", 26),
    ("name_khmer", "ชื่อภาษาเขมร / Khmer name", 22),
    ("name_thai", "ชื่อภาษาไทย / Thai name", 22),
    ("sex", "เพศ / Sex (M, F)", 8),
    ("birth", "วันเดือนปีเกิด / Date of birth", 14),
    ("age", "อายุ / Age", 7),
    ("pass_number", "หมายเลขบัตรผ่านแดน / Border pass no.", 18),
    ("pass_province", "จังหวัดที่ออกบัตร / Issuing province", 18),
    ("pass_issued_on", "วันที่ออกบัตร / Date of issue", 14),
    ("pass_expires_on", "วันหมดอายุบัตร / Expiry date", 14),
    ("phone", "โทรศัพท์ / Phone", 14),
    ("remark", "หมายเหตุ / Remark", 24),
    ("to_mend", "ต้องแก้ / To mend", 60),
)


def sentence(said: Finding | FileFault, words: Words) -> str:
    """Say a finding or a fault of the file in the reader's language."""
    params = {name: words(str(value)) if name == "field" else value for name, value in said.params.items()}
    return words(said.text) % params


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet might take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def report_workbook(reading: Reading, words: Words) -> bytes:
    """Write what became of each row and why, one line for each finding, in the order of the sheet."""
    lines = [line for row in reading.rows for line in _report_lines(reading, row, words)]
    lines += [
        ("", "", "", "", words(N_("File")), sentence(said, words))
        for said in (*reading.faults, *reading.notes)
    ]
    file, sheet = Workbook.open(words(_REPORT_TITLE)[:31], (8, 8, 28, 18, 22, 70))
    sheet.write([words(_REPORT_TITLE)], bold=True)
    sheet.write([words(heading) for heading in _REPORT_HEADINGS], bold=True)
    for line in lines:
        sheet.write(line)
    return file()


def _report_lines(reading: Reading, row: ListRow, words: Words) -> Iterable[tuple[str, ...]]:
    who = (row.name or "", row.pass_number or "")
    found = reading.found_in(row.row)
    if not found:
        yield (str(row.row), "", *who, words(OUTCOME_LABELS[Outcome.ACCEPTED]), "")
    for finding in found:
        yield (
            str(row.row),
            finding.cell or "",
            *who,
            words(KIND_LABELS[finding.kind]),
            sentence(finding, words),
        )


def mending_workbook(reading: Reading, words: Words, *, held_only: bool = False) -> bytes:
    """Write the list again with what is known filled in and the gaps coloured, ready to be sent once more.

    With ``held_only`` the accepted rows are left out. Refused rows stay, since a mistyped cell may be why.
    """
    becomes = reading.outcomes
    rows = [row for row in reading.rows if not held_only or becomes[row.row] is not Outcome.ACCEPTED]
    file, sheet = Workbook.open(
        words(_MENDING_TITLE)[:31], [width for _, _, width in _MENDING_COLUMNS], freeze=3
    )
    sheet.write([words(_MENDING_TITLE)], bold=True)
    sheet.write([words(_LEGEND)])
    sheet.write([heading for _, heading, _ in _MENDING_COLUMNS], bold=True)
    for row in rows:
        sheet.write(*_mending_line(reading, row, words))
    return file()


def _mending_line(reading: Reading, row: ListRow, words: Words) -> tuple[list[str], list[str]]:
    found = reading.found_in(row.row)
    wrong = {f.field for f in found if f.kind is not FindingKind.WARNING}
    written = {f.field: str(f.params["written"]) for f in found if "written" in f.params}
    said = "; ".join(sentence(finding, words) for finding in found)
    values = {name: _shown(row, name) or written.get(name, "") for name in FIELDS}
    values |= {"origin_row": str(row.row), "to_mend": said}
    names = [name for name, _, _ in _MENDING_COLUMNS]
    return [values[name] for name in names], [_colour(name, row, wrong) for name in names]


def _colour(name: str, row: ListRow, wrong: set[str | None]) -> str:
    if name in wrong:
        return "wrong"
    return "missing" if name in row.missing else ""


def _shown(row: ListRow, name: str) -> str:
    if name == "birth":
        if row.birth_on:
            return numeric_date(row.birth_on)
        return str(row.birth_year + BUDDHIST_OFFSET) if row.birth_year else ""
    value = getattr(row, name)
    if name == "pass_province":
        return place_name(value)
    if name in ("pass_issued_on", "pass_expires_on"):
        return numeric_date(value) if value else ""
    return "" if value is None else str(value)


class Workbook:
    """A sheet being written line by line, so that a long list needs little memory."""

    def __init__(self, sheet: Worksheet, looks: dict[str, Format]) -> None:
        self._sheet = sheet
        self._looks = looks
        self._line = 0

    @classmethod
    def open(cls, title: str, widths: Sequence[int], freeze: int = 2) -> tuple[Callable[[], bytes], "Workbook"]:
        """Open a workbook with one sheet; gives what closes it and hands over its bytes."""
        packed = io.BytesIO()
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(packed, options)
        sheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'") or None)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(freeze, 0)

        def finish() -> bytes:
            book.close()
            return packed.getvalue()

        return finish, cls(sheet, _looks(book))

    def write(self, texts: Sequence[str], looks: Sequence[str] = (), *, bold: bool = False) -> None:
        """Write one line of texts."""
        for column, text in enumerate(texts):
            look = self._looks["bold" if bold else looks[column] if looks else ""]
            if text:
                self._sheet.write_string(self._line, column, guarded(text), look)
            else:
                self._sheet.write_blank(self._line, column, None, look)
        self._line += 1


def _looks(book: xlsxwriter.Workbook) -> dict[str, Format]:
    plain = {"num_format": "@", "valign": "top", "text_wrap": True}
    return {
        "": book.add_format(plain),
        "bold": book.add_format({**plain, "bold": True}),
        "wrong": book.add_format({**plain, "bg_color": "#F7B267", "border": 1}),
        "missing": book.add_format({**plain, "bg_color": "#FFF3B0", "border": 1}),
    }
