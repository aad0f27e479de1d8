"""What every test may ask for: an office in a folder of its own, its desk, its people, a browser."""

import os
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.signing_in import PASSWORD
from tests.thrift import be_thrifty
from workflow import demonstration, founding
from workflow.app import create_app, prepare
from workflow.config import Config
from workflow.demonstration import Calendar, Cast, Chance, Invention, Season
from workflow.desk import Desk
from workflow.store.database import begin_write, db
from workflow.store.factors import equip_for_demonstration

TODAY = date(2026, 11, 23)
SITE = "http://saphan.example"
LONGEST = (("test_walk.py", "test_browser.py"), ("test_jobs.py", "test_model.py", "test_store_kill.py"))
"""The files that take longest, for the one worker and for the other."""

be_thrifty()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The long versions of the model and race tests run before a release."""
    parser.addoption("--long", action="store_true", help="run the long versions")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest go first; a long version takes the time it takes, for whoever asks for it waits."""
    begin_with_the_longest(items)
    if config.getoption("--long"):
        for item in items:
            item.add_marker(pytest.mark.timeout(0))


def begin_with_the_longest(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no worker is left alone with one at the end.

    Each of two workers is given one half of the list and takes from the other's when it has done its own.
    """
    for place, files in enumerate(LONGEST):
        long = [item for item in items if item.path.name in files]
        rest = [item for item in items if item.path.name not in files]
        half = len(items) // 2 * place
        items[:] = rest[:half] + long + rest[half:]


@pytest.fixture
def calendar() -> Calendar:
    """A clock that stands at nine in the morning of 23 November 2026 and turns when told."""
    return Calendar.at(TODAY)


@pytest.fixture(scope="session")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a prepared office, made once; every test works in a copy of its own."""
    home, early = tmp_path_factory.mktemp("model") / "home", Calendar.at(TODAY)
    early.moment -= timedelta(hours=1)
    app = office_at(home, early)
    prepare(app)
    with app.app_context():
        desk = Desk(db.session(), now=early, chance=Chance.of(1), demonstration=True, site=SITE)
        founding.found(desk)
        cast = demonstration.cast(desk)
        _equip(desk, cast)
        db.session.remove()
        with db.engine.connect() as connection:  # close the log, so that one file is all of it
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return home


def office_at(home: Path, calendar: Calendar, database: str | None = None) -> Flask:
    """Put an application together over a home, in demonstration mode."""
    database = database or f"sqlite:///{home / 'saphan.sqlite'}"
    app = create_app(
        Config(home=home, database=database, site=SITE, demonstration=True), clock=calendar, trial=True
    )
    app.config.update(TESTING=True)
    return app


@pytest.fixture
def app(model_home: Path, tmp_path: Path, calendar: Calendar) -> Flask:
    """A prepared office in demonstration mode, with its rulesets, offices and people."""
    shutil.copytree(model_home, tmp_path / "home")
    return office_at(tmp_path / "home", calendar)


def _equip(desk: Desk, cast: Cast) -> None:
    begin_write(desk.session)
    accounts = [actor.account for actor in cast.actors.values()]
    equip_for_demonstration(desk.session, accounts, PASSWORD, desk.now())
    desk.session.commit()


@pytest.fixture
def desk(app: Flask, calendar: Calendar) -> Iterator[Desk]:
    """A desk over the office's store, outside any request: a context held open would be shared by all clients."""
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield Desk(
            session, now=calendar, chance=Chance.of(2), demonstration=True, site="http://saphan.example"
        )


@pytest.fixture
def cast(desk: Desk) -> Cast:
    """The invented people of the office."""
    return demonstration.cast(desk)


@pytest.fixture
def season(desk: Desk, cast: Cast, calendar: Calendar) -> Season:
    """An employer's season, to be driven to wherever a test begins."""
    return Season(desk, cast, calendar, Invention(Chance.of(3), calendar.today))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a screen, signed in by `tests.signing_in.sign_in_as`."""
    return app.test_client()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Debian's Chromium; root may not use its sandbox."""
    quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": "/usr/bin/chromium", "args": [*quiet, *alone]}
