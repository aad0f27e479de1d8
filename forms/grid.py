"""The cells of a sheet, wherever they came from, and the sentence when a file cannot be taken at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

MOST_LINES = 20_000
"""Lines with anything in them: ten thousand workers and the page headers between them."""
MOST_COLUMNS = 60
MOST_CELLS = 400_000
LONGEST_TEXT = 32_767
"""The longest text a cell can hold in Excel itself."""


class Formula(str):
    """A cell that holds a formula: its text, which is shown and never worked out."""


class Broken(str):
    """A cell that shows an error, such as ``#REF!``."""


Value = str | float | bool | date
"""What a cell holds; :class:`Formula` and :class:`Broken` are texts of their own kind."""


@dataclass(frozen=True, slots=True)
class FileFault:
    """Why a whole file is not taken: a sentence with what to do about it, never an exception."""

    code: str
    text: str
    params: Mapping[str, str | int] = field(default_factory=dict)


class Refused(Exception):
    """Carries a file's fault up to the one that reads the file; it never reaches the screen as an error."""

    def __init__(self, code: str, text: str, **params: str | int) -> None:
        super().__init__(code)
        self.fault = FileFault(code, text, params)


def value_text(value: Value | None) -> str:
    """Give a cell as text; a whole number has no decimals, a date is written day first."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, date):
        return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
    return number_text(value)


def number_text(number: float) -> str:
    """Write a number as typed: Excel keeps 12345678 as 12345678.0."""
    whole = float(number).is_integer() and abs(number) < 1e15
    return str(int(number)) if whole else repr(number)


@dataclass(slots=True)
class Line:
    """One row of a sheet under its own number; only filled cells, by column counted from 1."""

    number: int
    cells: Mapping[int, Value]
    hidden: bool = False

    def text(self, column: int) -> str:
        """Give the text of one column, empty where nothing stands."""
        return value_text(self.cells.get(column))


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells joined into one; only the first holds the value. All bounds are included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: its name, its filled lines in order, and the joined cells."""

    name: str
    lines: tuple[Line, ...]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False


def column_letters(column: int) -> str:
    """Name a column as Excel does: 1 is A, 27 is AA."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
