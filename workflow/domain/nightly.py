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
    """What is told of one duty of a case: how many days before its last one (after it: negative), several if overdue."""

    subject: str
    flow: str
    clock: str
    part: str
    employer: str
    begun_on: date
    until_on: date
    offsets: tuple[int, ...]

    def line(self) -> str:
        """Write the alert as one line; a night of a whole province has many thousand of them."""
        days = (self.begun_on.isoformat(), self.until_on.isoformat(), *map(str, self.offsets))
        return "\t".join((self.subject, self.flow, self.clock, self.part, self.employer, *days))

    @classmethod
    def read(cls, line: str) -> "Alert":
        """Read an alert from its line."""
        subject, flow, clock, part, employer, begun_on, until_on, *offsets = line.split("\t")
        days = date.fromisoformat(begun_on), date.fromisoformat(until_on)
        return cls(subject, flow, clock, part, employer, *days, tuple(map(int, offsets)))


@dataclass(frozen=True, kw_only=True)
class Alerts(Evidence):
    """All alerts that an office gives in one night, a line each; they name cases and never a person."""

    on: date = asked(N_("Night of"), Ask.GIVEN)
    alerts: tuple[str, ...] = asked(N_("Alerts"), Ask.GIVEN, default=())


FLOW = Flow(
    "night",
    N_("Night"),
    Night,
    (Step("give_alerts", N_("Give the alerts of the night"), (START,), Night.TOLD, (Role.SYSTEM,), Alerts),),
)
