"""How far our papers stand from the blank forms: places read from the finished PDF against those measured.

`python -m bench.layout` prints, for each form, how many places were compared and the largest and mean distance
in millimetres, then every place beyond the limit. The measured places are in tests/blanks.toml.
"""

import argparse
import math
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ctypes import byref, c_double, c_float
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

BLANKS = Path(__file__).parent.parent / "tests/blanks.toml"
POINT = 25.4 / 72
LIMIT = 3.0
"""No field may stand further from its place on the blank than this, in millimetres."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Letter:
    """One character of a page with the left edge of its ink and the line it stands on."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Place:
    """One measured place of a blank and how far ours is from it; None where ours has no such thing."""

    form: str
    what: str
    distance: float | None


def forms() -> list[Mapping[str, Any]]:
    """Read the measured places of the blank forms."""
    return tomllib.loads(BLANKS.read_text("utf-8"))["form"]


def letters(page: pdfium.PdfPage) -> list[Letter]:
    """Read the characters of a page in their order, without spaces, marks apart from their letters."""
    text, height, found = page.get_textpage(), page.get_height(), []
    for index in range(text.count_chars()):
        x, y, left, right, bottom, top = (c_double() for _ in range(6))
        raw.FPDFText_GetCharOrigin(text.raw, index, byref(x), byref(y))
        raw.FPDFText_GetCharBox(text.raw, index, byref(left), byref(right), byref(bottom), byref(top))
        letter = chr(raw.FPDFText_GetUnicode(text.raw, index))
        if not letter.isspace() and letter.isprintable():
            for part in unicodedata.normalize("NFKD", letter):
                found.append(Letter(part, left.value * POINT, (height - y.value) * POINT))
    return found


def paths(page: pdfium.PdfPage) -> list[Box]:
    """Read the lines and boxes of a page as left, top, right, bottom."""
    height, found = page.get_height(), []
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=5):
        left, bottom, right, top = (c_float() for _ in range(4))
        raw.FPDFPageObj_GetBounds(item.raw, byref(left), byref(bottom), byref(right), byref(top))
        box = (left.value, height - top.value, right.value, height - bottom.value)
        found.append(tuple(edge * POINT for edge in box))
    return found


def _plain(words: str) -> str:
    """Write words as a page draws them: sara am in its parts, the ring before the tone, no spaces."""
    return "".join(re.sub("([่-๋])\u0e4d", "\u0e4d\\1", unicodedata.normalize("NFKD", words)).split())


def _nearest_words(x: float, y: float, words: str, page: Sequence[Letter], run: str) -> float | None:
    wanted, distances, start = _plain(words), [], 0
    while (start := run.find(wanted, start)) >= 0:
        first = page[start]
        distances.append(math.hypot(first.x - x, first.y - y))
        start += 1
    return min(distances, default=None)


def _furthest_edge(one: Box, other: Box) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _nearest_box(wanted: Box, boxes: Iterable[Box]) -> float | None:
    return min((_furthest_edge(wanted, box) for box in boxes), default=None)


def compare(form: Mapping[str, Any], page: pdfium.PdfPage) -> Iterator[Place]:
    """Tell for each place of a blank how far ours stands from it."""
    name, found, boxes = f"{form['key']} {form['page']}", letters(page), paths(page)
    run = "".join(letter.text for letter in found)
    for x, y, words in form["words"]:
        yield Place(name, f"“{words}” at {x}, {y}", _nearest_words(x, y, words, found, run))
    for x, x2, y in form["dotted"]:
        yield Place(name, f"dotted line {x}-{x2} at {y}", _nearest_box((x, y, x2, y), boxes))
    for kind, edges in [("box", box) for box in form["boxes"]] + [("line", line) for line in form["lines"]]:
        yield Place(name, f"{kind} {edges}", _nearest_box(tuple(edges), boxes))


def measure(papers: Mapping[str, bytes]) -> list[Place]:
    """Compare finished papers, by key, with all measured forms."""
    places: list[Place] = []
    for form in forms():
        document = pdfium.PdfDocument(papers[form["key"]])
        places += compare(form, document[form["page"] - 1])
        document.close()
    return places


def main(words: Sequence[str] | None = None) -> int:
    """Print the distances of the papers in a folder; the number of places beyond the limit is the answer."""
    asked = argparse.ArgumentParser(prog="python -m bench.layout", description=__doc__.split("\n")[0])
    asked.add_argument("folder", type=Path, help="PDFs made by: python -m pdf --sample --out FOLDER")
    folder = asked.parse_args(words).folder
    places = measure({form["key"]: (folder / f"{form['key']}.pdf").read_bytes() for form in forms()})
    for name in dict.fromkeys(place.form for place in places):
        found = [place.distance for place in places if place.form == name and place.distance is not None]
        print(
            f"{name:16} {len(found):4} places   mean {sum(found) / len(found):.2f} mm   largest {max(found):.2f} mm"
        )
    beyond = [place for place in places if place.distance is None or place.distance > LIMIT]
    for place in beyond:
        print(place.form, place.what, "absent" if place.distance is None else f"{place.distance:.1f} mm")
    return len(beyond)


if __name__ == "__main__":
    raise SystemExit(main())
