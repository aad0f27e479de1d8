"""Plates: the page of a paper is laid out once, and each further paper is that page with its own values set in.

A plate is made from the page alone, never from the values of whoever came first, so that a paper's bytes do not
depend on what was printed before it.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from typing import TypeVar
from xml.sax.saxutils import escape

import pikepdf
from PIL import Image
from weasyprint.text.line_break import split_first_line

from pdf import press
from pdf.codes import pdf_path
from pdf.faces import ems
from pdf.outline import JOINER, MADE_AT, TITLE, Outline, Placed, outlined
from pdf.press import Gap, Setting, Text
from pdf.setting import Cases, number, stream

KEPT = 48
"""Plates kept in one process."""

LINES = 5_000
"""Texts whose lines are kept: a farm's address stands on many papers."""

SLACK = 0.5
"""A text that comes as near as this to the end of its room, in px, is measured by Pango itself."""

MILLIMETRE, POINT = 96 / 25.4, 96 / 72
"""In px."""

HARDEST = 9
"""What a plate keeps is packed once, as small as can be."""

MOVED = 0.01
"""What stands farther than this from where it stood, in px, was moved by a value."""

Slotted = TypeVar("Slotted", Gap, press.Square)

Size = tuple[int, int, str]
"""Width and height of a photo in pixels, and its colours."""


class DoesNotFit(Exception):
    """A value does not go into its place on the plate; the sheet is laid out whole."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A page laid out once: its lasting objects as they are written, and where each value goes."""

    gaps: Mapping[int, tuple[Gap, ...]]
    squares: Mapping[int, tuple[press.Square, ...]]
    heights: tuple[float, ...]
    lasting: bytes
    places: Mapping[int, int]
    size: int
    pages: tuple[tuple[int, bytes], ...]
    fonts: tuple[int, bytes]
    info: tuple[int, bytes]
    metadata: tuple[int, bytes]
    attachment: tuple[int, bytes]
    photo: tuple[int, bytes] | None
    root: int
    cases: Cases


def impression(
    composed: str,
    pictures: Mapping[str, bytes],
    identifier: bytes,
    facts: bytes,
    made_at: datetime,
) -> bytes:
    """Print a paper from its plate; raises DoesNotFit where a value wants more room than it has."""
    others = tuple((name, content) for name, content in sorted(pictures.items()) if name != "photo")
    size = _size(pictures["photo"]) if "photo" in pictures else None
    page = outlined(composed)
    held = _held(page.page(), others, size)
    plate = _plate(page.page(held), others, size)
    return _written(plate, page, held, pictures.get("photo"), identifier, facts, made_at)


def _size(photo: bytes) -> Size:
    """Measure a photo; what is no JPEG is left to the press, which also says what is wrong with it."""
    try:
        with Image.open(BytesIO(photo), formats=("JPEG",)) as picture:
            picture.verify()
            return (*picture.size, picture.mode)
    except OSError as reason:
        raise DoesNotFit("photo") from reason


# what may change without moving anything ----------------------------------------------------------


@lru_cache(KEPT)
def _held(page: str, others: tuple[tuple[str, bytes], ...], size: Size | None) -> frozenset[int]:
    """Find the values that something else on the page stands behind; they belong to the plate."""
    short, long = (_texts(text, others, size) for text in (page, _lengthened(page)))
    held: set[int] = set()
    for place, (before, after) in enumerate(zip(short, long, strict=True)):
        if abs(before.x - after.x) < MOVED and abs(before.y - after.y) < MOVED:
            continue
        earlier = {one.slot for one in short[:place] if one.line == before.line} - {None}
        if before.slot is None or earlier:
            held |= earlier or {one.slot for one in short if one.block == before.block} - {None}
    lines: dict[int, list[tuple[Text, Text]]] = {}
    for before, after in zip(short, long, strict=True):
        lines.setdefault(before.line, []).append((before, after))
    for line in lines.values():
        if len(line) > 1 and abs(line[0][0].x - line[0][1].x) >= MOVED:
            held |= {one.slot for one, _ in line} - {None}
    last = {one.line: one.slot for one in short}
    return frozenset(held | {one.slot for one in short if one.slot is not None and last[one.line] != one.slot})


def _lengthened(page: str) -> str:
    return page.replace("ก</data>", "กก</data>").replace("ក</data>", "កក</data>")


def _texts(page: str, others: tuple[tuple[str, bytes], ...], size: Size | None) -> list[Text]:
    return press.print_plate(page, _stood_in(others, size), datetime.fromisoformat(MADE_AT))[1].texts


def _stood_in(others: tuple[tuple[str, bytes], ...], size: Size | None) -> dict[str, bytes]:
    return dict(others) | ({"photo": _blank(size)} if size else {})


@lru_cache(8)
def _blank(size: Size) -> bytes:
    drawn = BytesIO()
    Image.new(size[2], size[:2]).save(drawn, "JPEG")
    return drawn.getvalue()


# cutting a plate ----------------------------------------------------------------------------------


@lru_cache(KEPT)
def _plate(page: str, others: tuple[tuple[str, bytes], ...], size: Size | None) -> Plate:
    printed, setting = press.print_plate(page, _stood_in(others, size), datetime.fromisoformat(MADE_AT))
    with pikepdf.open(BytesIO(printed)) as pdf:
        return _cut(pdf, setting, _blank(size) if size else None)


def _cut(pdf: pikepdf.Pdf, setting: Setting, blank: bytes | None) -> Plate:
    root, info = pdf.Root, pdf.trailer.Info
    file = root.Names.EmbeddedFiles.Names[1].EF.F
    fonts = pdf.pages[0].Resources.Font
    photo = _photo(pdf, blank)
    changing = {one.objgen[0] for one in (info, root.Metadata, file, fonts, *(page.obj for page in pdf.pages))}
    changing |= {photo.objgen[0]} if photo is not None else set()
    for page in pdf.pages:
        page.Contents = _closed(pdf, page)
    lasting, places = [_HEADER], {}
    at = len(_HEADER)
    for each in pdf.objects:
        if not isinstance(each, pikepdf.Object) or each.objgen[0] in changing:
            continue
        body = _unparsed(each)
        places[each.objgen[0]] = at
        lasting.append(b"%d 0 obj\n%s\nendobj\n" % (each.objgen[0], body))
        at += len(lasting[-1])
    return Plate(
        gaps=_grouped(setting.gaps),
        squares=_grouped(setting.squares),
        heights=tuple(float(page.mediabox[3]) for page in pdf.pages),
        lasting=b"".join(lasting),
        places=places,
        size=len(pdf.objects) + 1,
        pages=tuple((page.obj.objgen[0], _page(page)) for page in pdf.pages),
        fonts=(fonts.objgen[0], fonts.unparse(resolved=True)[:-2]),
        info=(info.objgen[0], info.unparse(resolved=True)),
        metadata=(root.Metadata.objgen[0], root.Metadata.read_bytes()),
        attachment=(file.objgen[0], file.stream_dict.Subtype.unparse()),
        photo=None if photo is None else (photo.objgen[0], _entries(photo)),
        root=root.objgen[0],
        cases=setting.cases,
    )


def _grouped(found: Sequence[Slotted]) -> dict[int, tuple[Slotted, ...]]:
    groups: dict[int, tuple[Slotted, ...]] = {}
    for one in found:
        groups[one.slot] = (*groups.get(one.slot, ()), one)
    return groups


def _photo(pdf: pikepdf.Pdf, blank: bytes | None) -> pikepdf.Object | None:
    """Find the object of the photo that stood in, if the paper shows it; a page may hold other pictures."""
    if blank is None:
        return None
    found = [
        one
        for one in pdf.objects
        if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image" and one.read_raw_bytes() == blank
    ]
    if len(found) > 1:
        raise press.PaperFault("the photo is drawn more than once on the plate")
    return found[0] if found else None


def _closed(pdf: pikepdf.Pdf, page: pikepdf.Page) -> pikepdf.Object:
    """Leave the page in the state it was found in after what lasts was drawn."""
    page.contents_coalesce()
    return pdf.make_indirect(pdf.make_stream(b"q\n" + page.Contents.read_bytes() + b"\nQ\n"))


def _page(page: pikepdf.Page) -> bytes:
    """Write a page with room for the stream of its values."""
    own = b"/Contents " + b"%d %d R" % page.Contents.objgen
    written = page.obj.unparse(resolved=True)
    assert written.count(own) == 1
    return written.replace(own, b"/Contents [%d %d R %%d 0 R]" % page.Contents.objgen)


def _unparsed(each: pikepdf.Object) -> bytes:
    if not isinstance(each, pikepdf.Stream):
        return each.unparse(resolved=True)
    if "/Filter" in each.stream_dict or each.get("/Type") == "/Metadata":
        body = each.read_raw_bytes()
        return b"%s/Length %d>>stream\n%s\nendstream" % (_entries(each), len(body), body)
    return stream(each.read_bytes(), _entries(each)[2:], HARDEST)


def _entries(each: pikepdf.Stream) -> bytes:
    """Write what is said of a stream but for its length, left open."""
    return b"<<" + b" ".join(
        key.encode() + b" " + _value(value) for key, value in each.stream_dict.items() if key != "/Length"
    )


def _value(value: object) -> bytes:
    if isinstance(value, pikepdf.Object):
        return b"%d %d R" % value.objgen if value.is_indirect else value.unparse()
    return str(value).lower().encode() if isinstance(value, bool) else str(value).encode()


_HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"


# printing from it ---------------------------------------------------------------------------------


def _written(
    plate: Plate,
    page: Outline,
    held: frozenset[int],
    photo: bytes | None,
    identifier: bytes,
    facts: bytes,
    made_at: datetime,
) -> bytes:
    cases, drawn = Cases("V", plate.cases), _drawn(plate, page, held)
    parts, places, at = [plate.lasting], dict(plate.places), len(plate.lasting)
    size = plate.size

    def put(at_number: int, body: bytes) -> int:
        nonlocal at
        places[at_number] = at
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (at_number, body))
        at += len(parts[-1])
        return at_number

    def add(body: bytes) -> int:
        nonlocal size
        size += 1
        return put(size - 1, body)

    contents = [
        b"q 1 0 0 -1 0 %.6f cm 0.75 0 0 0.75 0 0 cm 0 g\n" % height
        + b"".join(draw(cases) for draw in drawn.get(which, ()))
        + b"Q\n"
        for which, height in enumerate(plate.heights)
    ]
    for (at_page, body), content in zip(plate.pages, contents, strict=True):
        put(at_page, body % add(stream(content)))
    put(plate.fonts[0], plate.fonts[1] + cases.fonts(add) + b">>")
    if plate.photo:
        put(plate.photo[0], b"%s/Length %d>>stream\n%s\nendstream" % (plate.photo[1], len(photo), photo))
    _put_particulars(plate, page.title, facts, made_at, put)
    second = hashlib.sha256(b"".join(contents) + identifier).digest()[:16]
    table = b"".join(
        b"%010d 00000 n \n" % places[each] if each in places else b"0000000000 65535 f \n"
        for each in range(1, size)
    )
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table))
    ids = identifier.hex().encode(), second.hex().encode()
    parts.append(
        b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>\n" % (size, plate.root, plate.info[0], *ids)
    )
    parts.append(b"startxref\n%d\n%%%%EOF\n" % at)
    return b"".join(parts)


def _put_particulars(
    plate: Plate, title: str, facts: bytes, made_at: datetime, put: Callable[[int, bytes], int]
) -> None:
    """Write what the file says of itself and the facts it carries."""
    then, now = (moment.astimezone(UTC) for moment in (datetime.fromisoformat(MADE_AT), made_at))
    stamp = "D:%Y%m%d%H%M%S"
    info = plate.info[1].replace(b"(%s)" % TITLE.encode(), _text(title))
    put(plate.info[0], info.replace(then.strftime(stamp).encode(), now.strftime(stamp).encode()))
    said = plate.metadata[1].replace(TITLE.encode(), escape(title).encode())
    said = said.replace(then.isoformat().encode(), now.isoformat().encode())
    put(
        plate.metadata[0],
        b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%s\nendstream" % (len(said), said),
    )
    on = now.strftime(stamp).encode() + b"Z"
    params = b"/Type/EmbeddedFile/Subtype %s/Params<</CheckSum<%s>/CreationDate(%s)/ModDate(%s)/Size %d>>" % (
        plate.attachment[1],
        hashlib.md5(facts, usedforsecurity=False).hexdigest().encode(),
        on,
        on,
        len(facts),
    )
    put(plate.attachment[0], stream(facts, params))


def _text(text: str) -> bytes:
    return b"<FEFF" + text.encode("utf-16-be").hex().encode() + b">"


Draw = Callable[[Cases], bytes]


def _drawn(plate: Plate, page: Outline, held: frozenset[int]) -> dict[int, list[Draw]]:
    """Place every value of a paper, by page; raises DoesNotFit."""
    drawn: dict[int, list[Draw]] = {}
    for slot, text in page.texts.items():
        if slot in held:
            continue
        for gap in plate.gaps.get(slot, ()):
            drawn.setdefault(gap.page, []).extend(_lines(gap, text))
    for slot, address in page.codes.items():
        for square in plate.squares.get(slot, ()):
            drawn.setdefault(square.page, []).append(_code(square, address))
    for one in page.placed:
        drawn.setdefault(one.page, []).append(_placed(one))
    return drawn


def _placed(one: Placed) -> Draw:
    size, x, y = one.size * POINT, one.x * MILLIMETRE, one.y * MILLIMETRE
    return lambda cases: cases.line(one.text, 400, size, x, y)


_SPACES = re.compile(" +")


def _lines(gap: Gap, text: str) -> list[Draw]:
    kept = gap.style["white_space"] in ("pre", "pre-wrap")
    words = text if kept else _SPACES.sub(" ", text)
    if "\n" in words:
        raise DoesNotFit(words)
    lines = _broken(gap, words)
    return [_line(gap, line, gap.y + gap.pitch * row) for row, line in enumerate(lines)]


def _line(gap: Gap, line: str, y: float) -> Draw:
    x = gap.x
    if gap.align != "left":
        spare = gap.full - _width(gap, line)
        x = gap.left + (spare / 2 if gap.align == "center" else spare)
    return lambda cases: cases.line(line, gap.weight, gap.size, x, y, gap.spacing)


def _width(gap: Gap, text: str) -> float:
    try:
        plain = text.replace(JOINER, "")
        return ems(plain, gap.weight) * gap.size + gap.spacing * len(plain)
    except KeyError as letter:
        raise press.PaperFault(f"no font has the letter {letter}") from None


@lru_cache(LINES)
def _broken(gap: Gap, text: str) -> tuple[str, ...]:
    """Divide a text into the lines that Pango would give it; raises DoesNotFit where those are too many."""
    if _width(gap, text) <= gap.room - SLACK:
        return (text.replace(JOINER, ""),)
    lines, rest = [], text
    while rest:
        if len(lines) == gap.lines:
            raise DoesNotFit(text)
        resume = split_first_line(rest, gap.style, None, gap.room, 0)[2]
        whole = rest.encode()
        line, rest = (whole[:resume].decode(), whole[resume:].decode()) if resume else (rest, "")
        if rest.startswith(JOINER) or line.endswith(JOINER):
            cut = line.rstrip(JOINER).rfind("\u200b")
            line, rest = line[:cut], line[cut:] + rest
        lines.append(line.replace(JOINER, "").strip(" \u200b"))
    if max(_width(gap, line) for line in lines) > gap.room + SLACK:
        raise DoesNotFit(text)
    return tuple(lines)


def _code(square: press.Square, address: str) -> Draw:
    side, squares = pdf_path(address)
    scale = b"%.5f" % (square.side / side)
    return lambda cases: (
        b"q %s 0 0 %s %s %s cm\n%sf\nQ\n" % (scale, scale, number(square.x), number(square.y), squares)
    )

