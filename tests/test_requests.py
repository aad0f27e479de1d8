"""The employer's request after the order: its list amended, its end, and workers who come back next season."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.driving import (
    CODED,
    WHY,
    against,
    does,
    flags,
    one,
    open_list,
    opened,
    order,
    papers,
    record,
    rows,
    state,
)
from workflow import casework, namelists
from workflow.demonstration import Season
from workflow.domain.everywhere import Deficiencies
from workflow.domain.namelist import ListRow
from workflow.domain.policies import listed_rows
from workflow.domain.request import ListAmendment, ListChange, NameList, RequestOrder, RequestOutcome
from workflow.store.projections import Case, Pass, Worker
from workflow.verification import verify

REPLACE, REMOVE = ListChange.REPLACE, ListChange.REMOVE


def request_of(season: Season, application: str) -> str:
    return record(season, application).history[0].evidence.request


def remove(row: ListRow) -> ListAmendment:
    return ListAmendment(change=REMOVE, pass_number=row.pass_number, reason="กลับบ้าน")


def put_in_place(
    row: ListRow, number: str = "PL777001", sex: str | None = None, name: str = "NEW WORKER"
) -> ListAmendment:
    return ListAmendment(
        change=REPLACE,
        pass_number=row.pass_number,
        reason="เปลี่ยนคน",
        new_name=name,
        new_sex=sex or row.sex,
        new_pass_number=number,
    )


# the list -------------------------------------------------------------------------------------


def test_a_worker_taken_off_the_list_is_withdrawn_and_the_list_printed_anew(season: Season) -> None:
    first, second = opened(season, 2)
    request, (gone, kept) = request_of(season, first), rows(2)
    does(season, "owner", request, "amend_list", remove(gone))
    assert (state(season, first), state(season, second)) == ("withdrawn", "opened")
    assert [row.pass_number for row in listed_rows(record(season, request))] == [kept.pass_number]
    assert [(paper.state, paper.version) for paper in papers(season, request, "name_list")] == [
        ("void", 1),
        ("owed", 2),
    ]
    assert record(season, first).history[-1].role == "system"
    assert verify(season.desk).sound


def test_a_worker_put_in_anothers_place_is_opened_and_the_other_withdrawn(season: Season) -> None:
    first, _ = opened(season, 2)
    request, (gone, _) = request_of(season, first), rows(2)
    does(season, "owner", request, "amend_list", put_in_place(gone))
    assert state(season, first) == "withdrawn"
    (newcomer,) = open_list(season, request, "again")
    listed = record(season, newcomer).history[0].evidence.row
    assert (listed.name_latin, listed.pass_number, listed.row) == ("NEW WORKER", "PL777001", gone.row)
    assert open_list(season, request, "and again") == []


def test_a_list_is_amended_for_listed_workers_and_with_whole_newcomers_only(season: Season) -> None:
    first, _ = opened(season, 2)
    request, (one_row, other) = request_of(season, first), rows(2)
    stranger = replace(one_row, pass_number="PL999999")
    assert against(season, "owner", request, "amend_list", remove(stranger)) == ["not-listed"]
    assert against(season, "owner", request, "amend_list", put_in_place(one_row, name="")) == ["new-worker"]
    twice = put_in_place(one_row, number=other.pass_number)
    assert against(season, "owner", request, "amend_list", twice) == ["listed-already"]
    does(season, "owner", request, "amend_list", put_in_place(one_row))
    again = put_in_place(other)
    assert against(season, "owner", request, "amend_list", again) == ["listed-already"]
    assert against(season, "owner", request, "amend_list", remove(one_row)) == ["not-listed"]


def test_an_amendment_stays_within_the_men_and_women_approved(season: Season) -> None:
    first, *_ = opened(season, 3)
    request, (man, *_) = request_of(season, first), rows(3)
    assert man.sex == "M"
    woman = put_in_place(man, sex="F")
    assert against(season, "owner", request, "amend_list", woman) == ["over-quota-sex"]


def test_a_place_is_not_taken_from_who_holds_a_permit(season: Season) -> None:
    first = one(season, "issued")
    request, (row,) = request_of(season, first), rows(1)
    assert against(season, "owner", request, "amend_list", remove(row)) == ["already-issued"]


def test_a_list_holds_no_more_than_was_approved(season: Season) -> None:
    request = season.request((), until="reviewed", men=3)
    part = RequestOrder(order=RequestOutcome.PARTLY, men=2, reason_code="quota", reason="เกินความจำเป็น")
    does(season, "registrar", request.subject, "decide_request", part)
    men = [row for row in rows(9) if row.sex == "M"]
    assert against(season, "owner", request.subject, "attach_list", NameList(rows=tuple(men[:3]))) == [
        "over-quota"
    ]
    does(season, "owner", request.subject, "attach_list", NameList(rows=tuple(men[:2])))
    does(season, "officer", request.subject, "lock_list")
    assert len(open_list(season, request.subject, "b")) == 2


# its end --------------------------------------------------------------------------------------


def test_revoking_a_request_holds_its_applications_and_nothing_goes_on_under_it(season: Season) -> None:
    first, second, third = opened(season, 3)
    season.drive([first], until="requested")
    season.drive([second], until="assessed")
    does(season, "owner", third, "withdraw", WHY)
    request = request_of(season, first)
    does(season, "registrar", request, "revoke_request", CODED)
    assert state(season, request) == "revoked"
    assert [flags(season, each) & {"on_hold"} for each in (first, second, third)] == [
        {"on_hold"},
        {"on_hold"},
        set(),
    ]
    assert [state(season, each) for each in (first, second, third)] == ["requested", "assessed", "withdrawn"]
    assert against(season, "officer", first, "release", WHY) == ["request-ended"]
    assert against(season, "registrar", second, "decide", order()) == "OutOfTurn"
    assert [paper.key for paper in papers(season, request) if paper.key == "revocation_order"] == [
        "revocation_order"
    ]
    for each in (first, second):
        does(season, "owner", each, "withdraw", WHY)
    assert verify(season.desk).sound


def test_a_request_is_closed_when_no_worker_waits(season: Season) -> None:
    first, second = opened(season, 2)
    request = request_of(season, first)
    assert against(season, "officer", request, "close_request", WHY) == ["workers-wait"]
    does(season, "owner", first, "withdraw", WHY)
    does(season, "officer", second, "refuse_identity", CODED)
    does(season, "officer", request, "close_request", WHY)
    assert state(season, request) == "closed"


def test_a_request_may_be_withdrawn_until_it_is_decided(season: Season) -> None:
    for place in ("submitted", "received", "reviewed"):
        request = season.request((), until=place, men=1)
        does(season, "owner", request.subject, "withdraw_request", WHY)
        assert state(season, request.subject) == "withdrawn"
    decided = season.request((), until="list_open", men=1)
    assert against(season, "owner", decided.subject, "withdraw_request", WHY) == "OutOfTurn"


def test_what_is_missing_is_listed_once_and_the_first_number_stays(season: Season) -> None:
    request = season.request((), until="received", men=1)
    number = request.last("receive_request").evidence.number
    missing = Deficiencies(items=("housing",), answer_until=season.calendar.today() + timedelta(days=5))
    does(season, "officer", request.subject, "ask_for_missing", missing)
    assert against(season, "officer", request.subject, "return_request", WHY) == ["time-runs"]
    does(season, "owner", request.subject, "complete_request", request.last("draft_request").evidence)
    assert record(season, request.subject).last("receive_request").evidence.number == number
    assert against(season, "officer", request.subject, "ask_for_missing", missing) == ["second-list"]
    does(
        season,
        "officer",
        request.subject,
        "ask_for_missing",
        replace(missing, supervisor_reason="พบข้อเท็จจริงใหม่"),
    )
    season.calendar.next_day(6)
    does(season, "officer", request.subject, "return_request", WHY)
    assert state(season, request.subject) == "returned"


def test_an_employer_writes_for_itself_only(season: Season) -> None:
    demand = replace(season.demand(1, 0), employer=season.cast.entries["orchard2"])
    with pytest.raises(casework.Refused) as refused:
        casework.begin(season.desk, season.cast["owner"], "request", "draft_request", demand, chain="PNR")
    assert [refusal.code for refusal in refused.value.refusals] == ["other-employer"]
    keyed = casework.begin(
        season.desk, season.cast["officer"], "request", "draft_request", demand, chain="PNR"
    )
    assert keyed.done.on_behalf_of == "employer"


# one person over the seasons --------------------------------------------------------------------


def test_a_returner_is_the_same_person_with_a_new_application(season: Season) -> None:
    first = one(season, "issued")
    worker = record(season, first).history[0].evidence.worker
    permit = season.desk.session.scalar(select(Case.subject).filter_by(flow="permit", worker=worker))
    number = season.desk.session.get(Worker, worker).foreigner_number
    season.calendar.next_day(150)
    again = opened(season, 1)[0]
    assert record(season, again).history[0].evidence.worker == worker
    kept = record(season, first).last("enter_numbers").evidence
    way = {step: stated for _, _, _, step, stated in season._way()}
    season.drive([again], until="paid")
    fresh = way["enter_numbers"](record(season, again))
    does(season, "clerk", again, "enter_numbers", replace(fresh, foreigner_number=kept.foreigner_number))
    does(season, "officer", again, "issue_permit", way["issue_permit"](record(season, again)))
    assert season.desk.session.get(Worker, worker).foreigner_number == number
    assert state(season, permit) == "ended", "the permit that ran out was closed when the new one was opened"
    assert (
        len(season.desk.session.scalars(select(Case.subject).filter_by(flow="permit", state="active")).all())
        == 1
    )
    assert len(season.desk.session.scalars(select(Worker.subject)).all()) == 1
    assert verify(season.desk).sound


def test_a_worker_is_in_one_live_file_only(season: Season) -> None:
    opened(season, 1)
    other = season.request(rows(1), until="list_locked")
    assert open_list(season, other.subject, "b") == []
    (result,) = list(casework_results(season, other.subject))
    assert [refusal.code for refusal in result.fault.refusals] == ["in-another-file"]


def casework_results(season: Season, request: str) -> object:
    return namelists.open_listed(season.desk, season.cast["officer"], request, "again")


def test_a_worker_whose_permit_runs_is_not_opened_anew(season: Season) -> None:
    one(season, "issued")
    other = season.request(rows(1), until="list_locked")
    (result,) = list(casework_results(season, other.subject))
    assert [refusal.code for refusal in result.fault.refusals] == ["permit-runs"]


def test_two_of_one_name_and_birth_are_two_persons_until_somebody_looked(season: Season) -> None:
    twin = rows(1)[0]
    first = season.request([replace(twin, birth_on=season.calendar.today().replace(year=1990))])
    second = season.request(
        [replace(twin, pass_number="BB111222", birth_on=season.calendar.today().replace(year=1990))]
    )
    found = season.desk.session.scalars(
        select(Case).filter_by(request=second.subject, flow="application")
    ).one()
    assert found.flags == "duplicate_suspected"
    assert record(season, found.subject).history[0].evidence.suspected
    assert len({row.worker for row in season.desk.session.scalars(select(Pass))}) == 2
    assert first.subject != second.subject
