"""Reads an Excel workbook (.xlsx) without trusting it: counted while unpacked, no entities, no formula run.

One streaming parser reads values, formulas, hidden rows and joined cells together, so that no second reader
can see something else in the same file; every size is bounded before the memory for it is taken.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from xml.parsers import expat

from forms.grid import (
    LONGEST_TEXT,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_LINES,
    Broken,
    Formula,
    Grid,
    Line,
    Merge,
    Refused,
    Value,
)
from workflow.domain.words import N_

MOST_PARTS = 200
MOST_SHEETS = 50
MOST_UNPACKED = 50 * 1024 * 1024
MOST_GROWTH = 50
GROWTH_COUNTS_FROM = 8 * 1024 * 1024
"""A small sheet of alike rows may well be packed fiftyfold; from here on it is a bomb."""
MOST_SEEN = 1_500_000
"""Cells and rows looked at, empty ones too."""

_DAMAGED = N_("The Excel file is damaged. Open it in Excel, save it again and send that.")
_TOO_BIG_INSIDE = N_("The file grows too large when it is unpacked. Copy the list into a new workbook.")
_MACROS = N_("The workbook holds macros. Save it as “Excel Workbook (.xlsx)” without macros.")
_PASSWORD = N_("The workbook is protected by a password. Take the password off and send it again.")
_NOT_EXCEL = N_("This is not an Excel workbook. Send the list as .xlsx or .csv, or paste its cells.")
_OTHER_SHEET = N_("This kind of workbook cannot be read. Save it as “Excel Workbook (.xlsx)”.")
_TOO_MANY_ROWS = N_("The list has too many rows: at most %(most)s. Divide it into several lists.")
_TOO_MANY_COLUMNS = N_(
    "The sheet has too many columns: at most %(most)s. Delete what does not belong to the list."
)
_TOO_MANY_SHEETS = N_("The workbook has too many sheets. Send the sheet with the list alone.")


def damaged() -> Refused:
    """Make the refusal of a file whose inside is broken."""
    return Refused("damaged", _DAMAGED)


def too_many_rows(most: int) -> Refused:
    """Make the refusal of a list that is too long."""
    return Refused("too_many_rows", _TOO_MANY_ROWS, most=most)


def too_many_columns() -> Refused:
    """Make the refusal of a sheet that is too broad."""
    return Refused("too_many_columns", _TOO_MANY_COLUMNS, most=MOST_COLUMNS)


def read_workbook(packed: bytes) -> tuple[Grid, ...]:
    """Read every visible sheet of a workbook; hidden ones come back by name only.

    Raises :class:`Refused` for whatever cannot be taken.
    """
    parts = _unpack(packed)
    try:
        return _sheets(parts)
    except (expat.ExpatError, UnicodeError, ValueError, LookupError, OverflowError):
        raise damaged() from None


# --- the package ------------------------------------------------------------------------------------


def _unpack(packed: bytes) -> dict[str, bytes]:
    """Unpack the parts that are read, counting every byte of all parts: declared sizes may lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as package:
            _check_parts(package.infolist())
            return _stream_parts(package, len(packed))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise damaged() from None


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.casefold() for part in parts]
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refused("bomb", _TOO_BIG_INSIDE)
    if any(part.flag_bits & 0x1 for part in parts):
        raise Refused("password", _PASSWORD)
    if len(set(names)) != len(names):
        raise damaged()
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Refused("macros", _MACROS)
    if "xl/workbook.xml" not in names:
        other = "xl/workbook.bin" in names or "mimetype" in names
        raise Refused("other_sheet", _OTHER_SHEET) if other else Refused("not_excel", _NOT_EXCEL)


_READ = re.compile(
    r"xl/(?!media/|drawings/|theme/|printersettings/|embeddings/).+\.(?:xml|rels)|\[content_types\]\.xml"
)


def _stream_parts(package: zipfile.ZipFile, packed_size: int) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    total = 0
    for part in package.infolist():
        if part.is_dir():
            continue
        kept = bytearray()
        wanted = _READ.fullmatch(part.filename.casefold()) is not None
        with package.open(part) as stream:
            while chunk := stream.read(65_536):
                total += len(chunk)
                if total > MOST_UNPACKED or total > max(GROWTH_COUNTS_FROM, MOST_GROWTH * packed_size):
                    raise Refused("bomb", _TOO_BIG_INSIDE)
                if wanted:
                    kept += chunk
        if wanted:
            parts[part.filename.casefold()] = bytes(kept)
    return parts


# --- XML --------------------------------------------------------------------------------------------

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


def _parse(xml: bytes, start: Start, end: End | None = None, text: End | None = None) -> None:
    """Stream XML past handlers that see names without prefix; a document type or an entity ends it."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.EntityDeclHandler = _no_doctype

    def root(name: str, attributes: dict[str, str]) -> None:
        prefixed = ":" in name
        parser.StartElementHandler = (lambda n, a: start(n.rpartition(":")[2], a)) if prefixed else start
        parser.EndElementHandler = (lambda n: end(n.rpartition(":")[2])) if prefixed and end else end
        parser.CharacterDataHandler = text
        start(name.rpartition(":")[2], attributes)

    parser.StartElementHandler = root
    parser.Parse(xml, True)


def _no_doctype(*_: object) -> None:
    raise damaged()


# --- the workbook -----------------------------------------------------------------------------------


class _Contents:
    """What the workbook says about its sheets: name, relation, hidden; and whether days count from 1904."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []
        self.from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), relation, hidden))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in ("1", "true")


def _sheets(parts: Mapping[str, bytes]) -> tuple[Grid, ...]:
    if b"macroenabled" in parts.get("[content_types].xml", b"").lower():
        raise Refused("macros", _MACROS)
    contents = _Contents()
    _parse(parts["xl/workbook.xml"], contents.start)
    if len(contents.sheets) > MOST_SHEETS:
        raise Refused("too_many_sheets", _TOO_MANY_SHEETS)
    targets = _relations(parts.get("xl/_rels/workbook.xml.rels", b""))
    strings = _shared_strings(_related(parts, targets, "sharedStrings"))
    styles = _styles(_related(parts, targets, "styles"))
    reader = _SheetReader(strings, styles, contents.from_1904)
    grids = []
    for name, relation, hidden in contents.sheets:
        kind, target = targets.get(relation, ("", ""))
        if kind == "worksheet":
            grids.append(Grid(name, (), hidden=True) if hidden else reader.read(name, parts, target))
    if not grids:
        raise damaged()
    return tuple(grids)


def _relations(xml: bytes) -> dict[str, tuple[str, str]]:
    """Read where each part of the workbook lies: relation id to (kind, path)."""
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            path = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", ""))).lstrip("/")
            found[attributes.get("Id", "")] = (kind, path.casefold())

    if xml:
        _parse(xml, start)
    return found


def _related(parts: Mapping[str, bytes], targets: Mapping[str, tuple[str, str]], kind: str) -> bytes:
    path = next((path for found, path in targets.values() if found == kind), "")
    return parts.get(path, b"")


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _unescape(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: _character(int(found[1], 16)), text)


def _character(code: int) -> str:
    return "" if 0xD800 <= code <= 0xDFFF else chr(code)


class _Texts:
    """The texts that cells point to; the sound hints of Asian scripts are left out."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._inside = self._hint = False

    def start(self, name: str, _: dict[str, str]) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._hint = True
        elif name == "t":
            self._inside = not self._hint

    def end(self, name: str) -> None:
        if name == "si":
            self.found.append(_bounded(_unescape("".join(self._pieces))))
        elif name == "rPh":
            self._hint = False
        elif name == "t":
            self._inside = False

    def text(self, characters: str) -> None:
        if self._inside:
            self._pieces.append(characters)


def _shared_strings(xml: bytes) -> list[str]:
    texts = _Texts()
    if xml:
        _parse(xml, texts.start, texts.end, texts.text)
    return texts.found


def _bounded(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise damaged()
    return text


# --- styles -----------------------------------------------------------------------------------------

_DAY_FORMATS = frozenset([*range(14, 18), 22, *range(27, 32), 36, *range(50, 59), *range(71, 76), 81])
"""Built-in formats that show a day, those of the Thai, Chinese and Japanese editions of Excel among them."""
_NOT_LETTERS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_PADDED = re.compile(r'((?:"[^"]*"|\\.|[-./ ])*)(0+)((?:"[^"]*"|\\.|[-./ ])*)')
_DAY = "day"


def _styles(xml: bytes) -> list[str]:
    """Read for each cell style how its numbers are shown: as a day, after a pattern, or plain (empty)."""
    codes: dict[int, str] = {}
    used: list[int] = []
    inside: list[bool] = [False]

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside[0] = True
        elif name == "xf" and inside[0]:
            used.append(int(attributes.get("numFmtId", "0")))

    def end(name: str) -> None:
        if name == "cellXfs":
            inside[0] = False

    if xml:
        _parse(xml, start, end)
    return [_shown_as(number, codes.get(number)) for number in used]


def _shown_as(number: int, code: str | None) -> str:
    """Say how a number format shows a whole number; ``"BB"000000`` becomes the pattern ``BB{:06d}``."""
    if code is None:
        return _DAY if number in _DAY_FORMATS else ""
    code = code.split(";")[0]
    padded = _PADDED.fullmatch(code)
    if padded and code != "0":
        return f"{_literal(padded[1])}{{:0{min(len(padded[2]), 20)}d}}{_literal(padded[3])}"
    letters = _NOT_LETTERS.sub("", code).casefold()
    shows_day = (
        any(letter in letters for letter in "dybe") and "0" not in letters and "general" not in letters
    )
    return _DAY if shows_day else ""


def _literal(quoted: str) -> str:
    return re.sub(r'"|\\(?=.)', "", quoted).replace("{", "{{").replace("}", "}}")


_EPOCH = date(1899, 12, 30)
_DAYS_TO_1904 = 1462
_LAST_DAY = (date.max - _EPOCH).days
_EXACT = 1e15
"""Excel keeps fifteen digits of a number."""


# --- one sheet --------------------------------------------------------------------------------------

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_LAST_ROW = 1_048_576
_TEXTS = frozenset(("v", "f", "t"))


class _SheetReader:
    """Reads one sheet after another with the texts and styles that they share."""

    def __init__(self, strings: list[str], styles: list[str], from_1904: bool) -> None:
        self.strings = strings
        self.styles = styles
        self.shift = _DAYS_TO_1904 if from_1904 else 0
        self.columns: dict[str, int] = {}
        self.seen = 0
        self.filled = 0

    def read(self, name: str, parts: Mapping[str, bytes], path: str) -> Grid:
        """Read the sheet at a path of the package."""
        if path not in parts:
            raise damaged()
        if parts[path].count(b"<v>") > MOST_CELLS:
            raise too_many_rows(MOST_LINES // 2)
        self.lines: list[Line] = []
        self.merges: list[Merge] = []
        self.cells: dict[int, Value] = {}
        self.row = self.column = 0
        self.hidden = False
        self.kind, self.style = "n", ""
        self.value: str | None = None
        self.formula: str | None = None
        self.pieces: list[str] | None = None
        _parse(parts[path], self.start, self.end, self.text)
        return Grid(name, tuple(self.lines), tuple(self.merges))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of a row, a cell, or of text about to come."""
        if name == "c":
            self.kind = attributes.get("t", "n")
            self.style = attributes.get("s", "")
            self.value = self.formula = None
            self.column = self._column(attributes.get("r"))
        elif name in _TEXTS:
            self.pieces = []
        elif name == "row":
            self._begin_row(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def text(self, characters: str) -> None:
        """Collect the text of a value, a formula or an inline string."""
        if self.pieces is not None:
            self.pieces.append(characters)

    def end(self, name: str) -> None:
        """Keep what has just been completed."""
        if name == "c":
            self._keep_cell()
        elif name in _TEXTS:
            text = "".join(self.pieces or ())
            self.pieces = None
            if name == "f":
                self.formula = text
            else:
                self.value = text if self.value is None or name == "v" else self.value + text
        elif name == "row":
            self._end_row()

    def _column(self, reference: str | None) -> int:
        if reference is None:
            return self.column + 1
        letters = reference.rstrip("0123456789")
        column = self.columns.get(letters)
        if column is None:
            if not _REFERENCE.fullmatch(reference):
                raise damaged()
            column = self.columns[letters] = _number_of(letters)
        return column

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self.row = int(attributes.get("r", self.row + 1))
        if not 1 <= self.row <= _LAST_ROW:
            raise damaged()
        self.hidden = attributes.get("hidden", "0") in ("1", "true")
        self.cells, self.column = {}, 0
        self._look()

    def _look(self) -> None:
        self.seen += 1
        if self.seen > MOST_SEEN:
            raise too_many_rows(MOST_LINES // 2)

    def _end_row(self) -> None:
        if not self.cells:
            return
        self.lines.append(Line(self.row, self.cells, self.hidden))
        self.filled += len(self.cells)
        if len(self.lines) > MOST_LINES or self.filled > MOST_CELLS:
            raise too_many_rows(MOST_LINES // 2)

    def _keep_cell(self) -> None:
        value = self._cell_value()
        if value is None:
            self._look()
            return
        if self.column > MOST_COLUMNS:
            raise too_many_columns()
        self.cells[self.column] = value

    def _cell_value(self) -> Value | None:
        if self.formula is not None:
            return Formula("=" + self.formula[:LONGEST_TEXT])
        value = self.value
        if not value:
            return None
        if self.kind == "s":
            text = self.strings[int(value)]
            return text if text and not text.isspace() else None
        return self._number(float(value)) if self.kind == "n" else self._other(value)

    def _other(self, value: str) -> Value | None:
        if self.kind in ("inlineStr", "str"):
            text = _bounded(_unescape(value))
            return text if not text.isspace() else None
        if self.kind == "b":
            return value.strip() in ("1", "true")
        if self.kind == "d":
            return date.fromisoformat(value.strip()[:10])
        return Broken(value[:20])

    def _number(self, number: float) -> Value:
        style = self.styles[int(self.style)] if self.style else ""
        if not style:
            return number
        if style == _DAY:
            shown = 1 <= number + self.shift <= _LAST_DAY
            return _EPOCH + timedelta(days=int(number) + self.shift) if shown else number
        return style.format(int(number)) if number.is_integer() and abs(number) < _EXACT else number

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        corners = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last or first)
        if corners[0] and corners[1] and len(self.merges) < MOST_LINES:
            (left, top), (right, bottom) = (corner.groups() for corner in corners if corner)
            self.merges.append(Merge(int(top), _number_of(left), int(bottom), _number_of(right)))


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
