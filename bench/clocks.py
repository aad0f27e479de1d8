"""The clocks under load: a night over 30,000 permits, a night after a month's outage, the board, the cost of one event.

`python -m bench.clocks` prints one JSON object a line. The permits are synthetic: records made in memory go
through the very functions that follow an event (`clocks.running`, `duties.keep_up`), so the rows of cases and
duties are those that 30,000 real permits would have; no events are written but those of the nights themselves.
"""

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from bench import telling
from workflow import nightly
from workflow.deadlines import Wanted, board
from workflow.desk import Desk
from workflow.domain import clocks
from workflow.domain.actor import Actor, OfficeKind, Role
from workflow.domain.permit import PermitOpened
from workflow.domain.record import Done, Facts, Record
from workflow.domain.rulesets import Ruleset, shipped
from workflow.store import duties, schema
from workflow.store.calendar import thai_holiday
from workflow.store.database import begin_write, open_engine
from workflow.store.projections import Alert, Case, Duty
from workflow.store.start import open_store

PERMITS = 30_000
TONIGHT = date(2026, 11, 23)
LENGTHS = {
    "notices.hire_days": 15, "notices.worker_days": 15, "notices.exit_days": 15, "notices.district_hours": 24,
    "renewal.open_days": 30,
}  # fmt: skip
"""Taken where the demonstration's ruleset does not know them, so that every clock of a permit runs."""


OFFICER = Actor(
    person="p", account="a", role=Role.OFFICER, name="", office="PNR", office_kind=OfficeKind.DISTRICT
)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="python -m bench.clocks", description=__doc__)
    asked.add_argument("--permits", type=int, default=PERMITS)
    permits = asked.parse_args().permits
    with tempfile.TemporaryDirectory(prefix="saphan-bench.") as folder, an_office(Path(folder)) as desk:
        tell("synthetic_permits", permits, "permits")
        seconds = timed(lambda: fill(desk, permits))
        tell("one_event_follows_its_duties", round(seconds / permits * 1000, 3), "ms", 5)
        told_until(desk, TONIGHT - timedelta(days=1))
        night(desk, "night", TONIGHT)
        night(desk, "night_repeated", TONIGHT)
        tell("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MB", 500)
        night(desk, "night_after_an_outage_of_30_days", TONIGHT + timedelta(days=31), goal=60)
        seconds = min(timed(lambda: board(desk, OFFICER, Wanted())) for _ in range(3))
        tell("board", round(seconds * 1000), "ms", 500)


@contextmanager
def an_office(folder: Path) -> Iterator[Desk]:
    """Open an empty office whose clock is turned by hand."""
    engine = open_engine(f"sqlite:///{folder}/saphan.sqlite")
    schema.upgrade(engine)
    moment = datetime(TONIGHT.year, TONIGHT.month, TONIGHT.day, 1, tzinfo=UTC)
    open_store(engine, folder, now=moment)
    with Session(engine) as session:
        yield Desk(session, now=Clock(moment), demonstration=True)
    engine.dispose()


class Clock:
    """A clock that stands where it is put."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


def fill(desk: Desk, permits: int) -> None:
    """Enter the permits of three months with all their duties."""
    rules, chance, session = ruleset(), random.Random(64), desk.session
    begin_write(session)
    for number in range(permits):
        record = a_permit(number, TONIGHT - timedelta(days=chance.randrange(90)))
        facts = Facts(now=desk.now(), on=TONIGHT, ruleset=rules, holiday=thai_holiday)
        dues = clocks.running(record, facts)
        session.execute(insert(Case), row_of(record, dues))
        duties.keep_up(session, record, dues, record.history[-1].recorded_at)
    session.commit()


def told_until(desk: Desk, day: date) -> None:
    """Mark what earlier nights would have told: an office that works has no backlog."""
    session = desk.session
    begin_write(session)
    for row in session.execute(select(Duty.__table__).where(Duty.tell_on <= day)).all():
        clock = clocks.BY_NAME[row.flow, row.clock]
        last = list(clocks.owed(clock, row.begun_on, row.until_on, None, day))[-1]
        mine = [
            getattr(Duty, name) == getattr(row, name) for name in ("subject", "clock", "part", "begun_on")
        ]
        following = duties.tell_on(clock, row.begun_on, row.until_on, last)
        session.execute(update(Duty).where(*mine).values(told=last, tell_on=following))
    session.commit()


def ruleset() -> Ruleset:
    """Give the demonstration's ruleset with all that a permit's clocks ask for."""
    demo = next(one for one in shipped() if one.id == "DEMO")
    like = demo.values["desk.days"]
    missing = {name: replace(like, value=value) for name, value in LENGTHS.items() if name not in demo.values}
    return replace(demo, values={**demo.values, **missing})


def a_permit(number: int, first: date) -> Record:
    """Make a permit of ninety days, one of forty employers', as its first event leaves it."""
    at = datetime(first.year, first.month, first.day, 2, tzinfo=UTC)
    opened = PermitOpened(
        application=f"ap{number}", worker=f"wo{number}", employer=f"em{number % 40}", valid_from=first,
        valid_until=first + timedelta(days=89), job="labourer", workplace="สวน", permit_book="1",
        permit_number=str(number), foreigner_number="", entered_on=first, stay_until=first + timedelta(days=29),
    )  # fmt: skip
    done = Done(
        number=1, step="open_permit", source=None, target="active", flags=frozenset(), person="system", name="",
        position="", role="system", office="PNR", on_behalf_of=None, happened_at=at, recorded_at=at,
        evidence=opened, ruleset="",
    )  # fmt: skip
    subject = f"pe{number:014d}"
    return Record(
        flow="permit",
        subject=subject,
        reference=f"PNR-PM-{number}",
        office="PNR",
        state="active",
        history=(done,),
    )


def row_of(record: Record, dues: tuple[clocks.Due, ...]) -> dict[str, object]:
    """Give the row of a case as the lists keep it."""
    opened, near = record.history[0], clocks.nearest(dues)
    return {
        "subject": record.subject, "flow": "permit", "reference": record.reference, "office": "PNR",
        "state": "active", "live": True, "flags": "", "version": 1, "title": f"SOK DARA {record.subject}",
        "employer": opened.evidence.employer, "worker": opened.evidence.worker,
        "due_on": near.until if near else None, "due_clock": near.clock.name if near else None,
        "valid_until": opened.evidence.valid_until, "opened_at": opened.recorded_at, "moved_at": opened.recorded_at,
    }  # fmt: skip


def night(desk: Desk, name: str, on: date, goal: float = 20) -> None:
    """Run one night and say how long it took and how many alerts it gave."""
    desk.now.moment = datetime(on.year, on.month, on.day, 1, tzinfo=UTC)
    before = desk.session.scalar(select(func.count()).select_from(Alert)) or 0
    desk.session.rollback()
    seconds = timed(lambda: nightly.give_alerts(desk))
    given = (desk.session.scalar(select(func.count()).select_from(Alert)) or 0) - before
    desk.session.rollback()
    tell(f"{name}_alerts", given, "alerts")
    tell(name, round(seconds, 2), "s", goal)


def timed(act: Callable[[], object]) -> float:
    """Give the seconds that something takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


tell = partial(telling.tell, "clocks")


if __name__ == "__main__":
    main()
