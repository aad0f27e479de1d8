"""Reads an employer's name list, whatever its form, into rows that can be previewed, mended and confirmed.

Faults of the file refuse the file; faults of a row hold the row. A reading is a value: it can be kept as JSON
until the employer confirms it, and every mending gives a new one, judged again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date

from forms.grid import FileFault, Grid, Refused
from forms.headings import Header, agree, find_headers
from forms.listcells import Read, Unread, read_cell
from forms.listfacts import NO_FACTS, ListFacts, facts_of, laid_over, one_employer
from forms.listrows import (
    LineReader,
    RowRead,
    Skipped,
    as_row,
    column_map,
    infer_columns,
    worker_lines,
)
from forms.sheet import open_file, open_pasted
from workflow.domain.namelist import (
    FIELDS,
    Counts,
    Finding,
    FindingKind,
    ListRow,
    ListRules,
    Outcome,
    counts,
    judge_list,
    outcomes,
)
from workflow.domain.names import clean_text, same_person
from workflow.domain.words import N_

MOST_ROWS = 10_000

_NO_HEADINGS = N_(
    "No line of headings was found. The list needs headings such as name, sex and border pass number."
)
_NO_ROWS = N_("The list has headings but no worker below them.")
_TWO_TABLES = N_("Sheets “%(first)s” and “%(second)s” both hold a list. Send one list in one file.")
_TOO_MANY_ROWS = N_("The list has too many rows: at most %(most)s. Divide it into several lists.")
_HIDDEN_SHEET = N_("The hidden sheet “%(sheet)s” was not read.")
_TOTAL_DIFFERS = N_("The list states %(stated)s workers, %(found)s were found.")
_GUESSED = N_("Column %(column)s was taken for “%(field)s” by what stands in it.")
_NO_COLUMN = N_("The list has no column for “%(field)s”.")


@dataclass(frozen=True, slots=True)
class Reading:
    """A name list as read: what its page states, its workers, and what was found in them.

    ``faults`` refuse the file; then there are no rows. ``findings`` are of the rows, in their order: those of
    the reading itself (``unread``), those of the rules, and those that others added (``added``). ``columns``
    gives the letter of each field's column; ``extras`` the text of columns that we do not know, by row;
    ``origins`` the rows of an earlier list that this one mends.
    """

    filename: str = ""
    sheet: str = ""
    facts: ListFacts = NO_FACTS
    rows: tuple[ListRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    faults: tuple[FileFault, ...] = ()
    notes: tuple[FileFault, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    extras: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    origins: Mapping[int, int] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()
    unread: tuple[Finding, ...] = ()
    added: tuple[Finding, ...] = ()

    @property
    def counts(self) -> Counts:
        """Count the rows found, accepted, held and refused."""
        return counts(self.rows, self.findings)

    @property
    def outcomes(self) -> Mapping[int, Outcome]:
        """Say what becomes of each row, by its number."""
        return outcomes(self.rows, self.findings)

    def accepted(self) -> tuple[ListRow, ...]:
        """Give the rows that may go on now."""
        becomes = self.outcomes
        return tuple(row for row in self.rows if becomes[row.row] is Outcome.ACCEPTED)

    def found_in(self, row: int) -> tuple[Finding, ...]:
        """Give what was found in one row."""
        return tuple(finding for finding in self.findings if finding.row == row)

    def row(self, number: int) -> ListRow | None:
        """Give the row of a number of the sheet."""
        return next((row for row in self.rows if row.row == number), None)

    def cell(self, name: str, row: int) -> str | None:
        """Name the cell of a field in a row, ``C12``; nothing where the list has no such column."""
        letters = self.columns.get(name)
        if letters is None and name.startswith("name_"):
            letters = next((self.columns[other] for other in self.columns if other.startswith("name_")), None)
        return f"{letters}{row}" if letters else None


def read(filename: str, content: bytes | str, rules: ListRules, on: date) -> Reading:
    """Read a file, or cells pasted as text, and judge every row as of a day; never raises for what people send."""
    filename = clean_text(filename)[:200]
    grids = open_pasted(content) if isinstance(content, str) else open_file(filename, content)
    if isinstance(grids, FileFault):
        return Reading(filename, faults=(grids,))
    try:
        return judged(_read_grids(filename, grids), rules, on)
    except Refused as refusal:
        return Reading(filename, faults=(refusal.fault,))


def judged(reading: Reading, rules: ListRules, on: date, added: Iterable[Finding] | None = None) -> Reading:
    """Judge the rows again, with what others found (``added``: doubles in the store, for one)."""
    more = reading.added if added is None else tuple(added)
    if rules.starts_on is None:
        rules = replace(rules, starts_on=reading.facts.starts_on)
    unread = {(finding.row, finding.field) for finding in reading.unread}
    by_rules = [f for f in judge_list(reading.rows, rules, on) if not _said_already(f, unread)]
    found = sorted([*reading.unread, *by_rules, *more], key=lambda finding: finding.row)
    placed = tuple(
        f if f.cell or f.field is None else replace(f, cell=reading.cell(f.field, f.row)) for f in found
    )
    return replace(reading, findings=placed, added=more)


_MISSING = {"sex_missing": ("sex",), "pass_missing": ("pass_number",)}
_NAMES = ("name_latin", "name_khmer", "name_thai")


def _said_already(finding: Finding, unread: set[tuple[int, str | None]]) -> bool:
    """Leave out "missing" where the cell is there and could not be read, which has been said."""
    names = _NAMES if finding.code == "name_missing" else _MISSING.get(finding.code, ())
    return any((finding.row, name) in unread for name in names)


# --- from sheets to rows ----------------------------------------------------------------------------


def _read_grids(filename: str, grids: Sequence[Grid]) -> Reading:
    tables = [(grid, headers) for grid in grids if (headers := find_headers(grid))]
    if not tables:
        raise Refused("no_headings", _NO_HEADINGS)
    full = [reading for grid, headers in tables if (reading := _read_table(filename, grid, headers)).rows]
    if len(full) > 1:
        raise Refused("two_tables", _TWO_TABLES, first=full[0].sheet, second=full[1].sheet)
    if not full:
        raise Refused("no_rows", _NO_ROWS)
    hidden = tuple(
        FileFault("hidden_sheet", _HIDDEN_SHEET, {"sheet": clean_text(g.name)}) for g in grids if g.hidden
    )
    return replace(full[0], notes=(*full[0].notes, *hidden))


def _read_table(filename: str, grid: Grid, headers: Sequence[Header]) -> Reading:
    header, guessed = infer_columns(agree(headers), grid.lines)
    workers, skipped, pages = worker_lines(grid, header, headers)
    if len(workers) > MOST_ROWS:
        raise Refused("too_many_rows", _TOO_MANY_ROWS, most=MOST_ROWS)
    facts = facts_of(pages)
    one_employer(facts, pages)
    reader = LineReader(grid, header)
    rows = [reader.read(line) for line in workers]
    columns = dict(column_map(header))
    return Reading(
        filename,
        clean_text(grid.name),
        facts,
        tuple(read.row for read in rows),
        notes=tuple(_notes(facts, rows, guessed, columns)),
        columns=columns,
        unknown=tuple(header.unknown.values()),
        extras={read.row.row: read.extras for read in rows if read.extras},
        origins={read.row.row: read.origin for read in rows if read.origin is not None},
        skipped=tuple(skipped[:200]),
        unread=tuple(finding for read in rows for finding in _unread_findings(read, columns)),
    )


def _notes(
    facts: ListFacts, rows: Sequence[RowRead], guessed: Iterable[tuple[str, int]], columns: Mapping[str, str]
) -> Iterable[FileFault]:
    if facts.total is not None and facts.total != len(rows):
        yield FileFault("total_differs", _TOTAL_DIFFERS, {"stated": facts.total, "found": len(rows)})
    for name, _ in guessed:
        field_name = "name_latin" if name == "name" else name
        yield FileFault("guessed", _GUESSED, {"column": columns[field_name], "field": FIELDS[field_name]})
    for name in ("sex", "pass_number"):
        if name not in columns and not (name == "sex" and "title" in columns):
            yield FileFault("no_column", _NO_COLUMN, {"field": FIELDS[name]})


def _unread_findings(read: RowRead, columns: Mapping[str, str]) -> Iterable[Finding]:
    number = read.row.row
    for unread in read.unread:
        letters = columns.get(unread.field)
        yield _finding(number, unread, f"{letters}{number}" if letters else None)


def _finding(row: int, unread: Unread, cell: str | None) -> Finding:
    kind = FindingKind.WARNING if unread.warns else FindingKind.HELD
    return Finding(kind, unread.code, row, unread.text, unread.params, unread.field, cell)


# --- mending in the preview -------------------------------------------------------------------------


def mend(reading: Reading, row: int, changes: Mapping[str, str], rules: ListRules, on: date) -> Reading:
    """Type fields of a row anew and judge again; an empty text empties the field.

    ``changes`` goes by the names of :data:`workflow.domain.namelist.FIELDS`. What cannot be read holds the row
    with its reason, as it would have in the sheet. A row that is not there leaves the reading as it is.
    """
    old = reading.row(row)
    if old is None:
        return reading
    into = Read()
    for name in FIELDS:
        if name in changes:
            read_cell(into, name, changes[name])
    touched = set(changes) & set(FIELDS)
    mended = _with_changes(old, as_row(row, into), touched)
    kept = [f for f in reading.unread if f.row != row or f.field not in touched]
    unread = [*kept, *(_finding(row, unread, reading.cell(unread.field, row)) for unread in into.unread)]
    rows = tuple(mended if each.row == row else each for each in reading.rows)
    return judged(replace(reading, rows=rows, unread=tuple(unread)), rules, on)


_PARTS = {"birth": ("birth_on", "birth_year", "birth_precision")}


def _with_changes(old: ListRow, typed: ListRow, touched: Iterable[str]) -> ListRow:
    names = {part for name in touched for part in _PARTS.get(name, (name,))}
    names |= {name for name in _NAMES if getattr(typed, name) is not None}
    names |= {"sex"} if "title" in names and old.sex is None else set()
    mended = replace(old, **{name: getattr(typed, name) for name in names})
    precision = mended.birth_precision if mended.birth_year else "age" if mended.age is not None else None
    return replace(mended, birth_precision=precision)


def drop(reading: Reading, row: int, rules: ListRules, on: date) -> Reading:
    """Take a row off the list and judge the others again."""
    return judged(
        replace(
            reading,
            rows=tuple(each for each in reading.rows if each.row != row),
            unread=tuple(finding for finding in reading.unread if finding.row != row),
            added=tuple(finding for finding in reading.added if finding.row != row),
        ),
        rules,
        on,
    )


def mend_facts(reading: Reading, facts: ListFacts, rules: ListRules, on: date) -> Reading:
    """Put right what the page states and judge again, since the start of work may have changed."""
    return judged(replace(reading, facts=facts), rules, on)


# --- the same list once more ------------------------------------------------------------------------


def renew(old: Reading, newer: Reading, rules: ListRules, on: date) -> Reading:
    """Put a mended list over the one it mends: by pass number, else by the row it names; nothing is doubled.

    What the newer list leaves empty stays as it was. Rows keep their numbers; those met for the first time come
    after them. Cells are no longer named, since two sheets are now one list.
    """
    if newer.faults:
        return newer
    rows, unread = _merged(old, newer)
    merged = replace(
        old,
        filename=newer.filename,
        sheet=newer.sheet,
        facts=laid_over(old.facts, newer.facts),
        rows=tuple(rows[number] for number in sorted(rows)),
        unread=tuple(replace(finding, cell=None) for finding in unread),
        notes=newer.notes,
        columns={},
    )
    return judged(merged, rules, on)


def _merged(old: Reading, newer: Reading) -> tuple[dict[int, ListRow], list[Finding]]:
    """Lay the newer rows over the older ones, and what could not be read in them."""
    places = _Places(old)
    rows = {row.row: row for row in old.rows}
    unread = list(old.unread)
    for row in newer.rows:
        number = places.of(row, newer.origins.get(row.row))
        before = rows.get(number)
        rows[number] = replace(row, row=number) if before is None else _laid_over(before, row)
        said = [replace(finding, row=number) for finding in newer.unread if finding.row == row.row]
        told = {finding.field for finding in said} | _told(row)
        unread = [f for f in unread if f.row != number or f.field not in told] + said
    return rows, unread


class _Places:
    """Finds the number under which a row of a newer list belongs in the older one."""

    def __init__(self, old: Reading) -> None:
        self._by_pass: dict[str, int] = {}
        for row in old.rows:
            if row.pass_key:
                self._by_pass.setdefault(row.pass_key, row.row)
        self._rows = {row.row: row for row in old.rows}
        self._next = max(self._rows, default=0)

    def of(self, row: ListRow, origin: int | None) -> int:
        """Give the number of the row that this one mends, or the next free one."""
        before = self._rows.get(origin) if origin is not None else None
        if before is not None and before.pass_key == row.pass_key:
            return before.row
        by_pass = self._by_pass.get(row.pass_key or "")
        if by_pass is not None:
            return by_pass
        number = before.row if before is not None and self._may_be(before, row) else self._free()
        if row.pass_key:
            self._by_pass[row.pass_key] = number
        return number

    def _may_be(self, before: ListRow, row: ListRow) -> bool:
        """A row named by its number must be the same worker, or one whose name or pass was missing."""
        if before.pass_key is None or before.name is None or row.name is None:
            return True
        return same_person(before.person, row.person).worth_a_look

    def _free(self) -> int:
        self._next += 1
        return self._next


def _told(row: ListRow) -> set[str]:
    told = {name for name in FIELDS if getattr(row, name, None) is not None}
    return told | ({"birth"} if row.birth_year else set())


def _laid_over(before: ListRow, row: ListRow) -> ListRow:
    """Lay a row over an older one; the parts of a birth go together."""
    parts = ("birth_on", "birth_year", "birth_precision")
    names = [item.name for item in fields(ListRow) if item.name != "row" and item.name not in parts]
    told = {name: getattr(row, name) for name in names if getattr(row, name) is not None}
    if row.birth_year or not before.birth_year and row.birth_precision:
        told.update({name: getattr(row, name) for name in parts})
    return replace(before, **told)
