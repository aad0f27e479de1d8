"""The words over a sheet that is not the original: draft, copy, void, audit copy."""

import re

from markupsafe import Markup

from workflow.domain.thai import thai_digits

WORDS = {
    "draft": ("ร่าง", "DRAFT"),
    "void": ("ยกเลิก", "VOID"),
    "audit copy": ("สำเนาเพื่อการตรวจสอบ", "AUDIT COPY"),
}

STRUCK = Markup('<div class="struck">ยกเลิก<br>VOID</div>')
"""Across the whole sheet, so that nobody takes a void paper for one in force."""


def mark_words(mark: str | None) -> tuple[str, str] | None:
    """Say a mark in Thai and English; "copy 2" carries its number, other words stand as they are."""
    if not mark:
        return None
    copy = re.fullmatch(r"copy(?:\s+(\S+))?", mark)
    if copy:
        number = copy[1] or ""
        return f"สำเนา {thai_digits(number)}".strip(), f"COPY {number}".strip()
    return WORDS.get(mark, (mark, ""))
