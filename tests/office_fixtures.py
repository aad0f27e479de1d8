"""An office in which something of every kind was done, driven once and copied: for tests that only look at it."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.conftest import TODAY, office_at
from tests.offices import close, desk_at, drive_everything, season_at
from workflow.demonstration import Calendar
from workflow.store.database import db


@pytest.fixture(scope="session")
def driven_home(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the driven office, closed; copy its database, never write to it."""
    home, calendar = tmp_path_factory.mktemp("driven") / "home", Calendar.at(TODAY)
    shutil.copytree(model_home, home)
    app = office_at(home, calendar)
    with app.app_context():
        with Session(db.engine) as session:
            drive_everything(season_at(desk_at(session, calendar), calendar))
        db.session.remove()
        close(db.engine)
    return home
