"""The faces of type as HarfBuzz shapes them: every cluster of letters becomes one sign that reads back as itself.

A PDF tells its reader one text for each glyph. Thai and Khmer take several glyphs for one cluster, or several
clusters for one glyph, so text set glyph by glyph cannot be read back. Here the glyphs of a cluster are joined
into one composite glyph, made for the paper at hand, and that glyph stands for the letters of the cluster.
"""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO

import uharfbuzz as hb
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from pdf import fonts

Placed = tuple[int, int, int]
"""A glyph and where it stands from the start of its cluster, in font units."""

Box = tuple[int, int, int, int]
NO_BOX: Box = (0, 0, 0, 0)
Drawn = tuple[bytes, Box]
"""A glyph as it is written in a font, and its box."""

SPACES = frozenset(" \u00a0\u200b\u200c\u200d")
"""These take the face of the letters before them, as Pango gives it."""

KEPT = 20_000
"""Words whose shape is kept, a face."""


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """One cluster of letters as it is drawn: its glyphs, what it reads as, its own width in font units.

    A face gives the same sign for the same cluster as long as it lives.
    """

    glyphs: tuple[Placed, ...]
    text: str
    width: int


class Face:
    """One font file: shapes text and gives a font of just the signs that a paper uses."""

    def __init__(self, family: str, weight: int) -> None:
        self.name = f"{family.replace(' ', '')}-{'Bold' if weight > 400 else 'Regular'}"
        source = TTFont(fonts.file_of(family, weight), recalcTimestamp=False)
        source.flavor = None
        plain = BytesIO()
        source.save(plain)
        self.prints = frozenset(map(chr, source.getBestCmap()))
        self.outlines = _Outlines(source)
        self.advances = [source["hmtx"].metrics[name][0] for name in source.getGlyphOrder()]
        self.tables = {tag: source.getTableData(tag) for tag in ("head", "hhea", "maxp")}
        self.em = source["head"].unitsPerEm
        head, hhea = source["head"], source["hhea"]
        self.box = (head.xMin, head.yMin, head.xMax, head.yMax)
        self.rise, self.fall = hhea.ascent, hhea.descent
        self.capital = getattr(source["OS/2"], "sCapHeight", 0) or 700
        self._font = hb.Font(hb.Face(plain.getvalue()))
        self.shaped = lru_cache(KEPT)(self._shaped)
        self._composed = lru_cache(KEPT)(self._compose)
        self._signs: dict[tuple[tuple[Placed, ...], str, int], Sign] = {}

    def _shaped(self, text: str) -> tuple[tuple[Sign, int], ...]:
        """Shape a run of letters of this face: its signs, each with how far the pen moves on."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(self._font, buffer)
        clusters: list[tuple[int, list[Placed], int]] = []
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            if not clusters or clusters[-1][0] != info.cluster:
                clusters.append((info.cluster, [], 0))
            start, glyphs, moved = clusters[-1]
            glyphs.append((info.codepoint, moved + position.x_offset, position.y_offset))
            clusters[-1] = (start, glyphs, moved + position.x_advance)
        ends = [*(start for start, _, _ in clusters[1:]), len(text)]
        return tuple(
            (self._sign(tuple(glyphs), text[start:end], self._width(glyphs, moved)), moved)
            for (start, glyphs, moved), end in zip(clusters, ends, strict=True)
        )

    def _sign(self, glyphs: tuple[Placed, ...], text: str, width: int) -> Sign:
        return self._signs.setdefault((glyphs, text, width), Sign(glyphs, text, width))

    def _width(self, glyphs: Sequence[Placed], moved: int) -> int:
        """A single glyph keeps its own width, whatever the kerning; a joined one is as wide as its cluster."""
        return self.advances[glyphs[0][0]] if len(glyphs) == 1 else moved

    def subset(self, signs: Sequence[Sign]) -> bytes:
        """Give a TrueType font in which glyph n is the nth of these signs, counted from 1."""
        glyphs, parts = [self.outlines[0]], {}
        for sign in signs:
            if len(sign.glyphs) == 1 and sign.glyphs[0][1:] == (0, 0):
                glyphs.append(self.outlines[sign.glyphs[0][0]])
            else:
                glyphs.append(self._joined(sign, parts, len(signs) + 1))
        glyphs += [self.outlines[part] for part in parts]
        widths = [self.advances[0], *(sign.width for sign in signs), *(self.advances[part] for part in parts)]
        return self._font_of(glyphs, widths)

    def _joined(self, sign: Sign, parts: dict[int, int], first: int) -> Drawn:
        """Join the glyphs of a cluster into one composite glyph; its parts follow after all signs."""
        head, box, inked = self._composed(sign)
        return head + b"".join(
            struct.pack(">HHhh", flags, parts.setdefault(glyph, first + len(parts)), dx, dy)
            for flags, glyph, dx, dy in inked
        ), box

    def _compose(self, sign: Sign) -> tuple[bytes, Box, tuple[tuple[int, int, int, int], ...]]:
        """Give the head of a composite glyph, its box, and of each of its parts the flags, glyph and place."""
        inked = [each for each in sign.glyphs if self.outlines[each[0]][0]]
        if not inked:
            return b"", NO_BOX, ()
        lefts, feet, rights, tops = zip(
            *((box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy) for box, dx, dy in self._placed(inked)),
            strict=True,
        )
        box = (min(lefts), min(feet), max(rights), max(tops))
        last = len(inked) - 1
        told = tuple(
            (_WORDS | (0 if number else _OVERLAP) | (_MORE if number < last else 0), glyph, dx, dy)
            for number, (glyph, dx, dy) in enumerate(inked)
        )
        return struct.pack(">5h", -1, *box), box, told

    def _placed(self, inked: Sequence[Placed]) -> Iterator[tuple[Box, int, int]]:
        return ((self.outlines[glyph][1], dx, dy) for glyph, dx, dy in inked)

    def _font_of(self, glyphs: list[Drawn], widths: list[int]) -> bytes:
        places, at = [0], 0
        for glyph, _ in glyphs:
            at += len(glyph)
            places.append(at)
        count = len(glyphs)
        head, hhea, maxp = (bytearray(self.tables[tag]) for tag in ("head", "hhea", "maxp"))
        head[8:12] = bytes(4)
        struct.pack_into(">h", head, 50, 1)
        struct.pack_into(">H", hhea, 34, count)
        struct.pack_into(">H", maxp, 4, count)
        struct.pack_into(">HHH", maxp, 10, *_ROOM)
        struct.pack_into(">HHHHH", maxp, 22, 0, 0, 0, 8, 1)
        return _sfnt(
            {
                b"glyf": b"".join(glyph for glyph, _ in glyphs),
                b"head": bytes(head),
                b"hhea": bytes(hhea),
                b"hmtx": b"".join(
                    struct.pack(">Hh", width, box[0]) for width, (_, box) in zip(widths, glyphs, strict=True)
                ),
                b"loca": struct.pack(f">{count + 1}I", *places),
                b"maxp": bytes(maxp),
            }
        )


_WORDS, _MORE, _OVERLAP = 0x0003, 0x0020, 0x0400
_ROOM = (4000, 400, 2)
"""Room for the points and contours of a joined glyph, and the zones of the interpreter."""


class _Outlines(dict[int, Drawn]):
    """Every glyph as one plain outline without instructions, and its box; drawn when first asked for."""

    def __init__(self, source: TTFont) -> None:
        super().__init__()
        self._order, self._glyphs, self._table = source.getGlyphOrder(), source.getGlyphSet(), source["glyf"]

    def __missing__(self, number: int) -> Drawn:
        pen, record = TTGlyphPen(None), DecomposingRecordingPen(self._glyphs)
        self._glyphs[self._order[number]].draw(record)
        record.replay(pen)
        glyph = pen.glyph()
        data = glyph.compile(self._table) if glyph.numberOfContours else b""
        box = (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax) if data else NO_BOX
        self[number] = drawn = (data + bytes(-len(data) % 4), box)
        return drawn


def _sfnt(tables: dict[bytes, bytes]) -> bytes:
    """Put the tables of a font together."""
    at = 12 + 16 * len(tables)
    directory, bodies = [struct.pack(">IHHHH", 0x00010000, len(tables), 64, 2, len(tables) * 16 - 64)], []
    for tag, table in sorted(tables.items()):
        padded = table + bytes(-len(table) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory.append(tag + struct.pack(">III", total, at, len(table)))
        bodies.append(padded)
        at += len(padded)
    return b"".join(directory + bodies)


@cache
def faces(weight: int) -> tuple[Face, ...]:
    """Give the faces of a weight in their order of use."""
    return tuple(Face(family, weight) for family in fonts.FAMILIES)


_JOINED = re.compile("[\u200b\r\n]+")


@lru_cache(KEPT)
def runs(text: str, weight: int) -> tuple[tuple[Face, str], ...]:
    """Divide a line of text into runs of one face each; raises KeyError for a letter that no face has."""
    found: list[tuple[Face, str]] = []
    waiting = ""
    for letter in _JOINED.sub("", text):
        if letter in SPACES:
            if found:
                found[-1] = (found[-1][0], found[-1][1] + letter)
            else:
                waiting += letter
            continue
        face = _face_of(letter, weight)
        if found and found[-1][0] is face:
            found[-1] = (face, found[-1][1] + letter)
        else:
            found.append((face, waiting + letter))
            waiting = ""
    return tuple(found) if found else ((faces(weight)[0], waiting),) if waiting else ()


@cache
def _face_of(letter: str, weight: int) -> Face:
    for face in faces(weight):
        if letter in face.prints:
            return face
    raise KeyError(letter)


def signs(text: str, weight: int) -> Iterator[tuple[Face, tuple[tuple[Sign, int], ...]]]:
    """Shape a line of text, run by run."""
    for face, run in runs(text, weight):
        yield face, face.shaped(run)


@lru_cache(KEPT)
def ems(text: str, weight: int) -> float:
    """Measure a line of text, in ems."""
    return sum(moved / face.em for face, set_ in signs(text, weight) for _, moved in set_)
