"""What a page shows, leads to and sends to, and what no page may show."""

import re
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.pofile import read_po

THAI = Path(__file__).parent.parent / "translations/th/LC_MESSAGES/messages.po"
NOT_WORDS = frozenset({"script", "style"})
EMPTY = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "path", "source", "wbr"})
NEVER = re.compile(r"\{\{|\}\}|\{%|%\(\w+\)s|\bNone\b|Traceback|&lt;\w+ object at|\bundefined\b")
ENGLISH = re.compile(r"\b[a-z]{2,}(?:[ ,]+[a-z]{2,}){2}\b")
"""Three English words in a row: no name, number or reference looks like that."""
TOLD = ("title", "alt", "aria-label", "placeholder")


@dataclass
class Page(HTMLParser):
    """A page as it is read aloud: its language, its words with theirs, its links, the forms that it sends."""

    language: str = ""
    words: list[tuple[str, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    forms: list[tuple[str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    _inside: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        language = given.get("lang") or (self._inside[-1][1] if self._inside else "")
        if tag == "html":
            self.language = language
        if tag not in EMPTY:
            self._inside.append((tag, language))
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "img":
            self.links.append(given["src"])
        if tag == "form":
            self.forms.append((given.get("method", "get").upper(), given.get("action", "")))
        self.words += [(language, given[name]) for name in TOLD if given.get(name)]

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if any(tag == open_tag for open_tag, _ in self._inside):
            while self._inside.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        said = " ".join(data.split())
        if said and self._inside and self._inside[-1][0] not in NOT_WORDS:
            self.words.append((self._inside[-1][1], said))

    def faults(self) -> list[str]:
        """Tell what no page in Thai may show."""
        found = [f"is in {self.language or 'no language'}"] if self.language != "th" else []
        found += [f"has {one} twice" for one in {one for one in self.ids if self.ids.count(one) > 1}]
        for language, said in self.words:
            if NEVER.search(said):
                found.append(f"shows {said[:80]!r}")
            elif language == "th" and (said in untranslated() or ENGLISH.search(said)):
                found.append(f"is in English at {said[:80]!r}")
        return found


def read_page(text: str) -> Page:
    """Read a page."""
    page = Page()
    page.feed(text)
    return page


@cache
def untranslated() -> frozenset[str]:
    """Every English sentence that has other words in Thai."""
    with THAI.open("rb") as file:
        return frozenset(one.id for one in read_po(file) if one.id and one.string and one.string != one.id)
