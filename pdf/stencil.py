"""Blank forms are printed once and kept: each sheet then sets only its own values, with the form laid beneath.

Whatever a template marks `fixed` is the form's: its words, lines and boxes. The stencil of one sheet is kept
under exactly that markup, so that an amended form or another office makes another stencil.
"""

import hashlib
import re
from functools import lru_cache
from io import BytesIO

import pikepdf

from pdf.press import print_sheet

KEPT = 32
"""Papers whose forms are kept in one process: all official forms, with and without the specimen."""

_NAME = "/SaphanForm"
"""The pages of one file share their resources, so each form has a number of its own."""

_SHEET = re.compile(r'<section class="sheet.*?</section>', re.S)
_FIXED = re.compile(r'<(div|svg) class="[a-z]+ fixed".*?</\1>', re.S)
_PAGES = (
    '<!doctype html><html lang="th"><head><meta charset="utf-8"><title>-</title></head><body>{}</body></html>'
)


def fixed_parts(html: str) -> list[str]:
    """Take out the form of each sheet: its section with only what is fixed on it."""
    return [_opening(sheet) + _all_fixed(sheet) + "</section>" for sheet in _SHEET.findall(html)]


def own_parts(html: str) -> str:
    """Leave on each sheet only what is its own."""
    return _SHEET.sub(lambda sheet: _FIXED.sub("", sheet[0]), html)


def _opening(sheet: str) -> str:
    return sheet[: sheet.index(">") + 1]


def _all_fixed(sheet: str) -> str:
    return "".join(part[0] for part in _FIXED.finditer(sheet))


def laid_over(own: bytes, parts: list[str]) -> bytes:
    """Lay each page of values over its form."""
    forms = tuple(dict.fromkeys(parts))
    with pikepdf.open(BytesIO(own)) as sheet, pikepdf.open(BytesIO(stencil(forms))) as printed:
        laid = [sheet.copy_foreign(page.as_form_xobject()) for page in printed.pages]
        for page, part in zip(sheet.pages, parts, strict=True):
            number = forms.index(part)
            page.add_resource(laid[number], pikepdf.Name.XObject, pikepdf.Name(f"{_NAME}{number}"))
            page.contents_add(f"q {_NAME}{number} Do Q".encode(), prepend=True)
        written = BytesIO()
        sheet.save(written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return written.getvalue()


@lru_cache(KEPT)
def stencil(forms: tuple[str, ...]) -> bytes:
    """Print the forms of one paper, once in a process."""
    html = _PAGES.format("".join(forms))
    return print_sheet(html, {}, hashlib.sha256(html.encode()).digest()[:16])
