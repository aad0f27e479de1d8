"""What is made sure of before the office opens: a store that may lose, show or mix up nothing."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from workflow.store.chain import CLOCK_TOLERANCE
from workflow.store.database import StartRefused, assert_safe
from workflow.store.keys import Home, Keys, settle
from workflow.store.payloads import KEY, Erased, Tampered, unwrap
from workflow.store.schema import assert_newest
from workflow.store.truth import EventRow, assert_guarded


def open_store(engine: Engine, folder: Path, *, now: datetime, trial: bool = False) -> Home:
    """Tie a database to its home and its keys, or raise StartRefused with what must be mended.

    On the first run it makes the keys. A trial leaves out whether PostgreSQL writes all to disk: tests need
    no such care.
    """
    assert_newest(engine)
    if not trial or engine.dialect.name == "sqlite":
        assert_safe(engine)
    with Session(engine) as session:
        assert_guarded(session.connection())
        first_run = session.execute(select(KEY.c.subject).limit(1)).one_or_none() is None
        home = Home(folder, Keys.at(folder, first_run=first_run))
        _assert_keys_fit(session, home.keys)
        _assert_clock(session, now)
    settle(engine, home)
    return home


def _assert_keys_fit(session: Session, keys: Keys) -> None:
    row = session.execute(select(KEY).limit(1)).one_or_none()
    try:
        if row is not None:
            unwrap(keys, row)
    except Erased:
        return
    except Tampered as other:
        raise StartRefused("the master key is not the one of this database: restore the right one") from other


def _assert_clock(session: Session, now: datetime) -> None:
    last = session.execute(select(func.max(EventRow.recorded_at))).scalar_one()
    if last is not None and last - now > CLOCK_TOLERANCE:
        raise StartRefused(f"the clock shows {now.isoformat()}, but the last event is of {last.isoformat()}")
