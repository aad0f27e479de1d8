"""A desk to work at: the open store, the clock, the rulesets in force, and where chance comes from."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import rulesets
from workflow.domain.record import Record
from workflow.domain.rulesets import Ruleset, RulesetFault
from workflow.store.history import record_of
from workflow.store.projections import RegisterEntry
from workflow.store.truth import RulesetTextRow

SYSTEM_CHAIN = "system"
_READ: dict[str, Ruleset] = {}


def clock() -> datetime:
    """Tell the time of this machine."""
    return datetime.now(UTC)


def chance(length: int) -> str:
    """Draw a random sign of letters and digits that nobody can guess."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "".join(secrets.choice(alphabet) for _ in range(length))


@dataclass(slots=True)
class Desk:
    """What every verb of casework needs at hand; one for each web request, job or command.

    `owes` is told of each paper that is to be made, within the transaction that owes it.
    """

    session: Session
    now: Callable[[], datetime] = clock
    chance: Callable[[int], str] = chance
    demonstration: bool = False
    site: str = "http://127.0.0.1:8000"
    owes: Callable[[Session, str], None] | None = None
    _records: dict[str, Record] = field(default_factory=dict)

    def ruleset(self, digest: str) -> Ruleset:
        """Find a ruleset by the digest that an event pins."""
        if digest not in _READ:
            text = self.session.scalar(select(RulesetTextRow.text).where(RulesetTextRow.digest == digest))
            _READ[digest] = rulesets.read(text) if text is not None else _lost(digest)
        return _READ[digest]

    def rulesets(self) -> list[Ruleset]:
        """List the rulesets that two persons brought into force, of every time and place."""
        listed = select(RegisterEntry.stated).filter_by(register="ruleset", state="listed")
        return [self.ruleset(str(stated["digest"])) for stated in self.session.scalars(listed)]

    def in_force(self, on: date, province: str, gate: Callable[[], str | None] | None = None) -> Ruleset:
        """Choose the ruleset in force on a date in a province; raises RulesetFault if none covers.

        `gate` finds the gate of the case; it is asked only where some rules hold at some gates alone.
        """
        every = self.rulesets()
        named = gate() if gate is not None and any(ruleset.gates for ruleset in every) else None
        return rulesets.in_force(every, on, province, named, demonstration=self.demonstration)

    def province_of(self, office: str) -> str:
        """Give the province of an office."""
        stated = self.session.scalar(select(RegisterEntry.stated).filter_by(subject=office))
        return str(stated["province"]) if stated else ""

    def record(self, subject: str) -> Record:
        """Read a case that does not change while the desk is open for one act; read once."""
        if subject not in self._records:
            self._records[subject] = record_of(self.session, subject)
        return self._records[subject]

    def forget(self) -> None:
        """Forget what was read; what others did since then counts again."""
        self._records.clear()


def _lost(digest: str) -> Ruleset:
    if digest == rulesets.NONE.digest:
        return rulesets.NONE
    raise RulesetFault(f"the text of ruleset {digest} is missing")
