"""How the table of duties follows the cases: what began is entered, what moved is moved, what was met is ended."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from workflow.domain.clocks import BY_NAME, Clock, Due, audience, next_offset
from workflow.domain.nightly import Alert
from workflow.domain.record import Done, Record
from workflow.domain.rulesets import Ruleset
from workflow.store.projections import Alert as AlertRow
from workflow.store.projections import Duty

DUTY, ALERT = Duty.__table__, AlertRow.__table__
KEY = ("clock", "part", "begun_on")
Values = dict[str, Any]

_OF_SUBJECT = select(DUTY).where(DUTY.c.subject == bindparam("of"))
_ONE = (DUTY.c.subject == bindparam("of"), *(DUTY.c[name] == bindparam(f"is_{name}") for name in KEY))
_ENTER, _GIVE = insert(DUTY), insert(ALERT)
_MOVE = update(DUTY).where(*_ONE)
_TOLD = update(DUTY).where(*_ONE).values(told=bindparam("offset_told"), tell_on=bindparam("tell_next"))


def keep_up(session: Session, record: Record, dues: Iterable[Due], at: datetime) -> None:
    """Let the duties of a case be those that run now; a duty that was met stays, marked as ended."""
    connection, wanted = session.connection(), {_key_of(due): due for due in dues}
    kept = {
        tuple(getattr(row, name) for name in KEY): row
        for row in connection.execute(_OF_SUBJECT, {"of": record.subject})
    }
    entered = [_entered(record, due, at) for key, due in wanted.items() if key not in kept]
    moved = [change for key, row in kept.items() if (change := _moved(row, wanted.get(key), at)) is not None]
    if entered:
        connection.execute(_ENTER, entered)
    for change in moved:
        connection.execute(_MOVE, change)


def _key_of(due: Due) -> tuple[str, str, date]:
    return due.clock.name, due.part, due.begun_on


def _entered(record: Record, due: Due, at: datetime) -> Values:
    key = dict(zip(KEY, _key_of(due), strict=True))
    first = {"subject": record.subject, "flow": record.flow, "office": record.office}
    return (
        first | key | _standing(due, None) | {"told": None, "sequence": 0, "changed_at": at, "ended_at": None}
    )


def _standing(due: Due, told: int | None) -> Values:
    return {
        "employer": due.employer,
        "until_on": due.until,
        "until_at": due.until_at,
        "tell_on": tell_on(due.clock, due.begun_on, due.until, told),
    }


def tell_on(clock: Clock, begun_on: date, until: date, told: int | None) -> date | None:
    """Give the day of a duty's next alert."""
    offset = next_offset(clock, begun_on, until, told)
    return None if offset is None else until - timedelta(days=offset)


def _moved(row: Any, due: Due | None, at: datetime) -> Values | None:
    """Say what changes on a duty's row; None where it stands as it should."""
    if due is None:
        change = {} if row.ended_at else {"ended_at": at}
    else:
        now = _standing(due, row.told) | {"ended_at": None}
        change = {name: value for name, value in now.items() if getattr(row, name) != value}
    if not change:
        return None
    which = {"of": row.subject} | {f"is_{name}": getattr(row, name) for name in KEY}
    return which | change | {"sequence": row.sequence + 1, "changed_at": at}


def tell(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """Enter the alerts of a night and mark the duties as told."""
    night = {"office": record.office, "given_on": done.evidence.on, "given_at": done.recorded_at}
    alerts = [Alert.read(line) for line in done.evidence.alerts]
    if alerts:
        session.connection().execute(_GIVE, [one | night for alert in alerts for one in _given(alert)])
        session.connection().execute(_TOLD, [_marked(alert) for alert in alerts])


def _given(alert: Alert) -> Iterator[Values]:
    about = {name: getattr(alert, name) for name in ("subject", *KEY, "until_on")}
    clock = BY_NAME[alert.flow, alert.clock]
    for offset in alert.offsets:
        roles = f",{','.join(audience(clock, offset))},"
        yield about | {"employer": alert.employer or None, "offset": offset, "roles": roles}


def _marked(alert: Alert) -> Values:
    """Offsets fall, so the last one is where the duty stands."""
    told, clock = alert.offsets[-1], BY_NAME[alert.flow, alert.clock]
    which = {"of": alert.subject} | {f"is_{name}": getattr(alert, name) for name in KEY}
    following = tell_on(clock, alert.begun_on, alert.until_on, told)
    return which | {"offset_told": told, "tell_next": following}
