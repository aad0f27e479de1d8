"""After printing: many sheets bound into one file for the tray, and marks laid over a finished original."""

import hashlib
from collections.abc import Sequence
from io import BytesIO

import pikepdf
from markupsafe import Markup

from pdf.marks import STRUCK, WORDS, mark_words
from pdf.press import print_sheet

_MARK = "/SaphanMark"

BESIDE = 150.0
"""How far to the right of an earlier mark the next one stands, in points."""

_OVERLAY = Markup(
    '<!doctype html><html lang="th"><head><meta charset="utf-8"><title>{thai}</title>'
    "<style>@page {{ size: {width:.2f}pt {height:.2f}pt; margin: 0 }}</style></head>"
    '<body class="overlay"><div class="mark"><b>{thai}</b><span>{english}</span></div>{struck}</body></html>'
)


def merge(sheets: Sequence[bytes]) -> bytes:
    """Bind sheets into one file, in the order given."""
    with pikepdf.new() as bound:
        for sheet in sheets:
            with pikepdf.open(BytesIO(sheet)) as pages:
                _unsign(pages)
                bound.pages.extend(pages.pages)
        return _written(bound)


def stamp(sheet: bytes, text: str) -> bytes:
    """Lay a mark ("copy 2", "void", "audit copy") over every page of an original, unchanged beneath.

    A second mark stands beside the first. The signature is the original's alone.
    """
    words = mark_words(text) or (text, "")
    with pikepdf.open(BytesIO(sheet)) as pages:
        _unsign(pages)
        earlier = len(_marks(pages.pages[0])) if pages.pages else 0
        overlays: dict[tuple[float, float], tuple[pikepdf.Object, str]] = {}
        for page in pages.pages:
            left, bottom, right, top = (float(edge) for edge in page.mediabox)
            size = (right - left, top - bottom)
            if size not in overlays:
                overlays[size] = (_overlay(pages, words, *size), f"{_MARK}{earlier + len(overlays)}")
            _lay_over(page, *overlays[size], aside=earlier * BESIDE)
        return _written(pages)


def _unsign(document: pikepdf.Pdf) -> None:
    """Take the signature out of a file that is changed: a broken one would frighten who opens a copy."""
    for name in ("/AcroForm", "/Perms"):
        if name in document.Root:
            del document.Root[name]
    for page in document.pages:
        left = [one for one in page.get("/Annots", []) if one.get("/Subtype") != "/Widget"]
        if left:
            page.Annots = pikepdf.Array(left)
        elif "/Annots" in page:
            del page.Annots


def _marks(page: pikepdf.Page) -> list[str]:
    return [name for name in page.resources.get("/XObject", {}) if name.startswith(_MARK)]


def _lay_over(page: pikepdf.Page, mark: pikepdf.Object, name: str, aside: float) -> None:
    """Draw the mark last, by a name of ours: pikepdf would invent a new name each time."""
    page.add_resource(mark, pikepdf.Name.XObject, pikepdf.Name(name))
    page.contents_add(b"q", prepend=True)
    page.contents_add(f"Q q 1 0 0 1 {aside:g} 0 cm {name} Do Q".encode())


def _overlay(pages: pikepdf.Pdf, words: tuple[str, str], width: float, height: float) -> pikepdf.Object:
    struck = STRUCK if words == WORDS["void"] else Markup()
    html = str(_OVERLAY.format(thai=words[0], english=words[1], width=width, height=height, struck=struck))
    printed = print_sheet(html, {}, hashlib.sha256(html.encode()).digest()[:16])
    with pikepdf.open(BytesIO(printed)) as over:
        return pages.copy_foreign(over.pages[0].as_form_xobject())


def _written(pdf: pikepdf.Pdf) -> bytes:
    written = BytesIO()
    pdf.save(written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()
