"""Knows the headings of name lists in Thai, English and Khmer, and finds the line of headings in a sheet."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from forms.grid import MOST_COLUMNS, Grid, Line, Refused, column_letters, value_text
from workflow.domain.namelist import FIELDS
from workflow.domain.names import Script, clean_khmer, clean_text, clean_thai
from workflow.domain.thai import arabic_digits
from workflow.domain.words import N_

LONGEST_HEADING = 90

_TWO_HEADINGS = N_("Row %(second)s has other headings than row %(first)s. Send one list in one file.")
_SAME_HEADING = N_("Columns %(first)s and %(second)s both look like “%(field)s”. Leave only one of them.")


class Part(StrEnum):
    """Which part of a name a column holds."""

    FULL = "full"
    FAMILY = "family"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading says of its column: the field, and for names the script and part if it tells them."""

    field: str
    script: Script | None = None
    part: Part = Part.FULL


@dataclass(frozen=True, slots=True)
class Header:
    """The line (or two) of headings: what each column means, and the headings that say nothing to us.

    ``texts`` has every heading as it stands.
    """

    first: int
    last: int
    meanings: Mapping[int, Meaning]
    unknown: Mapping[int, str]
    texts: Mapping[int, str]

    def column(self, field: str) -> int | None:
        """Give the first column of a field."""
        return next((column for column, meaning in self.meanings.items() if meaning.field == field), None)

    def columns(self, field: str) -> tuple[int, ...]:
        """Give every column of a field, from left to right."""
        return tuple(sorted(column for column, meaning in self.meanings.items() if meaning.field == field))

    @property
    def fields(self) -> frozenset[str]:
        """Name the fields that have a column."""
        return frozenset(meaning.field for meaning in self.meanings.values())


# --- what one heading means -------------------------------------------------------------------------


def heading_key(text: str) -> str:
    """Squeeze a heading to its letters and digits, so that spaces, points and dashes do not matter."""
    folded = unicodedata.normalize("NFKC", text)
    folded = clean_khmer(clean_thai(arabic_digits(folded))).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LMN" or c == "#")


_OF_BORDER_PASS = re.compile(r"borderpass|(?:บัตร|หนังสือ|ใบ)ผ่านแดน|ប័ណ្ណឆ្លងដែន|បណ្ណឆ្លងដែន|សៀវភៅឆ្លងដែន|^bp")
_ELSEWHERE = re.compile(
    r"จุดผ่านแดน|ด่าน|checkpoint|gate$|ច្រក|นายจ้าง|สถานประกอบ|บริษัท|employer|company|บิดา|มารดา|father|mother|ឪពុក|ម្តាយ|ชื่อเล่น|nickname"
    r"|สถานที่เกิด|(?<!วัน)ที่เกิด|placeofbirth|birthplace|ទីកន្លែងកំណើត"
    r"|passport|พาสปอร์ต|หนังสือเดินทาง|លិខិតឆ្លងដែន|visa|วีซ่า|ใบอนุญาต|workpermit"
    r"|ที่อยู่|address|អាសយដ្ឋាន|ที่ทำงาน|workplace|ตำบล|อำเภอ|หมู่บ้าน|district|village|commune|ស្រុក|ឃុំ|ភូមិ"
    r"|ค่าจ้าง|wage|salary|ตำแหน่ง|position|occupation|មុខរបរ|อาชีพ|ลักษณะงาน|jobtitle"
    r"|ประจำตัว|ประชาชน|idcard|nationalid|idno|អត្តសញ្ញាណ|(?<!หมด)อายุบัตร|ลงชื่อ|ลายมือชื่อ|signature|ហត្ថលេខា|รูป|photo"
)
_FIELDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (field, re.compile("|".join(patterns)))
    for field, *patterns in (
        ("origin_row", r"แถวเดิม|originalrow"),
        ("to_mend", r"ต้องแก้|tomend"),
        ("pass_expires_on", r"หมดอายุ|สิ้นอายุ|สิ้นสุด|ใช้ได้ถึง|ถึงวันที่", r"expir|^exp|expdate|validity",
         r"valid(?:until|to|thr|till)", r"ផុតកំណត់|ផុតសុពល|សុពលភាព"),
        ("pass_issued_on", r"(?:วัน|วดป).{0,16}ออก|ออก(?:บัตร)?(?:เมื่อ|วัน)|^ออก$",
         r"dateofissue|issuedate|dateissued|issuedon|^issued?$|validfrom",
         r"ថ្ងៃ.{0,10}ចេញ|ចេញថ្ងៃ|កាលបរិច្ឆេទ.{0,6}ចេញ"),
        ("pass_province", r"จังหวัด|ออกโดย|ออกให้|ออกที่|ที่ออก|ผู้ออก", r"^prov|province|authority|issue[dr]?by|issuer",
         r"issuing|placeofissue|issueplace|issuedat", r"ខេត្ត|ចេញដោយ|កន្លែងចេញ"),
        ("birth", r"เกิด|birth|dob|^born|កំណើត"),
        ("nationality", r"สัญชาติ|nationality|citizenship|សញ្ជាតិ"),
        ("sex", r"เพศ|^sex|sex$|gender|ភេទ|^mf$|^ชญ$|^ชาย|^หญิง|^(?:fe)?male$|^ប្រុស$|^ស្រី$"),
        ("age", r"อายุ|^age|អាយុ"),
        ("phone", r"โทร|เบอร์|มือถือ|phone|^tel|mobile|ទូរស័ព្ទ"),
        ("title", r"คำนำ|^title|prefix|^mrmrs|^mrms|^mrmiss|^นายนาง|salutation|គោរមងារ|ងារ$|ពាក្យនាំ"),
        ("pass_number", r"borderpass|(?:บัตร|หนังสือ|ใบ)ผ่านแดน|เลข.{0,4}ผ่านแดน|ឆ្លងដែន",
         r"^bp|bp$|bpno|^pass|pass(?:no|number|id)|^noofpass", r"(?:เลข|เลขที่|หมายเลข)(?:บัตร|เอกสาร|พาส)|^บัตร",
         r"(?:card|document)(?:no|number)|docno", r"លេខប័ណ្ណ|លេខបណ្ណ|លេខសៀវភៅ|លេខឯកសារ"),
        ("number", r"^ลำดับ|^ลร$|^ที่$|^ข้อ$", r"^no$|^number$|^#|^item|^seq|^sn$|^nr$|^row$|^order$",
         r"^លរ|^លេខរៀង|^ល$"),
        ("remark", r"หมายเหตุ|^อื่น|บันทึก|^note|remark|comment|ផ្សេង|សម្គាល់|សំគាល់"),
    )
)  # fmt: skip
_NAME = re.compile(r"ชื่อ|^นาม$|สกุล|name|ឈ្មោះ|នាម|គោត្តនាម")
_SCRIPTS = (
    (Script.KHMER, re.compile(r"เขมร|กัมพูชา|khmer|cambodia|(?:^name|name|ชื่อ|ឈ្មោះ)kh$|ខ្មែរ|^kh$|^km$")),
    (Script.THAI, re.compile(r"ไทย|thai|ថៃ|nameth$|^th$")),
    (Script.LATIN, re.compile(r"อังกฤษ|english|eng$|^eng|latin|roman|ឡាតាំង|អង់គ្លេស|nameen$|^en$|ชื่อen$")),
)
_FAMILY = re.compile(r"สกุล|surname|sername|familyname|lastname|ត្រកូល|គោត្តនាម")
_GIVEN = re.compile(r"ชื่อตัว|ชื่อจริง|firstname|givenname|forename|នាមខ្លួន|^given|^first")
_WHOLE = re.compile(
    r"ชื่อ.{0,12}สกุล|ชื่อเต็ม|fullname|name.{0,4}(?:surname|sername|lastname|family)"
    r"|(?:first|given)name.{0,4}(?:surname|lastname|familyname)|(?:surname|lastname|familyname).{0,4}(?:first|given)?name"
    r"|ឈ្មោះពេញ|គោត្តនាម.{0,4}នាម|នាមត្រកូល.{0,6}នាមខ្លួន"
)
_WOMAN = re.compile(r"หญิง|female|woman|ស្រី")
_MAN = re.compile(r"ชาย|(?<!fe)male|(?<!wo)man|ប្រុស")
_LANGUAGE_ONLY = re.compile(
    r"^(?:ภาษา|ភាសា)?(?:เขมร|กัมพูชา|khmer|ខ្មែរ|ไทย|thai|ថៃ|อังกฤษ|english|eng|latin|អង់គ្លេស|ឡាតាំង)$"
)


def meaning_of(text: str) -> Meaning | None:
    """Tell what a heading means; nothing if we do not know it."""
    if len(text) > LONGEST_HEADING:
        return None
    key = heading_key(text)
    if _ELSEWHERE.search(key) and not _OF_BORDER_PASS.search(key):
        return None
    for field, pattern in _FIELDS:
        if pattern.search(key):
            return Meaning(_one_sex(key) if field == "sex" else field)
    if _NAME.search(key) or _LANGUAGE_ONLY.search(key):
        return Meaning("name", _script_named(key), _part_named(key))
    return None


def _one_sex(key: str) -> str:
    """Tell a column to be ticked for men or for women from one where the sex is written."""
    woman, man = bool(_WOMAN.search(key)), bool(_MAN.search(key))
    return "sex" if woman == man else "sex_f" if woman else "sex_m"


def _script_named(key: str) -> Script | None:
    return next((script for script, pattern in _SCRIPTS if pattern.search(key)), None)


def _part_named(key: str) -> Part:
    if _WHOLE.search(key):
        return Part.FULL
    if _FAMILY.search(key):
        return Part.FAMILY
    return Part.GIVEN if _GIVEN.search(key) else Part.FULL


# --- finding the line of headings -------------------------------------------------------------------

_BELOW_HEADING = re.compile(
    r"^(?:mr|mrs|miss|ms|bp|name|surname|sername|eng|english|latin|khmer|thai|first|last|given|family|no|number|date"
    r"|day|month|year|dd|mm|yyyy|yy|m|f|male|female|ไทย|เขมร|อังกฤษ|ภาษา|วัน|เดือน|ปี|เลขที่|ที่|ออก|โดย|ชาย|หญิง|คน|พศ|คศ"
    r"|ថ្ងៃ|ខែ|ឆ្នាំ|ខ្មែរ|លេខ)+$"
)


def find_headers(grid: Grid) -> list[Header]:
    """Find every line of headings of a sheet in order; an official list repeats it on each page."""
    spans = {
        (merge.top, column): merge.left
        for merge in grid.merges
        for column in range(merge.left, min(merge.right, MOST_COLUMNS) + 1)
    }
    found: list[Header] = []
    lines = grid.lines
    position = 0
    while position < len(lines):
        header = _header_at(lines, position, spans)
        if header is not None:
            found.append(header)
        position += 1 if header is None or header.first == header.last else 2
    return found


def _header_at(lines: Sequence[Line], position: int, spans: Mapping[tuple[int, int], int]) -> Header | None:
    line = lines[position]
    if not _could_be_headings(line):
        return None
    single = _read_headings(line, {column: line.text(column) for column in line.cells})
    below = lines[position + 1] if position + 1 < len(lines) else None
    if below is None or below.number != line.number + 1 or not _continues(below):
        return single
    double = _read_headings(line, _joined(line, below, spans), last=below.number)
    if double and (single is None or _known(double) >= _known(single)):
        return double
    return single


_NO_HEADING = re.compile(
    r"\s*[A-Za-z]{0,4}[ .-]?[0-9]{4,}.*|\s*[0-9]{1,4}([/.-][0-9]{1,4}){2}\s*|'.*|\s*[0-9]+\s*"
)


def _could_be_headings(line: Line) -> bool:
    """Leave out at once what has numbers, days or a pass number in it, which is nearly every line."""
    values = line.cells.values()
    if len(values) < 2 or any(type(value) is not str for value in values):
        return False
    return not any(_NO_HEADING.fullmatch(str(value)) for value in values)


def _known(header: Header) -> frozenset[str]:
    return frozenset(field[:3] if field.startswith("sex") else field for field in header.fields)


def _continues(line: Line) -> bool:
    """Tell whether a line can be the lower half of the headings: words only, no worker."""
    texts = [value_text(value) for value in line.cells.values()]
    return all(isinstance(value, str) for value in line.cells.values()) and all(map(_is_heading_word, texts))


def _is_heading_word(text: str) -> bool:
    if len(text) > LONGEST_HEADING or re.search(r"\d{4}", text):
        return False
    return bool(_BELOW_HEADING.match(heading_key(text))) or meaning_of(text) is not None


def _joined(line: Line, below: Line, spans: Mapping[tuple[int, int], int]) -> dict[int, str]:
    """Join each heading with the one below it; a heading above several columns belongs to each of them."""
    joined: dict[int, str] = {}
    for column in sorted({*line.cells, *below.cells}):
        above = line.text(column) or line.text(spans.get((line.number, column), 0))
        if not above and column - 1 in joined and below.text(column - 1):
            above = joined[column - 1].removesuffix(below.text(column - 1)).strip()
        joined[column] = f"{above} {below.text(column)}".strip()
    return joined


def _read_headings(line: Line, texts: Mapping[int, str], last: int | None = None) -> Header | None:
    meanings = {column: meaning for column, text in texts.items() if (meaning := meaning_of(text))}
    fields = {meaning.field for meaning in meanings.values()}
    named, passed = "name" in fields, "pass_number" in fields
    several = len(fields) >= 3 and (named or passed) and 2 * len(meanings) >= len(texts)
    if not (named and passed or several):
        return None
    headings = {column: cleaned for column, text in texts.items() if (cleaned := clean_text(text))}
    unknown = {column: text for column, text in headings.items() if column not in meanings}
    return Header(line.number, last or line.number, meanings, unknown, headings)


# --- agreeing on one header -------------------------------------------------------------------------


def agree(headers: Sequence[Header]) -> Header:
    """Give the one header of a sheet; headings repeated on later pages must say the same.

    Raises :class:`forms.grid.Refused` where two lines of headings disagree or two columns claim one field.
    """
    first = headers[0]
    for other in headers[1:]:
        if any(first.meanings.get(column) != meaning for column, meaning in other.meanings.items()):
            raise Refused("two_headings", _TWO_HEADINGS, first=first.first, second=other.first)
    return _one_column_each(first)


_MANY = frozenset(("name", "remark"))
_FIRST_WINS = frozenset(("number", "phone", "nationality", "title", "origin_row", "to_mend"))
_DATES = frozenset(("birth", "pass_issued_on", "pass_expires_on"))


_OF_PASS = re.compile(r"ออก|บัตร|issu|pass|ចេញ|ប័ណ្ណ", re.IGNORECASE)
"""A plain "province" may be where someone lives; these words say that it is the pass's."""


def _one_column_each(header: Header) -> Header:
    meanings, unknown = dict(header.meanings), dict(header.unknown)
    for field in header.fields - _MANY:
        for column in _surplus(header, field):
            unknown[column] = header.texts.get(column) or column_letters(column)
            del meanings[column]
    return replace(header, meanings=meanings, unknown=unknown)


def _surplus(header: Header, field: str) -> Iterator[int]:
    """Name the columns of a field beyond the one that is read; day, month and year may stand in three."""
    columns = header.columns(field)
    if len(columns) < 2 or field in _DATES and len(columns) == 3 and columns[2] - columns[0] == 2:
        return
    exact = [column for column in columns if _OF_PASS.search(header.texts.get(column, ""))]
    if field == "pass_province" and len(exact) == 1:
        yield from (column for column in columns if column not in exact)
        return
    if field not in _FIRST_WINS:
        first, second = column_letters(columns[0]), column_letters(columns[1])
        raise Refused(
            "same_heading", _SAME_HEADING, first=first, second=second, field=FIELDS.get(field, field)
        )
    yield from columns[1:]
