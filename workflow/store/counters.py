"""Numbers handed out without a gap: one series per office, kind of paper and Buddhist year.

A number is taken in the transaction of the event that names it (`Envelope.numbers`); if that is not stored,
the number was never handed out. The counter is a copy: what events name is the truth, verification compares.
"""

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.store.database import insert_once, must_write
from workflow.store.truth import Counter


class SeriesBegun(Exception):
    """Numbers of the series were handed out already: its opening can no longer be set."""


def next_number(session: Session, office: str, series: str, be_year: int) -> int:
    """Take the next number of a series; `office` is the chain that the event goes to."""
    must_write(session)
    row = _row(office, series, be_year)
    insert_once(session, Counter.__table__, row | {"opening": 0, "value": 0})
    return session.execute(_where(row).values(value=Counter.value + 1).returning(Counter.value)).scalar_one()


def set_opening(session: Session, office: str, series: str, be_year: int, last_used: int) -> None:
    """Let a series go on from the paper register: the first number taken will be `last_used` + 1.

    Raises SeriesBegun when a number was taken already.
    """
    must_write(session)
    row = _row(office, series, be_year)
    insert_once(session, Counter.__table__, row | {"opening": 0, "value": 0})
    unused = _where(row).where(Counter.value == Counter.opening)
    if session.execute(unused.values(opening=last_used, value=last_used)).rowcount != 1:
        raise SeriesBegun(f"{series} of {be_year}")


def write_number(number: int, be_year: int) -> str:
    """Write a number as the office does, ``12/2569``."""
    return f"{number}/{be_year}"


def _row(office: str, series: str, be_year: int) -> dict[str, object]:
    return {"office": office, "series": series, "year": be_year}


def _where(row: dict[str, object]):
    return update(Counter).filter_by(**row).execution_options(synchronize_session=False)
