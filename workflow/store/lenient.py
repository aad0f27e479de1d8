"""Read columns as someone may have left them who changed them by hand: what has the wrong kind reads as empty."""

from datetime import UTC as ZONE
from datetime import date, datetime

from sqlalchemy import Date, Dialect, Integer, LargeBinary, Table, TypeDecorator, type_coerce, types
from sqlalchemy.sql.elements import ColumnElement

from workflow.store.database import UTC


class Lenient(TypeDecorator[object]):
    """Gives a value of the wanted kind, or an empty one; None stays None."""

    impl = types.NullType
    cache_ok = True

    def __init__(self, kind: type) -> None:
        super().__init__()
        self.kind = kind

    def process_result_value(self, value: object, dialect: Dialect) -> object:
        if self.kind is datetime:
            return _moment(value)
        if self.kind is date:
            return _day(value)
        return value if value is None or isinstance(value, self.kind) else self.kind()


def lenient(table: Table, **names: str) -> list[ColumnElement[object]]:
    """Give all columns of a table to select, read leniently; `names` gives some other labels."""
    return [_lenient(column).label(names.get(column.name, column.name)) for column in table.columns]


def _lenient(column: ColumnElement[object]) -> ColumnElement[object]:
    kind: type = str
    if isinstance(column.type, UTC):
        kind = datetime
    elif isinstance(column.type, Date):
        kind = date
    elif isinstance(column.type, LargeBinary):
        kind = bytes
    elif isinstance(column.type, Integer):
        kind = int
    return type_coerce(column, Lenient(kind))


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value if isinstance(value, date) else None
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=ZONE) if value.tzinfo is None else value.astimezone(ZONE)
