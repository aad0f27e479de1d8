"""The gates as the office sees them: what is expected in each band of a day, and a closure with all that follows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from workflow import casework, lookups
from workflow.casework import Act, Item, Result
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.everywhere import Reason
from workflow.domain.gate import GateClosure, closed_for
from workflow.domain.places import WHOLE_DAY, bands
from workflow.domain.record import Record
from workflow.store.history import CaseNotFound, record_of
from workflow.store.projections import Case, GateSlot, RegisterEntry
from workflow.visibility import visible_to

PLANNED = Case.flags.contains("entry_planned")


@dataclass(frozen=True, slots=True)
class Band:
    """One band of one day: how many it takes (None: no number is set), how many are expected, whether it is closed."""

    day: date
    band: str
    capacity: int | None
    expected: int
    closed: bool


def gates(desk: Desk, actor: Actor) -> list[Record]:
    """List the gates that an actor has to do with: a checkpoint its own, an office all."""
    listed = select(RegisterEntry.subject).filter_by(register="gate").order_by(RegisterEntry.name)
    if actor.role is Role.CHECKPOINT:
        listed = listed.filter_by(name=actor.gate)
    return [record_of(desk.session, subject) for subject in desk.session.scalars(listed)]


def gate_named(desk: Desk, actor: Actor, name: str) -> Record:
    """Find a gate by its short name; raises CaseNotFound."""
    for gate in gates(desk, actor):
        if gate.history[0].evidence.name == name:
            return gate
    raise CaseNotFound(name)


def days(desk: Desk, actor: Actor, gate: Record, on: Iterable[date], province: str) -> Iterator[Band]:
    """Tell each band of some days at a gate, closed ones and full ones among them."""
    name = gate.history[0].evidence.name
    for day in on:
        known = bands(desk.in_force(day, province), name) or {WHOLE_DAY: None}
        slots = select(GateSlot.band, GateSlot.taken).filter_by(gate=name, day=day)
        taken = dict(desk.session.execute(slots).all())
        for band, capacity in known.items():
            expected = taken.get(band, 0) if capacity is not None else _planned(desk, actor, name, day)
            yield Band(day, band, capacity, expected, closed_for(gate, day, band))


def _planned(desk: Desk, actor: Actor, gate: str, day: date) -> int:
    asked = select(func.count()).select_from(Case).where(PLANNED, visible_to(desk, actor))
    return desk.session.scalar(asked.filter_by(flow="application", gate=gate, entry_on=day)) or 0


def shut(desk: Desk, actor: Actor, gate: Record, closure: GateClosure, act: Act) -> Record:
    """Close a gate for some days and bands, as the actor declares."""
    return casework.perform(desk, actor, gate.subject, "shut_gate", closure, act).record


def waiting(desk: Desk, actor: Actor, gate: Record) -> list[str]:
    """List the applications planned for a band that is closed by now, in the order of their employers."""
    asked = select(Case.subject, Case.entry_on).where(PLANNED, visible_to(desk, actor))
    asked = asked.filter_by(flow="application", gate=gate.history[0].evidence.name)
    rows = desk.session.execute(asked.order_by(Case.employer, Case.entry_on, Case.title)).all()
    return [
        subject
        for subject, entry_on in rows
        if closed_for(gate, entry_on, record_of(desk.session, subject).last("plan_entry").evidence.band)
    ]


def call_off(desk: Desk, actor: Actor, gate: Record, batch: str) -> Iterator[Result]:
    """Take back the plans that the closure stands against: places are returned, nobody counts as not come."""
    closure = gate.last("shut_gate")
    reason = Reason(reason=closure.evidence.reason)
    items = [Item(subject, reason) for subject in waiting(desk, actor, gate)]
    return casework.perform_many(desk, actor, "reschedule_entry", items, f"{batch}:{closure.number}")


def entry_of(desk: Desk, name: str) -> str | None:
    """Give the register entry of a gate."""
    return lookups.entry_of_gate(desk, name)
