"""Reads an office's sheet of running paper permits: headings in Thai, English or Khmer wherever they stand."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from forms.grid import FileFault, Grid, Line, Refused, Value, column_letters, value_text
from forms.headings import LONGEST_HEADING, heading_key, meaning_of
from forms.listcells import Read, Unread, holds_no_value, is_nothing, read_cell, read_day, unguarded
from forms.listfacts import is_page_line
from forms.listkept import Kept, finding_of, plain, with_days
from forms.sheet import open_file, open_pasted
from workflow.domain.namelist import Finding, FindingKind
from workflow.domain.names import Script, clean_text
from workflow.domain.takeover import FIELDS, PaperPermit
from workflow.domain.words import N_

MOST_ROWS = 5_000
FEWEST_HEADINGS = 5
NEEDED_HEADINGS = frozenset({"pass_number", "permit_number"})

_NO_HEADINGS = N_(
    "No line of headings was found. The sheet needs headings such as border pass number and permit number."
)
_NO_ROWS = N_("The sheet has headings but no permit below them.")
_TOO_MANY = N_("The sheet has too many rows: at most %(most)s. Divide it into several sheets.")
_SAME = N_("Columns %(first)s and %(second)s both look like “%(field)s”. Leave only one of them.")
_GATE = N_("“%(written)s” is not known as a gate.")
_TOO_LONG = N_("“%(field)s” is too long: at most %(most)s letters and digits.")

_OWN: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile("|".join(patterns)))
    for name, *patterns in (
        ("employer_number", r"(?:เลข|หมายเลข).{0,20}(?:นายจ้าง|นิติบุคคล|ผู้เสียภาษี|สถานประกอบ)|(?:นายจ้าง|สถานประกอบการ).{0,4}เลข",
         r"(?:employer|company|tax|registration).{0,14}(?:no|number|id)$", r"លេខ.{0,20}(?:និយោជក|ក្រុមហ៊ុន)"),
        ("employer_name", r"นายจ้าง|สถานประกอบการ|บริษัท", r"employer|company|establishment", r"និយោជក|ក្រុមហ៊ុន"),
        ("foreigner_number", r"(?:เลข|หมายเลข).{0,12}(?:คนต่างด้าว|ต่างด้าว)|เลข.{0,8}13หลัก", r"foreigner|alienid|alienno",
         r"លេខ.{0,16}ជនបរទេស"),
        ("stay_until", r"(?:อยู่|พำนัก).{0,20}(?:ถึง|สิ้นสุด)|อนุญาตให้อยู่", r"stay", r"ស្នាក់នៅ"),
        ("permit_book", r"เล่ม", r"book", r"លេខក្បាល|ក្បាល"),
        ("valid_from", r"ตั้งแต่|วันเริ่ม|เริ่มต้น|(?:ใบอนุญาต|อนุญาต).{0,12}เริ่ม", r"validfrom|permitfrom|^from$|startdate|validsince",
         r"ចាប់ពី|គិតពី"),
        ("valid_until", r"(?:ใบอนุญาต|อนุญาต).{0,24}(?:ถึง|สิ้นสุด|หมดอายุ)|^ถึง|^สิ้นสุด$",
         r"valid(?:until|to|till)$|permit(?:until|to|end)", r"permit.{0,8}expir|^until$|^to$",
         r"អនុញ្ញាត.{0,20}(?:ដល់|ផុត)|^ដល់"),
        ("permit_number", r"ใบอนุญาต", r"permit", r"អនុញ្ញាត"),
        ("workplace", r"(?:สถานที่|ที่)ทำงาน", r"workplace|placeofwork|worksite", r"កន្លែងធ្វើការ"),
        ("job", r"ตำแหน่ง|ลักษณะงาน|ประเภทงาน|อาชีพ|^งาน$", r"position|^job|occupation|^work$|typeofwork", r"មុខរបរ|^ការងារ"),
        ("gate", r"ด่าน|จุดผ่านแดน|จุดผ่อนปรน", r"gate|checkpoint|bordercrossing", r"ច្រក"),
    )
)  # fmt: skip
_OF_PASS = re.compile(r"borderpass|(?:บัตร|หนังสือ)ผ่านแดน|ឆ្លងដែន|^pass|^bp")
_SHARED = frozenset({"sex", "birth", "pass_number", "pass_expires_on"})
_DATES = ("valid_from", "valid_until", "stay_until")
_LONGEST = {"workplace": 500, "job": 200, "employer_name": 200}
_LONGEST_NUMBER = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as read: its permits, what could not be read, the letter of each column; faults refuse it whole."""

    filename: str = ""
    rows: tuple[PaperPermit, ...] = ()
    unread: tuple[Finding, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[FileFault, ...] = ()

    def cell(self, name: str | None, row: int) -> str | None:
        """Name the cell of a field in a row, `C12`; nothing where the sheet has no such column."""
        letters = self.columns.get(name or "")
        return f"{letters}{row}" if letters else None


Gates = Mapping[str, Iterable[str]]
"""The gates of the ruleset by key, each with its names in every language."""


def read(filename: str, content: bytes | str, gates: Gates) -> Sheet:
    """Read a file, or cells pasted as text; never raises for what people send."""
    filename = clean_text(filename)[:200]
    grids = open_pasted(content) if isinstance(content, str) else open_file(filename, content)
    if isinstance(grids, FileFault):
        return Sheet(filename, faults=(grids,))
    try:
        return _read(filename, grids, gates)
    except Refused as refusal:
        return Sheet(filename, faults=(refusal.fault,))


def meaning(text: str) -> str | None:
    """Tell which field a heading names: what a permit has first, then what a name list has too."""
    if len(text) > LONGEST_HEADING:
        return None
    key = heading_key(text)
    shared = meaning_of(text)
    if shared and (shared.field in _SHARED and (_OF_PASS.search(key) or shared.field in ("sex", "birth"))):
        return shared.field
    own = next((name for name, pattern in _OWN if pattern.search(key)), None)
    if own is not None:
        return own
    if shared is None:
        return None
    if shared.field == "name":
        return f"name_{(shared.script or Script.LATIN).value}"
    return shared.field if shared.field in _SHARED else None


def _read(filename: str, grids: Sequence[Grid], gates: Gates) -> Sheet:
    found = [(grid, header) for grid in grids if not grid.hidden and (header := _header(grid))]
    if not found:
        raise Refused("no_headings", _NO_HEADINGS)
    grid, (number, columns) = found[0]
    lines = [line for line in grid.lines if line.number > number and _names_a_permit(line, columns)]
    if not lines:
        raise Refused("no_rows", _NO_ROWS)
    if len(lines) > MOST_ROWS:
        raise Refused("too_many_rows", _TOO_MANY, most=MOST_ROWS)
    read_lines = [_line(line, columns, gates) for line in lines]
    letters = {name: column_letters(column) for column, name in sorted(columns.items(), reverse=True)}
    unread = tuple(
        Finding(
            FindingKind.WARNING if one.warns else FindingKind.HELD,
            one.code,
            row.row,
            one.text,
            one.params,
            one.field,
        )
        for row, faults in read_lines
        for one in faults
    )
    return Sheet(filename, tuple(row for row, _ in read_lines), unread, letters)


def _header(grid: Grid) -> tuple[int, dict[int, str]] | None:
    """Find the first line that has enough headings; on later pages it may come again."""
    for line in grid.lines:
        told = {column: name for column in line.cells if (name := meaning(line.text(column)))}
        names = set(told.values())
        if len(names) >= FEWEST_HEADINGS and names >= NEEDED_HEADINGS:
            return line.number, _once(told)
    return None


def _once(told: Mapping[int, str]) -> dict[int, str]:
    """Only one column may claim a field; the scripts of a name are told apart by their letters anyway."""
    columns: dict[str, int] = {}
    for column, name in sorted(told.items()):
        if name in columns and not name.startswith("name_"):
            first, second = column_letters(columns[name]), column_letters(column)
            raise Refused("same_heading", _SAME, first=first, second=second, field=FIELDS[name])
        columns.setdefault(name, column)
    return dict(told)


def _names_a_permit(line: Line, columns: Mapping[int, str]) -> bool:
    texts = [line.text(column) for column in sorted(line.cells)]
    told = [line.text(column) for column in columns if not is_nothing(line.text(column))]
    again = sum(meaning(text) is not None for text in texts) >= FEWEST_HEADINGS
    return len(told) > 2 and not again and not is_page_line(texts)


# --- one line ---------------------------------------------------------------------------------------


def _line(line: Line, columns: Mapping[int, str], gates: Gates) -> tuple[PaperPermit, list[Unread]]:
    into = Read()
    for column, name in sorted(columns.items()):
        value = line.cells.get(column)
        if value is None or is_nothing(value_text(value)):
            continue
        if name in _SHARED or name.startswith("name_"):
            read_cell(into, name, value)
        else:
            _own(into, name, value, gates)
    known = {one.name for one in fields(PaperPermit)}
    return PaperPermit(row=line.number, **{k: v for k, v in into.values.items() if k in known}), into.unread


def _own(into: Read, name: str, value: Value, gates: Gates) -> None:
    if holds_no_value(into, name, value):
        return
    if name in _DATES:
        read_day(into, name, value)
    elif name == "gate":
        _gate(into, value_text(value), gates)
    else:
        _text(into, name, clean_text(unguarded(value_text(value))))


def _text(into: Read, name: str, written: str) -> None:
    most = _LONGEST.get(name, _LONGEST_NUMBER)
    if len(written) > most:
        into.fail(name, "too_long", _TOO_LONG, field=FIELDS[name], most=most)
    else:
        into.values[name] = written or None


def _gate(into: Read, written: str, gates: Gates) -> None:
    """A gate is known by its key or a name in any language, written short or with its district."""
    key = heading_key(written)
    for gate, names in gates.items():
        known = [heading_key(name) for name in (gate.replace("_", " "), *names)]
        if any(key and (key in name or name in key) for name in known):
            into.values["gate"] = gate
            return
    into.fail("gate", "gate_unknown", _GATE, warns=True, written=clean_text(written)[:60])


# --- kept until it is confirmed ---------------------------------------------------------------------

_DAYS = frozenset({"birth_on", "pass_expires_on", "valid_from", "valid_until", "stay_until"})


def to_json(sheet: Sheet) -> Kept:
    """Give a sheet as plain values; empty ones are left out."""
    return {
        "filename": sheet.filename,
        "columns": dict(sheet.columns),
        "rows": [plain(row) for row in sheet.rows],
        "unread": [plain(one) for one in sheet.unread],
    }


def from_json(kept: Mapping[str, Any]) -> Sheet:
    """Read a kept sheet back; raises ValueError for values of another shape."""
    try:
        return Sheet(
            filename=kept["filename"],
            rows=tuple(PaperPermit(**with_days(row, _DAYS)) for row in kept["rows"]),
            unread=tuple(map(finding_of, kept["unread"])),
            columns=kept["columns"],
        )
    except (KeyError, TypeError, AttributeError) as broken:
        raise ValueError("this is no kept sheet") from broken
