"""The items of a measure: read which permits it may reach, stage what it makes of them, hold them to their digests.

Items are staged a few hundred at a time before any event binds them; what no event binds counts for nothing.
A dry run keeps its list beside them, as no truth: it is what the second person looks at.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, String, Text, and_, cast, delete, exists, func, insert, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.domain.flow import Refusal
from workflow.domain.measure import After, Before, digest_of
from workflow.domain.words import N_
from workflow.store.database import Base
from workflow.store.history import record_of
from workflow.store.lenient import lenient
from workflow.store.links import Breach
from workflow.store.projections import Case, Employment, Stay
from workflow.store.truth import EventRow, MeasureColumns, MeasureItem

Values = dict[str, Any]


class MeasureTried(MeasureColumns, Base):
    """A line of a dry run: a permit before and after, or what stands against it. It may be lost without harm.

    `trial` names the run: the list of one that broke off is not taken for that of another.
    """

    __tablename__ = "measure_tried"

    trial: Mapped[str] = mapped_column(String(40), primary_key=True)
    reference: Mapped[str] = mapped_column(String(40))
    against: Mapped[str | None] = mapped_column(Text)


CASE, STAY, WORK, ITEM, TRIED = (row.__table__ for row in (Case, Stay, Employment, MeasureItem, MeasureTried))
BOUND = (
    "measure", "office", "subject", "version", "attempt", "crossed_on", "was_until", "was_stay", "was_flags", "was_measure",
    "until", "stay", "flags",
)  # fmt: skip
"""What the digest of an item covers."""
JUDGED = tuple(name for name in BOUND if name not in ("measure", "subject", "attempt"))
"""What makes two judgements of a permit the same."""


# the permits --------------------------------------------------------------------------------

_CROSSED = select(func.max(STAY.c.from_on)).where(STAY.c.permit == CASE.c.subject).scalar_subquery()
_WORKS = (
    select(func.count()).where(WORK.c.permit == CASE.c.subject, WORK.c.ended_on.is_(None)).scalar_subquery()
)
_PERMITS = select(
    *(CASE.c.subject, CASE.c.reference, CASE.c.version, CASE.c.flags, CASE.c.measure),
    *(CASE.c.valid_from, CASE.c.valid_until, CASE.c.stay_until),
    _CROSSED.label("crossed_on"),
    _WORKS.label("employers"),
).where(CASE.c.flow == "permit", CASE.c.state == "active")


def permits_of(session: Session, office: str) -> list[str]:
    """List the live permits of an office, in the order of their subjects."""
    live = select(CASE.c.subject).where(
        CASE.c.office == office, CASE.c.flow == "permit", CASE.c.state == "active"
    )
    return list(session.scalars(live.order_by(CASE.c.subject)))


def read_permits(session: Session, subjects: Iterable[str]) -> Iterator[tuple[str, Before]]:
    """Read live permits as a measure judges them, each with its reference."""
    asked = _PERMITS.where(CASE.c.subject.in_(list(subjects))).order_by(CASE.c.subject)
    for row in session.connection().execute(asked):
        yield (
            row.reference,
            Before(
                subject=row.subject,
                version=row.version,
                flags=_flags(row.flags),
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                stay_until=row.stay_until,
                crossed_on=row.crossed_on,
                employers=row.employers,
                measure=row.measure or "",
            ),
        )


def _flags(written: str) -> frozenset[str]:
    return frozenset(filter(None, written.split(",")))


# the items ----------------------------------------------------------------------------------


def item(measure: str, office: str, before: Before, after: After) -> Values:
    """Write what a measure makes of a permit as a row, with the digest that binds it."""
    values: Values = {
        "measure": measure,
        "office": office,
        "subject": before.subject,
        "version": before.version,
        "attempt": 1,
        "crossed_on": before.crossed_on,
        "was_until": before.valid_until,
        "was_stay": before.stay_until,
        "was_flags": ",".join(sorted(before.flags)),
        "was_measure": before.measure,
        "until": after.valid_until,
        "stay": after.stay_until,
        "flags": ",".join(sorted(after.flags)),
    }
    return values | {"digest": digest_of_item(values)}


def tried(values: Values, trial: str, reference: str, against: Refusal | None = None) -> Values:
    """Write a line of a dry run."""
    told = against and json.dumps([against.code, against.text, dict(against.values)], default=str)
    line = values | {"trial": trial, "reference": reference, "against": told}
    del line["attempt"]
    return line


def digest_of_item(values: Mapping[str, Any]) -> bytes:
    """Digest one item."""
    return sha256("\t".join(map(_written, (values[name] for name in BOUND))).encode()).digest()


def _written(value: object) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def keep_items(session: Session, items: list[Values]) -> None:
    """Stage items; one that is there already stays, one judged otherwise at the same version is a further attempt."""
    if not items:
        return
    mine = (ITEM.c.measure == items[0]["measure"], ITEM.c.subject.in_([one["subject"] for one in items]))
    asked = select(ITEM.c.subject, ITEM.c.version, ITEM.c.attempt, ITEM.c.digest).where(*mine)
    there = {
        (row.subject, row.version): row
        for row in session.connection().execute(asked.order_by(ITEM.c.attempt))
    }
    missing = [
        anew for one in items if (anew := _anew(one, there.get((one["subject"], one["version"])))) is not None
    ]
    if missing:
        session.connection().execute(insert(ITEM), missing)


def _anew(values: Values, newest: Row[Any] | None) -> Values | None:
    """Give an item as the next attempt; nothing where the newest one says the same."""
    if newest is None:
        return values
    same = values | {"attempt": newest.attempt}
    if digest_of_item(same) == newest.digest:
        return None
    following = values | {"attempt": newest.attempt + 1}
    return following | {"digest": digest_of_item(following)}


def forget_trials(session: Session, measure: str, keep: str) -> None:
    """Take away the lists of dry runs that broke off or were followed by another."""
    session.execute(delete(TRIED).where(TRIED.c.measure == measure, TRIED.c.trial != keep))


def keep_trial(session: Session, lines: list[Values]) -> None:
    """Keep lines of a dry run."""
    if lines:
        session.connection().execute(insert(TRIED), lines)


def trial_digest(session: Session, trial: str) -> str:
    """Bind the list of a dry run, in the order of its subjects."""
    asked = select(TRIED.c.digest).where(TRIED.c.trial == trial).order_by(TRIED.c.subject)
    return digest_of(session.scalars(asked.execution_options(yield_per=500)))


# what an office's event binds ---------------------------------------------------------------

LATER = ITEM.alias("later")
IS_NEWEST = ~(
    exists()
    .where(
        LATER.c.measure == ITEM.c.measure,
        LATER.c.subject == ITEM.c.subject,
        or_(
            LATER.c.version > ITEM.c.version,
            and_(LATER.c.version == ITEM.c.version, LATER.c.attempt > ITEM.c.attempt),
        ),
    )
    .correlate(ITEM)
)
"""Says that an item is the newest of its permit under a measure: the only one that may count."""
NAME = (
    ITEM.c.subject.concat(" ")
    .concat(cast(ITEM.c.version, String))
    .concat(" ")
    .concat(cast(ITEM.c.attempt, String))
)
"""Names an item in a list: the permit, its version, the attempt."""


def stale_items(session: Session, measure: str, office: str) -> list[str]:
    """List staged items that count no more: their case moved, ended, came under another measure, was judged anew."""
    moved = (CASE.c.version != ITEM.c.version) | (func.coalesce(CASE.c.measure, "") != ITEM.c.was_measure)
    asked = (
        select(NAME)
        .join(CASE, CASE.c.subject == ITEM.c.subject)
        .where(ITEM.c.measure == measure, ITEM.c.office == office)
        .where(moved | (CASE.c.state != "active") | ~IS_NEWEST)
        .order_by(ITEM.c.subject, ITEM.c.version, ITEM.c.attempt)
    )
    return list(session.scalars(asked))


def overtaken(session: Session, measure: str, office: str) -> list[str]:
    """List the live permits over which something was laid since they were judged: their items fit no more."""
    under = func.coalesce(CASE.c.measure, "") != ITEM.c.was_measure
    asked = (
        select(ITEM.c.subject)
        .join(CASE, CASE.c.subject == ITEM.c.subject)
        .where(ITEM.c.measure == measure, ITEM.c.office == office, CASE.c.state == "active", under, IS_NEWEST)
    )
    return list(session.scalars(asked))


def bound(session: Session, measure: str, office: str, passed_over: Iterable[str]) -> tuple[int, str]:
    """Count the items of a measure at an office, and bind them; `passed_over` (the names of items) does not count."""
    out = set(passed_over)
    columns = (ITEM.c.digest, NAME.label("name")) if out else (ITEM.c.digest,)
    asked = (
        select(*columns)
        .where(ITEM.c.measure == measure, ITEM.c.office == office)
        .order_by(ITEM.c.subject, ITEM.c.version, ITEM.c.attempt)
    )
    rows = session.connection().execute(asked)
    digests = [row.digest for row in rows if not out or row.name not in out]
    return len(digests), digest_of(digests)


def check_items(session: Session) -> Iterator[Breach]:
    """Hold every item against its own digest, and the items of each office against the event that binds them."""
    for row in session.execute(select(*lenient(ITEM)).execution_options(yield_per=500)):
        if not _as_digested(row):
            yield Breach(
                f"measure_item {row.measure} {row.subject} {row.version}", N_("is not what was staged")
            )
    laid = (
        select(EventRow.subject)
        .where(EventRow.flow == "laying", EventRow.number == 1)
        .order_by(EventRow.position)
    )
    for subject in session.scalars(laid).all():
        try:
            record = record_of(session, subject)
            stated = record.history[0].evidence
            count, digest = bound(session, stated.measure, record.office, stated.passed_over)
        except Exception:  # an event changed by hand may fail in any way; its own chain says so
            continue
        if (count, digest) != (stated.changed, stated.digest):
            yield Breach(
                f"measure_item {stated.measure} {record.office}", N_("are not the items that the event binds")
            )


def _as_digested(row: Row[Any]) -> bool:
    """Dates are read as they are written, whatever somebody made of them."""
    return digest_of_item(row._mapping) == row.digest
