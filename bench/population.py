"""The workers of June 2025: 47,348 permits over the offices of seven provinces, the same ones each time.

Their rows (case, period, employment, stay, duties) are written as the copies of 47,348 real permits would be: each
permit is a record in memory that goes through the functions which follow an event. The events themselves are not
written, since to append that many sealed events takes longer than all that is measured; measures read the copies
only. That the same acts hold over real events, and that their chains verify, is proved by tests/test_measure.py.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from workflow import casework
from workflow.casework import Act
from workflow.desk import Desk
from workflow.domain import clocks
from workflow.domain.actor import SYSTEM, OfficeKind
from workflow.domain.permit import PermitOpened
from workflow.domain.record import Done, Facts, Record
from workflow.domain.registers import Office
from workflow.domain.rulesets import Ruleset, shipped
from workflow.domain.spells import employments, periods, stays
from workflow.domain.validity import permit_from, permit_until, stay_until
from workflow.store.calendar import thai_holiday
from workflow.store.database import begin_write
from workflow.store.duties import tell_on
from workflow.store.projections import Case, Duty, Employment, Period, Stay

WORKERS = 47_348
"""So many were counted when the cabinet decided (22 July 2025)."""
CLOSED_ON = date(2025, 6, 7)
SHARES = {"22": 34, "27": 26, "23": 16, "32": 8, "33": 6, "31": 5, "34": 5}
"""Of a hundred workers, how many work in a province; invented, the east before the north-east."""
OFFICES = 3
AT_ONCE = 1000
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Place:
    """An office with its province and its part of the workers."""

    code: str
    province: str
    workers: int


def places(workers: int = WORKERS) -> list[Place]:
    """Give the offices: three in each province, the first of them with half of its workers."""
    found = []
    for province, share in SHARES.items():
        here = workers * share // 100
        parts = (here // 2, here * 3 // 10, here - here // 2 - here * 3 // 10)
        found += [Place(f"O{province}{number}", province, part) for number, part in enumerate(parts, 1)]
    first = found[0]
    found[0] = Place(first.code, first.province, first.workers + workers - sum(one.workers for one in found))
    return found


def settle(desk: Desk, workers: int = WORKERS) -> list[Place]:
    """Enter the offices and all permits; give the offices."""
    chance, every = random.Random(64), places(workers)
    normal = next(one for one in shipped() if one.id == "S64-NORMAL-B")
    for place in every:
        office = Office(
            code=place.code, kind_of=OfficeKind.DISTRICT, name_th=f"สำนักงาน {place.code}", name_en=place.code,
            province=place.province, address="-",
        )  # fmt: skip
        casework.begin(
            desk,
            SYSTEM,
            "office",
            "enter_office",
            office,
            Act(),
            chain=place.code,
            subject=place.code,
            key=place.code,
        )
        for some in casework.batched(range(place.workers), AT_ONCE):
            begin_write(desk.session)
            rules = normal.within(place.province)
            write(desk.session, [a_permit(place, number, chance) for number in some], rules)
            desk.session.commit()
    return every


def a_permit(place: Place, number: int, chance: random.Random) -> Record:
    """Make a permit of three months that ran when the border closed, as its first event leaves it."""
    first = CLOSED_ON - timedelta(days=chance.randrange(88))
    crossed = min(first + timedelta(days=30 * chance.randrange(3)), CLOSED_ON - timedelta(days=1))
    at = datetime(first.year, first.month, first.day, 2, tzinfo=UTC)
    opened = PermitOpened(
        application=f"ap{place.code}{number}", worker=f"wo{place.code}{number}",
        employer=f"em{place.code}{number % 40}", valid_from=first, valid_until=first + timedelta(days=89),
        job="กรรมกร", workplace="สวนลำไย", permit_book="1", permit_number=str(number), foreigner_number="",
        entered_on=crossed, stay_until=crossed + timedelta(days=29),
    )  # fmt: skip
    done = Done(
        number=1, step="open_permit", source=None, target="active", flags=frozenset(), person="system", name="",
        position="", role="system", office=place.code, on_behalf_of=None, happened_at=at, recorded_at=at,
        evidence=opened, ruleset="",
    )  # fmt: skip
    subject, name = f"pe{place.code}{number:07d}", f"{place.code}-PM-2568-{number:06d}"
    return Record(
        flow="permit", subject=subject, reference=name, office=place.code, state="active", history=(done,)
    )


def write(session: Session, records: list[Record], rules: Ruleset) -> None:
    """Write the copies of some permits."""
    tables = (
        (Case, [case_of(record, rules) for record in records]),
        (Duty, [duty for record in records for duty in duties_of(record, rules)]),
        (
            Period,
            [
                _held(r, one, "valid_from", "valid_until", "application")
                for r in records
                for one in periods(r)
            ],
        ),
        (
            Employment,
            [
                _held(r, one, "employer", "from_on", "ended_on", "request", "workplace")
                for r in records
                for one in employments(r)
            ],
        ),  # fmt: skip
        (
            Stay,
            [
                _held(r, one, "number", "from_on", "until", "gate", "reported")
                for r in records
                for one in stays(r)
            ],
        ),
    )
    for table, rows in tables:
        session.execute(insert(table.__table__), rows)


def _held(record: Record, one: object, *names: str) -> Row:
    return {"permit": record.subject} | {name: getattr(one, name) for name in names}


def _running(record: Record, rules: Ruleset) -> tuple[clocks.Due, ...]:
    at = record.history[0].recorded_at
    return clocks.running(record, Facts(now=at, on=at.date(), ruleset=rules, holiday=thai_holiday))


def case_of(record: Record, rules: Ruleset) -> Row:
    """Give the row of a case as the lists keep it."""
    opened, near = record.history[0], clocks.nearest(_running(record, rules))
    return {
        "subject": record.subject, "flow": "permit", "reference": record.reference, "office": record.office,
        "state": "active", "live": True, "flags": "", "version": 1, "title": f"SOK DARA {record.subject}",
        "employer": opened.evidence.employer, "worker": opened.evidence.worker,
        "due_on": near.until if near else None, "due_clock": near.clock.name if near else None,
        "valid_from": permit_from(record), "valid_until": permit_until(record), "stay_until": stay_until(record),
        "opened_at": opened.recorded_at, "moved_at": opened.recorded_at,
    }  # fmt: skip


def duties_of(record: Record, rules: Ruleset) -> Iterator[Row]:
    """Give the duties of a permit that were met by nobody."""
    for due in _running(record, rules):
        yield {
            "subject": record.subject, "clock": due.clock.name, "part": due.part, "begun_on": due.begun_on,
            "flow": "permit", "office": record.office, "employer": due.employer, "until_on": due.until,
            "until_at": due.until_at, "told": None, "sequence": 0, "changed_at": record.history[0].recorded_at,
            "tell_on": tell_on(due.clock, due.begun_on, due.until, None), "ended_at": None,
        }  # fmt: skip
