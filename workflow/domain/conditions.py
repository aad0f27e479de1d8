"""What only time changes about a permit: due, late, overstayed, expired, seeking; computed at each look, never stored.

A condition that rests on a value which the ruleset does not name is not told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from workflow.domain.policies import newest_order, serving_of
from workflow.domain.record import Facts, Record
from workflow.domain.spells import employments
from workflow.domain.validity import permit_until, stay_until
from workflow.domain.words import N_

REMIND_DAYS = 7
"""So many days before the end of the stay it is said that a report is due; an aid, no limit of the law."""


class Weight(StrEnum):
    """How a condition is to be read at a glance."""

    GOOD = "good"
    WAITING = "waiting"
    WARNING = "warning"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing that holds today: its words, the day that it rests on, how many days it has lasted, a fine in baht.

    `due` says that the day is a last one which has not passed.
    """

    name: str
    label: str
    weight: Weight
    on: date | None = None
    due: bool = False
    days: int | None = None
    fine: int | None = None
    waived: bool = False
    number: str = ""


def conditions(record: Record, facts: Facts) -> tuple[Condition, ...]:
    """List what time has made of a permit by `facts.on`; nothing for any other case."""
    if record.flow != "permit":
        return ()
    if record.state == "active":
        return (*_validity(record, facts), *_stay(record, facts), *_work(record, facts), *_lost(record, facts))
    return tuple(_final_order(record, facts))


def overstay(record: Record, facts: Facts) -> Condition | None:
    """Count the days of an overstay and the fine, unless the rules in force waive it (Immigration Act B.E. 2522 s.81)."""
    until = stay_until(record)
    if until is None or until >= facts.on:
        return None
    days, rules = (facts.on - until).days, facts.ruleset
    per_day, most = rules.get("overstay.per_day"), rules.get("overstay.longest_fine")
    waived = bool(rules.get("overstay.waived", False)) or "grace" in record.flags
    fine = None if waived or per_day is None else days * per_day if most is None else min(days * per_day, most)
    return Condition(
        name="overstay",
        label=N_("Stay has ended"),
        weight=Weight.WARNING if waived else Weight.STOPPED,
        on=until,
        days=days,
        fine=fine,
        waived=waived,
    )


def interim(record: Record, on: date) -> Condition | None:
    """Say that work goes on because a renewal was filed in time, with its day and receipt (s.67; P30)."""
    filed, until = record.last("note_renewal"), permit_until(record)
    if filed is None or "renewal_filed" not in record.flags or until is None or filed.evidence.filed_on > until:
        return None
    return Condition(
        name="interim",
        label=N_("In force while the renewal is pending") if until < on else N_("Renewal filed in time"),
        weight=Weight.GOOD,
        on=filed.evidence.filed_on,
        number=filed.evidence.receipt,
    )


def _validity(record: Record, facts: Facts) -> Iterator[Condition]:
    until, open_days = permit_until(record), facts.ruleset.get("renewal.open_days")
    pending = interim(record, facts.on)
    if pending is not None:
        yield pending
    elif until is not None and until < facts.on:
        label = N_("Permit has run out; now only a new application")
        yield Condition(name="expired", label=label, weight=Weight.STOPPED, on=until, days=(facts.on - until).days)
    elif until is not None and open_days is not None and facts.on >= until - timedelta(days=open_days):
        left = (until - facts.on).days
        label = N_("Renewal can be filed")
        yield Condition(name="renewal_open", label=label, weight=Weight.WARNING, on=until, due=True, days=left)


def _stay(record: Record, facts: Facts) -> Iterator[Condition]:
    over, until = overstay(record, facts), stay_until(record)
    reports = facts.ruleset.get("report.every_days") is not None
    if over is not None:
        if reports:
            yield Condition(name="report_late", label=N_("Report of the stay is late"), weight=Weight.WARNING, on=until)
        yield over
    elif until is not None and facts.on >= until - timedelta(days=REMIND_DAYS):
        label = N_("Report of the stay is due") if reports else N_("Re-entry is due")
        left = (until - facts.on).days
        yield Condition(name="report_due", label=label, weight=Weight.WARNING, on=until, due=True, days=left)
    told = record.last("notify_departure")
    if told is not None and "departure" in record.flags:
        until = told.evidence.leave_until
        label = N_("Told to leave the Kingdom")
        yield Condition(name="departure", label=label, weight=Weight.STOPPED, on=until, due=until >= facts.on)


def _work(record: Record, facts: Facts) -> Iterator[Condition]:
    spells = employments(record)
    if any(one.runs for one in spells):
        return
    since, days = max(one.ended_on for one in spells), facts.ruleset.get("seeking.days")
    until = since + timedelta(days=days) if days is not None else None
    over = until is not None and until < facts.on
    label = N_("Time to find an employer has passed") if over else N_("Without an employer at present")
    yield Condition(
        name="seeking",
        label=label,
        weight=Weight.STOPPED if over else Weight.WARNING,
        on=until or since,
        due=until is not None and not over,
        days=(facts.on - since).days,
    )


def _lost(record: Record, facts: Facts) -> Iterator[Condition]:
    loss, days = record.last("report_loss"), facts.ruleset.get("loss.days")
    if loss is None or "lost" not in record.flags or days is None:
        return
    until = loss.evidence.known_on + timedelta(days=days)
    late = until < facts.on
    label = N_("Substitute permit not asked for in time") if late else N_("Apply for a substitute permit")
    weight = Weight.STOPPED if late else Weight.WARNING
    yield Condition(name="lost", label=label, weight=weight, on=until, due=not late)


def _final_order(record: Record, facts: Facts) -> Iterator[Condition]:
    """An order that was served becomes final when the time to appeal has passed."""
    order, days = newest_order(record), facts.ruleset.get("appeal.days")
    served = serving_of(record, order) if order is not None and record.state == "revoked" else None
    if served is None or days is None:
        return
    until = served.evidence.served_on + timedelta(days=days)
    final = until < facts.on
    label = N_("The order is final") if final else N_("An appeal may be filed")
    weight = Weight.STOPPED if final else Weight.WAITING
    yield Condition(name="appeal", label=label, weight=weight, on=until, due=not final)
