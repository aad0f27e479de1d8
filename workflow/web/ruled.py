"""How the law is written for a reader: values with their unit, sources, how sure they are, in his language."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import get_day_names
from flask_babel import gettext

from workflow.domain import thai
from workflow.domain.actor import OfficeKind
from workflow.domain.eligibility import Held
from workflow.domain.explaining import Explained
from workflow.domain.flows import FLOWS, step_label
from workflow.domain.rulebook import Key, Shape, key_of, place_of
from workflow.domain.rulesets import Confidence, Ruleset, Source, Value
from workflow.domain.validity import CAPS
from workflow.domain.words import N_
from workflow.web.choices import ruled_label
from workflow.web.shown import language, show_date, show_said

SURE: dict[Confidence, tuple[str, str]] = {
    Confidence.VERIFIED: (N_("Read in the source"), "good"),
    Confidence.LIKELY: (N_("Likely, office practice"), "waiting"),
    Confidence.UNVERIFIED: (N_("Not verified"), "stopped"),
    Confidence.INVENTED: (N_("Invented for the demonstration"), "warning"),
}
UNITS = {"month": N_("months"), "day": N_("days")}


@dataclass(frozen=True, slots=True)
class Shown:
    """One value as it is shown; what was not verified is named, its value is not."""

    name: str
    label: str
    lines: list[str]
    since: date | None
    source: str
    sure: str
    kind: str
    overruled: list[str]
    listed: bool


@dataclass(frozen=True, slots=True)
class ShownHeld:
    """One rule held against a person, as it is shown; `met` None: it stops nothing, or nothing is known yet."""

    label: str
    lines: list[str]
    known: bool
    fact: str
    met: bool | None
    source: str
    sure: str
    kind: str


def shown(ruleset: Ruleset) -> Iterator[Shown]:
    """Give the values of a ruleset as they are shown, single values before lists."""
    listed = sorted(ruleset.values.items(), key=lambda one: isinstance(one[1].value, dict | list))
    for name, value in listed:
        yield written(name, value, ruleset)


def explained(values: Iterable[Explained], ruleset: Ruleset) -> Iterator[Shown]:
    """Give explained values as they are shown, in the order of the rulebook."""
    for one in sorted(values, key=lambda one: place_of(one.name)):
        yield written(one.name, one.value, ruleset, one.since)


def written(name: str, value: Value, ruleset: Ruleset, since: date | None = None) -> Shown:
    """Write one value."""
    sure, kind = SURE[value.confidence]
    told = list(lines(name, value.value, ruleset)) if value.known else []
    overruled = [
        gettext("%(source)s said: %(value)s", source=source_of(one.source), value=_plain(one.value))
        for one in value.overruled
    ]
    return Shown(name, label_of(name), told, since, source_of(value.source), gettext(sure), kind, overruled, _listed(name))


def held(one: Held, ruleset: Ruleset) -> ShownHeld:
    """Write one rule held against a person."""
    rule = written(one.name, one.value, ruleset)
    fact = _told(one.fact.text, one.fact.values) if one.fact else ""
    said = [] if rule.listed else rule.lines
    return ShownHeld(rule.label, said, one.value.known, fact, one.met, rule.source, rule.sure, rule.kind)


def _listed(name: str) -> bool:
    key = key_of(name)
    return key is not None and key.shape in (Shape.LIST, Shape.ANSWERS, Shape.LINES, Shape.ROUTES)


def _told(text: str, values: Mapping[str, object]) -> str:
    said = {name: _plain(value) for name, value in values.items()}
    return said["entry"] if text == "%(entry)s" else gettext(text, **said)


def label_of(name: str) -> str:
    """Say what a value is called; one that no table knows shows its bare name."""
    if name.startswith("offices."):
        _, flow, step = name.split(".", 2)
        return gettext("Who may: %(step)s", step=gettext(step_label(flow, step)) if flow in FLOWS else step)
    key = key_of(name)
    return gettext(key.label) if key else name


def source_of(source: Source) -> str:
    """Write a source, with the section if one is named."""
    words = show_said(source.words)
    return (
        gettext("%(source)s, section %(number)s", source=words, number=source.section)
        if source.section
        else words
    )


def lines(name: str, value: Any, ruleset: Ruleset) -> Iterator[str]:
    """Write a value, an entry of a list on each line."""
    key = key_of(name)
    shape = key.shape if key else None
    writer = WRITERS.get(shape) if shape else None
    yield from writer(key, value, ruleset) if writer else [_plain(value)]


def _plain(value: Any) -> str:
    match value:
        case bool():
            return gettext("Yes") if value else gettext("No")
        case int():
            return f"{value:,}"
        case date():
            return show_date(value)
        case Mapping():
            return ruled_label(value, language())
        case list() | tuple():
            return ", ".join(_plain(one) for one in value)
    return str(value)


def _count(key: Key, value: int, ruleset: Ruleset) -> list[str]:
    unit = gettext(key.unit) if key.unit else ""
    if key.name == "permit.length":
        unit = gettext(UNITS.get(ruleset.get("permit.unit"), ""))
    return [f"{value:,} {unit}".strip()]


def _day_of_year(key: Key, value: str, ruleset: Ruleset) -> list[str]:
    month, day = (int(part) for part in value.split("-"))
    months = {"en": thai.ENGLISH_MONTHS, "km": thai.KHMER_MONTHS}.get(language(), thai.MONTHS)
    return [f"{day} {months[month - 1]}"]


def _names(key: Key, value: list[str], ruleset: Ruleset) -> list[str]:
    if key.name == "permit.capped_by":
        return [gettext(CAPS[one][0]) for one in value if one in CAPS]
    return [gettext(OfficeKind(one).label) if one in set(OfficeKind) else one for one in value]


def _entries(entries: Iterable[Mapping[str, str]]) -> list[str]:
    said = language()
    return [ruled_label(one, said) for one in entries]


def _slots(key: Key, value: Mapping[str, Any], ruleset: Ruleset) -> list[str]:
    names = get_day_names("abbreviated", locale=language())
    gates, bands = ruleset.get("gates", {}), ruleset.get("bands", {})
    found = []
    for gate, slot in value.items():
        days = ", ".join(names[day - 1] for day in slot["weekdays"])
        places = [
            f"{_plain(bands.get(band, band))} {count:,}" for band, count in slot.get("bands", {}).items()
        ]
        found.append(f"{_plain(gates.get(gate, gate))}: " + " · ".join([days, *places]))
    return found


def _routes(key: Key, value: list[Mapping[str, Any]], ruleset: Ruleset) -> list[str]:
    said, homes, gates, districts = language(), *(ruleset.get(name, {}) for name in PLACES)

    def named(list_: Mapping[str, Any], key: str) -> str:
        return ruled_label(list_[key], said) if key in list_ else key

    return [
        " → ".join(
            [
                named(homes, route["home"]),
                named(gates, route["gate"]),
                ", ".join(named(districts, code) for code in route["districts"]),
            ]
        )
        for route in value
    ]


PLACES = ("pass_provinces", "gates", "districts")


WRITERS = {
    Shape.COUNT: _count,
    Shape.WORD: lambda key, value, ruleset: [gettext(UNITS[value]) if value in UNITS else value],
    Shape.NAMES: _names,
    Shape.DAY_OF_YEAR: _day_of_year,
    Shape.LIST: lambda key, value, ruleset: _entries(value.values()),
    Shape.ANSWERS: lambda key, value, ruleset: _entries(value.values()),
    Shape.LINES: lambda key, value, ruleset: _entries(value),
    Shape.SLOTS: _slots,
    Shape.ROUTES: _routes,
}
