"""The day's list of a gate after a plan on it was corrected: the old one without the worker, the new one with him."""

from datetime import date, timedelta

from sqlalchemy import select

from tests.driving import WHY, against, corrected, does, opened, propose, record
from tests.test_places import ROOM, plan, request_of, slot
from workflow import casework
from workflow.casework import Result
from workflow.demonstration import Season
from workflow.domain.everywhere import Correction
from workflow.store.projections import Document
from workflow.verification import rebuild, verify


def planned(season: Season, count: int = 3) -> list[str]:
    """Plan workers of one request for one morning, on one list."""
    subjects = opened(season, count)
    assert season.drive(subjects, until="requested") == subjects, season.left
    gather(season, subjects, "first")
    return subjects


def gather(season: Season, subjects: list[str], batch: str, days: int = 2) -> None:
    done = [does(season, "officer", one, "plan_entry", plan(season, days=days)) for one in subjects]
    results = [Result(one.record.subject, one) for one in done]
    casework.gather_entries(season.desk, season.cast["officer"], results, batch)


def lists(season: Season, request: str) -> dict[date, list[str]]:
    """What the standing lists print, by day: the references of their workers."""
    season.desk.session.rollback()
    asked = select(Document).filter_by(owner=request, key="entry_appointment").where(Document.state != "void")
    found: dict[date, list[str]] = {}
    for paper in season.desk.session.scalars(asked).all():
        facts = record(season, paper.subject).history[0].evidence.facts
        day = date.fromisoformat(facts["request"]["entry_list"]["entry_on"])
        assert day not in found, "one list for a day"
        found[day] = [line["reference"] for line in facts["lines"]]
    return found


def signers(season: Season, request: str, before: set[str]) -> set[str]:
    """Who signs the lists that were made since; nobody's name where the system made one that replaces none."""
    papers = season.desk.session.scalars(select(Document.subject).filter_by(owner=request)).all()
    actors = [record(season, one).history[0].evidence.facts["actor"] for one in papers if one not in before]
    return {"" if actor["role"] == "system" else actor["name"] for actor in actors}


def names(season: Season, *subjects: str) -> list[str]:
    return sorted(record(season, one).reference for one in subjects)


def test_a_corrected_day_takes_the_worker_from_one_list_to_the_other(season: Season) -> None:
    first, second, third = planned(season)
    request, today = request_of(season, first), season.calendar.today()
    soon, later = today + timedelta(days=2), today + timedelta(days=3)
    before = {paper.subject for paper in season.desk.session.scalars(select(Document).filter_by(owner=request))}
    corrected(season, first, "plan_entry", entry_on=later.isoformat())
    assert lists(season, request) == {soon: names(season, second, third), later: names(season, first)}
    assert (slot(season), slot(season, days=3)) == (2, 1)
    corrected(season, second, "plan_entry", entry_on=later.isoformat())
    assert lists(season, request) == {soon: names(season, third), later: names(season, first, second)}
    corrected(season, third, "plan_entry", entry_on=later.isoformat())
    assert lists(season, request) == {later: names(season, first, second, third)}
    assert (slot(season), slot(season, days=3)) == (0, 3)
    corrected(season, first, "plan_entry", entry_on=soon.isoformat())
    assert lists(season, request) == {soon: names(season, first), later: names(season, second, third)}
    assert signers(season, request, before) == {season.cast["officer"].name, ""}, "a first list of a day is signed by hand"
    before = lists(season, request)
    assert verify(season.desk).sound
    rebuild(season.desk)
    assert lists(season, request) == before
    assert (slot(season), slot(season, days=3)) == (1, 2)


def test_a_correction_of_the_contact_alone_leaves_the_lists_and_a_full_band_as_they_are(season: Season) -> None:
    subjects = planned(season, ROOM)
    request = request_of(season, subjects[0])
    steps = record(season, request).version
    corrected(season, subjects[0], "plan_entry", contact="นายสมชาย 081 999 9999")
    assert record(season, request).version == steps
    assert slot(season) == ROOM


def test_a_correction_into_a_full_band_or_on_a_request_on_hold_is_refused_and_changes_no_list(season: Season) -> None:
    subjects = opened(season, ROOM + 1)
    assert season.drive(subjects, until="requested") == subjects, season.left
    gather(season, subjects[:-1], "first")
    gather(season, subjects[-1:], "second", days=3)
    request, full = request_of(season, subjects[0]), season.calendar.today() + timedelta(days=2)
    before = lists(season, request)
    last = record(season, subjects[-1]).last("plan_entry")
    wrong = Correction(number=last.number, values=last.evidence.plain() | {"entry_on": full.isoformat()}, reason="ผิดวัน")
    assert against(season, "officer", subjects[-1], "propose_correction", wrong) == ["band-full"]
    does(season, "officer", request, "hold", WHY)
    propose(season, subjects[0], "plan_entry", entry_on=(full + timedelta(days=1)).isoformat())
    assert against(season, "clerk", subjects[0], "confirm_correction") == ["kin-stopped"]
    assert lists(season, request) == before
    assert (slot(season), slot(season, days=3)) == (ROOM, 1)
