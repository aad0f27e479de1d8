"""Writes the sheets of taking over: the empty one to be filled in, and what was found row by row."""

from collections.abc import Iterable, Mapping

from forms.listfile import KIND_LABELS, OUTCOME_LABELS, Words, Workbook, sentence
from forms.takeover import Sheet
from workflow.domain.namelist import Finding, Outcome
from workflow.domain.words import N_

COLUMNS = (
    ("name_latin", "ชื่อ-สกุล (อังกฤษ) / Name", 26),
    ("name_khmer", "ชื่อภาษาเขมร / Khmer name", 22),
    ("sex", "เพศ / Sex (M, F)", 8),
    ("birth", "วันเดือนปีเกิด / Date of birth", 14),
    ("pass_number", "เลขที่บัตรผ่านแดน / Border pass no.", 18),
    ("pass_expires_on", "วันหมดอายุบัตรผ่านแดน / Border pass expiry date", 16),
    ("employer_number", "เลขทะเบียนนายจ้าง 13 หลัก / Employer number", 20),
    ("employer_name", "ชื่อนายจ้าง / Employer", 26),
    ("permit_book", "เล่มที่ / Permit book", 10),
    ("permit_number", "เลขที่ใบอนุญาต / Permit number", 16),
    ("foreigner_number", "เลขประจำตัวคนต่างด้าว / Foreigner number", 20),
    ("valid_from", "อนุญาตตั้งแต่วันที่ / Valid from", 14),
    ("valid_until", "อนุญาตถึงวันที่ / Valid until", 14),
    ("job", "ตำแหน่ง / Position", 18),
    ("workplace", "สถานที่ทำงาน / Workplace", 30),
    ("gate", "ด่าน / Gate", 14),
    ("stay_until", "อยู่ได้ถึง / Stay until", 14),
)
"""The headings are fixed in Thai and English, so that the sheet is read again whatever the language of the screen."""
_TITLE = N_("Running paper permits")
_REPORT = N_("What was found in the sheet")
_HEADINGS = (N_("Row"), N_("Cell"), N_("Name"), N_("Permit number"), N_("Result"), N_("What was found"))


def empty_workbook(words: Words) -> bytes:
    """Write the empty sheet with its headings."""
    file, sheet = Workbook.open(words(_TITLE)[:31], [width for _, _, width in COLUMNS])
    sheet.write([words(_TITLE)], bold=True)
    sheet.write([heading for _, heading, _ in COLUMNS], bold=True)
    return file()


def report_workbook(
    sheet: Sheet, findings: Iterable[Finding], becomes: Mapping[int, Outcome], words: Words
) -> bytes:
    """Write what becomes of each row and why, one line for each finding."""
    file, page = Workbook.open(words(_REPORT)[:31], (8, 8, 28, 18, 22, 70))
    page.write([words(_REPORT)], bold=True)
    page.write([words(heading) for heading in _HEADINGS], bold=True)
    found = list(findings)
    for row in sheet.rows:
        who = (row.name or "", row.permit_number or "")
        mine = [one for one in found if one.row == row.row]
        if not mine:
            page.write((str(row.row), "", *who, words(OUTCOME_LABELS[becomes[row.row]]), ""))
        for one in mine:
            page.write(
                (str(row.row), one.cell or "", *who, words(KIND_LABELS[one.kind]), sentence(one, words))
            )
    return file()
