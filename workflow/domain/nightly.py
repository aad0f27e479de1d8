"""The alerts of a night: for each office one event that names all that was told of its duties."""

from dataclasses import dataclass
from datetime import date

from workflow.domain.actor import Role
from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.flow import START, Flow, Step
from workflow.domain.record import State
from workflow.domain.words import N_


class Night(State):
    """A night is over when its alerts are given."""

    TOLD = "told", N_("Alerts given"), True


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told: which duty of which case, and how many days before its last one (after it: negative)."""

    subject: str
    flow: str
    clock: str
    part: str
    begun_on: date
    until_on: date
    offset: int
    employer: str | None = None


@dataclass(frozen=True, kw_only=True)
class Alerts(Evidence):
    """All alerts that an office gives in one night; it names cases and never a person."""

    on: date = asked(N_("Night of"), Ask.GIVEN)
    alerts: tuple[Alert, ...] = asked(N_("Alerts"), Ask.GIVEN, default=())


FLOW = Flow(
    "night",
    N_("Night"),
    Night,
    (Step("give_alerts", N_("Give the alerts of the night"), (START,), Night.TOLD, (Role.SYSTEM,), Alerts),),
)
