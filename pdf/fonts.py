"""The type in the case: which font files papers are set in, what they can print and how wide it runs."""

from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

CASE = Path(__file__).parent.parent / "static/dist/fonts"

FAMILIES = {
    "Sarabun Latin": "sarabun/sarabun-latin",
    "Sarabun Latin Ext": "sarabun/sarabun-latin-ext",
    "Sarabun Thai": "sarabun/sarabun-thai",
    "Noto Sans Khmer": "noto-sans-khmer/noto-sans-khmer-khmer",
}
"""One family name for each subset file, in order of use: faces that share a name fall back without a word."""

WEIGHTS = (400, 700)

THAI_PAPER = 0.65
"""Size of Sarabun over size of TH Sarabun for lines of equal length, measured on the blank forms."""


def like(points: float) -> float:
    """Give the size at which Sarabun runs as long as TH Sarabun of so many points."""
    return points * THAI_PAPER


POINT = 25.4 / 72
"""Millimetres in a point."""

COENG = "\u17d2"
"""Puts the Khmer consonant after it below the line, where it takes no width."""


def file_of(family: str, weight: int) -> Path:
    """Give the file of a family in one weight."""
    return CASE / f"{FAMILIES[family]}-{weight}-normal.woff2"


@cache
def advances(weight: int = 400) -> dict[str, float]:
    """Map every character that the fonts can print to its advance, in ems."""
    found: dict[str, float] = {}
    for family in FAMILIES:
        with TTFont(file_of(family, weight)) as font:
            em, widths = font["head"].unitsPerEm, font["hmtx"].metrics
            for code, glyph in font.getBestCmap().items():
                found.setdefault(chr(code), widths[glyph][0] / em)
    return found


def prints(character: str) -> bool:
    """Say whether some font of the case has the character."""
    return character in advances() or character in "\n\u200b"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimate how wide a line of text runs, in millimetres, at a size in points."""
    table = advances(700 if bold else 400)
    ems, below = 0.0, False
    for character in text:
        ems += 0.0 if below else table.get(character, 0.0)
        below = character == COENG
    return ems * size * POINT


@cache
def _middle() -> float:
    with TTFont(file_of("Sarabun Latin", 400)) as font:
        return (font["hhea"].ascent + font["hhea"].descent) / 2 / font["head"].unitsPerEm


def drop(size: float) -> float:
    """Give how far below the middle of its line a text stands, in millimetres, at a size in points."""
    return _middle() * size * POINT
