"""Two tracks in either order: the medical check with its classes, and the border with its stamps."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.driving import (
    CODED,
    WHY,
    against,
    does,
    earlier,
    flags,
    medical,
    one,
    opened,
    order,
    papers,
    record,
    referral,
    stamp,
    state,
)
from workflow.demonstration import Season
from workflow.domain.actor import Role
from workflow.domain.application import MedicalClass, OfficerOpinion, PermitOutcome, TravelDocument
from workflow.store.projections import Case, Pass, Worker
from workflow.verification import verify

TREATMENT, UNFIT = MedicalClass.TREATMENT, MedicalClass.UNFIT


@pytest.fixture
def sent(season: Season) -> tuple[Season, str]:
    """A worker who was referred to the hospital for today."""
    subject = one(season, "requested")
    season.calendar.next_day()
    return season, subject


def plan_and_cross(season: Season, subject: str) -> None:
    does(season, "officer", subject, "plan_entry", season.invention.plan("ban_laem"))
    season.calendar.next_day()
    does(season, "gate", subject, "record_entry", stamp(season))


# the order of the tracks ----------------------------------------------------------------------


def test_the_medical_check_may_come_first(sent: tuple[Season, str]) -> None:
    season, subject = sent
    does(season, "hospital", subject, "record_medical", medical(season))
    assert state(season, subject) == "cleared"
    plan_and_cross(season, subject)
    assert state(season, subject) == "ready"


def test_the_entry_may_come_first(sent: tuple[Season, str]) -> None:
    season, subject = sent
    plan_and_cross(season, subject)
    assert state(season, subject) == "admitted"
    does(season, "hospital", subject, "record_medical", medical(season))
    assert state(season, subject) == "ready"


@pytest.mark.parametrize(("first", "then"), [("requested", "admitted"), ("cleared", "ready")])
def test_a_worker_who_is_inside_already_is_recorded_with_the_old_stamp(
    season: Season, first: str, then: str
) -> None:
    subject = one(season, first)
    does(season, "officer", subject, "record_earlier_entry", earlier(season))
    assert state(season, subject) == then
    assert "entry_planned" not in flags(season, subject)
    assert len(papers(season, subject, "entry_record")) == 1


def test_a_worker_in_the_country_may_cross_again_in_any_state_and_the_stay_runs_from_the_new_stamp(
    season: Season,
) -> None:
    subject = one(season, "examined")
    season.calendar.next_day(20)
    does(season, "gate", subject, "record_reentry", stamp(season))
    case = record(season, subject)
    assert case.state == "examined"
    row = season.desk.session.get(Case, subject)
    assert row.due_on <= season.calendar.today() + timedelta(days=30)
    assert against(season, "gate2", subject, "record_reentry", stamp(season, "ban_pakkad")) == "CaseNotFound"


# the medical check ----------------------------------------------------------------------------


@pytest.mark.parametrize("result", [MedicalClass.FIT, TREATMENT])
def test_classes_one_and_two_pass(sent: tuple[Season, str], result: MedicalClass) -> None:
    season, subject = sent
    does(season, "hospital", subject, "record_medical", medical(season, result))
    assert (state(season, subject), flags(season, subject)) == ("cleared", set())


def test_class_two_names_its_follow_up(sent: tuple[Season, str]) -> None:
    season, subject = sent
    open_ended = replace(medical(season, TREATMENT), follow_up_on=None)
    assert against(season, "hospital", subject, "record_medical", open_ended) == ["follow-up"]


def test_class_three_stops_the_way_to_the_border_until_a_re_test_is_passed(sent: tuple[Season, str]) -> None:
    season, subject = sent
    does(season, "hospital", subject, "record_medical", medical(season, UNFIT))
    assert (state(season, subject), flags(season, subject)) == ("requested", {"unfit"})
    assert against(season, "officer", subject, "plan_entry", season.invention.plan("ban_laem")) == "OutOfTurn"
    does(season, "owner", subject, "ask_retest", WHY)
    assert flags(season, subject) == {"unfit", "retest"}
    assert against(season, "owner", subject, "ask_retest", WHY) == "OutOfTurn"
    does(season, "hospital", subject, "record_medical", medical(season))
    assert (state(season, subject), flags(season, subject)) == ("cleared", set())
    assert verify(season.desk).sound


def test_a_re_test_that_is_not_passed_may_be_asked_again_or_the_case_ended(sent: tuple[Season, str]) -> None:
    season, subject = sent
    for _ in range(2):
        does(season, "hospital", subject, "record_medical", medical(season, UNFIT))
        does(season, "officer", subject, "ask_retest", WHY, on_behalf_of=Role.WORKER)
    does(season, "officer", subject, "end_without_permit", CODED)
    assert state(season, subject) == "failed"
    assert len(papers(season, subject, "worker_notice")) == 1


def test_who_entered_and_is_not_fit_is_sent_home_and_the_exit_recorded(season: Season) -> None:
    subject = one(season, "requested")
    does(season, "officer", subject, "record_earlier_entry", earlier(season))
    does(season, "hospital", subject, "record_medical", medical(season, UNFIT))
    assert (state(season, subject), flags(season, subject)) == ("admitted", {"unfit"})
    does(season, "officer", subject, "arrange_return", CODED)
    assert state(season, subject) == "leaving"
    does(season, "gate", subject, "record_exit", WHY)
    assert state(season, subject) == "failed"


def test_a_certificate_is_used_once_in_its_hospital(season: Season) -> None:
    first, second = opened(season, 2)
    season.drive([first, second], until="requested")
    season.calendar.next_day()
    certificate = medical(season)
    does(season, "hospital", first, "record_medical", certificate)
    shouted = replace(certificate, certificate_number=f" {certificate.certificate_number.lower()} ")
    assert against(season, "hospital", second, "record_medical", shouted) == ["certificate-used"]


def test_an_old_or_future_examination_is_no_certificate(sent: tuple[Season, str]) -> None:
    season, subject = sent
    assert against(season, "hospital", subject, "record_medical", medical(season, days_ago=61)) == [
        "certificate-old"
    ]
    assert against(season, "hospital", subject, "record_medical", medical(season, days_ago=-1)) == [
        "examined-ahead"
    ]
    assert against(season, "hospital", subject, "record_medical", medical(season, days_ago=60)) is None


def test_who_never_came_is_noted_and_may_come_later(sent: tuple[Season, str]) -> None:
    season, subject = sent
    does(season, "hospital", subject, "record_never_came", WHY)
    assert state(season, subject) == "requested"
    does(season, "officer", subject, "refer_to_hospital", referral(season))
    season.calendar.next_day()
    does(season, "hospital", subject, "record_medical", medical(season))
    assert state(season, subject) == "cleared"


def test_a_certificate_that_ran_out_sends_back_to_the_hospital(season: Season) -> None:
    subject = one(season, "cleared")
    assert against(season, "officer", subject, "refer_to_hospital", referral(season)) == ["medical-valid"]
    season.calendar.next_day(61)
    does(season, "officer", subject, "refer_to_hospital", referral(season))
    assert state(season, subject) == "requested"


def test_a_certificate_that_runs_out_while_the_file_lies_is_renewed_without_losing_its_place(
    season: Season,
) -> None:
    subject = one(season, "examined")
    season.calendar.next_day(61)
    does(season, "officer", subject, "refer_to_hospital", referral(season))
    assert (state(season, subject), flags(season, subject)) == ("examined", {"fee_paid", "medical_due"})
    opinion = OfficerOpinion(complete=True, recommends=True, reason="ครบถ้วน")
    assert against(season, "peo", subject, "give_opinion", opinion) == "OutOfTurn"
    does(season, "hospital", subject, "record_medical", medical(season))
    assert (state(season, subject), flags(season, subject)) == ("examined", {"fee_paid"})


def test_who_is_found_unfit_while_the_file_lies_can_only_be_refused(season: Season) -> None:
    subject = one(season, "assessed")
    season.calendar.next_day(61)
    does(season, "officer", subject, "refer_to_hospital", referral(season))
    does(season, "hospital", subject, "record_medical", medical(season, UNFIT))
    assert "outcome-closed" in against(season, "registrar", subject, "decide", order())
    refuse = order(PermitOutcome.REFUSE, reason_code="medical", reason="ไม่ผ่านการตรวจสุขภาพ")
    assert does(season, "registrar", subject, "decide", refuse).record.state == "refused"


def test_a_hospital_records_for_itself_and_sees_its_own(sent: tuple[Season, str]) -> None:
    season, subject = sent
    elsewhere = replace(medical(season), hospital="no-such-hospital")
    assert "hospital" in against(season, "hospital", subject, "record_medical", elsewhere)
    other = one_of_another_list(season)
    assert against(season, "hospital", other, "record_medical", medical(season)) == "CaseNotFound"


def one_of_another_list(season: Season) -> str:
    """A worker who was never sent to this hospital."""
    return opened(season, 1, first=9)[0]


# the border -----------------------------------------------------------------------------------


def test_who_does_not_come_to_the_gate_may_be_planned_again(season: Season) -> None:
    subject = one(season, "cleared")
    assert "entry_planned" in flags(season, subject)
    does(season, "gate", subject, "record_no_show", WHY)
    assert flags(season, subject) == set()
    does(season, "officer", subject, "plan_entry", season.invention.plan("ban_laem"))
    assert against(season, "gate", subject, "record_no_show", WHY) == ["entry-ahead"]
    season.calendar.next_day()
    does(season, "officer", subject, "record_no_show", WHY, on_behalf_of=Role.CHECKPOINT)
    plan_and_cross(season, subject)
    assert state(season, subject) == "ready"


def test_a_refused_entry_may_be_planned_again_or_ended(season: Season) -> None:
    subject = one(season, "cleared")
    season.calendar.next_day()
    does(season, "gate", subject, "refuse_entry", CODED)
    assert (state(season, subject), flags(season, subject)) == ("cleared", set())
    does(season, "officer", subject, "end_without_permit", replace(CODED, reason_code="entry"))
    assert state(season, subject) == "failed"


def test_a_gate_sees_who_is_planned_for_it_and_records_its_own_stamps(season: Season) -> None:
    subject = one(season, "cleared")
    season.calendar.next_day()
    assert against(season, "gate2", subject, "record_entry", stamp(season, "ban_pakkad")) == "CaseNotFound"
    assert against(season, "gate", subject, "record_entry", stamp(season, "ban_pakkad")) == ["other-gate"]
    assert against(season, "gate", subject, "record_entry", stamp(season, "no-gate")) == [
        "other-gate",
        "gate",
    ]
    keyed = does(season, "officer", subject, "record_entry", stamp(season), on_behalf_of=Role.CHECKPOINT)
    assert keyed.done.on_behalf_of == "checkpoint"


def test_a_stamp_lies_not_ahead_and_a_stay_is_as_ruled(season: Season) -> None:
    subject = one(season, "cleared")
    season.calendar.next_day()
    good = stamp(season)
    later = replace(
        good, stamped_on=good.stamped_on + timedelta(days=1), stay_until=good.stay_until + timedelta(days=1)
    )
    assert against(season, "gate", subject, "record_entry", later) == ["stamp-ahead"]
    long = replace(good, stay_until=good.stay_until + timedelta(days=1))
    assert against(season, "gate", subject, "record_entry", long) == ["stay-too-long"]
    backwards = replace(good, stay_until=good.stamped_on - timedelta(days=1))
    assert against(season, "gate", subject, "record_entry", backwards) == ["stay-before-stamp"]


def test_a_file_is_not_filed_after_the_stay_has_run_out(season: Season) -> None:
    subject = one(season, "ready")
    way = {step[2] + step[3]: step[4] for step in season._way()}
    filing = way["ownerfile_application"](record(season, subject))
    season.calendar.next_day(31)
    today = season.calendar.today()
    late = replace(filing, from_on=today, insured_from=today, insured_until=today + timedelta(days=99))
    assert against(season, "owner", subject, "file_application", late) == ["stay-over"]
    does(season, "gate", subject, "record_reentry", stamp(season))
    does(season, "owner", subject, "file_application", late)
    assert state(season, subject) == "filed"


# the pass -------------------------------------------------------------------------------------


def new_pass(season: Season, number: str = "BB900001", days: int = 400) -> TravelDocument:
    today = season.calendar.today()
    return TravelDocument(
        pass_number=number, pass_province="battambang", pass_issued_on=today, pass_expires_on=today + timedelta(days=days),
        reason="หายแล้วออกใหม่",
    )  # fmt: skip


def test_a_re_issued_pass_takes_the_place_of_the_old_and_the_person_is_found_by_both(season: Season) -> None:
    subject = one(season, "cleared")
    worker = record(season, subject).history[0].evidence.worker
    old = season.desk.session.get(Worker, worker).pass_key
    does(season, "officer", subject, "replace_travel_document", new_pass(season))
    row = season.desk.session.get(Worker, worker, populate_existing=True)
    assert row.pass_key == "BB900001"
    assert old in row.search_text
    assert "BB900001" in row.search_text
    assert (
        season.desk.session.get(Pass, old).worker
        == season.desk.session.get(Pass, "BB900001").worker
        == worker
    )
    season.drive([subject], until="cleared")
    assert verify(season.desk).sound


def test_a_pass_belongs_to_one_person(season: Season) -> None:
    first, second = opened(season, 2)
    season.drive([first, second], until="requested")
    does(season, "officer", first, "replace_travel_document", new_pass(season))
    again = new_pass(season, number="bb 900-001")
    assert against(season, "officer", second, "replace_travel_document", again) == ["pass-of-another"]


def test_a_pass_that_has_run_out_or_runs_backwards_is_none(season: Season) -> None:
    subject = one(season, "requested")
    assert against(season, "officer", subject, "replace_travel_document", new_pass(season, days=-1)) == [
        "pass-dates"
    ]
    ran = season.calendar.today() - timedelta(days=1)
    stale = replace(new_pass(season), pass_issued_on=ran - timedelta(days=9), pass_expires_on=ran)
    assert against(season, "officer", subject, "replace_travel_document", stale) == ["pass-expired"]
    assert against(
        season, "officer", subject, "replace_travel_document", replace(new_pass(season), pass_province="phnom_penh")
    ) == ["pass-province"]  # fmt: skip


def test_a_permit_never_outlasts_the_pass(season: Season) -> None:
    subject = one(season, "assessed")
    today = season.calendar.today()
    does(season, "officer", subject, "replace_travel_document", new_pass(season, days=20))
    season.calendar.next_day()
    done = does(season, "registrar", subject, "decide", order()).done
    assert done.evidence.valid_until == today + timedelta(days=20)


# who the worker is ----------------------------------------------------------------------------


def test_a_worker_too_young_is_not_taken_and_the_case_is_kept(season: Season) -> None:
    subject = one(season)
    stated = season.invention.identity(record(season, subject).history[0].evidence.row, "")
    young = replace(
        stated, photo=None, birth_on=season.calendar.today().replace(year=season.calendar.today().year - 17)
    )
    assert against(season, "officer", subject, "check_identity", young) == ["under-age"]
    does(season, "officer", subject, "hold", WHY)
    assert state(season, subject) == "opened"


def test_an_identity_that_is_not_accepted_ends_the_case_with_a_notice(season: Season) -> None:
    subject = one(season)
    does(season, "officer", subject, "refuse_identity", replace(CODED, reason_code="identity"))
    assert state(season, subject) == "disqualified"
    assert [paper.key for paper in papers(season, subject)] == ["cover_sheet", "worker_notice"]


def test_a_suspected_duplicate_waits_until_somebody_looked(season: Season) -> None:
    subject = one(season)
    does(season, "officer", subject, "suspect_duplicate", WHY)
    stated = replace(
        season.invention.identity(record(season, subject).history[0].evidence.row, ""), photo=None
    )
    assert against(season, "officer", subject, "check_identity", stated) == "OutOfTurn"
    does(season, "clerk", subject, "settle_duplicate", WHY)
    assert against(season, "officer", subject, "check_identity", stated) is None


def test_a_worker_may_not_be_taken_on_until_filed(season: Season) -> None:
    subject = one(season, "cleared")
    does(season, "owner", subject, "not_taken_up", WHY)
    assert (state(season, subject), flags(season, subject)) == ("not_taken_up", set())
