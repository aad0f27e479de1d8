"""How the table of duties follows the cases: what began is entered, what moved is moved, what was met is ended."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from workflow.domain.clocks import BY_NAME, Clock, Due, audience, next_offset
from workflow.domain.nightly import Alert
from workflow.domain.record import Done, Record
from workflow.domain.rulesets import Ruleset
from workflow.store.projections import Alert as AlertRow
from workflow.store.projections import Duty

DUTY, ALERT = Duty.__table__, AlertRow.__table__
NAMES = ("clock", "part", "begun_on")
Key = tuple[str, str, date]
Values = dict[str, Any]

_OF_SUBJECT = select(DUTY).where(DUTY.c.subject == bindparam("of"))
_ONE = (DUTY.c.subject == bindparam("of"), *(DUTY.c[name] == bindparam(f"is_{name}") for name in NAMES))
_TOLD_OF = select(func.min(ALERT.c.offset)).where(
    ALERT.c.subject == bindparam("of"),
    *(ALERT.c[name] == bindparam(f"is_{name}") for name in NAMES),
    ALERT.c.until_on == bindparam("before"),
)
_ENTER, _GIVE = insert(DUTY), insert(ALERT)
_MOVE = update(DUTY).where(*_ONE)
_TOLD = update(DUTY).where(*_ONE).values(told=bindparam("offset_told"), tell_on=bindparam("tell_next"))


def keep_up(session: Session, record: Record, dues: Iterable[Due], at: datetime) -> None:
    """Let the duties of a case be those that run now; a duty that was met stays, marked as ended."""
    connection = session.connection()
    _write(connection, [(record, dues)], connection.execute(_OF_SUBJECT, {"of": record.subject}), at)


def last_told(until: ColumnElement[date]) -> ScalarSelect[int]:
    """Find the offset that was told last of a duty before a last day: offsets fall."""
    same = (DUTY.c[name] == ALERT.c[name] for name in ("subject", *NAMES))
    return (
        select(func.min(ALERT.c.offset))
        .where(*same, ALERT.c.until_on == until)
        .correlate_except(ALERT)
        .scalar_subquery()
    )


def _write(
    connection: Connection, cases: Iterable[tuple[Record, Iterable[Due]]], rows: Iterable[Any], at: datetime
) -> None:
    kept: dict[str, dict[Key, Any]] = {}
    for row in rows:
        kept.setdefault(row.subject, {})[row.clock, row.part, row.begun_on] = row
    entered, moved = [], {}
    for record, dues in cases:
        mine, wanted = kept.get(record.subject, {}), {_key_of(due): due for due in dues}
        entered += [_entered(record, due, at) for key, due in wanted.items() if key not in mine]
        for key, row in mine.items():
            change = _moved(connection, row, wanted.get(key), at)
            if change is not None:  # rows that change alike are changed by one statement
                moved.setdefault(frozenset(change), []).append(change)
    if entered:
        connection.execute(_ENTER, entered)
    for alike in moved.values():
        connection.execute(_MOVE, alike)


def _key_of(due: Due) -> Key:
    return due.clock.name, due.part, due.begun_on


def _entered(record: Record, due: Due, at: datetime) -> Values:
    key = dict(zip(NAMES, _key_of(due), strict=True))
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


def _moved(connection: Connection, row: Any, due: Due | None, at: datetime) -> Values | None:
    """Say what changes on a duty's row; None where it stands as it should."""
    if due is None:
        change = {} if row.ended_at else {"ended_at": at}
    else:
        told = row.told if due.until == row.until_on else _told_of(connection, row, due.until)
        now = _standing(due, told) | {"told": told, "ended_at": None}
        change = {name: value for name, value in now.items() if getattr(row, name) != value}
    if not change:
        return None
    return _which(row) | change | {"sequence": row.sequence + 1, "changed_at": at}


def _which(row: Any) -> Values:
    return {"of": row.subject} | {f"is_{name}": getattr(row, name) for name in NAMES}


def _told_of(connection: Connection, row: Any, until: date) -> int | None:
    """A last day that moved is told of anew; one that comes back is not told of twice."""
    return connection.scalar(_TOLD_OF, _which(row) | {"before": until})


def tell(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """Enter the alerts of a night and mark the duties as told."""
    night = {"office": record.office, "given_on": done.evidence.on, "given_at": done.recorded_at}
    alerts = [Alert.read(line) for line in done.evidence.alerts]
    if alerts:
        session.connection().execute(_GIVE, [one | night for alert in alerts for one in _given(alert)])
        session.connection().execute(_TOLD, [_marked(alert) for alert in alerts])


def _given(alert: Alert) -> Iterator[Values]:
    about = {name: getattr(alert, name) for name in ("subject", *NAMES, "until_on")}
    clock = BY_NAME[alert.flow, alert.clock]
    for offset in alert.offsets:
        roles = f",{','.join(audience(clock, offset))},"
        yield about | {"employer": alert.employer or None, "offset": offset, "roles": roles}


def _marked(alert: Alert) -> Values:
    """Offsets fall, so the last one is where the duty stands."""
    told, clock = alert.offsets[-1], BY_NAME[alert.flow, alert.clock]
    which = {"of": alert.subject} | {f"is_{name}": getattr(alert, name) for name in NAMES}
    following = tell_on(clock, alert.begun_on, alert.until_on, told)
    return which | {"offset_told": told, "tell_next": following}
