"""An office of 2025 with permits of three months, made once and copied for each test of measures."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from tests.offices import desk_at
from tests.stores import postgres_database
from workflow import administration, casework, demonstration, founding, measures
from workflow.casework import Act
from workflow.demonstration import Calendar
from workflow.demonstration.people import DISTRICT
from workflow.desk import Desk
from workflow.domain.actor import SYSTEM
from workflow.domain.measure import MeasureDraft, MeasureReversal, Reach
from workflow.domain.permit import PermitOpened
from workflow.domain.record import Record
from workflow.domain.registers import Worker
from workflow.domain.rulesets import shipped
from workflow.store.database import db
from workflow.store.history import record_of
from workflow.store.projections import Case, Duty

MAY, FIRST_DAY, LAST_DAY, GAZETTED = date(2025, 5, 2), date(2025, 6, 7), date(2025, 12, 6), date(2025, 8, 13)
PERMITS = 24
GRACE = MeasureDraft(
    title="มาตรการผ่อนผัน พ.ศ. 2568", legal_basis="มติคณะรัฐมนตรี 22 กรกฎาคม 2568", ruleset="S64-GRACE-2025",
    provinces=("22",), from_on=FIRST_DAY, ends_on=LAST_DAY, ends_when="ชายแดนเปิดตามปกติ", reach=Reach.RUNNING,
)  # fmt: skip
BACK = MeasureReversal(reason="มติใหม่")


@dataclass
class Office:
    """An office of May 2025 with permits of three months, on whose days the border closes."""

    desk: Desk
    calendar: Calendar
    cast: demonstration.Cast
    permits: list[str]

    def does(self, subject: str, step: str, evidence: object, user: str = "") -> Record:
        actor = self.cast[user] if user else SYSTEM
        return casework.perform(self.desk, actor, subject, step, evidence, Act()).record

    def on(self, day: date) -> None:
        self.calendar.next_day((day - self.calendar.today()).days)

    def record(self, subject: str) -> Record:
        self.desk.session.rollback()
        return record_of(self.desk.session, subject)

    def drafted(self, stated: MeasureDraft = GRACE) -> str:
        return measures.draft(self.desk, self.cast["peo"], stated, Act()).record.subject

    def tried(self, stated: MeasureDraft = GRACE) -> str:
        subject = self.drafted(stated)
        measures.dry_run(self.desk, self.cast["peo"], subject, Act())
        return subject

    def applied(self, stated: MeasureDraft = GRACE) -> str:
        subject = self.tried(stated)
        measures.apply(self.desk, self.cast["registrar"], subject, Act())
        self.calendar.next_day()
        return subject

    def edition(self, number: int, old: str, new: str) -> None:
        """Bring a further edition of the grace rules into force, in which one line is another."""
        text = next(one.text for one in shipped() if one.id == GRACE.ruleset)
        for before, after in (("[ruleset]\n", f"[ruleset]\nedition = {number}\n"), (old, new)):
            assert before in text
            text = text.replace(before, after)
        loader = self.cast["admin"]
        second = replace(loader, person="another", account="system-AC-2568-000099")
        loaded = administration.propose_ruleset(self.desk, loader, text, Act()).record.subject
        administration.settle_ruleset(self.desk, second, loaded, "confirm_ruleset", None, Act())

    def rows(self) -> dict[str, tuple[object, ...]]:
        """Every column of every permit's case."""
        self.desk.session.rollback()
        found = self.desk.session.execute(select(Case.__table__).where(Case.flow == "permit"))
        return {row.subject: tuple(row) for row in found}

    def duties(self) -> set[tuple[object, ...]]:
        """What runs, to when, and when it is told of."""
        columns = (
            Duty.subject,
            Duty.clock,
            Duty.part,
            Duty.begun_on,
            Duty.until_on,
            Duty.until_at,
            Duty.told,
            Duty.tell_on,
        )
        found = {
            tuple(row) for row in self.desk.session.execute(select(*columns).where(Duty.ended_at.is_(None)))
        }
        self.desk.session.rollback()
        return found


@contextmanager
def copied(url: str, folder: Path) -> Iterator[str]:
    """Copy the model's database."""
    if url.startswith("sqlite"):
        yield f"sqlite:///{folder}/office.db"
        return
    with postgres_database(make_url(url).database) as there:
        yield there


@contextmanager
def opened(app: Flask, calendar: Calendar) -> Iterator[Office]:
    """Sit down at the office's desk: outside the demonstration, under the rules of the day."""
    with app.app_context(), Session(db.engine) as session:
        desk = desk_at(session, calendar)
        founding.found(desk)
        permits = session.scalars(
            select(Case.subject).filter_by(flow="permit").order_by(Case.reference)
        ).all()
        cast = demonstration.cast(desk)
        desk.demonstration = False
        yield Office(desk, calendar, cast, list(permits))
        session.close()
        db.session.remove()
        db.engine.dispose()


def permit(made: Office, number: int) -> str:
    """Issue a permit of three months that began on one of the days of spring; the last ones end before the measure."""
    first = date(2025, 3, 1) + timedelta(days=3 * number)
    person = Worker(name_latin=f"MEASURED {number}", name_khmer="ដារ៉ា", sex="M", pass_number=f"MS{number:06}")
    worker = casework.begin(made.desk, SYSTEM, "worker", "enter_worker", person, chain=DISTRICT).record.subject
    stated = PermitOpened(
        application=f"ap{number}", worker=worker, employer=made.cast.entries["orchard"], valid_from=first,
        valid_until=first + timedelta(days=89), job="กรรมกร", workplace="สวนลำไย", permit_book="1",
        permit_number=str(number), foreigner_number=f"0022{number:09}", gate="ban_laem",
        entered_on=first + timedelta(days=60), stay_until=first + timedelta(days=90),
    )  # fmt: skip
    with casework.transaction(made.desk):
        done = casework.open_subject(
            made.desk, SYSTEM, "permit", "open_permit", stated, Act(), chain=DISTRICT, key=f"wo{number}"
        )
    return done.record.subject
