"""Write without end and acknowledge each act on standard output: `python keep_writing.py URL HOME SUBJECT`."""

import itertools
import sys
from pathlib import Path

from tests.stores import NOON, envelope
from workflow.store.chain import append
from workflow.store.counters import next_number, write_number
from workflow.store.database import begin_write, open_engine
from workflow.store.files import keep
from workflow.store.start import open_store


def keep_writing(url: str, home: Path, subject: str) -> None:
    """Each act takes a number, keeps a file and stores an event, all or nothing."""
    from sqlalchemy.orm import Session

    engine = open_engine(url)
    open_store(engine, home, now=NOON, trial=True)
    for number in itertools.count(1):
        with Session(engine) as session:
            begin_write(session)
            receipt = write_number(next_number(session, "CTI", "receipt", 2569), 2569)
            keep(session, f"scan {subject} {number}".encode(), "text/plain", subject, now=NOON)
            append(session, envelope(subject, number, numbers={"receipt": receipt}), {"n": number}, subject)
            session.commit()
        print(number, flush=True)


if __name__ == "__main__":
    keep_writing(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
