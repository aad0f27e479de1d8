"""The press: one WeasyPrint, one set of fonts and one style sheet for the process, closed to the world.

A document can reach nothing but our own font files and the pictures handed in with it, and whatever
WeasyPrint would only warn about (a missing glyph, an unreadable picture) stops the sheet.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType

import pydyf
from weasyprint import CSS, HTML, Attachment, Document, draw
from weasyprint.formatting_structure.boxes import BlockContainerBox, Box, LineBox, ReplacedBox, TextBox
from weasyprint.pdf.stream import Stream
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from pdf import fonts
from pdf.setting import Cases

STYLE = Path(__file__).parent / "papers/paper.css"
VARIANT = "pdf/a-3u"
BOLD = 600


class PaperFault(Exception):
    """A sheet could not be made; the message says what the press complained of."""


_pictures: ContextVar[Mapping[str, bytes]] = ContextVar("pictures", default=MappingProxyType({}))


@contextmanager
def showing(pictures: Mapping[str, bytes]) -> Iterator[None]:
    """Let the sheets printed within show these pictures, by name."""
    token = _pictures.set(pictures)
    try:
        yield
    finally:
        _pictures.reset(token)


class ClosedFetcher(URLFetcher):
    """Serves font files and the pictures of the sheet by name; everything else is refused."""

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Give what a name stands for; a foreign address stops the sheet at once."""
        kind, _, name = url.partition(":")
        if kind == "font" and name in _font_files():
            return URLFetcherResponse(url, _font_files()[name].read_bytes(), {"Content-Type": "font/woff2"})
        if kind == "picture" and name in _pictures.get():
            content = _pictures.get()[name]
            return URLFetcherResponse(url, content, {"Content-Type": picture_type(content)})
        raise FatalURLFetchingError(f"a paper may not fetch {url[:80]!r}")


def picture_type(content: bytes) -> str:
    """Tell JPEG and PNG by their first bytes; nothing else may stand on a paper."""
    for kind, magic in (("image/jpeg", b"\xff\xd8\xff"), ("image/png", b"\x89PNG\r\n\x1a\n")):
        if content.startswith(magic):
            return kind
    raise PaperFault("a picture is neither JPEG nor PNG")


@cache
def _font_files() -> Mapping[str, Path]:
    return {
        f"{family.replace(' ', '-')}-{weight}".lower(): fonts.file_of(family, weight)
        for family in fonts.FAMILIES
        for weight in fonts.WEIGHTS
    }


def _font_faces() -> str:
    return "".join(
        f"@font-face {{ font-family: '{family}'; font-weight: {weight}; "
        f"src: url(font:{family.replace(' ', '-').lower()}-{weight}); }}\n"
        for family in fonts.FAMILIES
        for weight in fonts.WEIGHTS
    )


def style_text() -> str:
    """Give the whole style sheet of the papers, with the faces of type it names."""
    families = ", ".join(f"'{family}'" for family in fonts.FAMILIES)
    return _font_faces() + f"html {{ font-family: {families}; }}\n" + STYLE.read_text("utf-8")


class Press:
    """The type case and style sheet, read once."""

    def __init__(self) -> None:
        self.fetcher = ClosedFetcher()
        self.fonts = FontConfiguration()
        self.style = CSS(string=style_text(), font_config=self.fonts, url_fetcher=self.fetcher)


_lock = Lock()


@cache
def press() -> Press:
    """Give the press of this process."""
    for missing in (path for path in _font_files().values() if not path.is_file()):
        raise PaperFault(f"the font file {missing.name} is not laid out; run script/flask once")
    return Press()


class _Complaints(logging.Handler):
    """Keeps what WeasyPrint warns about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[None]:
    logger, ear = logging.getLogger("weasyprint"), _Complaints()
    level, propagates = logger.level, logger.propagate
    logger.addHandler(ear)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)
        logger.propagate = propagates
    if ear.said:
        raise PaperFault("; ".join(dict.fromkeys(ear.said)))


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """The place of a value left open on a plate; lengths in px, from the left and top edge of its page.

    The first line stands on `y` from `x` on, with `room` to its right; `left` and `full` are of the block.
    """

    slot: int
    page: int
    x: float
    y: float
    room: float
    left: float
    full: float
    size: float
    pitch: float
    lines: int
    weight: int
    spacing: float
    align: str
    style: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Square:
    """The place of a code left open on a plate, in px."""

    slot: int
    page: int
    x: float
    y: float
    side: float


@dataclass(frozen=True, slots=True)
class Text:
    """Where a piece of text stands: its slot if it stands in for a value, its line and its block by number."""

    slot: int | None
    page: int
    x: float
    y: float
    line: int
    block: int


@dataclass(slots=True)
class Setting:
    """What is set while one document is drawn: the signs used; on a plate also the places left open."""

    cases: Cases
    plate: bool = False
    gaps: list[Gap] = field(default_factory=list)
    squares: list[Square] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


_setting: ContextVar[Setting | None] = ContextVar("setting", default=None)


def _set_text(stream: Stream, box: TextBox, offset_x: float, overflow: str, ellipsis: str = "none") -> None:
    """Draw a line of text with signs that read back, where WeasyPrint would give each glyph one text."""
    setting, style = _setting.get(), box.style
    if setting is None or ellipsis != "none" or overflow == "ellipsis" or style["text_decoration_line"] != "none":
        _draw_text(stream, box, offset_x, overflow, ellipsis)
        return
    if style["visibility"] != "visible":
        return
    weight, spacing = (700 if style["font_weight"] >= BOLD else 400), _spacing(style)
    if setting.plate and _slot(box) is not None:
        return
    if box.text.strip():
        stream.set_color(style["color"])
        foot = box.position_y + box.baseline
        try:
            line = setting.cases.line(box.text, weight, style["font_size"], box.position_x, foot, spacing)
        except KeyError as letter:
            raise PaperFault(f"no font has the letter {letter}") from None
        stream.stream.append(line)


def _spacing(style: Mapping[str, object]) -> float:
    return 0.0 if style["letter_spacing"] == "normal" else float(style["letter_spacing"])


def _slot(box: Box) -> int | None:
    number = box.element.get("data-slot") if box.element is not None else None
    return None if number is None else int(number)


_draw_text, draw.draw_text = draw.draw_text, _set_text


class _Raw(pydyf.Object):
    """An object whose bytes are written as they are."""

    compressible = False

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.content = content

    @property
    def data(self) -> bytes:
        return self.content


def _add_fonts(document: Document, printed: pydyf.PDF) -> None:
    """Add the fonts of the signs that were set."""

    def add(content: bytes) -> int:
        made = _Raw(content)
        printed.add_object(made)
        return made.number

    setting = _setting.get()
    if setting.plate:
        for weight in sorted({400, *(gap.weight for gap in setting.gaps)}):
            setting.cases.stock(weight)
    entries = setting.cases.fonts(add)
    resources = next(one for one in printed.objects if isinstance(one, pydyf.Dictionary) and "XObject" in one)
    known = printed.objects[int(resources["Font"].split()[0])]
    for name, number in re.findall(rb"/(\w+) (\d+) 0 R", entries):
        known[name.decode()] = f"{number.decode()} 0 R".encode()


def _laid_out(html: str) -> Document:
    """Lay out the pages under the likeliest count of them, and again only if that was wrong.

    Left to count the pages itself, WeasyPrint lays out every paper three times.
    """
    kept, count = press(), html.count('<section class="sheet') or 1
    while True:
        numbered = html.replace('class="pageno"', f'class="pageno" data-pages="{count}"')
        document = HTML(string=numbered, url_fetcher=kept.fetcher).render(
            stylesheets=[kept.style], font_config=kept.fonts, cache={}
        )
        if len(document.pages) == count:
            return document
        count = len(document.pages)


def attachment(facts: bytes, made_at: datetime | None) -> Attachment:
    """Give the facts of a paper as the file that goes with it."""
    return Attachment(
        string=facts,
        name="facts.json",
        description="The facts on this paper",
        created=made_at,
        modified=made_at,
        relationship="Data",
        url_fetcher=ClosedFetcher(),
    )


def print_sheet(
    html: str,
    pictures: Mapping[str, bytes],
    identifier: bytes,
    facts: bytes | None = None,
    made_at: datetime | None = None,
) -> bytes:
    """Print a finished page of HTML; the same input gives the same bytes.

    With `facts` (JSON) the sheet is PDF/A-3u and carries them as an attachment, since the Khmer of a PDF
    cannot be read back from its glyphs.
    """
    return _printed(html, pictures, identifier, facts, made_at, Setting(Cases("S")))


def print_plate(html: str, pictures: Mapping[str, bytes], made_at: datetime) -> tuple[bytes, Setting]:
    """Print a page with the places of its values left open; tell where they are."""
    setting = Setting(Cases("S"), plate=True)
    return _printed(html, pictures, b"0" * 16, b"{}", made_at, setting), setting


def _printed(
    html: str,
    pictures: Mapping[str, bytes],
    identifier: bytes,
    facts: bytes | None,
    made_at: datetime | None,
    setting: Setting,
) -> bytes:
    attached = None if facts is None else [attachment(facts, made_at)]
    with _lock, _listening(), showing(pictures):
        held = _setting.set(setting)
        try:
            document = _laid_out(html)
            if setting.plate:
                _find_places(document, setting)
            return document.write_pdf(
                finisher=_add_fonts,
                pdf_identifier=identifier,
                attachments=attached,
                pdf_variant=VARIANT if attached else None,
            )
        except FatalURLFetchingError as refusal:
            raise PaperFault(str(refusal)) from None
        finally:
            _setting.reset(held)


def _find_places(document: Document, setting: Setting) -> None:
    """Note where every text stands, and the places that values and codes are to go to."""
    for page, laid in enumerate(document.pages):
        root = laid._page_box
        waiting: list[tuple[Box, Box, Box, int]] = [(root, root, root, 1)]
        while waiting:
            box, line, block, lines = waiting.pop()
            box = getattr(box, "_box", box)
            slot = _slot(box)
            if isinstance(box, TextBox):
                x, y = box.position_x, box.position_y + box.baseline
                setting.texts.append(Text(slot, page, x, y, id(line), id(block)))
                if slot is not None:
                    setting.gaps.append(_gap(slot, page, box, line, block, lines))
                continue
            if isinstance(box, ReplacedBox) and slot is not None:
                x, y = box.content_box_x(), box.content_box_y()
                setting.squares.append(Square(slot, page, x, y, box.width))
            if isinstance(box, LineBox):
                line = box
            elif isinstance(box, BlockContainerBox):
                block = box
                lines = int(box.element.get("data-lines", lines)) if box.element is not None else lines
            children = list(box.all_children()) if hasattr(box, "all_children") else []
            waiting += ((child, line, block, lines) for child in reversed(children))


def _gap(slot: int, page: int, box: TextBox, line: Box, block: Box, lines: int) -> Gap:
    style, left, align = box.style, block.content_box_x(), _alignment(block.style)
    return Gap(
        slot=slot,
        page=page,
        x=box.position_x,
        y=box.position_y + box.baseline,
        room=left + block.width - box.position_x if align == "left" else block.width,
        left=left,
        full=block.width,
        size=style["font_size"],
        pitch=line.height,
        lines=lines,
        weight=700 if style["font_weight"] >= BOLD else 400,
        spacing=_spacing(style),
        align=align,
        style=style,
    )


def _alignment(style: Mapping[str, object]) -> str:
    align = style["text_align_all"]
    return {"start": "left", "end": "right", "justify": "left"}.get(align, align)
