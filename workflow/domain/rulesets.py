"""The law as dated data: read it, choose by date and place, say where each value comes from."""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent.parent / "rulesets"


class RulesetFault(ValueError):
    """A text that cannot serve as a ruleset; the message says where and why."""


class Confidence(StrEnum):
    """How sure a value is: read in a source, likely, or not verified (never shown as fact)."""

    VERIFIED = "V"
    LIKELY = "L"
    UNVERIFIED = "U"
    INVENTED = "D"


class Words(dict[str, str]):
    """A text of a ruleset in the languages of its readers; where none is asked for, in English."""

    @classmethod
    def read(cls, name: str, stated: object) -> "Words":
        """Read a text by its languages; raises RulesetFault for anything else."""
        if not isinstance(stated, Mapping) or not stated or not all(isinstance(words, str) for words in stated.values()):
            raise RulesetFault(f"{name}: give the words by their language, such as {{ th = ..., en = ... }}")
        return cls(stated)

    def said(self, language: str) -> str:
        """Give the words of a language, else the English ones, else those that are there."""
        return self.get(language) or self.get("en") or next(iter(self.values()))

    def __str__(self) -> str:
        return self.said("en")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the law with its legal basis, source and confidence."""

    value: Any
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """The rules in force in some provinces over some time; `digest` names exactly this text."""

    id: str
    title: Words
    status: str
    effective_from: date
    effective_to: date | None
    published_on: date | None
    legal_basis: Words
    priority: int
    provinces: tuple[str, ...]
    demonstration: bool
    digest: str
    text: str = field(repr=False)
    values: Mapping[str, Value] = field(repr=False)

    @property
    def orders(self) -> bool:
        """Say whether orders may be made; false where no decision of the cabinet is in force."""
        return bool(self.get("orders.allowed", False))

    def get(self, name: str, default: Any = None) -> Any:
        """Give a value by its dotted name, or the default where the ruleset is silent."""
        found = self.values.get(name)
        return default if found is None else found.value

    def need(self, name: str) -> Any:
        """Give a value that the step cannot do without; raises RulesetFault where it is missing."""
        if name not in self.values:
            raise RulesetFault(f"{self.id}: no value for {name}")
        return self.values[name].value

    def covers(self, on: date, province: str) -> bool:
        """Say whether this ruleset is in force on a date in a province."""
        until = self.effective_to or date.max
        return self.effective_from <= on <= until and province in self.provinces


def read(text: str) -> Ruleset:
    """Read a ruleset from its TOML text.

    A value is a table {value, source, confidence}; nested tables give dotted names.
    Raises RulesetFault for a text without source, an end before its start or an unknown field.
    """
    try:
        stored = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise RulesetFault(str(fault)) from fault
    try:
        head = stored.pop("ruleset")
        ruleset = Ruleset(
            id=head["id"],
            title=Words.read("title", head["title"]),
            status=head["status"],
            effective_from=head["effective_from"],
            effective_to=head.get("effective_to"),
            published_on=head.get("published_on"),
            legal_basis=Words.read("legal_basis", head["legal_basis"]),
            priority=head["priority"],
            provinces=tuple(head["provinces"]),
            demonstration=head.get("demonstration", False),
            digest=hashlib.sha256(text.encode()).hexdigest(),
            text=text,
            values=dict(_values(stored, "")),
        )
    except KeyError as missing:
        raise RulesetFault(f"missing: {missing.args[0]}") from missing
    if ruleset.effective_to and ruleset.effective_to < ruleset.effective_from:
        raise RulesetFault(f"{ruleset.id}: ends before it starts")
    return ruleset


def _values(table: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, Value]]:
    for name, entry in table.items():
        dotted = f"{prefix}{name}"
        if not isinstance(entry, Mapping):
            raise RulesetFault(f"{dotted}: a value without a source")
        if "value" not in entry:
            yield from _values(entry, f"{dotted}.")
        elif "source" not in entry or "confidence" not in entry:
            raise RulesetFault(f"{dotted}: a value without source or confidence")
        else:
            yield dotted, Value(entry["value"], entry["source"], Confidence(entry["confidence"]))


def shipped() -> tuple[Ruleset, ...]:
    """Read the rulesets that come with the system, each together with the lists they share."""
    common = SHIPPED / "common.toml"
    shared = common.read_text(encoding="utf-8")
    own = sorted(path for path in SHIPPED.glob("*.toml") if path != common)
    return tuple(read(f"{path.read_text(encoding='utf-8')}\n{shared}") for path in own)


def in_force(rulesets: Iterable[Ruleset], on: date, province: str, *, demonstration: bool = False) -> Ruleset:
    """Choose the ruleset in force on a date in a province: the highest priority, then the latest.

    The invented DEMO ruleset counts in demonstration mode only. Raises RulesetFault if none covers.
    """
    covering = [r for r in rulesets if r.covers(on, province) and (demonstration or not r.demonstration)]
    if not covering:
        raise RulesetFault(f"no ruleset covers {on.isoformat()} in province {province}")
    return max(covering, key=lambda r: (r.demonstration, r.priority, r.effective_from))


NONE = read(
    """
[ruleset]
id = "NONE"
title = { th = "ไม่มี", en = "None", km = "គ្មាន" }
status = "none"
effective_from = 0001-01-01
legal_basis = { th = "ทะเบียนไม่ได้อยู่ภายใต้กฎเกณฑ์ใด", en = "Registers are kept under no ruleset", km = "បញ្ជីមិនស្ថិតក្រោមវិធានណាមួយទេ" }
priority = -1
provinces = []
"""
)
"""What registers are kept under: they follow no law that the cabinet changes."""
