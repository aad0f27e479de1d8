"""The law as dated data: read it, choose by date, province and gate, say where each value comes from."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from workflow.domain.terms import Terms
from workflow.domain.words import N_


class RulesetFault(ValueError):
    """A text that cannot serve as a ruleset, or a day without rules; the message says where and why."""


class NoRuleset(RulesetFault):
    """No ruleset covers a day in a province."""


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


class Confidence(StrEnum):
    """How sure a value is: read in a source, likely, or not verified (never shown as fact)."""

    VERIFIED = "V"
    LIKELY = "L"
    UNVERIFIED = "U"
    INVENTED = "D"


class Basis(Terms):
    """What a rule rests on, the strongest first: where two say otherwise, the stronger one holds."""

    GAZETTE = "gazette", N_("Law or notice in the Royal Gazette")
    CABINET = "cabinet", N_("Resolution of the cabinet")
    COMMITTEE = "committee", N_("Policy committee")
    OFFICIAL = "official", N_("Official form or manual")
    PRESS = "press", N_("Report in the press")
    PRACTICE = "practice", N_("Practice of the office")
    INVENTED = "invented", N_("Invented for the demonstration")

    @property
    def priority(self) -> int:
        """Give the weight of the basis; the higher one holds."""
        return len(Basis) - list(Basis).index(self)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value was read: its words, what kind of text it is, and the section if one is named."""

    key: str
    words: Words
    basis: Basis
    section: str = ""


@dataclass(frozen=True, slots=True)
class Overruled:
    """What a weaker source said of the same matter; told, never applied."""

    value: Any
    source: Source
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the law with its source and confidence; `local` holds what differs by province."""

    value: Any
    source: Source
    confidence: Confidence
    overruled: tuple[Overruled, ...] = ()
    local: Mapping[str, "Value"] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Say whether the value may be applied and shown as fact."""
        return self.confidence is not Confidence.UNVERIFIED and self.value is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """The rules in force in some provinces over some time; `digest` names exactly this text.

    `gates` names the only gates it holds at, all where empty; of one id the highest `edition` counts.
    """

    id: str
    edition: int
    title: Words
    status: str
    effective_from: date
    effective_to: date | None
    published_on: date | None
    legal_basis: Words
    basis: Basis
    provinces: tuple[str, ...]
    gates: tuple[str, ...]
    demonstration: bool
    digest: str
    text: str = field(repr=False)
    values: Mapping[str, Value] = field(repr=False)
    of_province: str | None = None

    @property
    def orders(self) -> bool:
        """Say whether orders may be made; false where no decision of the cabinet is in force."""
        return bool(self.get("orders.allowed", False))

    @property
    def until(self) -> date:
        """Give the last day; the end of time where none is fixed."""
        return self.effective_to or date.max

    def get(self, name: str, default: Any = None) -> Any:
        """Give a value by its dotted name; the default where the rules are silent or the value is not verified."""
        found = self.values.get(name)
        return default if found is None or not found.known else found.value

    def need(self, name: str) -> Any:
        """Give a value that the step cannot do without; raises RulesetFault where it is missing."""
        found = self.get(name)
        if found is None:
            raise RulesetFault(f"{self.id}: no value for {name}")
        return found

    def covers(self, on: date, province: str, gate: str | None = None) -> bool:
        """Say whether this ruleset is in force on a date in a province, at a gate if it is for some gates only."""
        here = province in self.provinces and (not self.gates or gate in self.gates)
        return here and self.effective_from <= on <= self.until

    def within(self, province: str) -> "Ruleset":
        """Give the same rules as they hold in one province: its own values, gates and districts only."""
        return self if self.of_province == province else _within(_Same(self), province)


@dataclass(frozen=True, slots=True)
class _Same:
    """A ruleset taken by its text, so that the same rules are narrowed to a province once."""

    ruleset: Ruleset

    def __hash__(self) -> int:
        return hash(self.ruleset.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.ruleset.digest == self.ruleset.digest


@lru_cache(maxsize=256)
def _within(whole: _Same, province: str) -> Ruleset:
    values = {name: _here(value, province) for name, value in whole.ruleset.values.items()}
    return replace(whole.ruleset, values=values, of_province=province)


def _here(value: Value, province: str) -> Value:
    value = value.local.get(province, value)
    if not isinstance(value.value, Mapping):
        return value
    own = {key: entry for key, entry in value.value.items() if _of(entry, province)}
    return value if len(own) == len(value.value) else replace(value, value=own)


def _of(entry: Any, province: str) -> bool:
    return not isinstance(entry, Mapping) or entry.get("province", province) == province


# reading ------------------------------------------------------------------------------------


def read(text: str) -> Ruleset:
    """Read a ruleset from its TOML text; raises RulesetFault where it is not whole.

    A value is a table {value, source, confidence}; nested tables give dotted names; a source is one that
    [sources] names. A text that was admitted once is read for ever, whatever keys are known today:
    `admission.admit` is what asks more of a text that is loaded anew.
    """
    try:
        stored = tomllib.loads(text)
        head, sources = stored.pop("ruleset"), _sources(stored.pop("sources", {}))
        ruleset = _whole(head, text, dict(values_in(stored, sources)))
    except tomllib.TOMLDecodeError as fault:
        raise RulesetFault(str(fault)) from fault
    except KeyError as missing:
        raise RulesetFault(f"missing: {missing.args[0]}") from missing
    except (TypeError, AttributeError, ValueError) as fault:
        raise RulesetFault(str(fault)) from fault
    if ruleset.until < ruleset.effective_from:
        raise RulesetFault(f"{ruleset.id}: ends before it starts")
    return ruleset


def _whole(head: Mapping[str, Any], text: str, values: Mapping[str, Value]) -> Ruleset:
    return Ruleset(
        id=head["id"],
        edition=head.get("edition", 1),
        title=Words.read("title", head["title"]),
        status=head["status"],
        effective_from=head["effective_from"],
        effective_to=head.get("effective_to"),
        published_on=head.get("published_on"),
        legal_basis=Words.read("legal_basis", head["legal_basis"]),
        basis=Basis(head["basis"]),
        provinces=tuple(head["provinces"]),
        gates=tuple(head.get("gates", ())),
        demonstration=head.get("demonstration", False),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
        values=values,
    )


def _sources(table: Mapping[str, Any]) -> dict[str, Source]:
    return {
        key: Source(key, Words({said: entry[said] for said in ("th", "en", "km")}), Basis(entry["basis"]))
        for key, entry in table.items()
    }


OF_A_VALUE = frozenset({"value", "source", "section", "confidence", "overruled", "local"})
"""What a value may hold beside further names below its own."""


def values_in(
    table: Mapping[str, Any], sources: Mapping[str, Source], prefix: str = ""
) -> Iterator[tuple[str, Value]]:
    """Give the values of a table under their dotted names; raises RulesetFault where one has no source."""
    for name, entry in table.items():
        dotted = f"{prefix}{name}"
        if not isinstance(entry, Mapping):
            raise RulesetFault(f"{dotted}: a value without a source")
        if not OF_A_VALUE.isdisjoint(entry):
            yield dotted, value_in(dotted, entry, sources)
        below = {key: part for key, part in entry.items() if key not in OF_A_VALUE}
        yield from values_in(below, sources, f"{dotted}.")


def value_in(name: str, entry: Mapping[str, Any], sources: Mapping[str, Source]) -> Value:
    """Read one value; raises RulesetFault where source or confidence is missing."""
    if "confidence" not in entry:
        raise RulesetFault(f"{name}: a value without confidence")
    if entry.get("source") not in sources:
        raise RulesetFault(f"{name}: a value without source, or with one that is not named")
    source = replace(sources[entry["source"]], section=entry.get("section", ""))
    return Value(
        entry.get("value"),
        source,
        Confidence(entry["confidence"]),
        tuple(_overruled(name, one, sources) for one in entry.get("overruled", ())),
        {code: value_in(name, one, sources) for code, one in entry.get("local", {}).items()},
    )


def _overruled(name: str, entry: Mapping[str, Any], sources: Mapping[str, Source]) -> Overruled:
    said = value_in(name, entry, sources)
    return Overruled(said.value, said.source, said.confidence)


# choosing -----------------------------------------------------------------------------------


def in_force(
    rulesets: Iterable[Ruleset],
    on: date,
    province: str,
    gate: str | None = None,
    *,
    demonstration: bool = False,
) -> Ruleset:
    """Choose the ruleset in force on a date in a province, and at a gate where one is named.

    The stronger basis holds, then rules for some gates before rules for all, then the later start. The
    invented DEMO ruleset counts in demonstration mode only, and there first.
    Raises NoRuleset if none covers.
    """
    there = [r for r in newest(rulesets) if demonstration or not r.demonstration]
    covering = [r for r in there if r.covers(on, province, gate)]
    if not covering:
        raise NoRuleset(f"no ruleset covers {on.isoformat()} in province {province}")
    return max(covering, key=_strength).within(province)


def newest(rulesets: Iterable[Ruleset]) -> list[Ruleset]:
    """Leave out every ruleset of which a newer edition is there."""
    found: dict[str, Ruleset] = {}
    for ruleset in rulesets:
        if ruleset.id not in found or found[ruleset.id].edition <= ruleset.edition:
            found[ruleset.id] = ruleset
    return list(found.values())


def _strength(ruleset: Ruleset) -> tuple[bool, int, bool, date]:
    return ruleset.demonstration, ruleset.basis.priority, bool(ruleset.gates), ruleset.effective_from


# what is shipped ----------------------------------------------------------------------------

SHIPPED = Path(__file__).parent.parent / "rulesets"
LISTS = SHIPPED / "common.toml"
SECTION = re.compile(r"^\[{1,2}(?:sources\.)?\"?([A-Za-z0-9_]+)", re.MULTILINE)


def with_lists(text: str) -> str:
    """Give a ruleset's own text followed by each of the office's lists and sources that it does not name itself."""
    shared = LISTS.read_text(encoding="utf-8")
    own = set(SECTION.findall(text))
    return "\n".join([text, *(part for name, part in _sections(shared) if name not in own)])


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Cut a text at the first header of each list or source."""
    starts: dict[str, int] = {}
    for found in SECTION.finditer(text):
        starts.setdefault(found.group(1), found.start())
    ends = [*list(starts.values())[1:], len(text)]
    yield from ((name, text[start:end]) for (name, start), end in zip(starts.items(), ends, strict=True))


@cache
def shipped() -> tuple[Ruleset, ...]:
    """Read the rulesets that come with the system, each together with the lists they share."""
    own = sorted(path for path in SHIPPED.glob("*.toml") if path != LISTS)
    return tuple(read(with_lists(path.read_text(encoding="utf-8"))) for path in own)


NONE = read(
    """
[ruleset]
id = "NONE"
title = { th = "ไม่มี", en = "None", km = "គ្មាន" }
status = "none"
effective_from = 0001-01-01
legal_basis = { th = "ทะเบียนไม่อยู่ภายใต้หลักเกณฑ์ใด", en = "Registers are kept under no ruleset", km = "បញ្ជីមិនស្ថិតក្រោមវិធានណាមួយទេ" }
basis = "practice"
provinces = []
"""
)
"""What registers are kept under: they follow no law that the cabinet changes."""
