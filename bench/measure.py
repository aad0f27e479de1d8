"""The June 2025 measure over 47,348 permits: tried, applied, taken back, while another writer writes all along.

`python -m bench.measure` prints one JSON object a line. The permits come from bench/population.py.
"""

import argparse
import hashlib
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bench import telling
from bench.population import CLOSED_ON, SHARES, WORKERS, settle
from workflow import casework, founding, measures
from workflow.casework import Act
from workflow.desk import Desk
from workflow.domain.actor import SYSTEM, Actor, Role
from workflow.domain.measure import MeasureDraft, MeasureReversal, Reach
from workflow.domain.registers import Employer, EmployerKind
from workflow.store import schema
from workflow.store.database import open_engine
from workflow.store.projections import Case
from workflow.store.start import open_store

BEGINS, DECIDED = datetime(2025, 6, 1, 1, tzinfo=UTC), datetime(2025, 8, 20, 1, tzinfo=UTC)
A_SECOND, LONGEST_WAIT, MOST_MEMORY = 1000, 2, 300
JUNE_2025 = MeasureDraft(
    title="มาตรการผ่อนผัน พ.ศ. 2568", legal_basis="มติคณะรัฐมนตรี 22 กรกฎาคม 2568", ruleset="S64-GRACE-2025",
    provinces=tuple(SHARES), from_on=CLOSED_ON, ends_on=date(2025, 12, 6), reach=Reach.RUNNING,
)  # fmt: skip


class Clock:
    """A clock that goes on from where it was set."""

    def __init__(self, moment: datetime) -> None:
        self.set(moment)

    def set(self, moment: datetime) -> None:
        self.moment, self.began = moment, time.monotonic()

    def __call__(self) -> datetime:
        return self.moment + timedelta(seconds=time.monotonic() - self.began)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="python -m bench.measure", description=__doc__)
    asked.add_argument("--workers", type=int, default=WORKERS)
    workers = asked.parse_args().workers
    with (
        tempfile.TemporaryDirectory(prefix="saphan-bench.") as folder,
        an_office(Path(folder)) as (desk, engine, clock),
    ):
        places = settle(desk, workers)
        tell("permits", workers, "permits")
        tell("largest_office", max(one.workers for one in places), "permits")
        clock.set(DECIDED)
        before = state_of(desk)
        one, second = (an_administrator(name) for name in ("first", "second"))
        subject = measures.draft(desk, one, JUNE_2025, Act()).record.subject
        with others_write(engine, clock) as waits:
            speed("dry_run", workers, lambda: measures.dry_run(desk, one, subject, Act()))
            told("dry_run", waits)
            speed("apply", workers, lambda: measures.apply(desk, second, subject, Act()))
            told("apply", waits)
            laid = [
                record.history[0].evidence.changed
                for _, record in measures.at_offices(desk, measures.measure_of(desk, subject))
            ]
            tell("laid_over", sum(laid), "permits", workers, least=True)
            why = MeasureReversal(reason="-")
            speed("revert", workers, lambda: measures.revert(desk, one, subject, why, Act()))
            told("revert", waits)
        tell("cases_as_before", int(state_of(desk) == before), "yes", 1, least=True)
        tell("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MB", MOST_MEMORY)


@contextmanager
def an_office(folder: Path) -> Iterator[tuple[Desk, Engine, Clock]]:
    """Open an empty store with the rulesets that are shipped."""
    engine, clock = open_engine(f"sqlite:///{folder}/saphan.sqlite"), Clock(BEGINS)
    schema.upgrade(engine)
    open_store(engine, folder, now=BEGINS)
    with Session(engine) as session:
        desk = Desk(session, now=clock)
        founding.found(desk)
        yield desk, engine, clock
    engine.dispose()


def an_administrator(name: str) -> Actor:
    """Make a person who may prepare and apply measures everywhere."""
    return Actor(person=name, account=name, role=Role.ADMINISTRATOR, name=name)


@contextmanager
def others_write(engine: Engine, clock: Clock) -> Iterator[list[float]]:
    """Let a second desk enter and close employers all along; the list holds how long each act took."""
    waits: list[float] = []
    done = threading.Event()

    def write() -> None:
        with Session(engine) as session:
            desk, number = Desk(session, now=clock), 0
            while not done.wait(0.02):
                number += 1
                began = time.perf_counter()
                stated = an_employer(number)
                entered = casework.begin(
                    desk, SYSTEM, "employer", "enter_employer", stated, Act(), chain="OTHER"
                )
                waits.append(time.perf_counter() - began)
                casework.perform(desk, SYSTEM, entered.record.subject, "amend_employer", stated, Act())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield waits
    finally:
        done.set()
        writer.join()


def an_employer(number: int) -> Employer:
    """State an employer."""
    return Employer(
        kind_of=EmployerKind.NATURAL, name=f"สวน {number}", number=f"{number:013d}", business="สวน", address="-",
        signatory="-",
    )  # fmt: skip


def state_of(desk: Desk) -> str:
    """Digest every column of every permit's case."""
    found = hashlib.sha256()
    for row in desk.session.execute(select(Case.__table__).filter_by(flow="permit").order_by(Case.subject)):
        found.update(repr(tuple(row)).encode())
    desk.session.rollback()
    return found.hexdigest()


def speed(name: str, workers: int, act: Callable[[], object]) -> None:
    """Tell how many permits an act does in a second."""
    began = time.perf_counter()
    act()
    seconds = time.perf_counter() - began
    tell(f"{name}_seconds", round(seconds, 2), "s")
    tell(name, round(workers / seconds), "cases/s", A_SECOND, least=True)


def told(name: str, waits: list[float]) -> None:
    """Tell how the other writer fared meanwhile."""
    tell(f"acts_of_another_writer_during_{name}", len(waits), "acts")
    tell(
        f"longest_wait_of_another_writer_during_{name}", round(max(waits, default=0.0), 3), "s", LONGEST_WAIT
    )
    waits.clear()


tell = partial(telling.tell, "measure")


if __name__ == "__main__":
    main()
