"""What an office never divides at the end of a line: a date, the name of a place, the word for a foreign worker."""

import re
from functools import lru_cache

from markupsafe import Markup

from workflow.domain.thai import MONTHS, SHORT_MONTHS

_DATE = rf"\d{{1,2}} (?:{'|'.join(map(re.escape, (*MONTHS, *SHORT_MONTHS)))})(?: พ\.ศ\.)? \d{{4}}"
_PLACE = r"(?:ตำบล|อำเภอ|จังหวัด)[\u0e01-\u0e4e]{2,13}(?![\u0e01-\u0e4e])"
_ACT = r"พ\.ศ\. \d{4}"
_WORDS = r"(?:คน|แรงงาน)?ต่างด้าว|คำขอ|คำสั่ง|\d+/\d+|โทร\. [\d ]+\d"
_WHOLE = re.compile(rf"(?:{_DATE}|{_PLACE}|{_ACT}|{_WORDS})")
_TEXT = re.compile(r"(?<=>)[^<]+")

KEPT = 5_000
"""Texts kept with their pieces held together: most stand on every paper of a kind."""


def unbroken(page: str) -> Markup:
    """Keep each such piece of a finished page on one line; tags and what they hold stay as they are."""
    return Markup(_TEXT.sub(lambda text: _kept(text[0]), str(page)))


@lru_cache(KEPT)
def _kept(text: str) -> str:
    return _WHOLE.sub(_held, text)


def _held(piece: re.Match[str]) -> str:
    return f"\u200b<nobr>{piece[0]}</nobr>\u200b"
