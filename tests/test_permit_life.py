"""A permit after its issue: periods, employers, stays, notices, its ends and the ways back, and what only time changes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.living import FIRST, LAST, SECOND, STAY, Life, person, ruled
from workflow.domain.actor import Role
from workflow.domain.conditions import conditions
from workflow.domain.crossing import Entry, Exit, StayReport
from workflow.domain.everywhere import Reason, Recall, ServedHow, Serving
from workflow.domain.flow import NotYours, OutOfTurn, Refused
from workflow.domain.permit import (
    Death,
    DepartureNotice,
    DistrictMatter,
    DistrictNotice,
    EmploymentEnd,
    EndReason,
    Found,
    Hearing,
    HospitalStay,
    Laid,
    Loss,
    Notice,
    NoticeKind,
    PeriodAdded,
    PermitEnd,
    RenewalEnded,
    RenewalFiled,
    Revocation,
    RevocationProposal,
    SubstituteIssued,
    TraffickingCheck,
    TraffickingOutcome,
    told_with_it,
)
from workflow.domain.places import freed_applications
from workflow.domain.record import Record
from workflow.domain.registers import Worker
from workflow.domain.renewal_policies import renewals_are_left
from workflow.domain.spells import employers_now, employments, periods, stays
from workflow.domain.validity import permit_from, permit_until, stay_until

DAY = timedelta(days=1)
SYSTEM, OFFICER, REGISTRAR, GATE = Role.SYSTEM, Role.OFFICER, Role.REGISTRAR, Role.CHECKPOINT
OWNER, WORKER = Role.EMPLOYER, Role.WORKER
OWNER2 = person(OWNER, "owner2", "em2")
WHY = Reason(reason="ตามที่แจ้ง")
THREE = ruled(employers__at_once=3)
REPORTS = ruled(report__every_days=30)
OVERSTAY = {"overstay__per_day": 500, "overstay__longest_fine": 20000}
RENEWED = PeriodAdded(
    application="ap3", valid_from=LAST + DAY, valid_until=LAST + 90 * DAY, permit_book="1", permit_number="64-2"
)


def ended(life: Life, why: EndReason = EndReason.FINISHED, employer: str = "em1", **more: object) -> EmploymentEnd:
    return EmploymentEnd(employer=employer, last_day=life.on, reason_code=why, reason="ตามที่แจ้ง", **more)


def gone(life: Life, **more: object) -> EmploymentEnd:
    return ended(life, EndReason.ABSCONDED, known_at=life.at(8), **more)


def checked(outcome: TraffickingOutcome, to: str = "") -> TraffickingCheck:
    return TraffickingCheck(result=outcome, told="สอบถามแล้ว", referred_to=to)


def held(life: Life) -> dict[str, object]:
    """What time has made of the permit, by the name of each condition."""
    return {one.name: one for one in conditions(life.record, life.facts)}


def later(life: Life, on: date) -> Life:
    life.on = on
    return life


# periods --------------------------------------------------------------------------------------


def test_a_permit_opens_with_its_first_period_employer_and_stay() -> None:
    life = Life()
    assert (permit_from(life.record), permit_until(life.record)) == (FIRST, LAST)
    assert employers_now(life.record) == ("em1",)
    assert [(stay.until, stay.gate) for stay in stays(life.record)] == [(STAY, "ban_laem")]


def test_a_renewal_adds_a_period_and_the_permit_runs_to_its_end() -> None:
    life = Life()
    life.does(SYSTEM, "note_renewal", RenewalFiled(application="ap3", filed_on=LAST - DAY, receipt="7/2570"))
    life.does(SYSTEM, "extend_permit", RENEWED)
    assert permit_until(life.record) == RENEWED.valid_until
    assert "renewal_filed" not in life.record.flags
    assert [period.permit_number for period in periods(life.record)] == ["64-1", "64-2"]


def test_a_permit_is_renewed_as_often_as_ruled_and_without_a_rule_again_and_again() -> None:
    life = Life().does(SYSTEM, "extend_permit", RENEWED)
    for most, code in ((None, None), (2, None), (1, "renewed-enough")):
        life.rules, life.related = ruled(renewal__most=most), {"permit": life.record}
        found = renewals_are_left(life.record, None, person(OWNER), life.facts)
        assert (found.code if found else None) == code


@given(shift=st.integers(min_value=-200, max_value=200), length=st.integers(min_value=-5, max_value=200))
def test_periods_never_overlap_and_never_run_backwards(shift: int, length: int) -> None:
    life, start = Life(), LAST + shift * DAY
    added = replace(RENEWED, valid_from=start, valid_until=start + length * DAY)
    refused = life.against(SYSTEM, "extend_permit", added)
    assert refused == ([] if shift > 0 and length >= 0 else ["period-overlaps"])


def test_a_renewal_that_comes_after_the_end_is_a_new_application() -> None:
    late = RenewalFiled(application="ap3", filed_on=LAST + DAY)
    assert Life().against(SYSTEM, "note_renewal", late) == ["renewal-late"]


def test_a_renewal_filed_in_time_lets_work_go_on_and_one_that_failed_does_not() -> None:
    life = Life()
    life.does(SYSTEM, "note_renewal", RenewalFiled(application="ap3", filed_on=LAST, receipt="7/2570"))
    later(life, LAST + 20 * DAY)
    assert held(life)["interim"].number == "7/2570"
    assert "expired" not in held(life)
    life.does(SYSTEM, "note_renewal_ended", RenewalEnded(application="ap3"))
    assert "interim" not in held(life)
    assert held(life)["expired"].days == 20


# employers ------------------------------------------------------------------------------------


def test_a_second_employer_is_added_and_the_first_may_end_alone() -> None:
    life = Life(rules=THREE)
    later(life, date(2026, 12, 15)).does(SYSTEM, "add_employer", SECOND)
    assert employers_now(life.record) == ("em1", "em2")
    life.does(OWNER, "end_employment", ended(life))
    assert employers_now(life.record) == ("em2",)
    assert life.record.state == "active"
    assert [(one.employer, one.ended_on) for one in employments(life.record)] == [("em1", life.on), ("em2", None)]


def test_a_changed_employer_has_the_worker_until_the_day_before() -> None:
    life = Life()
    later(life, SECOND.from_on).does(SYSTEM, "change_employer", replace(SECOND, replaces="em1"))
    first, second = employments(life.record)
    assert (first.ended_on, second.from_on) == (SECOND.from_on - DAY, SECOND.from_on)
    assert employers_now(life.record) == ("em2",)


def test_no_more_employers_at_once_than_ruled_and_none_twice() -> None:
    assert Life(rules=ruled(employers__at_once=1)).against(SYSTEM, "add_employer", SECOND) == ["employers"]
    again = replace(SECOND, employer="em1")
    assert Life(rules=THREE).against(SYSTEM, "add_employer", again) == ["works-already"]
    other = replace(SECOND, replaces="em9")
    assert Life(rules=THREE).against(SYSTEM, "change_employer", other) == ["replaces-nobody"]


def test_without_an_employer_the_worker_seeks_and_may_be_taken_on_again() -> None:
    life = Life(rules=ruled(seeking__days=15))
    later(life, date(2026, 12, 5)).does(OWNER, "end_employment", ended(life))
    assert (held(life)["seeking"].weight.value, held(life)["seeking"].on) == ("warning", life.on + 15 * DAY)
    later(life, life.on + 16 * DAY)
    assert held(life)["seeking"].weight.value == "stopped"
    life.does(SYSTEM, "change_employer", SECOND)
    assert "seeking" not in held(life)


def test_an_employer_ends_its_own_employment_only_once_and_not_before_it_began() -> None:
    life = Life()
    assert life.against(OWNER, "end_employment", ended(life, employer="em2")) == ["not-employer"]
    assert life.against(OWNER2, "end_employment", ended(life)) == ["not-employer"]
    assert life.against(OWNER, "end_employment", replace(ended(life), last_day=FIRST - DAY)) == ["end-before-start"]
    assert life.against(OWNER, "end_employment", replace(ended(life), last_day=FIRST + DAY)) == ["lies-ahead"]
    life.does(OWNER, "end_employment", ended(life))
    assert life.against(OWNER, "end_employment", ended(life)) == ["ended-before"]


# dismissal, absconding and the district -------------------------------------------------------


def test_dismissal_and_absconding_say_when_the_employer_knew() -> None:
    life = Life()
    for why in (EndReason.DISMISSED, EndReason.ABSCONDED):
        assert life.against(OWNER, "end_employment", ended(life, why)) == ["known-when"]
    before = gone(life, told_at=life.at(7))
    assert life.against(OWNER, "end_employment", before) == ["told-before"]


def test_the_notice_to_the_district_goes_with_the_same_form() -> None:
    life = Life()
    told = told_with_it(life.record, gone(life, told_at=life.at(9)), life.facts)
    assert told == DistrictNotice(employer="em1", about=DistrictMatter.ABSCONDED, told_at=life.at(9))
    assert told_with_it(life.record, gone(life), life.facts) is None


def test_the_district_is_told_of_a_dismissal_only_and_also_after_the_permit_ended() -> None:
    life = Life()
    notice = DistrictNotice(employer="em1", about=DistrictMatter.DISMISSED, told_at=life.at(9))
    assert life.against(OWNER, "tell_district", notice) == ["nothing-to-tell"]
    life.does(OWNER, "end_employment", ended(life, EndReason.DISMISSED, known_at=life.at(8)))
    assert life.against(OWNER, "tell_district", replace(notice, about=DistrictMatter.ABSCONDED)) == ["nothing-to-tell"]
    assert life.against(OWNER, "tell_district", replace(notice, told_at=life.at(7))) == ["told-before"]
    life.does(GATE, "record_exit", Exit(gate="ban_laem", exited_on=life.on))
    life.does(OWNER, "tell_district", notice)
    assert life.record.state == "exited"


def test_nobody_is_punished_for_absconding_before_the_signs_of_trafficking_were_looked_for() -> None:
    life, proposal = Life(), RevocationProposal(ground="conditions", reason="ขาดงาน")
    life.does(OWNER, "end_employment", gone(life))
    assert "absconded" in life.record.flags
    assert life.against(OFFICER, "propose_revocation", proposal) == ["trafficking-first"]
    life.does(OFFICER, "check_trafficking", checked(TraffickingOutcome.REFERRED, "บ้านพักเด็กและครอบครัว"))
    with pytest.raises(OutOfTurn):
        life.does(OFFICER, "propose_revocation", proposal)
    safe = replace(checked(TraffickingOutcome.NONE), answer="บ้านพักเด็กและครอบครัว เลขที่ 5/2569")
    life.does(person(OFFICER, "officer2"), "check_trafficking", safe)
    life.does(OFFICER, "propose_revocation", proposal)
    assert {"absconded", "revocation_proposed"} <= life.record.flags


def test_a_worker_who_was_found_and_absconds_again_is_looked_at_anew() -> None:
    life = Life(rules=THREE)
    life.does(OWNER, "end_employment", gone(life)).does(OFFICER, "check_trafficking", checked(TraffickingOutcome.NONE))
    life.does(OFFICER, "record_found", Found(found_on=life.on, where="โป่งน้ำร้อน", told="กลับบ้าน"))
    assert "absconded" not in life.record.flags
    later(life, SECOND.from_on).does(SYSTEM, "change_employer", SECOND)
    life.does(OWNER2, "end_employment", replace(gone(life), employer="em2"))
    proposal = RevocationProposal(ground="conditions", reason="ขาดงาน")
    assert life.against(OFFICER, "propose_revocation", proposal) == ["trafficking-first"]


def test_signs_that_were_found_are_not_passed_over() -> None:
    seen = replace(checked(TraffickingOutcome.NONE), indicators=("papers_kept",))
    assert Life().against(OFFICER, "check_trafficking", seen) == ["signs-found"]


def test_a_referral_says_to_whom() -> None:
    assert Life().against(OFFICER, "check_trafficking", checked(TraffickingOutcome.REFERRED)) == ["referred-to"]


# notices --------------------------------------------------------------------------------------


def notice(life: Life, kind: NoticeKind, **more: object) -> Notice:
    return Notice(kind_of=kind, employer="em1", event_on=life.on, given_on=life.on, **more)


def test_a_notice_fits_who_gives_it_and_what_happened() -> None:
    life = Life()
    for kind in (NoticeKind.HIRE, NoticeKind.WORKER_START, NoticeKind.HOUSING):
        assert life.against(OWNER, "give_notice", notice(life, kind)) == []
    assert life.against(WORKER, "give_notice", notice(life, NoticeKind.WORKER_START)) == []
    assert life.against(WORKER, "give_notice", notice(life, NoticeKind.HIRE)) == ["worker-notice"]
    assert life.against(OWNER, "give_notice", notice(life, NoticeKind.EXIT)) == ["still-works"]
    life.does(OWNER, "end_employment", ended(life))
    assert life.against(OWNER, "give_notice", notice(life, NoticeKind.EXIT)) == []
    early = replace(notice(life, NoticeKind.HIRE), event_on=FIRST - DAY)
    assert life.against(OWNER, "give_notice", early) == ["before-work"]


def test_what_the_law_asks_to_be_told_is_taken_under_every_flag_that_stops() -> None:
    life = Life()
    life.does(OFFICER, "hold", WHY)
    life.does(REGISTRAR, "release", WHY).does(REGISTRAR, "suspend", Laid(from_on=life.on, reason="ด่านปิด"))
    life.does(OWNER, "end_employment", ended(life)).does(OWNER, "give_notice", notice(life, NoticeKind.EXIT))
    life.does(GATE, "record_exit", Exit(gate="ban_laem", exited_on=life.on))
    assert life.record.state == "exited"


# the stay -------------------------------------------------------------------------------------


def test_a_reentry_renews_the_stay_and_the_newest_stamp_counts() -> None:
    life = later(Life(), STAY)
    assert held(life)["report_due"].on == STAY
    life.does(GATE, "record_reentry", Entry(gate="ban_laem", stamped_on=STAY, stay_until=STAY + 30 * DAY))
    assert stay_until(life.record) == STAY + 30 * DAY
    assert "report_due" not in held(life)


def reentry(on: date, gate: str = "ban_laem") -> Entry:
    return Entry(gate=gate, stamped_on=on, stay_until=on + DAY)


def test_a_stamp_or_report_lies_neither_before_the_permit_nor_before_the_last_one_nor_ahead() -> None:
    life = later(Life(rules=REPORTS), FIRST + 9 * DAY)
    report = StayReport(reported_on=FIRST - DAY, where="ที่ว่าการอำเภอ")
    left = Exit(gate="ban_laem", exited_on=FIRST - DAY)
    assert life.against(GATE, "record_reentry", reentry(FIRST - DAY)) == ["before-permit"]
    assert life.against(OFFICER, "record_report", report) == ["before-permit"]
    assert life.against(GATE, "record_exit", left) == ["before-permit"]
    assert life.against(GATE, "record_reentry", reentry(life.on + DAY)) == ["stamp-ahead"]
    life.does(GATE, "record_reentry", reentry(FIRST + 5 * DAY))
    assert life.against(GATE, "record_reentry", reentry(FIRST + 4 * DAY)) == ["before-last-stamp"]
    assert life.against(OFFICER, "record_report", replace(report, reported_on=FIRST + 4 * DAY)) == ["before-last-stamp"]
    assert life.against(GATE, "record_exit", replace(left, exited_on=FIRST + 4 * DAY)) == ["before-last-stamp"]
    assert life.against(GATE, "record_reentry", reentry(FIRST + 5 * DAY)) == []


def holder(**known: object) -> Record:
    """The worker's entry in the register."""
    said = Worker(pass_number="AB123456", **known)
    done = replace(Life().record.history[0], step="enter_worker", evidence=said)
    return Record(flow="worker", subject="wk1", reference="wk1", office="system", history=(done,))


def test_a_reentry_needs_a_pass_that_ran_on_the_day_of_the_stamp_and_leads_over_the_gate() -> None:
    life = later(Life(), STAY)
    life.related["worker"] = holder(pass_province="battambang", pass_expires_on=STAY - DAY)
    assert life.against(GATE, "record_reentry", reentry(STAY)) == ["pass-ends-before"]
    assert life.against(GATE, "record_reentry", reentry(STAY - DAY)) == []
    life.related["worker"] = holder(pass_province="battambang", pass_expires_on=LAST)
    assert life.against(GATE, "record_reentry", reentry(STAY)) == []
    route = {"home": "battambang", "gate": "ban_pakkad", "districts": ["2203"]}
    life.rules = ruled(pass_routes=[route])
    assert life.against(GATE, "record_reentry", reentry(STAY)) == ["gate-leads-elsewhere"]
    life.related["worker"] = holder()  # a paper permit names no pass province and no last day
    assert life.against(GATE, "record_reentry", reentry(STAY)) == []


def test_a_report_takes_the_place_of_crossing_only_where_the_rules_say_so() -> None:
    report = StayReport(reported_on=FIRST, where="ที่ว่าการอำเภอ")
    assert Life(rules=ruled(report__every_days=None)).against(OFFICER, "record_report", report) == ["no-reports"]
    life = Life(rules=REPORTS).does(OFFICER, "record_report", report)
    assert stay_until(life.record) == FIRST + 30 * DAY
    assert life.record.history[-1].evidence.next_due == FIRST + 30 * DAY
    long = replace(report, next_due=FIRST + 31 * DAY)
    assert life.against(OFFICER, "record_report", long) == ["next-report"]


@given(days=st.integers(min_value=-10, max_value=200))
def test_an_overstay_costs_by_the_day_up_to_the_most_and_nothing_where_waived(days: int) -> None:
    life = later(Life(rules=ruled(**OVERSTAY)), max(STAY + days * DAY, FIRST))
    over = held(life).get("overstay")
    assert (over.fine if over else 0) == max(0, min(days * 500, 20000))
    life.rules = ruled(**OVERSTAY, overstay__waived=True)
    over = held(life).get("overstay")
    assert over is None or (over.fine, over.waived) == (None, True)


def test_where_the_rules_set_no_fine_none_is_told() -> None:
    life = later(Life(rules=ruled(overstay__per_day=None, overstay__longest_fine=None)), STAY + DAY)
    assert (held(life)["overstay"].days, held(life)["overstay"].fine) == (1, None)


def test_the_renewal_opens_so_many_days_before_the_end_as_ruled() -> None:
    life = Life(rules=ruled(renewal__open_days=30))
    assert "renewal_open" not in held(later(life, LAST - 31 * DAY))
    assert held(later(life, LAST - 30 * DAY))["renewal_open"].days == 30
    assert "renewal_open" in held(later(life, LAST))
    assert {"expired"} <= set(held(later(life, LAST + DAY)))


# lost, hospital, measures ---------------------------------------------------------------------


def test_a_lost_permit_waits_for_its_substitute() -> None:
    life = Life(rules=ruled(loss__days=15))
    life.does(WORKER, "report_loss", Loss(known_on=life.on, where="ในสวน"))
    assert held(life)["lost"].on == life.on + 15 * DAY
    with pytest.raises(OutOfTurn):
        life.does(WORKER, "report_loss", Loss(known_on=life.on, where="ในสวน"))
    assert held(later(life, life.on + 16 * DAY))["lost"].weight.value == "stopped"
    life.does(SYSTEM, "substitute_permit", SubstituteIssued(application="ap4", permit_book="2", permit_number="64-9"))
    assert "lost" not in life.record.flags


def test_of_suspension_grace_departure_and_an_open_status_one_holds_at_a_time() -> None:
    life, laid = Life(rules=ruled(departure__days=7)), Laid(from_on=FIRST, reason="ด่านปิด")
    axis = {"suspended", "grace", "departure", "unknown"}
    life.does(REGISTRAR, "suspend", laid)
    assert life.record.flags & axis == {"suspended"}
    life.does(OFFICER, "grant_grace", laid)
    assert life.record.flags & axis == {"grace"}
    life.does(OFFICER, "notify_departure", DepartureNotice(told_on=FIRST, reason="ด่านเปิดตามปกติ"))
    assert life.record.flags & axis == {"departure"}
    assert held(life)["departure"].on == FIRST + 7 * DAY
    life.does(SYSTEM, "declare_unknown", laid)
    assert life.record.flags & axis == {"unknown"}
    life.does(SYSTEM, "adopt", laid)
    assert life.record.flags & axis == set()


def test_an_officer_grants_grace_only_under_a_decision_and_declares_nothing_open_under_one() -> None:
    laid, none = Laid(from_on=FIRST, reason="รอมติ"), ruled(orders__allowed=False)
    assert Life(rules=none).against(OFFICER, "grant_grace", laid) == ["no-decision"]
    assert Life(rules=none).against(OFFICER, "declare_unknown", laid) == []
    assert Life().against(OFFICER, "declare_unknown", laid) == ["decision-there"]


def test_the_time_to_leave_is_as_ruled() -> None:
    told = DepartureNotice(told_on=FIRST, reason="สิ้นสุดมาตรการ")
    assert Life(rules=ruled(departure__days=None)).against(OFFICER, "notify_departure", told) == ["no-departure"]
    long = replace(told, leave_until=FIRST + 8 * DAY)
    assert Life(rules=ruled(departure__days=7)).against(OFFICER, "notify_departure", long) == ["leave-until"]


def test_under_grace_an_overstay_costs_nothing() -> None:
    life = Life(rules=ruled(**OVERSTAY)).does(OFFICER, "grant_grace", Laid(from_on=FIRST, reason="ด่านปิด"))
    assert held(later(life, STAY + 3 * DAY))["overstay"].fine is None


def test_a_hospital_stay_begins_and_ends() -> None:
    life = Life().does(OFFICER, "record_hospitalised", HospitalStay(admitted_on=FIRST, place="รพ.โป่งน้ำร้อน"))
    assert "hospitalised" in life.record.flags


# revocation and appeal ------------------------------------------------------------------------


def proposed() -> Life:
    life = Life(rules=ruled(appeal__days=30))
    return life.does(OFFICER, "propose_revocation", RevocationProposal(ground="conditions", reason="ผิดเงื่อนไข"))


def heard() -> Life:
    life = proposed()
    return life.does(OFFICER, "hear_worker", Hearing(heard_on=life.on, reached=True, told="ยอมรับ"))


ORDER = Revocation(ground="conditions", reason="ฝ่าฝืนเงื่อนไข")


def test_a_permit_is_revoked_only_after_a_hearing_and_by_another_person_than_who_proposed() -> None:
    with pytest.raises(OutOfTurn):
        proposed().does(REGISTRAR, "revoke", ORDER)
    assert heard().against(person(REGISTRAR, name="officer"), "revoke", ORDER) == ["four-eyes"]
    with pytest.raises(NotYours):
        heard().does(OFFICER, "revoke", ORDER)
    life = heard().does(REGISTRAR, "revoke", ORDER)
    assert life.record.state == "revoked"
    assert employers_now(life.record) == ()


def test_a_revocation_may_be_dropped_and_proposed_anew_with_a_new_hearing() -> None:
    life = heard().does(OFFICER, "drop_revocation", WHY)
    assert not {"revocation_proposed", "heard"} & life.record.flags


def test_an_order_is_recalled_before_it_is_served_by_another_registrar() -> None:
    life = heard().does(REGISTRAR, "revoke", ORDER)
    assert life.against(REGISTRAR, "recall_order", Recall(reason="ผิดคน")) == ["four-eyes"]
    second = person(REGISTRAR, "registrar2")
    life.does(second, "recall_order", Recall(reason="ผิดคน"))
    assert life.record.state == "active"
    assert {"revocation_proposed", "heard"} <= life.record.flags
    assert employers_now(life.record) == ("em1",)


def test_an_order_is_not_recalled_beside_another_live_permit() -> None:
    life = heard().does(person(REGISTRAR, "registrar1"), "revoke", ORDER)
    life.taken["live_permit"] = "pe2"
    assert life.against(person(REGISTRAR, "registrar2"), "recall_order", Recall(reason="ผิดคน")) == ["other-permit"]


def test_a_served_order_is_no_longer_recalled_and_becomes_final_after_the_time_to_appeal() -> None:
    life = heard().does(REGISTRAR, "revoke", ORDER)
    served = Serving(served_to="คนงาน", served_on=life.on, how=ServedHow.IN_PERSON)
    assert life.against(OFFICER, "serve_order", replace(served, served_on=FIRST - DAY)) == ["served-before"]
    life.does(OFFICER, "serve_order", served)
    assert life.record.history[-1].evidence.order == life.record.last("revoke").number
    assert life.against(OFFICER, "serve_order", served) == ["order-served"]
    assert life.against(person(REGISTRAR, "registrar2"), "recall_order", Recall(reason="x")) == ["order-served"]
    assert held(later(life, FIRST + 30 * DAY))["appeal"].weight.value == "waiting"
    assert held(later(life, FIRST + 31 * DAY))["appeal"].weight.value == "stopped"


def test_an_upheld_appeal_lets_the_work_run_again() -> None:
    life = heard().does(REGISTRAR, "revoke", ORDER).does(SYSTEM, "reinstate", WHY)
    assert (life.record.state, employers_now(life.record)) == ("active", ("em1",))


# the ends -------------------------------------------------------------------------------------


def test_exit_and_death_end_the_work_and_a_mistake_is_reopened_by_another_person() -> None:
    for who, step, evidence in (
        (GATE, "record_exit", Exit(gate="ban_laem", exited_on=FIRST)),
        (OFFICER, "record_death", Death(died_on=FIRST, proof="ม.1")),
    ):
        life = Life().does(who, step, evidence)
        assert employers_now(life.record) == ()
        assert employments(life.record)[0].ended_on == FIRST
        life.does(REGISTRAR, "reopen", WHY)
        assert employers_now(life.record) == ("em1",)


def test_a_permit_is_closed_when_nobody_works_or_its_time_has_passed() -> None:
    life = Life()
    end = PermitEnd(ended_on=life.on, reason_code=EndReason.FINISHED, reason="ครบกำหนด")
    assert life.against(OFFICER, "end_permit", end) == ["still-works"]
    assert later(Life(), LAST + DAY).against(OFFICER, "end_permit", end) == []
    life.does(OWNER, "end_employment", ended(life)).does(OFFICER, "end_permit", end)
    assert life.record.state == "ended"
    with pytest.raises(NotYours):
        Life().does(OWNER, "end_permit", end)


def test_a_closed_permit_is_not_reopened_beside_another_live_one() -> None:
    life = Life().does(GATE, "record_exit", Exit(gate="ban_laem", exited_on=FIRST))
    life.taken = {"live_permit": "pe2"}
    with pytest.raises(Refused):
        life.does(REGISTRAR, "reopen", WHY)


def test_the_end_is_dated_no_later_than_today() -> None:
    life = Life()
    for who, step, evidence in (
        (GATE, "record_exit", Exit(gate="ban_laem", exited_on=FIRST + DAY)),
        (OFFICER, "record_death", Death(died_on=FIRST + DAY, proof="ม.1")),
        (OFFICER, "record_hospitalised", HospitalStay(admitted_on=FIRST + DAY, place="x")),
    ):
        assert life.against(who, step, evidence) == ["lies-ahead"]


# what a review found --------------------------------------------------------------------------


def test_a_permit_whose_renewal_is_pending_is_not_closed_over_running_work() -> None:
    life = Life()
    life.does(SYSTEM, "note_renewal", RenewalFiled(application="ap3", filed_on=LAST))
    later(life, LAST + DAY)
    closed = PermitEnd(ended_on=LAST, reason_code=EndReason.FINISHED, reason="สิ้นอายุ")
    assert life.against(OFFICER, "end_permit", closed) == ["still-works"]
    life.does(SYSTEM, "note_renewal_ended", RenewalEnded(application="ap3"))
    assert life.against(OFFICER, "end_permit", closed) == []


def test_a_permit_is_revoked_on_the_ground_on_which_the_worker_was_heard() -> None:
    life = Life()
    life.does(OFFICER, "propose_revocation", RevocationProposal(ground="false_papers", reason="ใบรับรองปลอม"))
    life.does(OFFICER, "hear_worker", Hearing(heard_on=life.on, reached=True, told="ชี้แจงแล้ว"))
    other = Revocation(ground="conditions", reason="ผิดเงื่อนไข")
    assert life.against(REGISTRAR, "revoke", other) == ["other-ground"]
    assert life.against(REGISTRAR, "revoke", replace(other, ground="false_papers")) == []


def test_who_had_left_already_when_another_employer_takes_over_stops_nothing() -> None:
    life = later(Life(), SECOND.from_on)
    life.does(OWNER, "end_employment", ended(life))
    life.does(SYSTEM, "change_employer", replace(SECOND, replaces="em1"))
    assert [(one.employer, one.ended_on, one.reason) for one in employments(life.record)] == [
        ("em1", life.on, "finished"),
        ("em2", None, ""),
    ]


def test_only_who_employs_the_worker_now_reports_the_permit_lost() -> None:
    life = later(Life(THREE), SECOND.from_on)
    life.does(SYSTEM, "add_employer", SECOND)
    life.does(OWNER, "end_employment", ended(life))
    loss = Loss(known_on=life.on, where="ตลาด")
    assert life.against(OWNER, "report_loss", loss) == ["not-employer"]
    assert life.against(OWNER2, "report_loss", loss) == []
    assert life.against(WORKER, "report_loss", loss) == []
    assert life.against(OFFICER, "report_loss", loss) == []


def test_the_place_of_a_worker_who_came_back_is_free_only_when_that_work_ends_too() -> None:
    again = ruled(quota__reuse_freed=True, employers__at_once=3)
    life = later(Life(again), SECOND.from_on)
    life.does(SYSTEM, "add_employer", SECOND)
    life.does(OWNER, "end_employment", ended(life))
    assert list(freed_applications(life.record, again)) == ["ap1"]
    life.does(SYSTEM, "add_employer", replace(SECOND, application="ap4", employer="em1", from_on=life.on + DAY))
    assert list(freed_applications(life.record, again)) == ["ap1"]
    later(life, life.on + 2 * DAY).does(OWNER, "end_employment", ended(life))
    assert list(freed_applications(life.record, again)) == ["ap1", "ap4"]


def test_nobody_is_closed_out_or_sent_away_on_an_accusation_alone() -> None:
    life = Life(ruled(departure__days=7))
    closed = PermitEnd(ended_on=life.on, reason_code=EndReason.ABSCONDED, reason="ตามที่แจ้ง")
    told = DepartureNotice(told_on=life.on, reason="ตามที่แจ้ง")
    life.does(OWNER, "end_employment", gone(life))
    assert life.against(OFFICER, "end_permit", closed) == ["trafficking-first"]
    life.does(OFFICER, "check_trafficking", checked(TraffickingOutcome.REFERRED, "ทีมสหวิชาชีพ"))
    assert life.against(OFFICER, "end_permit", closed) == ["referred"]
    assert life.against(OFFICER, "notify_departure", told) == ["referred"]
    safe = replace(checked(TraffickingOutcome.NONE), answer="พม. จันทบุรี เลขที่ 12/2569: ไม่ใช่ผู้เสียหาย")
    assert life.against(OFFICER, "check_trafficking", safe) == ["own-referral"]
    other = person(OFFICER, "officer2")
    assert life.against(other, "check_trafficking", replace(safe, answer=" ")) == ["team-answers"]
    life.does(other, "check_trafficking", safe)
    assert life.against(OFFICER, "end_permit", closed) == []
    assert life.against(OFFICER, "notify_departure", told) == []
