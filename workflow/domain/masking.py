"""The name on a paper as anybody may be told it: so that the holder can be compared, and nobody else is told."""

import unicodedata
from collections.abc import Mapping
from typing import Any


def name_on(facts: Mapping[str, Any]) -> str:
    """Name whom a paper is about: the worker as checked at the counter, else the employer."""
    checked = (facts.get("application") or {}).get("identity") or {}
    worker, employer = facts.get("worker") or {}, facts.get("employer") or {}
    for person in (checked, worker):
        for name in ("name_latin", "name_khmer", "name_thai"):
            if person.get(name):
                return str(person[name])
    return str(employer.get("name") or "")


def masked(name: str) -> str:
    """Leave of each word its first letter."""
    return " ".join(f"{letter}•••" for letter in initials(name).split())


def initials(name: str) -> str:
    """Give the first letter of each word; masked, they are the name masked."""
    return " ".join(_first_letter(word) for word in name.split())


def _first_letter(word: str) -> str:
    """Give the first letter with the marks above and below it."""
    end = 1
    while end < len(word) and unicodedata.category(word[end]).startswith("M"):
        end += 1
    return word[:end]
