"""An employer's deadlines as a calendar that telephones and mail programs subscribe to (RFC 5545).

It leaves the office, so it says little: the duty, the case's reference, the family name and one letter; nothing of
health, no number of a pass. A duty that was met is sent once more as cancelled, under the same sign.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from icalendar import Calendar, Event
from sqlalchemy import Row, or_, select

from workflow.deadlines import of_employer
from workflow.desk import Desk
from workflow.domain.clocks import BY_NAME, CLOCKS, Unit
from workflow.store.projections import Case, Duty

Words = Callable[[str], str]
HEALTH = tuple({clock.name for clock in CLOCKS if clock.health})
SHOWN_AFTER = timedelta(days=30)
"""How long what is over stays in the calendar, so that every telephone has seen that it is."""
REFRESH = timedelta(hours=6)
MOST = 2000


def calendar_of(desk: Desk, employer: str, name: str, host: str, words: Words) -> bytes:
    """Write the calendar of an employer; `words` puts labels into the reader's language."""
    calendar = Calendar()
    calendar.add("prodid", "-//Saphan//Deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{words('Deadlines')} – {name}")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for row in _rows(desk, employer):
        calendar.add_component(_event(row, host, words))
    return calendar.to_ical()


def _rows(desk: Desk, employer: str) -> Iterator[Row[tuple[object, ...]]]:
    """What runs, and what is over since not too long."""
    since = desk.now() - SHOWN_AFTER
    wanted = (
        select(Duty.__table__, Case.title, Case.reference, Case.worker)
        .join(Case, Case.subject == Duty.subject)
        .where(
            of_employer(employer),
            Duty.clock.not_in(HEALTH),
            Duty.until_at >= since,
            or_(Duty.ended_at.is_(None), Duty.ended_at >= since),
        )
    )
    yield from desk.session.execute(wanted.order_by(Duty.until_at, Duty.subject, Duty.clock).limit(MOST))


def _event(row: Row[tuple[object, ...]], host: str, words: Words) -> Event:
    clock, event = BY_NAME[row.flow, row.clock], Event()
    event.add("uid", uid_of(row, host))
    event.add("dtstamp", row.changed_at)
    event.add("last-modified", row.changed_at)
    event.add("sequence", row.sequence)
    whom = minimal_name(row.title) if row.worker else ""
    event.add("summary", " · ".join(part for part in (words(clock.label), whom, row.reference) if part))
    if clock.breach:
        event.add("description", words(clock.breach))
    if clock.unit is Unit.HOURS:
        event.add("dtstart", row.until_at - timedelta(hours=1))
        event.add("dtend", row.until_at)
    else:
        event.add("dtstart", row.until_on)
        event.add("dtend", row.until_on + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if row.ended_at else "CONFIRMED")
    event.add("url", f"{host}/cases/{row.reference}")
    return event


def uid_of(row: Row[tuple[object, ...]], host: str) -> str:
    """Give the sign of a duty, the same for ever; it names no person."""
    begun: date = row.begun_on
    parts = (row.subject, row.clock, row.part, begun.strftime("%Y%m%d"))
    return f"{'-'.join(part for part in parts if part)}@{host.rpartition('//')[2]}"


def minimal_name(title: str) -> str:
    """Give of a name the family name and one further letter."""
    first, _, rest = title.strip().partition(" ")
    return f"{first} {rest.strip()[0]}." if rest.strip() else first
