"""The press: one WeasyPrint, one set of fonts and one style sheet for the process, closed to the world.

A document can reach nothing but our own font files and the pictures handed in with it, and whatever
WeasyPrint would only warn about (a missing glyph, an unreadable picture) stops the sheet.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType

import pydyf
from weasyprint import CSS, HTML, Attachment, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from pdf import fonts

STYLE = Path(__file__).parent / "papers/paper.css"
VARIANT = "pdf/a-3u"


class PaperFault(Exception):
    """A sheet could not be made; the message says what the press complained of."""


_pictures: ContextVar[Mapping[str, bytes]] = ContextVar("pictures", default=MappingProxyType({}))


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


class _Press:
    """The type case and style sheet, read once."""

    def __init__(self) -> None:
        self.fetcher = ClosedFetcher()
        self.fonts = FontConfiguration()
        families = ", ".join(f"'{family}'" for family in fonts.FAMILIES)
        text = _font_faces() + f"html {{ font-family: {families}; }}\n" + STYLE.read_text("utf-8")
        self.style = CSS(string=text, font_config=self.fonts, url_fetcher=self.fetcher)


_lock = Lock()


@cache
def _press() -> _Press:
    for missing in (path for path in _font_files().values() if not path.is_file()):
        raise PaperFault(f"the font file {missing.name} is not laid out; run script/flask once")
    return _Press()


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


_PRIMER = '<div class="primer" aria-hidden="true">{0} <b>{0}</b></div>'.format(
    " ".join(f"{letter}\u0e4d{tone}\u0e32" for letter in "อป" for tone in ("", "่", "้", "๊", "๋"))
)
"""Sara am in its parts, set before all else and wiped after: WeasyPrint keeps for each glyph the first text it
meets, and only so can words with sara am be read back from the sheet."""


def _primed(html: str) -> str:
    head, opening, rest = html.partition("<body")
    attributes, closing, body = rest.partition(">")
    return head + opening + attributes + closing + _PRIMER + body


def _wipe_primer(document: Document, printed: pydyf.PDF) -> None:
    """Take the primer off the first page again, now that the fonts have learnt from it."""
    page = next(item.stream for item in printed.objects if b"BT" in getattr(item, "stream", ()))
    del page[page.index(b"BT") : page.index(b"ET") + 1]


def _laid_out(html: str) -> Document:
    """Lay out the pages under the likeliest count of them, and again only if that was wrong.

    Left to count the pages itself, WeasyPrint lays out every paper three times.
    """
    press, count = _press(), html.count('<section class="sheet') or 1
    while True:
        numbered = html.replace('class="pageno"', f'class="pageno" data-pages="{count}"')
        document = HTML(string=numbered, url_fetcher=press.fetcher).render(
            stylesheets=[press.style], font_config=press.fonts, cache={}
        )
        if len(document.pages) == count:
            return document
        count = len(document.pages)


def _attachment(facts: bytes, made_at: datetime | None) -> Attachment:
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
    attached = None if facts is None else [_attachment(facts, made_at)]
    with _lock, _listening():
        token = _pictures.set(pictures)
        try:
            return _laid_out(_primed(html)).write_pdf(
                finisher=_wipe_primer,
                pdf_identifier=identifier,
                attachments=attached,
                pdf_variant=VARIANT if attached else None,
            )
        except FatalURLFetchingError as refusal:
            raise PaperFault(str(refusal)) from None
        finally:
            _pictures.reset(token)
