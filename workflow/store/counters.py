"""Numbers handed out without a gap: one series per office, kind of paper and Buddhist year.

A number is taken in the transaction of the event that names it (`Envelope.numbers`); if that is not stored,
the number was never handed out. The counter is a copy: what events name is the truth, verification compares.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Row, Update, select, update
from sqlalchemy.orm import Session

from workflow.domain.words import N_
from workflow.store.database import insert_once, must_write
from workflow.store.lenient import lenient
from workflow.store.links import Breach, place_of
from workflow.store.truth import Counter

COUNTER = Counter.__table__
NUMBER = re.compile(r"(\d+)/(\d{4})")


class SeriesBegun(Exception):
    """Numbers of the series were handed out already: its opening can no longer be set."""


def next_number(session: Session, office: str, series: str, be_year: int) -> int:
    """Take the next number of a series; `office` is the chain that the event goes to."""
    must_write(session)
    row = _row(office, series, be_year)
    insert_once(session, COUNTER, row | {"opening": 0, "value": 0})
    return session.execute(
        _where(row).values(value=COUNTER.c.value + 1).returning(COUNTER.c.value)
    ).scalar_one()


def set_opening(session: Session, office: str, series: str, be_year: int, last_used: int) -> None:
    """Let a series go on from the paper register: the first number taken will be `last_used` + 1.

    Raises SeriesBegun when a number was taken already.
    """
    must_write(session)
    row = _row(office, series, be_year)
    insert_once(session, COUNTER, row | {"opening": 0, "value": 0})
    unused = _where(row).where(COUNTER.c.value == COUNTER.c.opening)
    if session.execute(unused.values(opening=last_used, value=last_used)).rowcount != 1:
        raise SeriesBegun(f"{series} of {be_year}")


def write_number(number: int, be_year: int) -> str:
    """Write a number as the office does, ``12/2569``."""
    return f"{number}/{be_year}"


def _row(office: str, series: str, be_year: int) -> dict[str, object]:
    return {"office": office, "series": series, "year": be_year}


def _where(row: dict[str, object]) -> Update:
    matches = (column == row[column.name] for column in COUNTER.primary_key.columns)
    return update(COUNTER).where(*matches)


class Numbers:
    """Follows the numbers that events name, series by series, and holds them against the counters."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(select(*lenient(COUNTER))).all()
        self.ends = {(row.office, row.series, row.year): row.value for row in rows}
        self.last = {(row.office, row.series, row.year): row.opening for row in rows}

    def follow(self, row: Row[Any], frame: Mapping[str, Any]) -> Iterator[Breach]:
        named = frame["event"].get("numbers") if frame else None
        for series, written in named.items() if isinstance(named, dict) else ():
            for number in written if isinstance(written, list) else (written,):
                yield from self._next(row, series, str(number))

    def _next(self, row: Row[Any], series: str, written: str) -> Iterator[Breach]:
        parts = NUMBER.fullmatch(written)
        key = (row.chain, series, int(parts[2]) if parts else 0)
        if parts is None or key not in self.last:
            return
        if int(parts[1]) != self.last[key] + 1:
            told = {"series": series, "written": written, "last": self.last[key]}
            yield Breach(place_of(row), N_("names %(series)s %(written)s, which does not follow %(last)s"), told)
        self.last[key] = int(parts[1])

    def end(self) -> Iterator[Breach]:
        """Name each series whose counter stands elsewhere than its events end."""
        for (office, series, year), value in self.ends.items():
            last = self.last[office, series, year]
            if last != value:
                told = {"value": value, "last": last}
                yield Breach(f"counter {office} {series} {year}", N_("stands at %(value)s; events end at %(last)s"), told)
