"""Two years of nights, many of them missed: each alert once, none lost, all of it in the chain and made again from it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import TODAY
from tests.driving import WHY, does, one
from tests.offices import desk_at, new_office
from tests.stores import ENGINES
from workflow import casework, demonstration, jobs, nightly, verification
from workflow.casework import Act
from workflow.cli import COMMANDS
from workflow.deadlines import Bucket, Wanted, board
from workflow.demonstration import Calendar, Season
from workflow.demonstration.people import DISTRICT
from workflow.desk import Desk
from workflow.domain import clocks
from workflow.domain.actor import SYSTEM, Role
from workflow.domain.crossing import Entry
from workflow.domain.gate import GateClosure
from workflow.domain.permit import Notice, NoticeKind, PeriodAdded, PermitOpened
from workflow.domain.registers import Worker
from workflow.gates import gates
from workflow.lookups import facts_for
from workflow.store.chain import ClockBehind
from workflow.store.database import db
from workflow.store.history import record_of
from workflow.store.projections import Alert, Case, Duty
from workflow.store.truth import EventRow

Key = tuple[str, str, str, date]


@dataclass
class Shadow:
    """What a person with a diary would know of a duty: to when it runs, in which night it could first be told, and last."""

    until: date
    known_on: date
    over_on: date | None = None


@dataclass
class Office:
    """An office under a clock that is turned by hand, with a diary kept beside the store."""

    desk: Desk
    calendar: Calendar
    cast: demonstration.Cast
    nights: list[date] = field(default_factory=list)
    diary: dict[Key, Shadow] = field(default_factory=dict)
    given: int = 0

    def permit(self, number: int, first: date) -> str:
        stated = PermitOpened(
            application=f"ap{number}", worker=f"wo{number}", employer=self.cast.entries["orchard"], valid_from=first,
            valid_until=first + timedelta(days=89), job="labourer", workplace="สวน", permit_book="1",
            permit_number=str(number), foreigner_number="", gate="ban_laem", entered_on=first,
            stay_until=first + timedelta(days=30),
        )  # fmt: skip
        known = Worker(name_latin=f"SOK DARA {number}", pass_number=f"PL88{number:05d}")
        with casework.transaction(self.desk):
            own = {"chain": "system", "key": f"wo{number}", "subject": f"wo{number}"}
            casework.open_subject(self.desk, SYSTEM, "worker", "enter_worker", known, Act(), **own)
            done = casework.open_subject(
                self.desk, SYSTEM, "permit", "open_permit", stated, Act(), chain=DISTRICT, key=f"wo{number}"
            )
        self.note()
        return done.record.subject

    def does(self, user: str, subject: str, step: str, evidence: object, behalf: Role | None = None) -> None:
        actor = SYSTEM if user == "system" else self.cast[user]
        casework.perform(self.desk, actor, subject, step, evidence, Act(on_behalf_of=behalf))
        self.note()

    def note(self) -> None:
        """Write into the diary what began and what was met today."""
        today = self.calendar.today()
        for row in self.desk.session.execute(select(Duty.__table__)):
            key = (row.subject, row.clock, row.part, row.begun_on)
            kept = self.diary.setdefault(key, Shadow(row.until_on, today))
            if row.ended_at is not None and kept.over_on is None:
                kept.over_on = today
            assert kept.until == row.until_on
        self.desk.session.rollback()

    def night(self) -> None:
        self.nights.append(self.calendar.today())
        self.given += sum(one.alerts for one in nightly.give_alerts(self.desk))

    def expected(self) -> dict[tuple[Key, int], date]:
        """Say by the diary which alerts there must be, each with its night."""
        found = {}
        for key, kept in self.diary.items():
            flow = "permit"
            for offset in clocks.offsets(clocks.BY_NAME[flow, key[1]]):
                day = kept.until - timedelta(days=offset)
                if day > self.nights[-1]:
                    break
                # the run of a day comes before its work, so what began on a day is told the next one
                first = max(day, kept.known_on + timedelta(days=1))
                night = next((night for night in self.nights if night >= first), None)
                if day >= key[3] and night is not None and (kept.over_on is None or night <= kept.over_on):
                    found[key, offset] = night
        return found

    def alerts(self) -> dict[tuple[Key, int], date]:
        rows = self.desk.session.execute(select(Alert.__table__)).all()
        self.desk.session.rollback()
        return {((r.subject, r.clock, r.part, r.begun_on), r.offset): r.given_on for r in rows}


@pytest.fixture(params=ENGINES)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with new_office(request.param, tmp_path) as (_, calendar), Session(db.engine) as session:
        desk = desk_at(session, calendar)
        yield Office(desk, calendar, demonstration.cast(desk))


def test_two_years_with_outages_tell_each_duty_once_at_its_day_or_the_next_night(office: Office) -> None:
    chance = random.Random(2569)
    out = {chance.randrange(730) for _ in range(60)} | set(
        range(200, 231)
    )  # single nights, and a month in one piece
    quick, slow = office.permit(1, TODAY), office.permit(2, TODAY)
    for day in range(1, 731):
        today = office.calendar.next_day()
        if day not in out:
            office.night()
        if day == 9:
            told = Notice(
                kind_of=NoticeKind.HIRE,
                employer=office.cast.entries["orchard"],
                event_on=TODAY,
                given_on=today,
            )
            office.does("owner", quick, "give_notice", told)
        if day % 28 == 0:
            cross(office, quick, today)
        if day % 33 == 0:
            cross(office, slow, today)
        if day % 85 == 0:
            extend(office, quick)
    assert office.alerts() == office.expected()
    assert office.given == len(office.expected()) > 100
    missed = [night for night in office.alerts().values() if (night - TODAY).days in out]
    assert missed == [], "nothing is told in a night in which nobody ran"
    late = {key for key, night in office.alerts().items() if night == TODAY + timedelta(days=231)}
    assert late, "the night after a month's outage tells what fell into it"
    for subject in (quick, slow):
        agree(office, subject)
    assert verification.verify(office.desk).sound
    before = office.alerts()
    verification.rebuild(office.desk)
    assert office.alerts() == before


def cross(office: Office, subject: str, on: date) -> None:
    stamp = Entry(gate="ban_laem", stamped_on=on, stay_until=on + timedelta(days=30))
    office.does("officer", subject, "record_reentry", stamp, Role.CHECKPOINT)


def extend(office: Office, subject: str) -> None:
    last = clocks.triggers.permit_until(record_of(office.desk.session, subject))
    office.desk.session.rollback()
    further = PeriodAdded(
        application="ap9", valid_from=last + timedelta(days=1), valid_until=last + timedelta(days=85),
        permit_book="1", permit_number="9",
    )  # fmt: skip
    office.does("system", subject, "extend_permit", further)


def agree(office: Office, subject: str) -> None:
    """The rows that run are what the table of clocks says of the case."""
    record = record_of(office.desk.session, subject)
    facts = facts_for(office.desk, record, None, SYSTEM, record.history[-1].happened_at)
    due = {(one.clock.name, one.part, one.begun_on, one.until) for one in clocks.running(record, facts)}
    rows = select(Duty.clock, Duty.part, Duty.begun_on, Duty.until_on).where(
        Duty.subject == subject, Duty.ended_at.is_(None)
    )
    assert {tuple(row) for row in office.desk.session.execute(rows)} == due
    office.desk.session.rollback()


def test_a_night_is_told_once_in_one_event_and_no_night_before_it_has_come(office: Office) -> None:
    office.permit(1, TODAY)
    office.calendar.next_day(24)
    first = nightly.give_alerts(office.desk)
    assert [one.office for one in first] == [DISTRICT]
    assert first[0].alerts > 0
    again = nightly.give_alerts(office.desk)
    assert sum(one.alerts for one in again) == 0
    told = select(func.count()).select_from(EventRow).where(EventRow.flow == "night")
    assert office.desk.session.scalar(told) == 1
    office.desk.session.rollback()
    with pytest.raises(nightly.NightAhead):
        nightly.give_alerts(office.desk, office.calendar.today() + timedelta(days=1))


def test_what_begins_after_the_run_of_a_day_is_told_the_next_night(office: Office) -> None:
    office.permit(1, TODAY - timedelta(days=24))
    assert sum(one.alerts for one in nightly.give_alerts(office.desk)) > 0
    office.permit(2, TODAY - timedelta(days=24))
    assert sum(one.alerts for one in nightly.give_alerts(office.desk)) == 0
    office.calendar.next_day()
    told = {key[0][0] for key in before_and_after(office)}
    assert len(told) == 1


def before_and_after(office: Office) -> set[tuple[Key, int]]:
    """Give what one further night tells."""
    before = set(office.alerts())
    nightly.give_alerts(office.desk)
    found = set(office.alerts()) - before
    return {one for one in found if one[0][0] not in {key[0][0] for key in before}}


def test_the_nearest_duty_of_a_case_is_the_one_in_its_row(office: Office) -> None:
    subject = office.permit(1, TODAY)
    row = office.desk.session.execute(select(Case.due_on, Case.due_clock).filter_by(subject=subject)).one()
    rows = select(Duty.until_at, Duty.until_on, Duty.clock).where(
        Duty.subject == subject, Duty.ended_at.is_(None)
    )
    running = sorted(
        one for one in office.desk.session.execute(rows) if one.clock not in ("renewal", "appeal")
    )
    assert (row.due_on, row.due_clock) == (running[0].until_on, running[0].clock)


def test_nobody_is_late_at_a_closed_gate_and_is_told_when_it_opens(season: Season) -> None:
    """P16: what waits for a gate rests while the gate is closed; nothing of it is lost."""
    subject = one(season, until="cleared")
    desk, cast = season.desk, season.cast
    plan = record_of(desk.session, subject).last("plan_entry").evidence
    (gate,) = [g for g in gates(desk, cast["gate"]) if g.history[0].evidence.name == plan.gate]
    desk.session.rollback()
    closure = GateClosure(from_on=season.calendar.today(), reason="คำสั่งกองกำลัง")
    does(season, "gate", gate.subject, "shut_gate", closure)
    season.calendar.next_day((plan.entry_on - season.calendar.today()).days + 3)
    nightly.give_alerts(desk)
    entry = select(func.count()).select_from(Alert).where(Alert.clock == "entry")
    assert desk.session.scalar(entry) == 0
    (line,) = board(desk, cast["officer"], Wanted(clock="entry")).lines
    assert (line.rests, line.bucket) == (True, Bucket.LATER)
    desk.session.rollback()
    does(season, "gate", gate.subject, "open_gate", WHY)
    season.calendar.next_day()
    nightly.give_alerts(desk)
    assert desk.session.scalar(entry) == 3, (
        "the day before, the day itself and the day after, all of them now"
    )
    (line,) = board(desk, cast["officer"], Wanted(clock="entry")).lines
    assert (line.rests, line.bucket) == (False, Bucket.LATE)


def test_the_worker_gives_the_alerts_once_a_day_and_tries_again_after_a_fault(
    desk: Desk, cast: demonstration.Cast, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    Office(desk, calendar, cast).permit(1, TODAY - timedelta(days=24))
    runs = []

    @contextmanager
    def open_desk() -> Iterator[Desk]:
        runs.append(calendar.today())
        yield desk

    with monkeypatch.context() as broken:
        broken.setattr(nightly, "give_alerts", fails)
        assert jobs.tell_deadlines(open_desk, None) is None
    assert jobs.tell_deadlines(open_desk, None) == TODAY
    told = desk.session.scalar(select(func.count()).select_from(Alert))
    assert told > 0
    assert jobs.tell_deadlines(open_desk, TODAY) == TODAY
    assert desk.session.scalar(select(func.count()).select_from(Alert)) == told
    assert calendar.next_day() == jobs.tell_deadlines(open_desk, TODAY)


def fails(desk: Desk, on: date) -> None:
    raise ClockBehind("the clock is behind")


def test_the_command_refuses_a_night_that_has_not_come(app: Flask) -> None:
    app.cli.add_command(next(command for command in COMMANDS if command.name == "nightly"))
    ahead = app.test_cli_runner().invoke(args=["nightly", "--on", "2126-01-01"])
    assert ahead.exit_code == 1
    assert "has not come yet" in ahead.output
