"""The gates as the office sees them: what is expected in each band of a day, and a closure with all that follows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import func, select, true

import pdf
from forms.evidence import Choices
from workflow import casework
from workflow.casework import Act, Item, Result
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.everywhere import Reason
from workflow.domain.gate import Gate, GateClosure, closed_for
from workflow.domain.places import WHOLE_DAY, bands
from workflow.domain.record import Record
from workflow.store.history import CaseNotFound, record_of
from workflow.store.projections import Case, GateSlot, RegisterEntry
from workflow.visibility import visible_to
from workflow.workingprint import heading

PRINT = "gate_call_list"
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
    """List the gates that an actor has to do with: a checkpoint its own, an office those of its province."""
    listed = select(RegisterEntry.subject).filter_by(register="gate").order_by(RegisterEntry.name)
    if actor.role is Role.CHECKPOINT:
        listed = listed.filter_by(name=actor.gate)
    every = [record_of(desk.session, subject) for subject in desk.session.scalars(listed)]
    return [gate for gate in every if actor.province in (None, gate.history[0].evidence.province)]


def gate_named(desk: Desk, actor: Actor, name: str) -> Record:
    """Find a gate by its short name; raises CaseNotFound."""
    for gate in gates(desk, actor):
        if gate.history[0].evidence.name == name:
            return gate
    raise CaseNotFound(name)


def days(desk: Desk, actor: Actor, gate: Record, on: Iterable[date]) -> Iterator[Band]:
    """Tell each band of some days at a gate, closed ones and full ones among them."""
    name, province = gate.history[0].evidence.name, gate.history[0].evidence.province
    for day in on:
        known = bands(desk.in_force(day, province, lambda: name), name) or {WHOLE_DAY: None}
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
    if gate.state != Gate.SHUT:
        return []
    closure: GateClosure = gate.last("shut_gate").evidence
    asked = select(Case.subject, Case.entry_on).where(PLANNED, visible_to(desk, actor))
    asked = asked.filter_by(flow="application", gate=gate.history[0].evidence.name)
    asked = asked.where(Case.entry_on.between(closure.from_on, closure.until_on or date.max))
    rows = desk.session.execute(asked.order_by(Case.employer, Case.entry_on, Case.title)).all()
    return [
        subject
        for subject, entry_on in rows
        if closure.covers(entry_on, record_of(desk.session, subject).last("plan_entry").evidence.band)
    ]


def call_off(desk: Desk, actor: Actor, gate: Record, batch: str) -> Iterator[Result]:
    """Take back the plans that the closure stands against: places are returned, nobody counts as not come."""
    closure = gate.last("shut_gate")
    reason = Reason(reason=closure.evidence.reason)
    items = [Item(subject, reason) for subject in waiting(desk, actor, gate)]
    return casework.perform_many(desk, actor, "reschedule_entry", items, f"{batch}:{closure.number}")


def open_again(desk: Desk, actor: Actor, gate: Record, reason: Reason, act: Act) -> Record:
    """Open a gate that was closed."""
    return casework.perform(desk, actor, gate.subject, "open_gate", reason, act).record


@dataclass(frozen=True, slots=True)
class CalledOff:
    """A worker whose entry was called off, and whom to tell of it."""

    employer: str
    phone: str
    worker: str
    reference: str
    day: date
    band: str


def called_off(desk: Desk, actor: Actor, gate: Record) -> list[CalledOff]:
    """List whose entry the last closure called off and who has no new day yet, by employer."""
    closure = gate.last("shut_gate")
    if closure is None:
        return []
    # a checkpoint no longer sees a case that is not planned there; whom it sent away it may still name
    seen = true() if actor.role is Role.CHECKPOINT else visible_to(desk, actor)
    asked = select(Case).where(seen, Case.flow == "application", Case.live, ~PLANNED)
    asked = asked.where(Case.moved_at >= closure.recorded_at)
    found = [_called_off(desk, case, gate) for case in desk.session.scalars(asked)]
    return sorted(
        (line for line in found if line), key=lambda line: (line.employer, line.phone, line.day, line.worker)
    )


def _called_off(desk: Desk, case: Case, gate: Record) -> CalledOff | None:
    record = record_of(desk.session, case.subject)
    off, plan = record.last("reschedule_entry"), record.last("plan_entry")
    if off is None or plan is None or off.number < plan.number:
        return None
    if plan.evidence.gate != gate.history[0].evidence.name:
        return None
    employer = desk.session.get(RegisterEntry, case.employer)
    told = employer.stated if employer else {}
    phone = str(told.get("mobile") or told.get("phone") or "")
    name = employer.name if employer else ""
    return CalledOff(
        name, phone, case.title, case.reference, plan.evidence.entry_on, plan.evidence.band or WHOLE_DAY
    )


# on paper -------------------------------------------------------------------------------------


def printed(desk: Desk, actor: Actor, gate: Record, choices: Choices) -> bytes:
    """Print whom to telephone about the last closure of a gate; raises CaseNotFound where it was never closed."""
    closure = gate.last("shut_gate")
    if closure is None:
        raise CaseNotFound(gate.reference)
    return pdf.render(PRINT, _print_record(desk, actor, gate, closure.evidence, choices))


def _print_record(
    desk: Desk, actor: Actor, gate: Record, closure: GateClosure, choices: Choices
) -> dict[str, Any]:
    names, known = dict(choices.options("gates")), dict(choices.options("bands"))
    lines = called_off(desk, actor, gate)
    name = gate.history[0].evidence.name
    by_employer = [list(some) for _, some in groupby(lines, key=lambda line: (line.employer, line.phone))]
    return {
        **heading(desk, actor, actor.office),
        "called_off": {
            "gate": names.get(name, name),
            "from_on": closure.from_on.isoformat(),
            "until_on": closure.until_on.isoformat() if closure.until_on else "",
            "bands": [known.get(band, band) for band in closure.bands],
            "reason": closure.reason,
            "count": len(lines),
            "employers": [_to_call(some, known) for some in by_employer],
        },
    }


def _to_call(lines: list[CalledOff], bands_named: dict[str, str]) -> dict[str, Any]:
    return {
        "name": lines[0].employer,
        "phone": lines[0].phone,
        "workers": [
            {
                "name": line.worker,
                "reference": line.reference,
                "day": line.day.isoformat(),
                "band": "" if line.band == WHOLE_DAY else bands_named.get(line.band, line.band),
            }
            for line in lines
        ],
    }
