"""Name lists as people send them, built in code: the official form, a wide one, a messy one, and hostile files."""

import io
import random
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

import openpyxl
import xlsxwriter

from workflow.domain.namelist import ListRules

TODAY = date(2026, 11, 23)
PROVINCES = {
    "Preah Vihear": "PV",
    "Oddar Meanchey": "OM",
    "Banteay Meanchey": "BM",
    "Battambang": "BB",
    "Pailin": "PL",
    "Pursat": "PS",
    "Koh Kong": "KK",
}
RULES = ListRules(minimum_age=18, provinces=frozenset(name.lower().replace(" ", "_") for name in PROVINCES))

FAMILIES = (("KIM", "គឹម", "กึม"), ("SOK", "សុខ", "สุข"), ("CHAN", "ចាន់", "จัน"), ("KEO", "កែវ", "แก้ว"))
MEN = (
    ("DARA", "ដារ៉ា", "ดารา"),
    ("PISETH", "ពិសិដ្ឋ", "พิเสด"),
    ("VICHET", "វិចិត្រ", "วิเจ็ด"),
    ("BORA", "បូរ៉ា", "บอรา"),
)
WOMEN = (("CHENDA", "ចិន្តា", "เจ็นดา"), ("SREYPOV", "ស្រីពៅ", "สไรเพิว"), ("RATANA", "រតនា", "รัตนา"))

Value = str | int | float | date | bool | None
Row = list[Value]


class Someone:
    """An invented worker; every number is drawn from the given chance, so that a seed gives the same list."""

    def __init__(self, chance: random.Random, number: int) -> None:
        self.number = number
        self.sex = chance.choice("MF")
        family, given = chance.choice(FAMILIES), chance.choice(MEN if self.sex == "M" else WOMEN)
        self.latin, self.khmer, self.thai = (f"{a} {b}" for a, b in zip(family, given, strict=True))
        self.family, self.given = family[0], given[0]
        self.title = "Mr" if self.sex == "M" else chance.choice(("Mrs", "Miss"))
        self.birth = date(1975, 1, 1) + timedelta(days=chance.randrange(31 * 365))
        self.province = chance.choice(tuple(PROVINCES))
        self.pass_number = f"{PROVINCES[self.province]}{100_000 + number * 7919 % 900_000}"
        self.issued = date(2025, 1, 1) + timedelta(days=chance.randrange(360))
        self.expires = self.issued.replace(year=2027)

    @property
    def age(self) -> int:
        return TODAY.year - self.birth.year


def people(count: int, seed: int = 64) -> list[Someone]:
    """Invent so many workers."""
    chance = random.Random(seed)
    return [Someone(chance, number) for number in range(1, count + 1)]


def buddhist(on: date, digits: str = "0123456789") -> str:
    """Write a day as lists do, ``26/03/2530``."""
    return f"{on.day:02d}/{on.month:02d}/{on.year + 543}".translate(str.maketrans("0123456789", digits))


# --- sheets -----------------------------------------------------------------------------------------

OFFICIAL_HEADINGS = [
    "ลำดับที่", "คำนำหน้า Mr./Mrs./Miss", "ชื่อ-สกุล Name - Surname", "เพศ", "อายุ", "หมายเลข Border Pass (BP)", "หมายเหตุ",
]  # fmt: skip
WIDE_HEADINGS = [
    "ลำดับที่", "คำนำหน้า Mr./Mrs./Miss", "ชื่อ-สกุล Name - Surname", "ชื่อภาษาเขมร", "ชื่อภาษาไทย", "วันเกิด",
    "จังหวัดที่ออกบัตร", "วันออกบัตร", "วันหมดอายุ", "เพศ", "อายุ", "หมายเลข Border Pass (BP)", "หมายเหตุ",
]  # fmt: skip


def page_lines(total: int, employer: str = "สวนลำไยตัวอย่าง จำกัด") -> list[str]:
    """Give the five lines above the table of each official page."""
    return [
        "บัญชีรายชื่อแรงงานต่างด้าวสัญชาติกัมพูชาที่นายจ้าง/สถานประกอบการต้องการรับเข้ามาทำงาน",
        "ตามมาตรา 64 พระราชกำหนดการบริหารจัดการการทำงานของคนต่างด้าว พ.ศ. 2560",
        f"ชื่อนายจ้าง/สถานประกอบการ (Employer/Company) {employer}   ประเภทกิจการ (Type of Business) ปลูกลำไย",
        "ที่อยู่ (Address) 99 หมู่ 4 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140",
        f"จำนวนแรงงานต่างด้าวที่จ้างรวม {total} คน  ระยะเวลาการจ้างตั้งแต่วันที่ 1 เดือน ธันวาคม พ.ศ. 2569",
    ]


def paged(
    headings: Sequence[str], rows: Sequence[Row], employers: Sequence[str] = ("สวนลำไยตัวอย่าง จำกัด",)
) -> list[Row]:
    """Lay rows out on official pages of ten, each with its heading and a line to sign on."""
    sheet: list[Row] = []
    for page, start in enumerate(range(0, len(rows), 10)):
        sheet += [[line] for line in page_lines(len(rows), employers[page % len(employers)])]
        sheet += [list(headings), *rows[start : start + 10]]
        sheet += [["ลงชื่อ ........................ นายจ้าง/สถานประกอบการ"], []]
    return sheet


def official(count: int = 40, seed: int = 64) -> list[Row]:
    """The official list of seven columns, page after page."""
    rows: list[Row] = [
        [p.number, p.title, p.latin, p.sex, p.age, p.pass_number, None] for p in people(count, seed)
    ]
    return paged(OFFICIAL_HEADINGS, rows)


def wide(count: int = 40, seed: int = 65) -> list[Row]:
    """The official list with the columns that the papers need."""
    rows: list[Row] = [
        [p.number, p.title, p.latin, p.khmer, p.thai, buddhist(p.birth), p.province, buddhist(p.issued),
         buddhist(p.expires), p.sex, p.age, p.pass_number, None]
        for p in people(count, seed)
    ]  # fmt: skip
    return paged(WIDE_HEADINGS, rows)


MESSY_HEADINGS = ["BP no.", "ชื่อ (Eng)", "ชื่อเขมร", "sex", "เกิด", "หมดอายุบัตร", "จังหวัด", "note"]
THAI_DIGITS = "๐๑๒๓๔๕๖๗๘๙"


def messy(count: int = 60, seed: int = 66) -> list[Row]:
    """A list of an employer's own, everything written in several ways, with five bad rows at its end."""
    sheet: list[Row] = [["รายชื่อคนงาน (แก้ไขล่าสุด)"], [], list(MESSY_HEADINGS)]
    sexes = {"M": ("M", "ชาย", "ប្រុស"), "F": ("F", "หญิง", "ស្រី")}
    for n, p in enumerate(people(count, seed)):
        births: tuple[Value, ...] = (
            p.birth,
            f"{p.birth.day}/{p.birth.month}/{p.birth.year}",
            buddhist(p.birth, THAI_DIGITS),
            str(p.birth.year),
        )
        number = (
            f" {p.pass_number[:2].lower()} {p.pass_number[2:5]}-{p.pass_number[5:]} "
            if n % 9 == 1
            else p.pass_number
        )
        name = p.latin.title() + "  " if n % 9 == 2 else p.latin
        note = ('=HYPERLINK("http://127.0.0.1/x","click")', 'ขอด่วน <b>x</b> & "q"', None, None)[n % 4]
        sheet.append([number, name, p.khmer, sexes[p.sex][n % 3], births[n % 4], p.expires, p.province, note])
        if n % 13 == 12:
            sheet.append([])
    first = next(row for row in sheet[3:] if row)
    late, born = date(2027, 11, 20), date(1990, 1, 1)
    return [
        *sheet,
        [*first[:7], "ซ้ำ"],
        ["BB000001", "NUON SOVANN", "នួន សុវណ្ណ", "M", date(2012, 5, 1), late, "Battambang", None],
        [None, "NO PASS", "គ្មាន", "M", born, None, "Battambang", None],
        ["PL123456", "EXPIRED PASS", "ផុត កំណត់", "M", born, date(2024, 1, 1), "Pailin", None],
        ["SR123456", "WRONG PROVINCE", "ខុស ខេត្ត", "F", born, late, "Siem Reap", None],
    ]


def simple(rows: Iterable[Row], headings: Sequence[str] = ("Name", "Sex", "Border Pass no.")) -> list[Row]:
    """A bare list: a line of headings and the given rows."""
    return [list(headings), *rows]


# --- files ------------------------------------------------------------------------------------------


def workbook(
    *sheets: Sequence[Row],
    merges: Sequence[str] = (),
    hidden_rows: Sequence[int] = (),
    hidden_sheets: Sequence[int] = (),
    formats: Mapping[str, str] | None = None,
) -> bytes:
    """Save sheets as Excel does; text that begins with ``=`` becomes a live formula."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet{number + 1}")
        for row in rows:
            sheet.append(row)
        for area in merges:
            sheet.merge_cells(area)
        for hidden in hidden_rows:
            sheet.row_dimensions[hidden].hidden = True
        for cell, code in (formats or {}).items():
            sheet[cell].number_format = code
        if number in hidden_sheets:
            sheet.sheet_state = "hidden"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def plain_workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """Save texts as most programs do, each text kept once and pointed to."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
    return packed.getvalue()


def long_workbook(count: int) -> bytes:
    """A list of so many workers, its XML written by hand to be quick."""
    headings = ["No.", "Name", "Khmer name", "Sex", "Date of birth", "Province", "Pass no."]
    lines = [_xml_row(headings)]
    for n in range(1, count + 1):
        family, given = FAMILIES[n % 4], MEN[n % 3]
        born = f"{n % 28 + 1}/{n % 12 + 1}/2530"
        name, khmer = f"{family[0]} {given[0]}", f"{family[1]} {given[1]}"
        lines.append(_xml_row([str(n), name, khmer, "M", born, "Pailin", f"PL{1_000_000 + n}"]))
    sheet = f"<worksheet><sheetData>{''.join(lines)}</sheetData></worksheet>"
    return repacked(plain_workbook([["x"]]), {"xl/worksheets/sheet1.xml": sheet.encode()})


def _xml_row(texts: Sequence[str]) -> str:
    return "<row>" + "".join(f'<c t="str"><v>{text}</v></c>' for text in texts) + "</row>"


def csv_text(rows: Sequence[Row], separator: str = ",") -> str:
    """Write rows as a delimited text, quoting where a field needs it."""

    def field(value: Value) -> str:
        text = "" if value is None else buddhist(value) if isinstance(value, date) else str(value)
        quoted = any(c in text for c in (separator, '"', "\n"))
        return '"' + text.replace('"', '""') + '"' if quoted else text

    return "\r\n".join(separator.join(field(value) for value in row) for row in rows) + "\r\n"


def repacked(packed: bytes, changes: Mapping[str, Callable[[bytes], bytes] | bytes]) -> bytes:
    """Pack a workbook again with parts changed or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for name in old.namelist():
            change = changes.get(name)
            content = old.read(name)
            again.writestr(
                name, change(content) if callable(change) else content if change is None else change
            )
        for name, change in changes.items():
            if name not in old.namelist() and isinstance(change, bytes):
                again.writestr(name, change)
    return out.getvalue()


def ole(stream: str) -> bytes:
    """The beginning of an old container with one stream named in its directory."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + stream.encode("utf-16-le") + b"\0" * 512
