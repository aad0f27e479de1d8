"""Setting a blank form by measure: labels, dotted lines and boxes at their places, values fitted into them.

All places are in millimetres from the left and top edge of the sheet; `y` is the line the letters stand on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from pdf import fonts, outline
from pdf.slots import SHEET, Printed, absent

LINE = 6.0
"""Height of a placed line in the style sheet; its letters stand a little below the middle."""

CLOSE = 0.25
"""Words within this of their wanted width are left as they are."""

LIFT = 0.55
"""How far a value stands above its dotted line."""

SMALLEST = 6.0
"""No value is set smaller than this, in points; what needs less is too long for its place."""

SHRINK = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64)
DOUBLE = 2.4
"""Distance of the two small lines that share one dotted line, in millimetres."""

EMPTY = Markup()

Span = tuple[float, float, float]
"""A dotted line: from x, to x, at y."""

_CLUSTER = re.compile(
    r"[เ-ไ]?[ก-ฮ][ัำ-ฺ็-๎ะาๅ]*"
    r"|[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd\u200b-\u200d])*|\s+|."
)


def pieces(text: str) -> list[str]:
    """Cut text into parts that may stand at the end of a line: words, or letters with their marks."""
    return _CLUSTER.findall(text)


def _goes_in(text: str, span: Span, size: float) -> bool:
    return fonts.width(text.rstrip(), size) <= span[1] - span[0] - 0.8


def _rows(text: str, spans: list[Span], size: float, *, anywhere: bool) -> list[str] | None:
    """Fill the spans in turn; None where the text does not go in."""
    parts = pieces(text) if anywhere else re.findall(r"\S+\s*", text)
    rows = [""]
    for part in parts:
        if _goes_in(rows[-1] + part, spans[len(rows) - 1], size):
            rows[-1] += part
        elif len(rows) < len(spans) and _goes_in(part, spans[len(rows)], size):
            rows.append(part)
        else:
            return None
    return rows


def _tries(spans: list[Span], size: float) -> Iterator[tuple[float, list[Span], bool]]:
    sizes = [*(size * factor for factor in SHRINK if size * factor > SMALLEST), SMALLEST]
    for smaller in sizes:
        yield smaller, spans, False
    doubled = [(x1, x2, y - up) for x1, x2, y in spans for up in (DOUBLE, 0.0)]
    for anywhere in (False, True):
        yield SMALLEST, spans, anywhere
        yield SMALLEST, doubled, anywhere


def fitted(text: str, spans: list[Span], size: float) -> tuple[float, list[tuple[Span, str]]] | None:
    """Find the largest size at which a text goes into its dotted lines, and how it is divided."""
    for smaller, places, anywhere in _tries(spans, size):
        rows = _rows(text, places, smaller, anywhere=anywhere)
        if rows is not None:
            return smaller, list(zip(places, rows, strict=False))
    return None


def fitting(value: object, room: float, points: float, *, bold: bool = False) -> Markup:
    """Give the largest size in points, down to the smallest, at which a text goes into one line of so many mm."""
    wide = 0.0 if absent(value) else fonts.width(str(value), 1, bold=bold)
    sizes = [points * factor for factor in SHRINK if points * factor > SMALLEST]
    return Markup(f"{next((size for size in sizes if wide * size <= room), SMALLEST):.2f}")


@dataclass(frozen=True, slots=True)
class Hand:
    """One size of type for a form; the templates place everything through it."""

    size: float

    def label(
        self,
        x: float,
        x2: float | None,
        y: float,
        text: str,
        *,
        size: float | None = None,
        bold: bool = False,
    ) -> Markup:
        """Place printed words of the form, drawn out or in to run from x to x2 where that is given."""
        points = size or self.size
        style = "font-weight:700;" if bold else ""
        natural = fonts.width(text, points, bold=bold)
        if x2 is not None and abs(x2 - x - natural) > CLOSE:
            style += f"transform:scaleX({min(max((x2 - x) / natural, 0.75), 1.3):.4f});"
        return _line(x, y, text, points, style, "at fixed")

    def field(
        self,
        x: float,
        x2: float,
        y: float,
        thai: str,
        english: str,
        value: Markup = EMPTY,
        *,
        bold: bool = False,
    ) -> Markup:
        """Place a label with its English small beneath and a dotted line from its end to x2."""
        start = x + fonts.width(thai, self.size, bold=bold) + 1.2
        below = self.label(x, None, y + 4.6, english, size=self.size * 0.83)
        return self.label(x, None, y, thai, bold=bold) + below + self.slot(start, x2, y, value)

    def slot(
        self,
        x: float,
        x2: float,
        y: float,
        value: Markup = EMPTY,
        *,
        size: float | None = None,
        leader: bool = True,
        centre: bool = False,
    ) -> Markup:
        """Draw a dotted line and set a value on it, smaller or in two lines where it is long."""
        return self.slots([(x, x2, y)], value, size=size, leader=leader, centre=centre)

    def slots(
        self,
        spans: list[Span],
        value: Markup = EMPTY,
        *,
        size: float | None = None,
        leader: bool = True,
        centre: bool = False,
    ) -> Markup:
        """Draw several dotted lines that one value runs over."""
        if leader:
            for x, x2, y in spans:
                dotted(x, x2, y)
        text = value.unescape().replace("\n", " ").strip()
        if not text:
            return Markup()
        found = fitted(text, spans, size or self.size)
        if found is None:
            SHEET.get().lack("too_long", value.fact if isinstance(value, Printed) else "")
            return Markup()
        return Markup().join(_value(span, row.strip(), found[0], centre) for span, row in found[1])


def _value(span: Span, text: str, size: float, centre: bool) -> Markup:
    x, x2, y = span
    start = x + (x2 - x - fonts.width(text, size)) / 2 if centre else x + 0.4
    if SHEET.get().for_plate:
        return outline.open_at(start, round(_top(y - LIFT, size), 2) + LINE / 2 + fonts.drop(size), size, escape(text))
    return _line(start, y - LIFT, text, size, "")


def _top(y: float, size: float) -> float:
    return y - LINE / 2 - fonts.drop(size)


def _line(x: float, y: float, text: str, size: float, style: str, kind: str = "at") -> Markup:
    top = _top(y, size)
    place = f"left:{x:.2f}mm;top:{top:.2f}mm;font-size:{size:.2f}pt;{style}"
    return Markup('<div class="{}" style="{}">{}</div>').format(kind, Markup(place), escape(text))


_STROKES = {
    "dots": 'stroke="#000" stroke-width=".3" stroke-linecap="round" stroke-dasharray="0 .92"',
    "dashes": 'stroke="#000" stroke-width=".3" stroke-dasharray="1.6 1.2"',
    "line": 'stroke="#000" stroke-width=".25" fill="none"',
    "check": 'stroke="#000" stroke-width=".3" fill="none"',
    "tick": 'stroke="#000" stroke-width=".55" fill="none" stroke-linecap="round" stroke-linejoin="round"',
}


def _rule(stroke: str, element: str) -> Markup:
    sheet = SHEET.get()
    (sheet.ticks if stroke == "tick" else sheet.rules).append(f"<{element} {_STROKES[stroke]}/>")
    return Markup()


def dotted(x: float, x2: float, y: float) -> Markup:
    """Draw a dotted line whose dots stand on y."""
    foot = f"{y - 0.15:.2f}"
    return _rule("dots", f'line x1="{x + 0.15:.2f}" x2="{x2 - 0.1:.2f}" y1="{foot}" y2="{foot}"')


def tear(x: float, x2: float, y: float) -> Markup:
    """Draw the line along which a sheet is torn."""
    return _rule("dashes", f'line x1="{x:.2f}" x2="{x2:.2f}" y1="{y:.2f}" y2="{y:.2f}"')


def line(x: float, y: float, x2: float, y2: float) -> Markup:
    """Draw a line."""
    return _rule("line", f'line x1="{x:.2f}" y1="{y:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"')


def box(x: float, y: float, x2: float, y2: float) -> Markup:
    """Draw a box by its corners."""
    return _rule("line", f'rect x="{x:.2f}" y="{y:.2f}" width="{x2 - x:.2f}" height="{y2 - y:.2f}"')


def tick(x: float, y: float, side: float, on: object = False) -> Markup:
    """Draw a small box to tick, its left foot at x, y; ticked where the fact holds."""
    inner = f'width="{side - 0.3:.2f}" height="{side - 0.3:.2f}"'
    _rule("check", f'rect x="{x + 0.15:.2f}" y="{y - side + 0.15:.2f}" {inner}')
    return _ticked(x, y, side) if on else Markup()


def ring(x: float, y: float, across: float, on: object = False) -> Markup:
    """Draw a ring to tick, its left edge at x, its foot at y."""
    half = across / 2
    _rule("check", f'circle cx="{x + half:.2f}" cy="{y - half:.2f}" r="{half - 0.15:.2f}"')
    return _ticked(x, y, across) if on else Markup()


def _ticked(x: float, y: float, side: float) -> Markup:
    """Draw the tick, a little beyond its box as a pen would."""
    points = ((0.18, 0.55), (0.42, 0.2), (1.02, 1.12))
    path = " ".join(f"{x + side * right:.2f},{y - side * up:.2f}" for right, up in points)
    return _rule("tick", f'polyline points="{path}"')


def ruling(width: float = 210, height: float = 297) -> Markup:
    """Put down all lines and boxes drawn since the last sheet, and the ticks made in them."""
    sheet = SHEET.get()
    rules, ticks = sheet.rules, sheet.ticks
    sheet.rules, sheet.ticks = [], []
    return _drawing("ruling fixed", rules, width, height) + _drawing("ruling", ticks, width, height)


def _drawing(kind: str, elements: list[str], width: float, height: float) -> Markup:
    return Markup(
        f'<svg class="{kind}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'style="width:{width:g}mm;height:{height:g}mm">{"".join(elements)}</svg>'
    )


def checkbox(on: object = False) -> Markup:
    """Draw a small box to tick in running text."""
    tick_path = f'<path d="M.8 2 1.6 3 3.5.6" {_STROKES["tick"]}/>' if on else ""
    return Markup(
        f'<svg class="box" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3.8 3.8">'
        f'<rect x=".3" y=".3" width="3.2" height="3.2" {_STROKES["check"]}/>{tick_path}</svg>'
    )
