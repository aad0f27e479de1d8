"""A case as the rules see it: what was done so far, folded from its events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from workflow.domain.evidence import Evidence
from workflow.domain.holidays import Holiday, weekend
from workflow.domain.measured import Measured
from workflow.domain.rulesets import Ruleset

E = TypeVar("E", bound=Evidence)


class State(StrEnum):
    """Where a subject stands: a participle, its label, whether it is the end of the way."""

    label: str
    final: bool

    def __new__(cls, value: str, label: str, final: bool = False) -> "State":
        state = str.__new__(cls, value)
        state._value_ = value
        state.label = label
        state.final = final
        return state


class Flag(StrEnum):
    """Something that holds beside the state, raised and lifted by steps.

    A stopping flag lets only those steps pass that name it; the others merely mark a track.
    """

    label: str
    stops: bool

    def __new__(cls, value: str, label: str, stops: bool = False) -> "Flag":
        flag = str.__new__(cls, value)
        flag._value_ = value
        flag.label = label
        flag.stops = stops
        return flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One event of a subject, as the fold sees it; `number` counts from 1 within the subject.

    `blank` is the number of the form on which it was first written, if the power was cut.
    """

    number: int
    step: str
    source: str | None
    target: str
    flags: frozenset[str]
    person: str
    name: str
    position: str
    role: str
    office: str | None
    on_behalf_of: str | None
    happened_at: datetime
    recorded_at: datetime
    evidence: Evidence
    ruleset: str
    scan: str | None = None
    note: str | None = None
    blank: str | None = None
    original: Evidence | None = None
    corrected_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One subject with its whole history; changes give a new record. `measured` is what a measure laid over it."""

    flow: str
    subject: str
    reference: str
    office: str
    state: str | None = None
    flags: frozenset[str] = frozenset()
    history: tuple[Done, ...] = ()
    measured: Measured | None = None

    @property
    def version(self) -> int:
        """Count the events; the number that an optimistic writer must have seen."""
        return len(self.history)

    def standing(self) -> Iterator[Done]:
        """Give the events newest first, each with the evidence that stands after corrections."""
        return reversed(self.history)

    def last(self, *steps: str) -> Done | None:
        """Find the newest standing event of these steps."""
        return next((done for done in self.standing() if done.step in steps), None)

    def stated(self, kind: type[E]) -> E | None:
        """Give the newest standing evidence of a kind."""
        return next((done.evidence for done in self.standing() if isinstance(done.evidence, kind)), None)

    def with_event(self, done: Done, *, corrects: int | None = None) -> "Record":
        """Give the record after one more event; a correction changes what event `corrects` stated."""
        history = self.history
        if corrects is not None:
            correction = next(d.evidence for d in reversed(history) if d.step == "propose_correction")
            history = tuple(_corrected(d, correction, done) if d.number == corrects else d for d in history)
        return replace(self, state=done.target, flags=done.flags, history=(*history, done))


def _corrected(old: Done, correction: Evidence, by: Done) -> Done:
    moment = datetime.fromisoformat(correction.happened_at) if correction.happened_at else old.happened_at
    return replace(
        old,
        evidence=type(old.evidence).read(correction.values),
        happened_at=moment,
        original=old.original or old.evidence,
        corrected_by=by.number,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a rule may know beside the record: the moment, the ruleset, and what casework looked up.

    `related` holds other records by their part ("request", "employer", "worker", ...);
    `now` is when the step is recorded, `on` the day in Bangkok on which it happened.
    `taken` says which official numbers stand in another file: {"permit_number": reference};
    `states` says where related cases stand: {"request": "running"};
    `counts` holds numbers counted in the store; `appointed` is true while the registrar's
    appointment runs. `holiday` says on which days offices are closed.
    """

    now: datetime
    on: date
    ruleset: Ruleset
    related: Mapping[str, Record] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    appointed: bool = False
    demonstration: bool = False
    holiday: Holiday = weekend
