"""A paper's page taken apart: what is the same on every such paper, and the values that fill it.

While a page is composed for a plate, each value stands between two signs that no text may hold. Here the values
are taken out; what is left is the page of the plate, with a letter of the same script in place of each value.
"""

import re
from dataclasses import dataclass
from html import unescape

from markupsafe import Markup

from pdf import codes

OPEN, CLOSE, CODE, END, PLACE, PLACED = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004", "\ue005"

JOINER = "\u2060"
"""Stands between the letters of what is never divided."""

_PIECE = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}|{CODE}([^{END}]*){END}|{PLACE}([^{PLACED}]*){PLACED}")
_SHEET = '<section class="sheet'
_TAG = re.compile(r"<[^>]*>")
_KHMER = re.compile("[\u1780-\u17ff\u19e0-\u19ff]")
_OTHER = re.compile("[^\u1780-\u17ff\u19e0-\u19ff\\s\u200b-\u200d]")
_WHOLE = re.compile(r"<nobr>(.*?)</nobr>")
_CLUSTER = re.compile("[^\u0e31\u0e33-\u0e3a\u0e47-\u0e4e][\u0e31\u0e33-\u0e3a\u0e47-\u0e4e]*")
_TITLE = re.compile(r"<title>(.*?)</title>", re.S)
_MADE = re.compile(r'(<meta name="dcterms.created" content=")[^"]*"')

TITLE = "Saphan plate"
MADE_AT = "2001-02-03T04:05:06+07:00"
_SQUARE = codes.SVG.format(29, ' data-slot="{}"', "")


@dataclass(frozen=True, slots=True)
class Placed:
    """A value that its form places by measure: which sheet, where its foot stands in mm, its size in points."""

    page: int
    x: float
    y: float
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """A composed page in its parts: what always stands there, and by number the text of each slot and its codes.

    Values that a blank form places itself are no part of the page.
    """

    parts: tuple[str | int, ...]
    bare: dict[int, str]
    texts: dict[int, str]
    codes: dict[int, str]
    placed: tuple[Placed, ...]
    title: str

    def page(self, held: frozenset[int] = frozenset()) -> str:
        """Give the page of the plate; the values that are `held` stay in, being part of it."""
        return "".join(
            part if isinstance(part, str) else self._place(part, kept=part in held) for part in self.parts
        )

    def _place(self, slot: int, *, kept: bool) -> str:
        if kept:
            return self.bare[slot]
        return f'<data data-slot="{slot}">{filling(self.texts[slot])}</data>'


def open_place(value: Markup) -> Markup:
    """Mark a value as one that a plate leaves open."""
    return Markup(f"{OPEN}{value}{CLOSE}")


def open_code(address: Markup) -> Markup:
    """Mark an address whose code a plate leaves open."""
    return Markup(f"{CODE}{address}{END}")


def open_at(x: float, y: float, size: float, text: Markup) -> Markup:
    """Mark a value that its form places, so that a plate leaves it out."""
    return Markup(f"{PLACE}{x:.2f} {y:.4f} {size:.2f} {text}{PLACED}")


def filling(text: str) -> str:
    """Give the letter that stands for a text while its plate is laid out."""
    if not _KHMER.search(text):
        return "ก"
    return "កa" if _OTHER.search(text) else "ក"


def outlined(composed: str) -> Outline:
    """Take a composed page apart."""
    head, opening, body = composed.partition("<body")
    head = _bare(head)
    title = unescape(_TITLE.search(head)[1]).strip()
    head = _MADE.sub(rf'\g<1>{MADE_AT}"', _TITLE.sub(f"<title>{TITLE}</title>", head))
    parts: list[str | int] = [head + opening]
    bare: dict[int, str] = {}
    texts: dict[int, str] = {}
    addresses: dict[int, str] = {}
    placed: list[Placed] = []
    at, inside, sheets = 0, False, 0
    for slot, piece in enumerate(_PIECE.finditer(body)):
        parts.append(body[at : piece.start()])
        at = piece.end()
        inside = _within_tag(parts[-1], inside)
        sheets += parts[-1].count(_SHEET)
        if piece[3] is not None:
            x, y, size, text = piece[3].split(" ", 3)
            placed.append(Placed(sheets - 1, float(x), float(y), float(size), unescape(text)))
        elif piece[2] is not None:
            addresses[slot] = unescape(piece[2])
            parts.append(_SQUARE.format(slot))
        elif inside:
            parts.append(piece[1])
        else:
            bare[slot] = piece[1]
            texts[slot] = unescape(_TAG.sub("", _WHOLE.sub(_joined, piece[1]))).strip("\u200b")
            parts.append(slot)
    parts.append(body[at:])
    return Outline(tuple(parts), bare, texts, addresses, tuple(placed), title)


def _joined(whole: re.Match[str]) -> str:
    return JOINER.join(_CLUSTER.findall(unescape(whole[1])))


def _bare(text: str) -> str:
    return _PIECE.sub(lambda piece: piece[1] or "", text)


def _within_tag(before: str, inside: bool) -> bool:
    """Say whether what comes next stands within a tag, given what comes before and whether that began in one."""
    opened, closed = before.rfind("<"), before.rfind(">")
    return inside if opened == closed else opened > closed
