"""Persons: two entries of one, a pass that was typed wrongly, one foreigner number, one pass on two lists."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.driving import (
    CODED,
    WHY,
    against,
    corrected,
    does,
    flags,
    one,
    open_list,
    opened,
    record,
    rows,
    state,
)
from workflow import casework
from workflow.casework import Refused
from workflow.demonstration import Season
from workflow.domain.application import SamePerson, Stays, TravelDocument
from workflow.domain.namelist import FindingKind, ListRow
from workflow.domain.permit import EmploymentEnd, EndReason
from workflow.domain.request import ListAmendment, ListChange, NameList
from workflow.intake import Intake
from workflow.namelists import found_in_store
from workflow.store.doubles import standing_elsewhere
from workflow.store.projections import Case, Document, Pass, Worker
from workflow.verification import rebuild, verify
from workflow.web.listing import matching

KNOWN = replace(rows(1)[0], birth_year=None)


def twin(season: Season, number: str = "BB111222") -> ListRow:
    """The same name and birth under another pass."""
    return replace(KNOWN, pass_number=number, birth_on=born(season))


def born(season: Season) -> date:
    return season.calendar.today().replace(year=1990)


def application_of(season: Season, *listed: ListRow) -> str:
    """Open the application of the one worker of a new list."""
    request = season.request(listed)
    asked = select(Case.subject).filter_by(request=request.subject, flow="application")
    return season.desk.session.scalars(asked).one()


def worker_of(season: Season, subject: str) -> str:
    season.desk.session.rollback()
    return season.desk.session.get_one(Case, subject).worker


def known_and_twin(season: Season) -> tuple[str, str]:
    """One worker known under one pass, and a new file under another that may be the same person."""
    first = application_of(season, replace(KNOWN, birth_on=born(season)))
    second = application_of(season, twin(season))
    assert flags(season, second) == {"duplicate_suspected"}
    return first, second


def same(season: Season, other: str, stays: Stays = Stays.OTHER) -> SamePerson:
    return SamePerson(other_pass=other, stays=stays, reason="ใบหน้าและลายนิ้วมือตรงกัน")


def found(season: Season, words: str) -> set[str]:
    season.desk.session.rollback()
    condition = matching(season.desk, season.cast["officer"], words)
    return set(season.desk.session.scalars(select(Case.subject).where(condition)))


def sound(season: Season) -> None:
    """The copies are what the events give, before and after they are made again."""
    assert list(verify(season.desk).lines())[-1] == "sound"
    rebuild(season.desk)
    assert list(verify(season.desk).lines())[-1] == "sound"


# one person, two entries --------------------------------------------------------------------


def test_two_officials_join_two_entries_and_everything_leads_to_the_one_that_stays(season: Season) -> None:
    first, second = known_and_twin(season)
    does(season, "owner", first, "withdraw", WHY)
    stays, gone = worker_of(season, first), worker_of(season, second)
    reference = season.desk.session.get_one(Worker, gone).reference
    does(season, "officer", second, "propose_same_person", same(season, KNOWN.pass_number))
    assert flags(season, second) == {"duplicate_suspected", "same_person"}
    assert against(season, "officer", second, "settle_duplicate", WHY) == "OutOfTurn"
    assert against(season, "officer", second, "confirm_same_person") == ["four-eyes"]
    does(season, "clerk", second, "confirm_same_person")
    assert flags(season, second) == set()
    assert {worker_of(season, each) for each in (first, second)} == {stays}
    held = season.desk.session.scalars(select(Pass.pass_key).filter_by(worker=stays))
    assert set(held) == {KNOWN.pass_key, "BB111222"}
    assert record(season, gone).state == "joined"
    assert [done.step for done in record(season, gone).history] == ["enter_worker", "join_worker"]
    for words in (reference, "BB111222", KNOWN.pass_number, KNOWN.name_latin):
        assert found(season, words) == {first, second}, words
    assert season.drive([second], until="issued") == [second], season.left
    number = season.desk.session.get_one(Worker, stays).foreigner_number
    permit = season.desk.session.scalars(select(Case.subject).filter_by(flow="permit")).one()
    assert number
    assert found(season, number) == {first, second, permit}
    sound(season)


def test_a_joining_may_be_rejected_and_the_other_person_settled(season: Season) -> None:
    first, second = known_and_twin(season)
    does(season, "owner", first, "withdraw", WHY)
    does(season, "officer", second, "propose_same_person", same(season, KNOWN.pass_number))
    does(season, "clerk", second, "reject_same_person", WHY)
    does(season, "officer", second, "settle_duplicate", WHY)
    assert flags(season, second) == set()
    assert worker_of(season, first) != worker_of(season, second)


def test_the_other_entry_is_named_by_a_pass_of_somebody_else(season: Season) -> None:
    _, second = known_and_twin(season)
    for number in ("ZZ999999", "BB111222"):
        stated = same(season, number)
        assert against(season, "officer", second, "propose_same_person", stated) == ["no-other-entry"]


def test_two_files_under_way_are_not_joined_until_one_is_ended(season: Season) -> None:
    first, second = known_and_twin(season)
    stated = same(season, KNOWN.pass_number)
    assert against(season, "officer", second, "propose_same_person", stated) == ["both-under-way"]
    does(season, "officer", second, "refuse_identity", CODED)
    does(season, "officer", second, "propose_same_person", stated)
    does(season, "registrar", second, "confirm_same_person")
    assert (state(season, second), worker_of(season, second)) == ("disqualified", worker_of(season, first))
    sound(season)


def test_what_begins_between_proposal_and_confirmation_stops_the_joining(season: Season) -> None:
    first, second = known_and_twin(season)
    does(season, "owner", first, "withdraw", WHY)
    does(season, "officer", second, "propose_same_person", same(season, KNOWN.pass_number))
    application_of(season, replace(KNOWN, birth_on=born(season)))
    assert against(season, "clerk", second, "confirm_same_person") == ["both-under-way"]


def test_a_permit_that_runs_stops_the_joining_and_one_that_ran_out_is_ended_by_it(season: Season) -> None:
    first, second = opened(season, 2)
    assert season.drive([first], until="issued") == [first]
    does(season, "officer", second, "suspect_duplicate", WHY)
    stated = same(season, KNOWN.pass_number, Stays.THIS)
    assert against(season, "officer", second, "propose_same_person", stated) == ["both-under-way"]
    season.calendar.next_day(200)
    does(season, "officer", second, "propose_same_person", stated)
    number = season.desk.session.get_one(Worker, worker_of(season, first)).foreigner_number
    gone, stays = worker_of(season, first), worker_of(season, second)
    does(season, "clerk", second, "confirm_same_person")
    permit = season.desk.session.scalars(select(Case).filter_by(flow="permit")).one()
    assert (permit.state, permit.worker) == ("ended", stays)
    assert worker_of(season, first) == stays
    assert season.desk.session.get_one(Worker, stays).foreigner_number == number
    assert season.desk.session.get_one(Worker, gone).foreigner_number is None
    sound(season)


def test_entries_joined_one_after_another_all_lead_to_the_last(season: Season) -> None:
    first, second = known_and_twin(season)
    does(season, "owner", first, "withdraw", WHY)
    does(season, "officer", second, "propose_same_person", same(season, KNOWN.pass_number))
    does(season, "clerk", second, "confirm_same_person")
    does(season, "owner", second, "withdraw", WHY)
    third = application_of(season, twin(season, "CC333444"))
    assert flags(season, third) == {"duplicate_suspected"}
    does(season, "officer", third, "propose_same_person", same(season, "BB111222", Stays.THIS))
    does(season, "clerk", third, "confirm_same_person")
    assert len({worker_of(season, each) for each in (first, second, third)}) == 1
    assert record(season, worker_of(season, third)).state == "listed"
    sound(season)


# a pass that was typed wrongly --------------------------------------------------------------


def test_a_correction_frees_the_mistyped_pass_for_its_true_holder(season: Season) -> None:
    subject = one(season, "requested")
    right = record(season, subject).last("check_identity").evidence.pass_number
    corrected(season, subject, "check_identity", pass_number="PL888999")
    assert holder(season, "PL888999") == worker_of(season, subject)
    corrected(season, subject, "check_identity", pass_number=right)
    assert holder(season, "PL888999") is None
    assert found(season, "PL888999") == set()
    sound(season)
    true_holder = replace(rows(1, 3)[0], pass_number="PL888999")
    theirs = application_of(season, true_holder)
    assert holder(season, "PL888999") == worker_of(season, theirs) != worker_of(season, subject)
    sound(season)


def holder(season: Season, key: str) -> str | None:
    season.desk.session.rollback()
    return season.desk.session.scalar(select(Pass.worker).filter_by(pass_key=key))


def test_a_wrong_number_of_the_list_is_freed_where_the_officer_says_so(season: Season) -> None:
    subject = one(season, "requested")
    listed = record(season, subject).history[0].evidence.row.pass_key
    corrected(season, subject, "check_identity", pass_number="PL888999")
    assert holder(season, listed) == worker_of(season, subject), "the list still says that it was theirs"
    corrected(season, subject, "check_identity", listed_wrongly=True)
    assert (holder(season, listed), holder(season, "PL888999")) == (None, worker_of(season, subject))
    sound(season)


def test_the_old_pass_of_a_reissued_one_stays_the_workers(season: Season) -> None:
    subject = one(season, "requested")
    old = record(season, subject).last("check_identity").evidence
    reissued = TravelDocument(
        pass_number="PL777888", pass_province=old.pass_province, pass_issued_on=old.pass_issued_on,
        pass_expires_on=old.pass_expires_on, reason="เล่มเดิมเต็ม",
    )  # fmt: skip
    does(season, "officer", subject, "replace_travel_document", reissued)
    corrected(season, subject, "replace_travel_document", pass_number="PL777889")
    assert holder(season, "PL777888") is None
    assert holder(season, "PL777889") == holder(season, old.pass_number) == worker_of(season, subject)
    corrected(season, subject, "check_identity", phone="081 000 0000")
    assert holder(season, old.pass_number) == worker_of(season, subject)
    sound(season)


# one foreigner number -----------------------------------------------------------------------


def test_a_returner_is_held_to_the_foreigner_number_of_before(season: Season) -> None:
    first = one(season, "issued")
    known = record(season, first).last("enter_numbers").evidence.foreigner_number
    season.calendar.next_day(150)
    again = opened(season, 1)[0]
    season.drive([again], until="paid")
    other = season.invention.numbers_given()
    assert against(season, "clerk", again, "enter_numbers", other) == ["foreigner-number-differs"]
    does(season, "clerk", again, "enter_numbers", replace(other, foreigner_number=known))
    corrected_to = other.foreigner_number
    with pytest.raises(Refused) as refused:
        corrected(season, again, "enter_numbers", foreigner_number=corrected_to)
    assert [refusal.code for refusal in refused.value.refusals] == ["foreigner-number-differs"]
    why = "กรมการปกครองออกเลขใหม่"
    corrected(season, again, "enter_numbers", foreigner_number=corrected_to, other_number_because=why)
    worker = season.desk.session.get_one(Worker, worker_of(season, again))
    assert worker.foreigner_number == corrected_to
    sound(season)


# one pass on two lists ----------------------------------------------------------------------


def listed(season: Season, until: str, owner: str = "owner") -> str:
    """Another request whose list names the same worker."""
    employer = {"owner": "orchard", "owner2": "orchard2"}[owner]
    return replace(season, employer=employer, owner=owner).request((KNOWN,), until=until, men=1).subject


def findings(season: Season, request: str, user: str | None = None) -> list[tuple[str, str]]:
    """What is found in the row, as its own employer or another reader is told."""
    employer = casework.employer_of(record(season, request))
    own = "owner" if employer == season.cast.entries["orchard"] else "owner2"
    told = found_in_store(season.desk, [KNOWN], request, season.cast[user or own])
    return [(finding.code, str(finding.params.get("reference", ""))) for finding in told]


def test_the_later_of_two_lists_with_one_pass_waits_and_the_rival_is_not_named(season: Season) -> None:
    first, second = listed(season, "received"), listed(season, "submitted", "owner2")
    one_name, other_name = (record(season, each).reference for each in (first, second))
    assert findings(season, first) == []
    assert findings(season, second) == [("in_another_file", "")]
    assert findings(season, first, "officer") == [("also_listed_later", other_name)]
    assert findings(season, second, "officer") == [("in_another_file", one_name)]
    intake = Intake(season.desk, season.cast["owner2"], record(season, second))
    (told,) = intake.attached().findings
    assert (told.kind, told.params["reference"]) == (FindingKind.HELD, "")
    sound(season)


def test_an_employer_is_told_of_the_own_other_list(season: Season) -> None:
    first, second = listed(season, "received"), listed(season, "received")
    name = record(season, first).reference
    assert findings(season, second, "owner") == [("in_another_file", name)]


def test_a_draft_holds_nobody_and_counts_from_its_submission(season: Season) -> None:
    draft, sent = listed(season, "drafted", "owner2"), listed(season, "submitted")
    assert findings(season, sent) == []
    assert findings(season, draft) == [("in_another_file", "")]
    does(season, "owner", sent, "withdraw_request", WHY)
    assert findings(season, draft) == []


def test_a_list_attached_anew_keeps_its_place(season: Season) -> None:
    first, second = listed(season, "received"), listed(season, "received", "owner2")
    does(season, "owner", first, "attach_list", NameList(rows=(replace(KNOWN, row=12),)))
    assert [findings(season, each) for each in (first, second)] == [[], [("in_another_file", "")]]
    does(season, "owner", first, "attach_list", NameList(rows=tuple(rows(1, 5))))
    assert [findings(season, each) for each in (first, second)] == [[("in_another_file", "")], []]
    sound(season)


def test_the_later_list_opens_only_what_the_first_does_not_hold(season: Season) -> None:
    first, second = listed(season, "list_locked"), listed(season, "list_locked", "owner2")
    assert open_list(season, second, "b") == []
    (opened_first,) = open_list(season, first, "a")
    assert findings(season, second) == [("in_another_file", "")]
    does(season, "owner", opened_first, "not_taken_up", WHY)
    assert len(open_list(season, second, "c")) == 1
    sound(season)


# places on a locked list --------------------------------------------------------------------


def added(number: str = "PL777001", sex: str = "M") -> ListAmendment:
    return ListAmendment(
        change=ListChange.ADD, reason="แทนผู้ที่ไม่มา", new_name="NEW WORKER", new_sex=sex, new_pass_number=number
    )


def test_a_removed_workers_place_goes_to_another_whose_application_opens(season: Season) -> None:
    first, second = opened(season, 2)
    request, gone = record(season, first).history[0].evidence.request, rows(2)[0]
    assert against(season, "owner", request, "amend_list", added()) == ["over-quota-sex"]
    does(season, "owner", request, "amend_list", ListAmendment(
        change=ListChange.REMOVE, pass_number=gone.pass_number, reason="กลับบ้าน"))  # fmt: skip
    assert against(season, "owner", request, "amend_list", added(sex="F")) == ["over-quota-sex"]
    whole = replace(added(), pass_number=rows(2)[1].pass_number)
    assert against(season, "owner", request, "amend_list", whole) == ["adds-or-replaces"]
    done = does(season, "owner", request, "amend_list", added())
    (newcomer,) = open_list(season, request, "again")
    row = record(season, newcomer).history[0].evidence.row
    assert (row.pass_key, row.row) == ("PL777001", max(one.row for one in rows(2)) + 1)
    papers = select(Document.key).where(Document.subject.in_(done.papers))
    assert season.desk.session.scalars(papers).all() == ["name_list"]
    assert against(season, "owner", request, "amend_list", added("PL777002")) == ["over-quota-sex"]
    sound(season)


def test_a_worker_not_taken_on_leaves_the_place_while_the_row_stays(season: Season) -> None:
    first, _ = opened(season, 2)
    request = record(season, first).history[0].evidence.request
    does(season, "owner", first, "not_taken_up", WHY)
    does(season, "owner", request, "amend_list", added())
    assert len(open_list(season, request, "again")) == 1
    assert against(season, "owner", request, "amend_list", added("PL777002")) == ["over-quota-sex"]
    listed_again = added(rows(2)[0].pass_number)
    assert against(season, "owner", request, "amend_list", listed_again) == ["listed-already"]


def test_a_removed_worker_may_be_added_again(season: Season) -> None:
    first, _ = opened(season, 2)
    request, gone = record(season, first).history[0].evidence.request, rows(2)[0]
    does(season, "owner", first, "not_taken_up", WHY)
    does(season, "owner", request, "amend_list", ListAmendment(
        change=ListChange.REMOVE, pass_number=gone.pass_number, reason="ไม่มา"))  # fmt: skip
    does(season, "owner", request, "amend_list", added(gone.pass_number))
    (again,) = open_list(season, request, "again")
    assert worker_of(season, again) == worker_of(season, first)


def test_the_place_of_a_permit_that_ended_is_used_again_as_ruled(season: Season) -> None:
    first = one(season, "issued")
    request = record(season, first).history[0].evidence.request
    assert against(season, "owner", request, "amend_list", added()) == ["over-quota-sex"]
    permit = season.desk.session.scalars(select(Case.subject).filter_by(flow="permit")).one()
    left = EmploymentEnd(
        employer=season.cast.entries["orchard"],
        last_day=season.calendar.today(),
        reason_code=EndReason.FINISHED,
        reason="ครบกำหนด",
    )
    does(season, "owner", permit, "end_employment", left)
    does(season, "owner", request, "amend_list", added())
    assert len(open_list(season, request, "again")) == 1


def test_a_pass_on_an_earlier_list_is_not_added(season: Season) -> None:
    first, _ = opened(season, 2)
    request = record(season, first).history[0].evidence.request
    does(season, "owner", first, "not_taken_up", WHY)
    season.request(rows(1, 5), until="received")
    taken = added(rows(1, 5)[0].pass_number, "M")
    assert against(season, "owner", request, "amend_list", taken) == ["in-another-file"]


# what the store keeps apart -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("UNIQUE constraint failed: case_row.worker", "in-another-file"),
        ('duplicate key value violates unique constraint "uq_case_row_live_permit"', "in-another-file"),
        ("UNIQUE constraint failed: worker.foreigner_number", "foreigner-number-used"),
        ('duplicate key value violates unique constraint "uq_worker_foreigner_number"', "foreigner-number-used"),
        ('duplicate key value violates unique constraint "pk_border_pass"', "pass-of-another"),
        ("UNIQUE constraint failed: official_number.kind, official_number.value", "number-used"),
        ("UNIQUE constraint failed: account.user_name", "user-name-taken"),
        ("UNIQUE constraint failed: event.request_id", None),
        ("CHECK constraint failed: used_men <= approved_men", None),
        ("NOT NULL constraint failed: case_row.office", None),
    ],
)  # fmt: skip
def test_what_a_known_constraint_refuses_is_told_in_words_and_any_other_is_a_fault(fault: str, code: str | None) -> None:
    told = standing_elsewhere(fault)
    assert (told.code if told else None) == code


def test_an_act_that_meets_a_constraint_twice_is_refused_in_words() -> None:
    tries: list[int] = []

    def meets() -> None:
        tries.append(1)
        raise IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed: account.user_name"))

    with pytest.raises(Refused) as refused:
        casework.again_if_raced(meets)
    assert ([refusal.code for refusal in refused.value.refusals], len(tries)) == (["user-name-taken"], 2)
