"""What applies on a day in a place: since when, by which source, what is not verified, what comes next and was before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from workflow.domain.rulesets import Ruleset, RulesetFault, Value, in_force, newest

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Explained:
    """One value that applies, and the day from which it did without a break."""

    name: str
    value: Value
    since: date


@dataclass(frozen=True, slots=True)
class Spell:
    """A time over which the same ruleset, or none, is in force in one place."""

    first: date
    last: date
    ruleset: Ruleset | None


@dataclass(frozen=True, slots=True)
class Change:
    """The spell before or after, and the values that are not the same in it."""

    spell: Spell
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What applies on a day in a province, at a gate if one is named.

    `values` hold what may be shown as fact, `unverified` what may not. Without rules both are empty.
    """

    on: date
    province: str
    gate: str | None
    spell: Spell
    values: tuple[Explained, ...]
    unverified: tuple[Explained, ...]
    following: Change | None
    previous: Change | None

    @property
    def ruleset(self) -> Ruleset | None:
        """Give the rules in force; None where there are none."""
        return self.spell.ruleset


def explain(
    rulesets: Iterable[Ruleset],
    on: date,
    province: str,
    gate: str | None = None,
    *,
    demonstration: bool = False,
) -> Explanation:
    """Say what applies on a day in a province, and at a gate where one is named."""
    every = spells(rulesets, province, gate, demonstration=demonstration)
    here = next(number for number, spell in enumerate(every) if spell.first <= on <= spell.last)
    spell = every[here]
    found = tuple(
        Explained(name, value, _since(every, here, name))
        for name, value in sorted(spell.ruleset.values.items() if spell.ruleset else ())
    )
    return Explanation(
        on=on,
        province=province,
        gate=gate,
        spell=spell,
        values=tuple(one for one in found if one.value.known),
        unverified=tuple(one for one in found if not one.value.known),
        following=_change(spell, every[here + 1 : here + 2]),
        previous=_change(spell, every[here - 1 : here] if here else ()),
    )


def spells(
    rulesets: Iterable[Ruleset], province: str, gate: str | None = None, *, demonstration: bool = False
) -> tuple[Spell, ...]:
    """Cut all time at the days on which another ruleset comes into force in a place."""
    there = [rule for rule in newest(rulesets) if province in rule.provinces]
    starts = {date.min, *(rule.effective_from for rule in there)}
    starts |= {rule.until + A_DAY for rule in there if rule.until < date.max}
    found: list[Spell] = []
    for first in sorted(starts):
        ruleset = _holding(there, first, province, gate, demonstration)
        if found and _digest(found[-1].ruleset) == _digest(ruleset):
            continue
        if found:
            found[-1] = Spell(found[-1].first, first - A_DAY, found[-1].ruleset)
        found.append(Spell(first, date.max, ruleset))
    return tuple(found)


def _digest(ruleset: Ruleset | None) -> str | None:
    return ruleset.digest if ruleset else None


def _holding(
    there: Sequence[Ruleset], on: date, province: str, gate: str | None, demonstration: bool
) -> Ruleset | None:
    try:
        return in_force(there, on, province, gate, demonstration=demonstration)
    except RulesetFault:
        return None


def _since(every: Sequence[Spell], here: int, name: str) -> date:
    """Walk back while the rules before said the same without a break."""
    holds = every[here].ruleset
    while here and _same(every[here - 1].ruleset, holds, name):
        here -= 1
    return every[here].first


def _same(before: Ruleset | None, holds: Ruleset | None, name: str) -> bool:
    if before is None or holds is None or name not in before.values or before.demonstration != holds.demonstration:
        return False
    one, other = before.values[name], holds.values[name]
    return one.known == other.known and one.value == other.value


def _change(now: Spell, then: Sequence[Spell]) -> Change | None:
    """Compare with the spell before or after; the beginning of time without rules is none."""
    if not then or (then[0].ruleset is None and then[0].first == date.min):
        return None
    here, there = (spell.ruleset.values if spell.ruleset else {} for spell in (now, then[0]))
    unlike = (name for name in sorted({*here, *there}) if _facts(here, name) != _facts(there, name))
    return Change(then[0], tuple(unlike))


def _facts(values: dict[str, Value], name: str) -> object:
    value = values.get(name)
    return value.value if value is not None and value.known else None
