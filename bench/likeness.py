"""Papers from their plates beside the same papers laid out whole, over many workers whose names do not repeat.

`python -m bench.likeness [COUNT]`: dots that differ at 100 dpi, codes that decode, text that reads back.
"""

import json
import subprocess
import sys
from functools import partial
from io import BytesIO
from typing import Any

import pikepdf
import pypdf
import zxingcpp
from PIL import Image, ImageChops

from bench.papers import KEY, records
from bench.telling import tell
from pdf import composing, press
from pdf.plate import DoesNotFit

COUNT = 1000
DOTS = 50
"""So many dots of a page may differ, by more than a quarter of black."""


def drawn(paper: bytes, dots: int = 100) -> list[Image.Image]:
    """Give every page as poppler draws it; pdfium moves each word to whole dots."""
    command = ["pdftoppm", "-r", str(dots), "-gray"]
    pages = BytesIO(subprocess.run(command, input=paper, capture_output=True, check=True).stdout)
    found = []
    while pages.readline():
        width, height = map(int, pages.readline().split())
        pages.readline()
        found.append(Image.frombytes("L", (width, height), pages.read(width * height)))
    return found


def differing(one: Image.Image, other: Image.Image) -> int:
    """Count the dots that differ by more than a quarter of black."""
    return sum(ImageChops.difference(one, other).histogram()[65:])


def whole(key: str, record: dict[str, Any]) -> bytes:
    """Lay the same paper out whole."""
    html, sheet = composing.compose(key, record)
    moment, facts = composing.particulars(key, record, None, sheet)
    return press.print_sheet(html, sheet.pictures, b"0" * 16, facts, moment)


def _read(paper: bytes) -> dict[str, str]:
    command = ["pdftotext", "-raw", "-", "-"]
    return {
        "pdftotext": subprocess.run(command, input=paper, capture_output=True, check=True).stdout.decode(),
        "pypdf": " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(paper)).pages),
    }


def main(count: int = COUNT) -> None:
    """Compare and print."""
    told = partial(tell, "likeness")
    most = fallen = undecoded = sought = 0
    unread = {"pdftotext": 0, "pypdf": 0}
    for record in records(count):
        try:
            paper = composing.impression(KEY, record)
        except DoesNotFit:
            fallen += 1
            continue
        pairs = list(zip(drawn(paper), drawn(whole(KEY, record)), strict=True))
        most = max(most, *(differing(*pair) for pair in pairs))
        read = {code.text for code in zxingcpp.read_barcodes(drawn(paper, 200)[0])}
        undecoded += not {record["document"][name] for name in ("verify_url", "signed_url")} <= read
        with pikepdf.open(BytesIO(paper)) as document:
            facts = json.loads(document.attachments["facts.json"].get_file().read_bytes())["facts"].values()
        wanted = ["".join(fact.replace("\u200b", "").split()) for fact in facts]
        sought += len(wanted)
        for reader, text in _read(paper).items():
            found = "".join(text.split()).replace("\u200b", "")
            unread[reader] += sum(fact not in found for fact in wanted)
    told("compared", count - fallen, "papers")
    told("fell_back", fallen, "papers")
    told("most_differing_dots", most, "dots", DOTS)
    told("undecoded_codes", undecoded, "papers", 0)
    for reader, least in (("pdftotext", 100), ("pypdf", 95)):
        told(f"values_read_by_{reader}", 100 - unread[reader] / max(sought, 1) * 100, "per cent", least, least=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
