"""What a permit holds, folded from its events: its periods, its employments, the stays of its worker.

A step that ends the permit ends the employments that still ran; one that takes that back lets them run again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from workflow.domain.record import Done, Record
from workflow.domain.thai import bangkok_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A time over which the permit runs, with the book that says so."""

    valid_from: date
    valid_until: date
    application: str
    permit_book: str
    permit_number: str
    conditions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Employment:
    """Work for one employer; it runs while it has no end."""

    employer: str
    from_on: date
    ended_on: date | None
    workplace: str
    job: str
    request: str
    reason: str
    cut: bool

    @property
    def runs(self) -> bool:
        """Say whether the work has not ended."""
        return self.ended_on is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A time over which the worker may be in the Kingdom, by a stamp or by a report."""

    number: int
    from_on: date
    until: date
    gate: str
    reported: bool


ENDS: dict[str, Callable[[Done], date]] = {
    "end_permit": lambda done: done.evidence.ended_on,
    "record_exit": lambda done: done.evidence.exited_on,
    "record_death": lambda done: done.evidence.died_on,
    "revoke": lambda done: bangkok_date(done.happened_at),
    "reject_takeover": lambda done: bangkok_date(done.happened_at),
}
"""The steps that end a permit, each with the day on which the work under it ended."""
REVIVES = frozenset({"reopen", "reinstate", "recall_order"})
"""The steps that take the end of a permit back."""


def periods(record: Record) -> tuple[Period, ...]:
    """List the periods in the order in which they were added; they never overlap."""
    return tuple(
        Period(
            valid_from=done.evidence.valid_from,
            valid_until=done.evidence.valid_until,
            application=done.evidence.application,
            permit_book=done.evidence.permit_book,
            permit_number=done.evidence.permit_number,
            conditions=done.evidence.conditions,
        )
        for done in record.history
        if done.number == 1 or done.step == "extend_permit"
    )


def employments(record: Record) -> tuple[Employment, ...]:
    """List the employments in the order in which they began to be known."""
    found: list[Employment] = []
    for done in record.history:
        if done.number == 1:
            found.append(_begun(done, done.evidence.valid_from))
        elif done.step in ("change_employer", "add_employer"):
            found = [*_replaced(found, done), _begun(done, done.evidence.from_on)]
        elif done.step == "end_employment":
            found = [_left(one, done) for one in found]
        elif done.step in ENDS:
            found = [_cut(one, ENDS[done.step](done)) for one in found]
        elif done.step in REVIVES:
            found = [replace(one, ended_on=None, cut=False) if one.cut else one for one in found]
    return tuple(found)


def employers_cut(record: Record) -> tuple[str, ...]:
    """Give the employers whose work ended with the permit itself: whom its revocation touches."""
    return tuple(one.employer for one in employments(record) if one.cut)


def employers_now(record: Record) -> tuple[str, ...]:
    """Give the employers whose work has not ended."""
    return tuple(one.employer for one in employments(record) if one.runs)


def stays(record: Record) -> tuple[Stay, ...]:
    """List the stays, the first from the entry that the permit was issued on."""
    found = []
    for done in record.history:
        stated = done.evidence
        if done.number == 1 and stated.stay_until is not None:
            found.append(_stay(done, stated.entered_on or stated.valid_from, stated.stay_until, stated.gate))
        elif done.step == "record_reentry":
            found.append(_stay(done, stated.stamped_on, stated.stay_until, stated.gate))
        elif done.step == "record_report" and stated.next_due is not None:
            found.append(_stay(done, stated.reported_on, stated.next_due, "", reported=True))
    return tuple(found)


def _stay(done: Done, from_on: date, until: date, gate: str, *, reported: bool = False) -> Stay:
    return Stay(number=done.number, from_on=from_on, until=until, gate=gate, reported=reported)


def _begun(done: Done, from_on: date) -> Employment:
    return Employment(
        employer=done.evidence.employer,
        from_on=from_on,
        ended_on=None,
        workplace=done.evidence.workplace,
        job=done.evidence.job,
        request=getattr(done.evidence, "request", ""),
        reason="",
        cut=False,
    )


def _replaced(found: list[Employment], done: Done) -> list[Employment]:
    """The employer who is replaced has the worker until the day before."""
    gone, day = done.evidence.replaces, done.evidence.from_on - timedelta(days=1)
    return [_ended(one, max(day, one.from_on)) if one.runs and one.employer == gone else one for one in found]


def _left(one: Employment, done: Done) -> Employment:
    if not (one.runs and one.employer == done.evidence.employer):
        return one
    return _ended(one, done.evidence.last_day, str(done.evidence.reason_code))


def _ended(one: Employment, on: date, reason: str = "", *, cut: bool = False) -> Employment:
    return replace(one, ended_on=on, reason=reason, cut=cut)


def _cut(one: Employment, on: date) -> Employment:
    return _ended(one, max(on, one.from_on), cut=True) if one.runs else one
