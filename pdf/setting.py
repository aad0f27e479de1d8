"""Setting lines of text on a sheet: the signs used are gathered in cases, one for each face, and become its fonts."""

import hashlib
import zlib
from collections.abc import Callable

from pdf.faces import Face, Sign, signs
from workflow.domain import thai

LEVEL = 1
"""Packing harder takes a fifth of the time of a paper and saves a twentieth of its size."""


def number(value: float) -> bytes:
    """Write a number as PDF wants it."""
    return (b"%.3f" % value).rstrip(b"0").rstrip(b".") or b"0"


LINES = 5_000
"""Lines kept with a plate."""

Line = tuple[str, int, float, float, float, float]
"""A line of text: its letters, weight, size, place and spacing."""

USUAL = "".join(
    (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,-/():",
        "กขคงจฉชซญฎฐณดตถทธนบปผฝพฟภมยรลวศษสหอฮ เแโใไะา",
        *(*thai.MONTHS, *thai.SHORT_MONTHS),
        "นายนางสาวบริษัทจำกัดห้างหุ้นส่วนสวนลำไยหมู่ที่ถนนตำบลอำเภอจังหวัดจันทบุรีโป่งน้ำร้อนสอยดาว",
    )
)
"""Letters that most values are written with: a plate has their signs, so that its papers need not bring them."""


class Cases:
    """The signs that have been set, a case for each face, in the order of their first use.

    What the cases `beneath` hold is taken from there.
    """

    def __init__(self, mark: str, beneath: "Cases | None" = None) -> None:
        self.mark = mark.encode()
        self._cases: dict[Face, tuple[bytes, dict[Sign, int]]] = {}
        self._beneath = beneath._cases if beneath else {}
        self._lines: dict[Line, bytes] = beneath._lines if beneath else {}

    def line(self, text: str, weight: int, size: float, x: float, y: float, spacing: float = 0.0) -> bytes:
        """Set a line of text with its foot at x, y in the text space of a page that counts downwards.

        A line that needs no signs but those beneath is kept: an employer stands on many papers.
        """
        line = (text, weight, size, x, y, spacing)
        if (kept := self._lines.get(line)) is not None:
            return kept
        drawn, own = self._drawn(*line)
        if self._beneath and not own:
            if len(self._lines) >= LINES:
                self._lines.clear()
            self._lines[line] = drawn
        return drawn

    def _drawn(
        self, text: str, weight: int, size: float, x: float, y: float, spacing: float
    ) -> tuple[bytes, bool]:
        """Set a line; tell whether it took signs from the cases of this paper."""
        own = False
        ops, pen, apart, foot, points = [b"BT "], 0.0, spacing / size, number(y), number(size)
        for face, run in signs(text, weight):
            ops.append(b"1 0 0 -1 %s %s Tm " % (number(x + pen), foot))
            below, lower = self._beneath.get(face, _EMPTY)
            name, moved_on, em = b"", 0, face.em
            for sign, moved in run:
                font, number_of = below, lower.get(sign)
                if number_of is None:
                    (font, number_of), own = self._taken(face, sign), True
                if font != name:
                    ops.append(b"%s/%s %s Tf [<" % (b">] TJ " if name else b"", font, points))
                    name = font
                ops.append(b"%04x" % number_of)
                if sign.width != moved or apart:
                    ops.append(b">%s<" % number((sign.width - moved) * 1000 / em - apart * 1000))
                moved_on += moved
            ops.append(b">] TJ ")
            pen += moved_on * size / em + spacing * len(run)
        ops.append(b"ET\n")
        return b"".join(ops), own

    def _taken(self, face: Face, sign: Sign) -> tuple[bytes, int]:
        """Take a sign from its case; give the name and number it is set by."""
        if face not in self._cases:
            self._cases[face] = (b"%s%d" % (self.mark, len(self._cases)), {})
        name, case = self._cases[face]
        return name, case.setdefault(sign, len(case) + 1)

    def stock(self, weight: int) -> None:
        """Take in the usual signs of a weight beside those that were set."""
        for face, run in signs(USUAL, weight):
            for sign, _ in run:
                self._taken(face, sign)

    def fonts(self, add: Callable[[bytes], int]) -> bytes:
        """Add the fonts of all cases as PDF objects through `add`, which numbers them; give the resource entries."""
        return b"".join(
            b"/%s %d 0 R" % (name, _font(face, list(case), add)) for face, (name, case) in self._cases.items()
        )


_EMPTY: tuple[bytes, dict[Sign, int]] = (b"", {})


def stream(content: bytes, entries: bytes = b"", level: int = LEVEL) -> bytes:
    """Write a compressed stream."""
    packed = zlib.compress(content, level)
    return b"<</Filter/FlateDecode/Length %d%s>>stream\n%s\nendstream" % (len(packed), entries, packed)


def _font(face: Face, case: list[Sign], add: Callable[[bytes], int]) -> int:
    file = face.subset(case)
    name = f"{_tag(file)}+{face.name}".encode()
    program = add(stream(file, b"/Length1 %d" % len(file)))
    box = b" ".join(b"%d" % round(edge * 1000 / face.em) for edge in face.box)
    metrics = (round(value * 1000 / face.em) for value in (face.rise, face.fall, face.capital))
    described = add(
        b"<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%s]/ItalicAngle 0/Ascent %d/Descent %d"
        b"/CapHeight %d/StemV 80/FontFile2 %d 0 R>>" % (name, box, *metrics, program)
    )
    widths = b" ".join(number(sign.width * 1000 / face.em) for sign in case)
    inner = add(
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/CIDToGIDMap/Identity/DW 0/W[1[%s]]/FontDescriptor %d 0 R>>" % (name, widths, described)
    )
    reads = add(stream(_reads_back(case)))
    return add(
        b"<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/ToUnicode %d 0 R/DescendantFonts[%d 0 R]>>"
        % (name, reads, inner)
    )


def _tag(file: bytes) -> str:
    """Six letters that tell this subset from others of its face."""
    return "".join(chr(65 + byte % 26) for byte in hashlib.sha256(file).digest()[:6])


def _reads_back(case: list[Sign]) -> bytes:
    """Write the map from signs back to letters."""
    pairs = [b"<%04x><%s>" % (n, sign.text.encode("utf-16-be").hex().encode()) for n, sign in enumerate(case, 1)]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    body = b"".join(b"%d beginbfchar\n%s\nendbfchar\n" % (len(block), b"\n".join(block)) for block in blocks)
    return _CMAP % body


_CMAP = (
    b"/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)"
    b"/Supplement 0>>def/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n1 begincodespacerange<0000><ffff>"
    b"endcodespacerange\n%sendcmap CMapName currentdict/CMap defineresource pop end end"
)
