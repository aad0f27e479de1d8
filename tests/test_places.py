"""Places in a request and at a gate: taken once, given back when unused, never below nothing nor above what there is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from tests.driving import WHY, against, corrected, does, opened, record, rows, stamp
from tests.offices import desk_at, new_office, season_at
from tests.onward import permitted
from tests.stores import ENGINES
from workflow import casework, gates
from workflow.casework import Act
from workflow.demonstration import Calendar, Season
from workflow.desk import Desk
from workflow.domain.actor import SYSTEM
from workflow.domain.application import EntryPlan, Listed
from workflow.domain.everywhere import Recall
from workflow.domain.flow import Refused
from workflow.domain.gate import GateClosure
from workflow.domain.namelist import ListRow
from workflow.domain.permit import Death
from workflow.domain.places import approved
from workflow.domain.registers import Worker
from workflow.domain.request import ListAmendment, ListChange, QuotaCut, RequestOrder, RequestOutcome
from workflow.store.database import db
from workflow.store.places import in_turn
from workflow.store.projections import Case, GateSlot, Quota, QuotaHeld, QuotaMove, SlotHeld
from workflow.verification import rebuild, verify

RACERS = 32
SMALL, BAND, ROOM = "ban_pakkad", "morning", 10
"""The small gate of the demonstration and what its morning takes."""


def places(season: Season, request: str) -> tuple[int, ...]:
    """Approved men and women, taken by men and women."""
    season.desk.session.rollback()
    row = season.desk.session.get(Quota, request)
    return row.approved_men, row.approved_women, row.used_men, row.used_women


def request_of(season: Season, application: str) -> str:
    return record(season, application).history[0].evidence.request


def plan(season: Season, gate: str = SMALL, band: str | None = BAND, days: int = 2) -> EntryPlan:
    return EntryPlan(gate=gate, entry_on=season.calendar.today() + timedelta(days=days), band=band)


def slot(season: Season, days: int = 2, band: str = BAND, gate: str = SMALL) -> int:
    season.desk.session.rollback()
    row = season.desk.session.get(GateSlot, (gate, season.calendar.today() + timedelta(days=days), band))
    return row.taken if row else 0


def requested(season: Season, count: int, first: int = 1) -> list[str]:
    subjects = opened(season, count, first)
    assert season.drive(subjects, until="requested") == subjects, season.left
    return subjects


# the request's places -------------------------------------------------------------------------


def test_each_application_takes_a_place_and_one_that_comes_to_nothing_returns_it(season: Season) -> None:
    subjects = opened(season, 3)
    request = request_of(season, subjects[0])
    assert places(season, request) == (2, 1, 2, 1)
    does(season, "owner", subjects[0], "withdraw", WHY)
    assert places(season, request) == (2, 1, 1, 1)
    ledger = select(QuotaMove.step, func.sum(QuotaMove.change)).where(QuotaMove.request == request)
    ledger = ledger.group_by(QuotaMove.step)
    assert dict(season.desk.session.execute(ledger).all()) == {
        "decide_request": 3,
        "open_application": -3,
        "withdraw": 1,
    }


def test_places_may_be_cut_down_to_those_that_are_taken(season: Season) -> None:
    subjects = opened(season, 3)
    request = request_of(season, subjects[0])
    does(season, "owner", subjects[0], "withdraw", WHY)
    cut = QuotaCut(men=1, reason_code="employer", reason="แจ้งเท็จ")
    assert against(season, "registrar", request, "cut_quota", replace(cut, men=2)) == ["cut-beyond-free"]
    assert against(season, "registrar", request, "cut_quota", replace(cut, men=0)) == ["nothing-cut"]
    does(season, "registrar", request, "cut_quota", cut)
    assert places(season, request) == (1, 1, 1, 1)
    assert approved(record(season, request)) == (1, 1)
    man = ListAmendment(
        change=ListChange.ADD, reason="แทน", new_name="SOK DARA", new_sex="M", new_pass_number="BB777001"
    )
    assert against(season, "owner", request, "amend_list", man) == ["over-quota-sex"]


def test_the_store_itself_holds_places_within_their_bounds(season: Season) -> None:
    (subject,) = opened(season)
    row = season.desk.session.get(Quota, request_of(season, subject))
    row.used_men += 1
    row.used_women = -1
    with pytest.raises(IntegrityError):
        season.desk.session.flush()
    season.desk.session.rollback()


def test_an_order_that_is_recalled_gives_its_places_back(season: Season) -> None:
    request = season.request(rows(2), until="list_open").subject
    assert places(season, request) == (2, 0, 0, 0)
    does(season, "registrar", request, "cut_quota", QuotaCut(men=1, reason_code="employer", reason="แจ้งเท็จ"))
    season.cast.actors["registrar2"] = replace(season.cast["registrar"], person="another")
    does(season, "registrar2", request, "recall_order", Recall(reason="ผิดราย"))
    assert places(season, request) == (0, 0, 0, 0)
    again = RequestOrder(order=RequestOutcome.APPROVED, men=2, women=0)
    does(season, "registrar", request, "decide_request", again)
    assert places(season, request) == (2, 0, 0, 0)
    assert verify(season.desk).sound


def test_a_permit_closed_by_mistake_takes_its_place_back_when_it_stands_again(season: Season) -> None:
    permit = permitted(season)
    request = record(season, permit).history[0].evidence.request
    held = places(season, request)
    died = Death(died_on=season.calendar.today(), proof="ม.1/2569")
    does(season, "officer", permit, "record_death", died)
    assert sum(places(season, request)[2:]) == sum(held[2:]) - 1
    does(season, "registrar", permit, "reopen", WHY)
    assert places(season, request) == held
    does(season, "officer", permit, "record_death", died)
    does(season, "registrar", request, "cut_quota", QuotaCut(men=1, reason_code="employer", reason="แจ้งเท็จ"))
    free = places(season, request)
    does(season, "registrar", permit, "reopen", WHY)
    assert places(season, request) == free, (
        "what others were given stays theirs; the wrong end is set right even so"
    )
    assert verify(season.desk).sound


# the gate's places ----------------------------------------------------------------------------


def test_a_plan_takes_a_place_in_its_band_and_gives_it_back_unless_the_worker_crosses(season: Season) -> None:
    first, second, third = requested(season, 3)
    for subject in (first, second, third):
        does(season, "officer", subject, "plan_entry", plan(season))
    assert slot(season) == 3
    does(season, "officer", first, "reschedule_entry", WHY)
    assert slot(season) == 2
    season.calendar.next_day(2)
    does(season, "gate2", second, "record_entry", stamp(season, SMALL))
    does(season, "gate2", third, "record_no_show", WHY)
    assert slot(season, days=0) == 1


def test_without_a_band_the_first_with_room_is_taken_and_a_full_day_is_refused(season: Season) -> None:
    subjects = requested(season, 2 * ROOM + 1)
    chosen = [
        does(season, "officer", subject, "plan_entry", plan(season, band=None)).done.evidence.band
        for subject in subjects[: 2 * ROOM]
    ]
    assert chosen == ["morning"] * ROOM + ["afternoon"] * ROOM
    last = subjects[-1]
    assert against(season, "officer", last, "plan_entry", plan(season, band=None)) == ["day-full"]
    assert against(season, "officer", last, "plan_entry", plan(season)) == ["band-full"]
    assert against(season, "officer", last, "plan_entry", plan(season, band="night")) == ["band"]
    assert against(season, "officer", last, "plan_entry", plan(season, days=3)) is None


def test_a_corrected_plan_moves_its_place(season: Season) -> None:
    (subject,) = requested(season, 1)
    does(season, "officer", subject, "plan_entry", plan(season))
    corrected(season, subject, "plan_entry", band="afternoon")
    assert (slot(season), slot(season, band="afternoon")) == (0, 1)


def test_a_gate_that_closes_at_noon_returns_places_counts_no_no_show_and_takes_no_new_plan(
    season: Season,
) -> None:
    subjects = requested(season, 3)
    for subject, band in zip(subjects, ("morning", "afternoon", "afternoon"), strict=True):
        does(season, "officer", subject, "plan_entry", plan(season, band=band))
    on, checkpoint = season.calendar.today() + timedelta(days=2), season.cast["gate2"]
    gate = gates.gate_named(season.desk, checkpoint, SMALL)
    closure = GateClosure(from_on=on, until_on=on, bands=("afternoon",), reason="คำสั่งหน่วยเฉพาะกิจ")
    with pytest.raises(Refused):
        gates.shut(season.desk, season.cast["gate"], gate, closure, Act())
    gate = gates.shut(season.desk, checkpoint, gate, closure, Act())
    assert sorted(gates.waiting(season.desk, checkpoint, gate)) == sorted(subjects[1:])
    results = list(gates.call_off(season.desk, checkpoint, gate, "closing"))
    assert [result.done for result in results] == [True, True]
    assert list(gates.call_off(season.desk, checkpoint, gate, "closing")) == []
    assert (slot(season), slot(season, band="afternoon")) == (1, 0)
    assert record(season, subjects[1]).last("record_no_show") is None
    assert against(season, "officer", subjects[1], "plan_entry", plan(season, band="afternoon")) == [
        "gate-shut"
    ]
    does(season, "gate2", gate.subject, "open_gate", WHY)
    assert against(season, "officer", subjects[1], "plan_entry", plan(season, band="afternoon")) is None


# together, and made again ---------------------------------------------------------------------


@pytest.fixture(params=ENGINES)
def crowded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Season, Calendar]]:
    """An office on either engine that many work in at once."""
    with new_office(request.param, tmp_path) as (_, calendar), Session(db.engine) as session:
        yield season_at(desk_at(session, calendar), calendar), calendar


def test_thirty_two_who_plan_together_fill_a_band_and_no_more(crowded: tuple[Season, Calendar]) -> None:
    season, calendar = crowded
    subjects, wanted, meeting, engine = requested(season, RACERS), plan(season), Barrier(RACERS), db.engine

    def race(number: int) -> str:
        with Session(engine) as session:
            mine = replace(season, desk=desk_at(session, calendar, 1000 + number))
            meeting.wait()
            try:
                does(mine, "officer", subjects[number], "plan_entry", wanted)
            except Refused as refused:
                return refused.refusals[0].code
            return "planned"

    season.desk.session.rollback()
    with ThreadPoolExecutor(RACERS) as crowd:
        came = list(crowd.map(race, range(RACERS)))
    assert came.count("planned") == ROOM
    assert set(came) == {"planned", "band-full"}
    assert slot(season) == ROOM
    held = select(func.count()).select_from(SlotHeld)
    assert season.desk.session.scalar(held) == ROOM
    planned = select(func.count()).select_from(Case).where(Case.flags.contains("entry_planned"))
    assert season.desk.session.scalar(planned) == ROOM
    season.desk.session.rollback()
    assert verify(season.desk).breaches == []
    rebuild(season.desk)
    assert slot(season) == ROOM


@pytest.mark.parametrize("crowded", ENGINES[1:], indirect=True)
def test_a_place_in_a_request_is_waited_for_before_an_event_is_written(
    crowded: tuple[Season, Calendar],
) -> None:
    season, calendar = crowded
    (subject,) = opened(season)
    file, rules = record(season, subject), season.desk.in_force(calendar.today(), "22")
    request = request_of(season, subject)
    season.desk.session.rollback()
    with Session(db.engine) as mine, Session(db.engine) as other:
        in_turn(mine, file, WHY, rules)
        with pytest.raises(OperationalError, match="could not obtain lock"):
            other.execute(select(Quota.request).filter_by(request=request).with_for_update(nowait=True))


LAST = 3
"""So many places of the request are left when all come for them."""


def test_thirty_two_who_come_for_the_last_places_of_one_request_get_those_and_no_more(
    crowded: tuple[Season, Calendar],
) -> None:
    """Two offices open at once, each with a chain of its own: only the request's own row keeps them apart."""
    season, calendar = crowded
    engine, meeting = db.engine, Barrier(RACERS)
    men = [row for row in rows(2 * RACERS) if row.sex == "M"][: RACERS + 1]
    request = season.request(men, until="list_locked").subject
    first, *others = [listed(season, request, row) for row in men]
    opens_as(season.desk, season, "officer", "PNR", first)
    cut = QuotaCut(men=RACERS - LAST, reason_code="employer", reason="ลดจำนวน")
    does(season, "registrar", request, "cut_quota", cut)
    assert places(season, request) == (1 + LAST, 0, 1, 0)
    season.desk.session.rollback()

    def race(number: int) -> str:
        user, chain = (("officer", "PNR"), ("peo", "CTI"))[number % 2]
        with Session(engine) as session:
            at = desk_at(session, calendar, 1000 + number)
            meeting.wait()
            try:
                opens_as(at, season, user, chain, others[number])
            except Refused as refused:
                return refused.refusals[0].code
            return "opened"

    with ThreadPoolExecutor(RACERS) as crowd:
        came = list(crowd.map(race, range(RACERS)))
    assert (came.count("opened"), set(came)) == (LAST, {"opened", "no-place"})
    assert places(season, request) == (1 + LAST, 0, 1 + LAST, 0)
    ledger, held = held_and_moved(season, request)
    assert (ledger, held) == (0, 1 + LAST)
    season.desk.session.rollback()
    assert verify(season.desk).breaches == []
    rebuild(season.desk)
    assert places(season, request) == (1 + LAST, 0, 1 + LAST, 0)
    assert held_and_moved(season, request) == (0, 1 + LAST)


def listed(season: Season, request: str, row: ListRow) -> Listed:
    """Enter a listed person, so that nothing but the application is left to open."""
    person = Worker(name_latin=row.name_latin, sex=row.sex, pass_number=row.pass_number)
    worker = casework.begin(season.desk, SYSTEM, "worker", "enter_worker", person, chain="PNR").record.subject
    return Listed(request=request, employer=season.cast.entries["orchard"], worker=worker, row=row)


def opens_as(desk: Desk, season: Season, user: str, chain: str, row: Listed) -> None:
    """Open the application of a row at an office."""
    casework.begin(
        desk, season.cast[user], "application", "open_application", row, chain=chain, key=row.worker
    )


def held_and_moved(season: Season, request: str) -> tuple[int, int]:
    """What the ledger leaves of a request's places, and how many are held."""
    season.desk.session.rollback()
    left = select(func.sum(QuotaMove.change)).where(QuotaMove.request == request)
    held = select(func.count()).select_from(QuotaHeld).where(QuotaHeld.request == request)
    return season.desk.session.scalar(left), season.desk.session.scalar(held)
