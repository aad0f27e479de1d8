"""Every fact reaches paper through a slot that says whether it is required, left to the pen, or optional.

What a slot lacks or cannot print is gathered on the sheet, so that a refusal names everything at once.
"""

import unicodedata
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache

from jinja2 import ChainableUndefined
from markupsafe import Markup, escape

from pdf import fonts, outline
from pdf.noted import Noted
from workflow.domain.words import N_

JOINERS = "\u200b\u200c\u200d"
"""Invisible characters that Thai and Khmer text may rightly hold."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a paper cannot be made: a code, the dotted name of the fact, and a sentence for the office."""

    code: str
    fact: str
    text: str


TEXTS = {
    "missing": N_("The paper needs this fact and the case does not have it."),
    "glyph": N_("A character cannot be printed with the fonts of the paper."),
    "control": N_("The text holds invisible control characters; type it again."),
    "too_long": N_("The text is too long for its place on the paper."),
    "image": N_("The picture cannot be read."),
}


class Absent(ChainableUndefined):
    """A fact that the record does not hold; it cannot be printed, only asked about by a slot."""

    def __str__(self) -> str:
        raise UnslottedFact(f"{self._undefined_name!r} is absent and no slot says what that means")

    __html__ = __str__


class UnslottedFact(Exception):
    """A template printed a value outside every slot: a fault of ours, never of the record."""


class Printed(Markup):
    """A value as it goes on paper, escaped, still knowing its fact."""

    fact = ""


@dataclass(slots=True)
class Sheet:
    """What one setting of a paper has used and what it found lacking."""

    for_plate: bool = False
    pictures: dict[str, bytes] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    lacks: list[Lack] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    ticks: list[str] = field(default_factory=list)
    noted: dict[str, Noted] = field(default_factory=dict)

    def lack(self, code: str, fact: str) -> None:
        """Note a reason against the paper, once."""
        found = Lack(code, fact, TEXTS[code])
        if found not in self.lacks:
            self.lacks.append(found)


SHEET: ContextVar[Sheet] = ContextVar("sheet")
"""The sheet being set in this thread."""


def absent(value: object) -> bool:
    """Say whether a fact is not there; nought and "no" are facts."""
    return value is None or value == "" or isinstance(value, Absent)


def req(value: object, fact: str) -> Markup:
    """Print a fact the paper cannot do without."""
    if absent(value):
        SHEET.get().lack("missing", fact)
        return Markup()
    return _printed(value, fact)


def pen(value: object, fact: str) -> Markup:
    """Print a fact if it is known; otherwise the dotted line stays for the pen."""
    return Markup() if absent(value) else _printed(value, fact)


opt = pen
"""Print a fact if there is one; nothing is missing without it."""


def _printed(value: object, fact: str) -> Printed:
    sheet, text = SHEET.get(), str(value).replace("\r\n", "\n").replace("\t", " ")
    for code in _faults(text):
        sheet.lack(code, fact)
    sheet.facts[fact] = text
    shown = Printed(escape(text))
    shown.fact = fact
    return shown


@lru_cache(20_000)
def _faults(text: str) -> frozenset[str]:
    return frozenset(code for letter in set(text) if (code := _fault(letter)))


def _fault(character: str) -> str | None:
    if character in JOINERS or character == "\n":
        return None
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return "control"
    return None if fonts.prints(character) else "glyph"


def only_slots(value: object) -> object:
    """Let a template print what came through a slot, our own markup and counts; refuse all else."""
    if isinstance(value, Printed) and SHEET.get().for_plate:
        return outline.open_place(value)
    if isinstance(value, (Markup, int)) and not isinstance(value, bool):
        return value
    raise UnslottedFact(f"{value!r} is printed outside every slot")
