"""The nightly run: each office tells what is coming and what is late, once, however many nights were missed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import not_, select

from workflow.casework import Act, open_subject, transaction
from workflow.deadlines import resting
from workflow.desk import Desk
from workflow.domain.actor import SYSTEM
from workflow.domain.clocks import BY_NAME, owed
from workflow.domain.nightly import Alert, Alerts
from workflow.domain.thai import bangkok_date
from workflow.store.chain import event_of_request, lock_chains
from workflow.store.projections import Duty


class NightAhead(ValueError):
    """A night that has not come yet: nothing may be told of it."""


@dataclass(frozen=True, slots=True)
class Told:
    """How many alerts an office gave in a night."""

    office: str
    alerts: int


def give_alerts(desk: Desk, on: date | None = None) -> list[Told]:
    """Give the alerts of a night, those of missed nights among them; a night is told once for each office.

    What began after the run of a night is told in the next one. Raises NightAhead.
    """
    today = bangkok_date(desk.now())
    night = on or today
    if night > today:
        raise NightAhead(f"{night.isoformat()} has not come yet")
    return [_of_office(desk, office, night) for office in _offices(desk, night)]


def _offices(desk: Desk, night: date) -> list[str]:
    waiting = select(Duty.office).where(Duty.ended_at.is_(None), Duty.tell_on <= night).distinct()
    return sorted(desk.session.scalars(waiting))


def _of_office(desk: Desk, office: str, night: date) -> Told:
    """One event names all alerts of the office; the chain is locked before the duties are read."""
    subject = f"ni-{office}-{night:%Y%m%d}"
    with transaction(desk):
        lock_chains(desk.session, office)
        told = event_of_request(desk.session, subject) is not None
        alerts = [] if told else list(_alerts(desk, office, night))
        if alerts:
            stated = Alerts(on=night, alerts=tuple(alert.line() for alert in alerts))
            act = Act(request_id=subject)
            open_subject(
                desk, SYSTEM, "night", "give_alerts", stated, act, chain=office, key=subject, subject=subject
            )
    return Told(office, sum(len(alert.offsets) for alert in alerts))


def _alerts(desk: Desk, office: str, night: date) -> Iterator[Alert]:
    waiting = select(Duty.__table__).where(
        Duty.office == office, Duty.ended_at.is_(None), Duty.tell_on <= night, not_(resting(desk, night))
    )
    for row in desk.session.execute(waiting.order_by(Duty.until_at, Duty.subject, Duty.clock, Duty.part)):
        told = owed(BY_NAME[row.flow, row.clock], row.begun_on, row.until_on, row.told, night)
        yield Alert(
            subject=row.subject,
            flow=row.flow,
            clock=row.clock,
            part=row.part,
            employer=row.employer or "",
            begun_on=row.begun_on,
            until_on=row.until_on,
            offsets=tuple(told),
        )
