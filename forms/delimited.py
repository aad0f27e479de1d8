"""Reads lists that are text: CSV files in the encodings of two countries, and cells pasted from Excel."""

import codecs
import csv
import io
import re
from collections import Counter

from forms.grid import MOST_CELLS, MOST_COLUMNS, MOST_LINES, Formula, Grid, Line, Refused, Value
from forms.workbook import too_many_columns, too_many_rows
from workflow.domain.words import N_

_UNREADABLE = N_("The letters of this file cannot be read. Save it as .xlsx, or as CSV in UTF-8.")
_NO_TABLE = N_("This text is not a table. Copy the cells of the list together with their headings.")

_HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters, which a paste may hold and nothing can store."""

SEPARATORS = ("\t", ",", ";", "|")
_SAMPLE_LINES = 60


def read_delimited(packed: bytes) -> Grid:
    """Read a CSV file in UTF-8, UTF-16 or Thai (TIS-620, Windows 874), whatever parts its fields.

    Raises :class:`forms.grid.Refused` for what is no text or no table.
    """
    return read_table(decode(packed))


def decode(packed: bytes) -> str:
    """Find the encoding of a text by its mark, else by what it can be."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if packed.startswith(mark):
            return _decoded(packed, encoding)
    if b"\x00" in packed[:4000]:
        sample = packed[:4000]
        first_is_high = sample[::2].count(0) > sample[1::2].count(0)
        return _decoded(packed, "utf-16-be" if first_is_high else "utf-16-le")
    try:
        return _readable(packed.decode("utf-8"))
    except UnicodeDecodeError:
        return _decoded(packed, "cp874")


def _decoded(packed: bytes, encoding: str) -> str:
    try:
        return _readable(packed.decode(encoding))
    except UnicodeDecodeError:
        raise Refused("encoding", _UNREADABLE) from None


def _readable(text: str) -> str:
    """Let through what people write; many control characters mean that this is no text at all."""
    strange = sum(text.count(chr(code)) for code in range(32) if code not in (9, 10, 11, 12, 13))
    if strange > len(text) // 500:
        raise Refused("encoding", _UNREADABLE)
    return text


def read_table(text: str) -> Grid:
    """Read the lines of a delimited text, numbered as Excel would number them."""
    text = _HALVES.sub("", text.removeprefix("\ufeff"))
    separator, text = _separator(text)
    lines: list[Line] = []
    filled = 0
    for number, fields in enumerate(_records(text, separator), 1):
        cells = {column: _value(value) for column, value in enumerate(fields, 1) if value.strip()}
        if not cells:
            continue
        filled += len(cells)
        if max(cells) > MOST_COLUMNS:
            raise too_many_columns()
        if len(lines) >= MOST_LINES or filled > MOST_CELLS:
            raise too_many_rows(MOST_LINES // 2)
        lines.append(Line(number, cells))
    return Grid("", tuple(lines))


def _value(text: str) -> Value:
    """Keep what Excel would take for a formula as one: held or shown, never passed on alive."""
    bare = text.strip()
    return Formula(bare) if bare.startswith("=") and len(bare) > 1 else text


def _records(text: str, separator: str) -> list[list[str]]:
    """Split into records; a stray quotation mark that would swallow the rest is read as a plain character."""
    quoted = _split(text, separator, csv.QUOTE_MINIMAL)
    if any(field.count("\n") > 20 for record in quoted for field in record):
        return _split(text, separator, csv.QUOTE_NONE)
    return quoted


def _split(text: str, separator: str, quoting: int) -> list[list[str]]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
        return list(reader)
    except csv.Error:
        raise Refused("no_table", _NO_TABLE) from None


def _separator(text: str) -> tuple[str, str]:
    """Find what parts the fields: Excel's own first line says so, else what parts most lines alike."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        return first[4], rest
    sample = "\n".join(text.splitlines()[:_SAMPLE_LINES])
    return max(SEPARATORS, key=lambda separator: _evenness(sample, separator)), text


def _evenness(sample: str, separator: str) -> int:
    if separator not in sample:
        return 0
    widths = Counter(len(record) for record in _split(sample, separator, csv.QUOTE_MINIMAL))
    return max(((width - 1) * often for width, often in widths.items()), default=0)
