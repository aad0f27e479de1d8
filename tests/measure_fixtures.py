"""The office of measures, made once for each engine; each test works in a copy."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import office_at
from tests.measuring import MAY, PERMITS, Office, copied, opened, permit
from tests.stores import ENGINES, empty_database
from workflow.app import prepare
from workflow.demonstration import Calendar
from workflow.store.database import db


@pytest.fixture(scope="module", params=ENGINES)
def measured_offices(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """An office with its permits, made once; each test works in a copy."""
    folder = tmp_path_factory.mktemp("measure")
    with empty_database(request.param, folder) as url:
        calendar = Calendar.at(MAY)
        app = office_at(folder / "home", calendar, url)
        prepare(app)
        with opened(app, calendar) as made:
            for number in range(PERMITS):
                permit(made, number)
            if request.param == "sqlite":  # close the log, so that one file is all of it
                made.desk.session.rollback()
                with db.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        yield url, folder


@pytest.fixture
def measured(measured_offices: tuple[str, Path], tmp_path: Path) -> Iterator[Office]:
    url, folder = measured_offices
    shutil.copytree(folder, tmp_path / "copy")
    with copied(url, tmp_path / "copy") as there:
        calendar = Calendar.at(date(2025, 8, 20))
        with opened(office_at(tmp_path / "copy" / "home", calendar, there), calendar) as made:
            yield made
