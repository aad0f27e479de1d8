"""A Thai address in the parts that official forms ask for one by one."""

import re
from collections.abc import Mapping

_WORDS = {
    "number": ("บ้านเลขที่", "เลขที่"),
    "moo": ("หมู่ที่", "หมู่", "ม."),
    "soi": ("ตรอก/ซอย", "ซอย", "ตรอก", "ซ."),
    "road": ("ถนน", "ถ."),
    "tambon": ("ตำบล/แขวง", "ตำบล", "แขวง", "ต."),
    "amphoe": ("อำเภอ/เขต", "อำเภอ", "เขต", "อ."),
    "province": ("จังหวัด", "จ."),
}
_PART_OF = {word: part for part, words in _WORDS.items() for word in words}
_STARTS = re.compile(rf"(?:^|(?<=\s))({'|'.join(re.escape(word) for word in _PART_OF)})\s*")
_POSTCODE = re.compile(r"\s*\b\d{5}$")
_NEEDED = {"number", "tambon", "amphoe", "province"}
LONGEST = 20
"""No place on a form for one part of an address takes more letters than this; a longer part is no such part."""


def address_parts(address: str) -> Mapping[str, str] | None:
    """Divide an address into number, moo, soi, road, tambon, amphoe and province, without the postcode.

    None where it cannot be divided with certainty: a word twice, a part too long, the tambon or more missing.
    """
    before, *rest = _STARTS.split(_POSTCODE.sub("", " ".join(address.split())))
    parts = {"number": before.strip()} if before.strip() else {}
    for word, value in zip(rest[::2], rest[1::2], strict=True):
        if _PART_OF[word] in parts:
            return None
        parts[_PART_OF[word]] = value.strip()
    whole = parts.keys() >= _NEEDED and all(0 < len(value) <= LONGEST for value in parts.values())
    return parts if whole else None
