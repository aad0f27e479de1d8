"""Picks the workers out of a sheet: between page headings, signatures and blanks, under headings of any order."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from forms.grid import Grid, Line, Value, column_letters, value_text
from forms.headings import Header, Meaning, Part
from forms.listcells import Names, Read, Unread, is_nothing, keep_text, read_cell, sex_of
from forms.listfacts import is_page_line
from workflow.domain.namelist import TITLE_SEX, ListRow
from workflow.domain.names import Script, by_script, clean_text, pass_key
from workflow.domain.words import N_

_HIDDEN = N_("The row is hidden in the sheet.")
_JOINED = N_("The cell is joined with those below; its value was taken for this row too.")

FILLED_DOWN = frozenset(
    ("title", "sex", "nationality", "pass_province", "pass_issued_on", "pass_expires_on", "remark")
)
"""Fields whose joined cell may speak for several rows; a name or a pass number never does."""


@dataclass(frozen=True, slots=True)
class RowRead:
    """One worker as read: the row, what could not be read, and the text of columns that we do not know.

    ``origin`` is the row of an earlier list, which our sheet for mending names.
    """

    row: ListRow
    unread: tuple[Unread, ...]
    extras: Mapping[str, str]
    origin: int | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line of the sheet that was not taken for a worker, so that the preview can show it."""

    row: int
    text: str


# --- which lines are workers ------------------------------------------------------------------------


def worker_lines(
    grid: Grid, header: Header, headings: Iterable[Header]
) -> tuple[list[Line], list[Skipped], list[str]]:
    """Part the lines under the headings into workers, lines left out, and lines of the page around them."""
    heading_lines = {number for heading in headings for number in range(heading.first, heading.last + 1)}
    broad = {merge.top for merge in grid.merges if merge.right - merge.left >= 2}
    workers: list[Line] = []
    skipped: list[Skipped] = []
    pages: list[str] = []
    for line in grid.lines:
        if line.number in heading_lines:
            continue
        if line.number > header.last and _is_worker(line, header, joined=line.number in broad):
            workers.append(line)
        else:
            whole = " ".join(line.text(column) for column in sorted(line.cells))
            pages.append(whole)
            if line.number > header.last and _says_something(line) and not _is_page(line):
                skipped.append(Skipped(line.number, clean_text(whole)[:200]))
    return workers, skipped, pages


def _says_something(line: Line) -> bool:
    """A form numbers its empty rows beforehand; a number alone says nothing."""
    return any(not re.fullmatch(r"[\d.()\s]*", line.text(column)) for column in line.cells)


def _is_page(line: Line) -> bool:
    texts = [line.text(column) for column in sorted(line.cells)]
    return is_page_line(texts) or _is_column_numbers(texts) or all(is_nothing(text) for text in texts)


def _is_column_numbers(texts: Sequence[str]) -> bool:
    """Forms number their columns below the headings: (1) (2) (3)."""
    numbers = [re.sub(r"[()\s]", "", text) for text in texts]
    return len(texts) > 2 and numbers == [str(place) for place in range(1, len(texts) + 1)]


_TELLING = frozenset(
    ("name", "sex", "sex_m", "sex_f", "age", "birth", "nationality", "pass_province")
    + ("pass_issued_on", "pass_expires_on", "pass_number", "phone")
)


def _is_worker(line: Line, header: Header, *, joined: bool) -> bool:
    """Tell whether a line names a worker, even one of whom too little is said."""
    told = {
        column: text
        for column, meaning in header.meanings.items()
        if meaning.field in _TELLING and not is_nothing(text := line.text(column))
    }
    if not told:
        return False
    has_pass = _has_pass(line, header)
    if has_pass and len(told) > 1:
        return True
    if _is_page(line):
        return False
    return has_pass or len(told) > 1 or not joined and _names_someone(told, header)


def _has_pass(line: Line, header: Header) -> bool:
    column = header.column("pass_number")
    text = line.text(column) if column else ""
    return len(text) <= 40 and pass_key(text) is not None and bool(re.search(r"[0-9๐-๙០-៩]{3}", text))


def _names_someone(told: Mapping[int, str], header: Header) -> bool:
    """Tell whether the only thing in a line is a name or part of one."""
    (column, text), *_ = told.items()
    if header.meanings[column].field != "name" or len(text) > 60 or re.search(r"\d", text):
        return False
    return bool(by_script(text))


# --- reading one line -------------------------------------------------------------------------------


class LineReader:
    """Reads lines under one header; prepared once for all rows of the sheet."""

    def __init__(self, grid: Grid, header: Header) -> None:
        self._columns = [
            (column, meaning.field)
            for column, meaning in sorted(header.meanings.items())
            if meaning.field not in ("name", "birth", "pass_issued_on", "pass_expires_on")
        ]
        self._dates = {
            name: columns
            for name in ("birth", "pass_issued_on", "pass_expires_on")
            if (columns := header.columns(name))
        }
        self._names = _name_columns(header)
        self._unknown = header.unknown
        self._known: dict[str, Names] = {}
        self._filled = _filled_down(grid, header)

    def read(self, line: Line) -> RowRead:
        """Read one worker's line into a row and what could not be read."""
        cells = self._cells(line)
        into = Read(names=self._known)
        for column, name in self._columns:
            read_cell(into, name, cells.get(column))
        for name, columns in self._dates.items():
            read_cell(into, name, _one_date([cells[column] for column in columns if column in cells]))
        for names in self._names:
            names(into, cells)
        self._warn(into, line)
        origin = into.values.pop("origin_row", None)
        row = as_row(line.number, into)
        return RowRead(
            row, tuple(into.unread), self._extras(cells), origin if isinstance(origin, int) else None
        )

    def _cells(self, line: Line) -> Mapping[int, Value]:
        extra = self._filled.get(line.number)
        return {**extra, **line.cells} if extra else line.cells

    def _warn(self, into: Read, line: Line) -> None:
        if line.hidden:
            into.fail("row", "row_hidden", _HIDDEN, warns=True)
        if any(column not in line.cells for column in self._filled.get(line.number, ())):
            into.fail("row", "cell_joined", _JOINED, warns=True)

    def _extras(self, cells: Mapping[int, Value]) -> dict[str, str]:
        return {
            heading[:60]: kept
            for column, heading in self._unknown.items()
            if column in cells and (kept := keep_text(cells[column]))
        }


def as_row(number: int, into: Read) -> ListRow:
    """Make a row of what was read; a sex not stated follows from the title, an age alone is a precision."""
    values = dict(into.values)
    values["title"] = values.get("title") or values.pop("title_in_name", None)
    values.pop("title_in_name", None)
    if values.get("sex") is None and not any(unread.field == "sex" for unread in into.unread):
        values["sex"] = TITLE_SEX.get(str(values["title"]))
    if values.get("birth_precision") is None:
        values["birth_precision"] = "age" if values.get("age") is not None else None
    return ListRow(row=number, **values)


def _one_date(values: Sequence[Value]) -> Value | None:
    """Give the one cell of a date, or day, month and year from three."""
    if len(values) < 2:
        return values[0] if values else None
    return "/".join(value_text(value) for value in values)


NameReader = Callable[[Read, Mapping[int, Value]], None]


def _name_columns(header: Header) -> list[NameReader]:
    """Prepare the columns of names: whole names first, then family and given name put together."""
    columns = [(c, meaning) for c, meaning in sorted(header.meanings.items()) if meaning.field == "name"]
    families = {meaning.script: column for column, meaning in columns if meaning.part is Part.FAMILY}
    readers: list[NameReader] = []
    paired: set[int] = set()
    for column, meaning in columns:
        family = families.get(meaning.script)
        if meaning.part is Part.FAMILY or family is None:
            continue
        if meaning.part is Part.GIVEN or not _another_whole(columns, meaning):
            readers.append(_joined_name(family, column, meaning.script))
            paired |= {family, column}
    return [_whole_name(c, meaning.script) for c, meaning in columns if c not in paired] + readers


def _another_whole(columns: Sequence[tuple[int, Meaning]], meaning: Meaning) -> bool:
    alike = [m for _, m in columns if m.script == meaning.script and m.part is not Part.FAMILY]
    return len(alike) > 1


def _name_field(script: Script | None) -> str:
    return f"name_{(script or Script.LATIN).value}"


def _whole_name(column: int, script: Script | None) -> NameReader:
    def read(into: Read, cells: Mapping[int, Value]) -> None:
        read_cell(into, _name_field(script), cells.get(column))

    return read


def _joined_name(family: int, given: int, script: Script | None) -> NameReader:
    def read(into: Read, cells: Mapping[int, Value]) -> None:
        halves = [cells[column] for column in (family, given) if column in cells]
        odd = next((half for half in halves if type(half) is not str), None)
        whole = " ".join(str(half) for half in halves)
        read_cell(into, _name_field(script), whole if odd is None else odd)

    return read


def _filled_down(grid: Grid, header: Header) -> dict[int, dict[int, Value]]:
    """Find the cells joined downwards whose value speaks for the rows below."""
    first = {line.number: line for line in grid.lines}
    filled: dict[int, dict[int, Value]] = {}
    for merge in grid.merges:
        meaning = header.meanings.get(merge.left)
        line = first.get(merge.top)
        if meaning is None or meaning.field not in FILLED_DOWN or merge.top <= header.last or line is None:
            continue
        value = line.cells.get(merge.left)
        if value is not None and merge.bottom - merge.top < len(grid.lines):
            for number in range(merge.top + 1, merge.bottom + 1):
                filled.setdefault(number, {})[merge.left] = value
    return filled


# --- columns known by what stands in them -----------------------------------------------------------

_PASS_LIKE = re.compile(r"[A-Z]{0,4}[ .-]?[0-9]{4,}(?:[ -][0-9]+)*", re.IGNORECASE)
_MOST = 0.7
_SAMPLE = 200


def infer_columns(header: Header, lines: Iterable[Line]) -> tuple[Header, tuple[tuple[str, int], ...]]:
    """Find the pass number, the name and the sex by their values where no heading says which column it is."""
    sample = [line for line in lines if line.number > header.last][:_SAMPLE]
    meanings, unknown = dict(header.meanings), dict(header.unknown)
    guessed: list[tuple[str, int]] = []
    tests = (("pass_number", _pass_like), ("name", _name_like), ("sex", _sex_like))
    for name, test in tests:
        if name in header.fields or name == "sex" and {"sex_m", "sex_f"} & header.fields:
            continue
        column = _best_column(unknown, sample, test)
        if column is not None:
            meanings[column] = Meaning(name)
            del unknown[column]
            guessed.append((name, column))
    return replace(header, meanings=meanings, unknown=unknown), tuple(guessed)


def _best_column(unknown: Iterable[int], sample: Sequence[Line], test: Callable[[str], bool]) -> int | None:
    shares: Counter[int] = Counter()
    for column in unknown:
        texts = [text for line in sample if (text := line.text(column).strip())]
        share = sum(map(test, texts)) / len(texts) if texts else 0
        if share >= _MOST:
            shares[column] = round(share * 1000)
    return shares.most_common(1)[0][0] if shares else None


def _pass_like(text: str) -> bool:
    return _PASS_LIKE.fullmatch(text) is not None and pass_key(text) is not None


def _name_like(text: str) -> bool:
    return len(text.split()) in (2, 3, 4) and not re.search(r"[0-9]", text) and bool(by_script(text))


def _sex_like(text: str) -> bool:
    return sex_of(text) is not None


def column_map(header: Header) -> Iterator[tuple[str, str]]:
    """Give the letter of each field's first column, names under the script that their heading tells."""
    for column, meaning in sorted(header.meanings.items(), reverse=True):
        field = meaning.field
        if field == "name":
            field = _name_field(meaning.script)
        elif field in ("sex_m", "sex_f"):
            field = "sex"
        yield field, column_letters(column)
