"""A gate on the border: open, or closed for some bands and days, as its commanders decide and the office enters."""

from dataclasses import dataclass
from datetime import date

from workflow.domain.actor import Actor, Role
from workflow.domain.everywhere import Reason
from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.flow import START, Flow, Refusal, Step
from workflow.domain.places import WHOLE_DAY
from workflow.domain.record import Facts, Record, State
from workflow.domain.words import N_


class Gate(State):
    """Where a gate stands."""

    OPEN = "open", N_("Gate open")
    SHUT = "shut", N_("Closed for a time")
    CLOSED = "closed", N_("No longer used"), True


@dataclass(frozen=True, kw_only=True)
class GateEntry(Evidence):
    """A gate that the rulesets name, and in which province; `name` is its short name in them."""

    name: str = asked(N_("Gate"), Ask.GIVEN)
    province: str = asked(N_("Province"), Ask.GIVEN)


@dataclass(frozen=True, kw_only=True)
class GateClosure(Evidence):
    """From when, until when and for which bands of the day a gate takes nobody, and on whose word."""

    from_on: date = asked(N_("Closed from"), Ask.DATE)
    until_on: date | None = asked(
        N_("Closed until"), Ask.DATE, default=None, hint=N_("Left empty where no end is known.")
    )
    bands: tuple[str, ...] = asked(
        N_("Bands"), Ask.MANY, options="bands", default=(), hint=N_("Tick none: the whole day.")
    )
    reason: str = asked(N_("Reason, and who decided it"), Ask.LONG_TEXT)

    def covers(self, day: date, band: str | None) -> bool:
        """Say whether nobody crosses in this band of this day; a case without a band falls under any."""
        if not self.from_on <= day <= (self.until_on or date.max):
            return False
        return not self.bands or band in (None, WHOLE_DAY, *self.bands)


def closed_for(gate: Record | None, day: date, band: str | None) -> bool:
    """Say whether a gate is closed in a band of a day."""
    if gate is None or gate.state != Gate.SHUT:
        return False
    closure: GateClosure = gate.last("shut_gate").evidence
    return closure.covers(day, band)


def at_own_gate(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a checkpoint speaks for its own gate. Source: the checkpoint's account."""
    if actor.role is not Role.CHECKPOINT or actor.gate == record.history[0].evidence.name:
        return None
    return Refusal("other-gate", N_("You record for your own gate only."))


def closure_runs_forward(
    record: Record, evidence: Evidence | None, actor: Actor, facts: Facts
) -> Refusal | None:
    """Only if a closure ends on or after the day on which it begins. Source: closure declared at the gate."""
    if evidence is None or evidence.until_on is None or evidence.until_on >= evidence.from_on:
        return None
    return Refusal("closure-days", N_("The closure ends before it begins."), field="until_on")


AT_THE_GATE = (Role.CHECKPOINT, Role.OFFICER)

# fmt: off
STEPS = (
    Step("enter_gate", N_("Enter in the register"), (START,), Gate.OPEN, (Role.SYSTEM, Role.ADMINISTRATOR), GateEntry),
    Step("shut_gate",  N_("Close the gate"), (Gate.OPEN, Gate.SHUT), Gate.SHUT, AT_THE_GATE, GateClosure, only_if=(at_own_gate, closure_runs_forward)),
    Step("open_gate",  N_("Open the gate again"), (Gate.SHUT,), Gate.OPEN, AT_THE_GATE, Reason, only_if=(at_own_gate,)),
    Step("close_gate", N_("Close the entry"), (Gate.OPEN, Gate.SHUT), Gate.CLOSED, (Role.SYSTEM, Role.ADMINISTRATOR), Reason),
)
# fmt: on

FLOW = Flow("gate", N_("Gate"), Gate, STEPS)
