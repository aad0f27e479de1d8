"""A worker for the tests to kill: it lays out papers as a line of text, slowly, and logs each that it begins.

With `--kill NAME:N` it kills itself the Nth time that it did that part of a measure, before that is committed.
"""

import argparse
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event

from sqlalchemy.orm import Session

from pdf.seal import Seal
from tests.conftest import office_at
from tests.offices import desk_at
from workflow import jobs, measures, printing
from workflow.desk import Desk
from workflow.store.database import db


class Render:
    """Stands in for the press."""

    def __init__(self, log: Path, seconds: float) -> None:
        self.log, self.seconds = log, seconds

    def __call__(self, key: str, facts: dict, seal: Seal | None) -> bytes:
        number = facts["document"]["number"]
        with self.log.open("a") as began:
            began.write(f"{number}\n")
            began.flush()
            os.fsync(began.fileno())
        time.sleep(self.seconds)
        return f"%PDF-1.7 {key} {number}".encode()


def die_in(name: str, times: int) -> None:
    """Let the process be killed in a part of a measure, within the transaction in which it is done."""
    place = measures if hasattr(measures, name) else measures.items
    real, calls = getattr(place, name), count(1)

    def deadly(*given: object) -> object:
        done = real(*given)
        if next(calls) == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(place, name, deadly)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("home", type=Path)
    asked.add_argument("database")
    asked.add_argument("name")
    asked.add_argument("log", type=Path)
    asked.add_argument("--ahead", type=float, default=0, help="seconds by which the tests' office is ahead")
    asked.add_argument("--stale", type=float, default=600)
    asked.add_argument("--seconds", type=float, default=0.02)
    asked.add_argument("--kill", default="")
    asked.add_argument("--handful", type=int, default=measures.AT_ONCE, help="permits judged at once")
    work(asked.parse_args())


def work(options: argparse.Namespace) -> None:
    stop = Event()

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=options.ahead)

    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    printing.laid_out = Render(options.log, options.seconds)
    jobs.STALE = timedelta(seconds=options.stale)
    measures.AT_ONCE = options.handful
    if options.kill:
        name, times = options.kill.split(":")
        die_in(name, int(times))
    app = office_at(options.home, clock, options.database)
    with app.app_context():
        engine, queues = db.engine, jobs.Queues(db.engine)

        @contextmanager
        def open_desk() -> Iterator[Desk]:
            with Session(engine) as session:
                desk = desk_at(session, clock, int.from_bytes(os.urandom(4)))
                desk.owes = queues.owe_paper
                yield desk

        jobs.work(open_desk, name=options.name, stop=stop, every=0.5)


if __name__ == "__main__":
    main()
