"""What a text must be before it is let in as a ruleset: every fault is named with file, line and reason, or none is."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflow.domain.rulebook import SHOULD_BE, fits, key_of
from workflow.domain.rulesets import (
    LISTS,
    OF_A_VALUE,
    Basis,
    Confidence,
    Ruleset,
    RulesetFault,
    read,
    with_lists,
)
from workflow.domain.words import N_

STATUSES = ("in_force", "ended", "suspended", "unknown", "demonstration")
LANGUAGES = ("th", "en", "km")
LONGEST = 1_000_000
"""Characters of a text; the longest one that is shipped has a twentieth of it."""
BASES, SURE = tuple(Basis), tuple(Confidence)


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a text is not let in: where it stands, and why in words with their values.

    `place` (file, line and name) is the first of the values, so that the words hold it.
    """

    line: int
    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values


class NotAdmitted(RulesetFault):
    """A text that is not let in; `faults` names every reason, in the order of the lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def admit(text: str, beside: Iterable[Ruleset] = (), file: str = "ruleset.toml") -> Ruleset:
    """Read a text that is loaded anew, with the shared lists, beside the rulesets that are there.

    Raises NotAdmitted with every fault; nothing of the text is kept then.
    """
    try:
        return _admitted(text, beside, file)
    except RecursionError as deep:
        raise _unreadable(file, 1, "nested too deeply") from deep


def _admitted(text: str, beside: Iterable[Ruleset], file: str) -> Ruleset:
    if len(text) > LONGEST:
        raise _unreadable(file, 1, f"longer than {LONGEST} characters")
    checking = _Checking(text, file)
    stored = checking.parsed()
    checking.head(stored.get("ruleset"))
    checking.sources(stored.get("sources", {}))
    checking.values(stored)
    checking.stop()
    try:
        ruleset = read(checking.text)
    except RulesetFault as fault:  # what no check above has a better word for
        raise NotAdmitted([checking.fault("ruleset", N_("%(place)s: %(why)s"), why=str(fault))]) from fault
    for name, said, values in conflicts(ruleset, beside):
        checking.wrong(name, said, **values)
    checking.stop()
    return ruleset


def _unreadable(file: str, line: int, why: str) -> NotAdmitted:
    said = N_("%(place)s: not readable as TOML: %(why)s")
    return NotAdmitted([Fault(line, said, {"place": f"{file}:{line}", "why": why})])


EDITION = N_("%(place)s: edition %(edition)s of %(id)s is there already; give a higher one")
OVERLAP = N_("%(place)s: overlaps %(id)s, which rests on an equal basis and says otherwise of: %(names)s")


def conflicts(ruleset: Ruleset, beside: Iterable[Ruleset]) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Name what would leave two texts of equal weight in force at once with different values."""
    for other in beside:
        if other.digest == ruleset.digest:
            continue
        if other.id == ruleset.id:
            if other.edition >= ruleset.edition:
                yield "ruleset.edition", EDITION, {"edition": other.edition, "id": other.id}
        elif names := clash(ruleset, other):
            yield "ruleset.effective_from", OVERLAP, {"id": other.id, "names": ", ".join(names)}


class _Checking:
    """One text under examination: the faults found so far, and the line of each name."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file, self.own = with_lists(text), file, len(text.split("\n"))
        self.lines = dict(_lines(self.text))
        self.faults: list[Fault] = []
        self.known_sources: dict[str, Basis | None] = {}
        self.provinces: list[str] = []
        self.basis: Basis | None = None
        self.invented = False

    def parsed(self) -> dict[str, Any]:
        """Parse the text; raises NotAdmitted with the line where it cannot be read at all."""
        try:
            return tomllib.loads(self.text)
        except ValueError as fault:  # TOMLDecodeError, and a number that is longer than any number is
            at = re.search(r"at line (\d+)", str(fault))
            line = int(at.group(1)) if at else 1
            raise _unreadable(self.file, line, str(fault)) from fault

    def fault(self, name: str, text: str, **values: object) -> Fault:
        """Make a fault of a name, with its place."""
        line = self._line(name)
        where = f"{self.file}:{line}" if line <= self.own else LISTS.name
        return Fault(line, text, {"place": f"{where} {name}", **values})

    def wrong(self, name: str, text: str, **values: object) -> None:
        """Note a fault."""
        self.faults.append(self.fault(name, text, **values))

    def stop(self) -> None:
        """Refuse the text if anything was found."""
        if self.faults:
            raise NotAdmitted(self.faults)

    def _line(self, name: str) -> int:
        """Find the line of a name, or of what holds it."""
        parts = name.split(".")
        while parts and ".".join(parts) not in self.lines:
            parts.pop()
        return self.lines.get(".".join(parts), 1)

    # the head

    def head(self, head: Any) -> None:
        """Check what the ruleset says of itself."""
        if not isinstance(head, Mapping):
            self.wrong("ruleset", N_("%(place)s: the head [ruleset] is missing"))
            return
        for name, holds in HEAD.items():
            if name not in head:
                if name in NEEDED:
                    self.wrong("ruleset", N_("%(place)s: %(lacks)s is missing"), lacks=name)
            elif not holds(head[name]):
                self.wrong(f"ruleset.{name}", N_("%(place)s: this is not what belongs here"))
        for name in head:
            if name not in HEAD:
                self.wrong(f"ruleset.{name}", N_("%(place)s: this key is not known"))
        self._days(head)
        self.provinces = [code for code in _listed(head.get("provinces")) if isinstance(code, str)]
        self.basis = Basis(head["basis"]) if head.get("basis") in BASES else None
        self.invented = head.get("demonstration") is True

    def _days(self, head: Mapping[str, Any]) -> None:
        first, last = head.get("effective_from"), head.get("effective_to")
        if type(first) is date and type(last) is date and last < first:
            self.wrong("ruleset.effective_to", N_("%(place)s: it ends before it starts"))

    # sources and values

    def sources(self, table: Any) -> None:
        """Check the sources: words in three languages, and what kind of text each is."""
        for key, entry in table.items() if isinstance(table, Mapping) else ():
            name, held = f"sources.{key}", entry if isinstance(entry, Mapping) else {}
            basis = held.get("basis")
            self.known_sources[key] = Basis(basis) if basis in BASES else None
            if basis not in BASES or not _worded(held) or set(held) - {*LANGUAGES, "basis"}:
                said = N_("%(place)s: a source has words in th, en and km, and a basis: %(known)s")
                self.wrong(name, said, known=", ".join(Basis))

    def values(self, stored: Mapping[str, Any]) -> None:
        """Check every value against the table of known keys."""
        found = dict(
            _entries({name: part for name, part in stored.items() if name not in ("ruleset", "sources")})
        )
        for name, entry in found.items():
            self._value(name, entry)
        for name in found:
            key = key_of(name)
            if key is not None and key.needs and key.needs not in found:
                self.wrong(name, N_("%(place)s: it says nothing without %(needs)s"), needs=key.needs)
        self._places(found)

    def _value(self, name: str, entry: Any) -> None:
        key = key_of(name)
        if key is None:
            self.wrong(name, N_("%(place)s: this key is not known"))
        elif not isinstance(entry, Mapping):
            self.wrong(name, N_("%(place)s: a value without a source"))
        else:
            self._parts(name, entry)
            self._stated(name, entry)
            self._overruled(name, entry)
            for code, one in _mapped(entry.get("local")).items():
                if code not in self.provinces:
                    self.wrong(
                        name, N_("%(place)s: province %(code)s is not among those of the ruleset"), code=code
                    )
                self._stated(name, _mapped(one))

    def _parts(self, name: str, entry: Mapping[str, Any]) -> None:
        for part, kind in (("local", dict), ("overruled", list), ("section", str)):
            if not isinstance(entry.get(part, kind()), kind):
                self.wrong(name, N_("%(place)s: this is not what belongs here"))

    def _stated(self, name: str, entry: Mapping[str, Any]) -> None:
        """Check source, confidence and shape of one statement; only what is not verified may lack its value."""
        if not isinstance(entry.get("source"), str) or entry["source"] not in self.known_sources:
            self.wrong(name, N_("%(place)s: a value without a source that [sources] names"))
        sure = entry.get("confidence")
        if sure not in SURE or (sure == Confidence.INVENTED and not self.invented):
            self.wrong(name, N_("%(place)s: confidence is V, L or U (D only in a demonstration)"))
        if "value" not in entry:
            if sure != Confidence.UNVERIFIED:
                self.wrong(name, N_("%(place)s: the value is missing"))
            return
        key = key_of(name)
        if not fits(key, entry["value"]):
            self.wrong(name, N_("%(place)s: the value should be %(shape)s"), shape=SHOULD_BE[key.shape])

    def _overruled(self, name: str, entry: Mapping[str, Any]) -> None:
        """What a weaker source said is told beside the value; an equal or stronger one contradicts it."""
        holds = self._basis(entry)
        for one in _listed(entry.get("overruled")):
            one = _mapped(one)
            said = self._basis(one)
            if "confidence" not in one or "value" not in one or said is None:
                self.wrong(name, N_("%(place)s: a value without a source that [sources] names"))
            elif holds is not None and said.priority >= holds.priority and one["value"] != entry.get("value"):
                against = N_("%(place)s: contradiction: %(source)s says otherwise and is not weaker")
                self.wrong(name, against, source=one["source"])

    def _basis(self, entry: Mapping[str, Any]) -> Basis | None:
        source = entry.get("source")
        return self.known_sources.get(source) if isinstance(source, str) else None

    def _places(self, found: Mapping[str, Any]) -> None:
        """Gates, bands, provinces and districts that a value names stand in the ruleset's own lists."""
        lists = {name: set(_of(found, name)) for name in ("gates", "bands", "pass_provinces", "districts")}
        for gate, slot in _of(found, "slots.bands").items():
            self._among("slots.bands", [gate], lists["gates"])
            self._among(
                "slots.bands", slot.get("bands", {}) if isinstance(slot, Mapping) else (), lists["bands"]
            )
        for route in _of(found, "pass_routes", []):
            if isinstance(route, Mapping):
                self._among("pass_routes", [route.get("home")], lists["pass_provinces"])
                self._among("pass_routes", [route.get("gate")], lists["gates"])
                self._among("pass_routes", _listed(route.get("districts")), lists["districts"])

    def _among(self, name: str, named: Iterable[Any], known: set[str]) -> None:
        for one in named:
            if not isinstance(one, str) or one not in known:
                self.wrong(name, N_("%(place)s: %(one)s stands in none of the ruleset's lists"), one=one)


def clash(one: Ruleset, other: Ruleset) -> tuple[str, ...]:
    """Name the values that two rulesets of equal weight give differently for a same day, province and gate."""
    if (
        one.basis is not other.basis
        or one.demonstration != other.demonstration
        or bool(one.gates) != bool(other.gates)
    ):
        return ()
    if one.effective_from > other.until or other.effective_from > one.until:
        return ()
    if one.gates and not set(one.gates) & set(other.gates):
        return ()
    return tuple(
        sorted(
            {name for code in set(one.provinces) & set(other.provinces) for name in _unlike(one, other, code)}
        )
    )


def _unlike(one: Ruleset, other: Ruleset, province: str) -> Iterator[str]:
    here, there = one.within(province), other.within(province)
    for name in {*here.values, *there.values}:
        if here.get(name) != there.get(name):
            yield name


def _of(found: Mapping[str, Any], name: str, otherwise: Any = None) -> Any:
    entry = found.get(name)
    value = entry.get("value") if isinstance(entry, Mapping) else None
    empty = {} if otherwise is None else otherwise
    return value if isinstance(value, type(empty)) else empty


def _mapped(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _entries(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, entry in table.items():
        dotted = f"{prefix}{name}"
        if not isinstance(entry, Mapping) or not OF_A_VALUE.isdisjoint(entry):
            yield dotted, entry
        if isinstance(entry, Mapping):
            below = {key: part for key, part in entry.items() if key not in OF_A_VALUE}
            yield from _entries(below, f"{dotted}.")


def _worded(entry: Any) -> bool:
    return isinstance(entry, Mapping) and all(
        isinstance(entry.get(said), str) and entry[said].strip() for said in LANGUAGES
    )


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


HEAD = {
    "id": lambda value: isinstance(value, str) and bool(re.fullmatch(r"[A-Z0-9][A-Z0-9-]{1,39}", value)),
    "edition": lambda value: type(value) is int and value >= 1,
    "title": _worded,
    "status": lambda value: value in STATUSES,
    "effective_from": lambda value: type(value) is date,
    "effective_to": lambda value: type(value) is date,
    "published_on": lambda value: type(value) is date,
    "legal_basis": _worded,
    "basis": lambda value: value in BASES,
    "provinces": lambda value: (
        _texts(value) and bool(value) and all(re.fullmatch(r"\d\d", code) for code in value)
    ),
    "gates": _texts,
    "demonstration": lambda value: type(value) is bool,
}
"""What each name of the head must hold."""
NEEDED = frozenset({"id", "title", "status", "effective_from", "legal_basis", "basis", "provinces"})

_HEADER = re.compile(r"\s*\[{1,2}\s*([^\[\]#]+?)\s*\]{1,2}\s*(#.*)?$")
_NAME = re.compile(r"\s*([A-Za-z0-9_\-.\"']+)\s*=")


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Give each dotted name of a text with the line where it first stands."""
    found: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.splitlines(), 1):
        header, name = _HEADER.match(line), _NAME.match(line)
        if header:
            prefix = header.group(1).replace('"', "").replace(" ", "")
            _stands(found, prefix, number)
        elif name:
            _stands(found, f"{prefix}.{name.group(1)}".strip("."), number)
    yield from found.items()


def _stands(found: dict[str, int], name: str, number: int) -> None:
    """Note where a name stands, and with it what holds it."""
    while name:
        found.setdefault(name, number)
        name = name.rpartition(".")[0]
