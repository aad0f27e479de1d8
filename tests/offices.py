"""Whole offices for tests that need more than one desk: copied, driven, reopened, on either engine."""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.conftest import SITE, TODAY, office_at
from tests.stores import empty_database
from tests.test_casework import ROWS
from workflow import casework, demonstration, founding, measures, nightly, printing
from workflow.app import prepare
from workflow.casework import Act
from workflow.demonstration import Calendar, Chance, Invention, Season
from workflow.desk import Desk
from workflow.domain.everywhere import Correction, Reason
from workflow.domain.evidence import Nothing
from workflow.domain.measure import MeasureDraft, Reach
from workflow.domain.permit import EmploymentEnd, PermitEnd
from workflow.store.access import Reading, note
from workflow.store.database import db, open_engine
from workflow.store.history import record_of
from workflow.store.keys import Home, Keys, settle
from workflow.store.projections import Case, Document


def desk_at(session: Session, calendar: Calendar, seed: int = 2) -> Desk:
    """A desk over an open session, with the tests' clock and chance."""
    return Desk(session, now=calendar, chance=Chance.of(seed), demonstration=True, site=SITE)


def season_at(desk: Desk, calendar: Calendar) -> Season:
    """A season of the demonstration's people."""
    return Season(desk, demonstration.cast(desk), calendar, Invention(Chance.of(3), calendar.today))


@contextmanager
def new_office(dialect: str, folder: Path) -> Iterator[tuple[Flask, Calendar]]:
    """Prepare an office with its people on an engine; it goes away afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    with empty_database(dialect, folder) as url:
        calendar = Calendar.at(TODAY)
        app = office_at(folder / "home", calendar, url)
        prepare(app)
        with app.app_context():
            with Session(db.engine) as session:
                founding.found(desk_at(session, calendar))
                demonstration.cast(desk_at(session, calendar))
            yield app, calendar
            db.session.remove()
            db.engine.dispose()


def drive_everything(season: Season) -> None:
    """Leave something of every kind behind: papers made and printed, a correction, an end, a refund, a reading."""
    desk, cast = season.desk, season.cast
    season.request(ROWS)
    first, second = applications(desk)
    season.drive([first])
    season.drive([second], until="paid")
    casework.perform(desk, cast["owner"], second, "withdraw", Reason(reason="กลับบ้าน"))
    permit = desk.session.scalar(select(Case.subject).filter_by(flow="permit"))
    lay_a_measure(season)
    season.calendar.next_day(10)
    left = EmploymentEnd(
        employer=cast.entries["orchard"], last_day=season.calendar.today(), reason_code="finished", reason="ครบกำหนด"
    )
    casework.perform(desk, cast["owner"], permit, "end_employment", left)
    ended = PermitEnd(ended_on=season.calendar.today(), reason_code="finished", reason="ครบกำหนด")
    casework.perform(desk, cast["officer"], permit, "end_permit", ended)
    correct(season, first, "check_identity", phone="081 000 0000")
    for key in ("demand_letter", "cover_sheet"):
        paper = desk.session.scalars(select(Document.subject).filter_by(key=key, state="owed")).first()
        printing.make(desk, paper)
    printing.hand_out(desk, cast["officer"], paper, Act(request_id="print:1"))
    printing.hand_out(desk, cast["officer"], paper, Act(request_id="print:2"), "ฉบับแรกเปียกน้ำ")
    for name in ("registrar", "auditor"):
        note(desk.session, reading(season, name, first))
    season.request([replace(ROWS[0], pass_number="PL199999")], until="submitted")
    season.calendar.next_day(20)
    assert nightly.give_alerts(desk)


def lay_a_measure(season: Season) -> None:
    """Lay a measure over the permits that run, prepared by one and applied by another."""
    desk, cast = season.desk, season.cast
    stated = MeasureDraft(
        title="มาตรการทดลอง", legal_basis="มติทดลอง", ruleset="DEMO", provinces=("22",), from_on=season.calendar.today(),
        reach=Reach.LIVE,
    )  # fmt: skip
    measure = measures.draft(desk, cast["peo"], stated, Act()).record.subject
    measures.dry_run(desk, cast["peo"], measure, Act())
    measures.apply(desk, cast["registrar"], measure, Act())


def applications(desk: Desk) -> list[str]:
    """All applications by reference."""
    return list(desk.session.scalars(select(Case.subject).filter_by(flow="application").order_by(Case.reference)))


def correct(season: Season, subject: str, step: str, **changes: object) -> None:
    """Have one officer propose and another confirm that an entry stated something else."""
    done = record_of(season.desk.session, subject).last(step)
    values = done.evidence.plain() | changes
    proposal = Correction(number=done.number, values=values, reason="พิมพ์ผิด")
    casework.perform(season.desk, season.cast["officer"], subject, "propose_correction", proposal)
    casework.perform(season.desk, season.cast["clerk"], subject, "confirm_correction", Nothing())


def reading(season: Season, name: str, subject: str) -> Reading:
    """Somebody looks at a case."""
    actor = season.cast[name]
    return Reading(
        person=actor.person, account=actor.account, role=actor.role.value, office=actor.office, flow="application",
        subject=subject, purpose="audit", read_at=season.desk.now(),
    )  # fmt: skip


def close(engine: Engine) -> None:
    """Close a store so that one file is all of it."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


@contextmanager
def reopened(home: Path, database: Path | None = None) -> Iterator[Desk]:
    """Open a closed store again below the application, or a copy of its database with the same keys and files."""
    engine = open_engine(f"sqlite:///{database or home / 'saphan.sqlite'}")
    settle(engine, Home(home, Keys.at(home, first_run=False)))
    late = Calendar.at(TODAY)
    late.moment += timedelta(days=300)
    try:
        with Session(engine) as session:
            yield desk_at(session, late, random.randrange(10**6))
    finally:
        engine.dispose()


def copied(database: Path, folder: Path) -> Path:
    """Copy a closed database."""
    return Path(shutil.copy(database, folder / "copy.sqlite"))
