"""Walk through pages as a person does: open a page, fill its form in, send it with everything that is hidden in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse


@dataclass
class Found(HTMLParser):
    """What the first form of a page that posts would send as it stands, and the words of the page."""

    fields: MultiDict = field(default_factory=MultiDict)
    words: list[str] = field(default_factory=list)
    inside: bool = False
    select: str | None = None
    area: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            self.inside = given.get("method") == "post" and not self.fields
        if not self.inside:
            return
        if tag == "input" and given.get("name"):
            self._input(given)
        elif tag == "select":
            self.select = given.get("name")
        elif tag == "option" and self.select and "selected" in given:
            self.fields[self.select] = given.get("value") or ""
        elif tag == "textarea":
            self.area = given.get("name")

    def _input(self, given: dict[str, str | None]) -> None:
        kind = given.get("type", "text")
        if kind in ("radio", "checkbox") and "checked" not in given or kind == "file":
            return
        self.fields.add(given["name"], given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, words: str) -> None:
        if self.area:
            self.fields.add(self.area, words.strip())
        if words.strip():
            self.words.append(" ".join(words.split()))


def read(page: TestResponse) -> Found:
    """Read a page."""
    found = Found()
    found.feed(page.text)
    return found


def words(page: TestResponse) -> str:
    """Give the words of a page as one text."""
    return " ".join(read(page).words)


def fill(client: FlaskClient, path: str, **typed: object) -> MultiDict:
    """Open a page and fill its form in over what stands there; a name's dots stand for hyphens."""
    page = client.get(path)
    assert page.status_code == 200, (page.status_code, words(page))
    fields = read(page).fields
    for name, value in typed.items():
        fields.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return fields


def send(client: FlaskClient, path: str, **typed: object) -> TestResponse:
    """Open a page, fill its form in and send it."""
    return client.post(path, data=fill(client, path, **typed))
