"""The verbs of casework: the right persons, once, at any point, one by one or many at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from tests.driving import (
    WHY,
    against,
    corrected,
    does,
    flags,
    medical,
    one,
    opened,
    order,
    papers,
    propose,
    record,
    referral,
    rows,
    state,
)
from workflow import casework, founding
from workflow.casework import Act, Item, Moved, OtherContent
from workflow.demonstration import Season
from workflow.demonstration.people import DISTRICT
from workflow.demonstration.season import ORDER
from workflow.desk import Desk
from workflow.domain.actor import Role
from workflow.domain.application import Identity, OfficerOpinion, PermitOutcome
from workflow.domain.everywhere import Correction, Deficiencies
from workflow.domain.evidence import Nothing
from workflow.domain.flow import NotYours, OutOfTurn, Refused
from workflow.domain.registers import Account
from workflow.domain.request import Opinion, RequestOrder, RequestOutcome, RequestReceipt, Undertaking
from workflow.people import actor_named
from workflow.store.projections import Case
from workflow.store.truth import EventRow
from workflow.verification import verify

EARLY = ["opened", *ORDER[: ORDER.index("issued")]]
"""Every state on the way before the permit is out."""


def events(season: Season) -> int:
    season.desk.session.rollback()
    return season.desk.session.scalar(select(func.count()).select_from(EventRow))


# four eyes ------------------------------------------------------------------------------------


def other_account(season: Season, of: str, role: Role) -> str:
    """Give a person of the office a second account in another role."""
    person, name = season.cast[of], f"{of}_as_{role.value}"
    stated = Account(
        user_name=name, name=person.name, person=person.person, role=role, position="รักษาการ",
        office=person.office, valid_from=season.calendar.today(),
    )  # fmt: skip
    casework.begin(season.desk, casework.SYSTEM, "account", "enter_account", stated, chain="system")
    season.cast.actors[name] = actor_named(season.desk.session, name)
    return name


def test_who_gave_the_opinion_does_not_decide_under_another_account_either(season: Season) -> None:
    subject = one(season, "assessed")
    acting = other_account(season, "peo", Role.REGISTRAR)
    assert against(season, acting, subject, "decide", order()) == ["four-eyes"]
    assert against(season, "registrar", subject, "decide", order()) is None


def test_who_recommended_a_request_does_not_decide_it_under_another_account_either(season: Season) -> None:
    request = season.request((), until="reviewed", men=2)
    acting = other_account(season, "peo", Role.REGISTRAR)
    approve = RequestOrder(order=RequestOutcome.APPROVED, men=2)
    assert against(season, acting, request.subject, "decide_request", approve) == ["four-eyes"]


def test_who_keyed_in_for_another_never_decides(season: Season) -> None:
    subject = one(season, "requested")
    does(season, "officer", subject, "refer_to_hospital", referral(season))
    season.calendar.next_day()
    clerk = other_account(season, "registrar", Role.OFFICER)
    keyed = does(season, clerk, subject, "record_medical", medical(season), on_behalf_of=Role.HOSPITAL)
    assert keyed.done.on_behalf_of == "hospital"
    does(season, "officer", subject, "plan_entry", season.invention.plan("ban_laem"))
    finish(season, subject)
    assert against(season, "registrar", subject, "decide", order()) == ["keyed-in"]


def finish(season: Season, subject: str) -> None:
    """Bring a cleared worker with a planned entry to the registrar."""
    way = [
        step
        for step in season._way()
        if ORDER.index("ready") <= ORDER.index(step[0]) <= ORDER.index("assessed")
    ]
    for _, days, who, step, stated in way:
        if step != "plan_entry":
            season.calendar.next_day(days) if days else None
            does(season, who, subject, step, stated(record(season, subject)))


def test_who_corrected_does_not_decide(season: Season) -> None:
    subject = one(season, "assessed")
    officer = other_account(season, "registrar", Role.OFFICER)
    propose(season, subject, "check_identity", user=officer, phone="081 000 0000")
    does(season, "clerk", subject, "confirm_correction")
    assert against(season, "registrar", subject, "decide", order()) == ["four-eyes"]


def test_the_role_and_the_kind_of_office_are_asked_of_everybody(season: Season) -> None:
    subject = one(season, "examined")
    opinion = OfficerOpinion(complete=True, recommends=True, reason="ครบถ้วน")
    assert against(season, "cashier", subject, "give_opinion", opinion) == "NotYours"
    assert against(season, "officer", subject, "give_opinion", opinion) == ["wrong-office"]
    assert against(season, "owner2", subject, "give_opinion", opinion) == "CaseNotFound"
    assert against(season, "peo", subject, "give_opinion", opinion) is None


def test_an_appointment_that_does_not_run_lets_nobody_decide(season: Season) -> None:
    request = season.request((), until="reviewed", men=1)
    approve = RequestOrder(order=RequestOutcome.APPROVED, men=1)
    ended = replace(
        stated_account(season, "registrar"), valid_until=season.calendar.today() - timedelta(days=1)
    )
    casework.perform(
        season.desk, casework.SYSTEM, account_subject(season, "registrar"), "amend_account", ended
    )
    assert against(season, "registrar", request.subject, "decide_request", approve) == ["not-appointed"]


def account_subject(season: Season, user: str) -> str:
    asked = select(EventRow.subject).where(EventRow.flow == "account", EventRow.number == 1)
    found = (
        casework.record_of(season.desk.session, subject) for subject in season.desk.session.scalars(asked)
    )
    return next(each.subject for each in found if each.history[0].evidence.user_name == user)


def stated_account(season: Season, user: str) -> Account:
    return casework.record_of(season.desk.session, account_subject(season, user)).history[-1].evidence


# once -----------------------------------------------------------------------------------------


def test_the_same_request_again_gives_what_was_done_and_does_nothing(season: Season) -> None:
    request = season.request((), until="submitted", men=1)
    first = does(
        season, "officer", request.subject, "receive_request", RequestReceipt(), request_id="officer:1"
    )
    before = events(season)
    again = does(
        season, "officer", request.subject, "receive_request", RequestReceipt(), request_id="officer:1"
    )
    assert (again.repeated, first.repeated) == (True, False)
    assert again.done == first.done
    assert again.papers == first.papers
    assert events(season) == before


def test_the_same_request_with_other_content_is_told_so(season: Season) -> None:
    request = season.request((), until="received", men=1)
    opinion = Opinion(recommends=True, reason="เห็นควร")
    does(season, "peo", request.subject, "recommend_request", opinion, request_id="peo:1")
    for other in (replace(opinion, recommends=False), replace(opinion, reason="ไม่เห็นควร")):
        with pytest.raises(OtherContent):
            does(season, "peo", request.subject, "recommend_request", other, request_id="peo:1")
    with pytest.raises(OtherContent):
        does(season, "officer", request.subject, "hold", WHY, request_id="peo:1")
    with pytest.raises(OtherContent):
        does(season, "officer", request.subject, "recommend_request", opinion, request_id="peo:1")


def test_a_refused_try_does_not_burn_its_request(season: Season) -> None:
    request = season.request((), until="drafted", men=1)
    not_yet = Undertaking(accepted=False, signed_by="นายสมชาย")
    assert against(season, "owner", request.subject, "submit_request", not_yet, request_id="owner:1") == [
        "undertakings"
    ]
    done = does(
        season,
        "owner",
        request.subject,
        "submit_request",
        replace(not_yet, accepted=True),
        request_id="owner:1",
    )
    assert (done.repeated, done.record.state) == (False, "submitted")


def test_beginning_the_same_request_twice_begins_one_case(season: Season) -> None:
    demand, act = season.demand(2, 0), Act(request_id="owner:draft")
    begun = [
        casework.begin(
            season.desk, season.cast["owner"], "request", "draft_request", demand, act, chain="PNR"
        )
        for _ in range(2)
    ]
    assert begun[0].record.reference == begun[1].record.reference
    assert begun[1].repeated
    assert season.desk.session.scalar(select(func.count()).select_from(Case)) == 1


def test_an_act_on_a_case_that_moved_meanwhile_is_told_what_the_other_did(season: Season) -> None:
    request = season.request((), until="received", men=1)
    seen = request.version
    does(season, "officer", request.subject, "hold", WHY)
    with pytest.raises(Moved) as moved:
        does(season, "peo", request.subject, "release", WHY, seen_version=seen)
    assert moved.value.record.history[-1].step == "hold"
    assert moved.value.record.history[-1].name == season.cast["officer"].name
    assert against(season, "peo", request.subject, "release", WHY, seen_version=seen + 1) is None


# many at once ---------------------------------------------------------------------------------


def test_of_a_selection_each_case_stands_or_falls_alone(season: Season) -> None:
    some = opened(season, 4)
    season.drive(some, until="requested")
    does(season, "officer", some[1], "hold", WHY)
    items = [Item(subject, referral(season)) for subject in [*some, "no-such-case"]]
    results = list(
        casework.perform_many(season.desk, season.cast["officer"], "refer_to_hospital", items, "b-1")
    )
    assert [result.done for result in results] == [True, False, True, True, False]
    assert [type(result.fault).__name__ for result in results if not result.done] == [
        "OutOfTurn",
        "CaseNotFound",
    ]
    assert [len(papers(season, subject, "medical_referral")) for subject in some] == [2, 1, 2, 2]
    assert verify(season.desk).sound


def test_a_selection_sent_twice_does_each_case_once_and_the_failed_one_when_it_can(season: Season) -> None:
    some = opened(season, 3)
    season.drive(some, until="requested")
    does(season, "officer", some[1], "hold", WHY)
    items = [Item(subject, referral(season)) for subject in some]

    def send() -> list[tuple[bool, bool | None]]:
        sent = casework.perform_many(season.desk, season.cast["officer"], "refer_to_hospital", items, "b-1")
        return [(result.done, result.performed and result.performed.repeated) for result in sent]

    assert send() == [(True, False), (False, None), (True, False)]
    assert send() == [(True, True), (False, None), (True, True)]
    does(season, "clerk", some[1], "release", WHY)
    assert send() == [(True, True), (True, False), (True, True)]
    assert verify(season.desk).sound


def test_a_number_taken_by_an_item_that_fails_is_given_back(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = opened(season, 3)
    season.drive(some, until="requested")
    freeze, asked = casework.paperwork.freeze, []

    def fails_once(*given: object) -> object:
        asked.append(1)
        if len(asked) == 2:
            raise Refused([])
        return freeze(*given)

    monkeypatch.setattr(casework.paperwork, "freeze", fails_once)
    items = [Item(subject, referral(season)) for subject in some]
    results = list(
        casework.perform_many(season.desk, season.cast["officer"], "refer_to_hospital", items, "b-1")
    )
    assert [result.done for result in results] == [True, False, True]
    assert verify(season.desk).sound, "numbers follow each other without a gap"


def test_more_than_fifty_cases_are_committed_by_the_handful(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casework, "COMMIT_EVERY", 2)
    some = opened(season, 5)
    commits: list[int] = []
    event.listen(season.desk.session.get_bind(), "commit", lambda _: commits.append(1))
    identities = [Item(subject, identity(season, subject)) for subject in some]
    commits.clear()
    results = list(
        casework.perform_many(season.desk, season.cast["officer"], "check_identity", identities, "b-1")
    )
    assert all(result.done for result in results)
    assert len(commits) == 3


def identity(season: Season, subject: str) -> Identity:
    stated = season.invention.identity(record(season, subject).history[0].evidence.row, "")
    return replace(stated, photo=None)


# at any point ---------------------------------------------------------------------------------


@pytest.fixture
def everywhere(season: Season) -> tuple[Season, dict[str, str]]:
    """One application in each state before the permit is out."""
    some = opened(season, len(EARLY))
    targets = dict(zip(some, EARLY, strict=True))
    season.drive_each({subject: until for subject, until in targets.items() if until != "opened"})
    assert {subject: state(season, subject) for subject in some} == targets, season.left
    return season, {until: subject for subject, until in targets.items()}


def test_an_application_may_be_withdrawn_at_any_point_even_from_hold(
    everywhere: tuple[Season, dict[str, str]],
) -> None:
    season, places = everywhere
    for number, (place, subject) in enumerate(places.items()):
        if number % 2:
            does(season, "officer", subject, "hold", WHY)
        does(season, "owner", subject, "withdraw", WHY)
        assert state(season, subject) == "withdrawn", place
    assert verify(season.desk).sound


def test_a_case_may_be_held_and_released_at_any_point_and_goes_on_where_it_was(
    everywhere: tuple[Season, dict[str, str]],
) -> None:
    season, places = everywhere
    for place, subject in places.items():
        before = record(season, subject)
        does(season, "officer", subject, "hold", WHY)
        assert against(season, "officer", subject, "hold", WHY) == "OutOfTurn"
        assert against(season, "owner", subject, "not_taken_up", WHY) == "OutOfTurn"
        does(season, "clerk", subject, "release", WHY)
        after = record(season, subject)
        assert (after.state, after.flags) == (before.state, before.flags) == (place, before.flags)


def test_an_entry_may_be_corrected_at_any_point_and_the_case_goes_on_where_it_was(
    everywhere: tuple[Season, dict[str, str]],
) -> None:
    season, places = everywhere
    for place, subject in places.items():
        if place == "opened":
            continue
        before = record(season, subject)
        propose(season, subject, "check_identity", phone="081 234 5678")
        assert "correction_proposed" in flags(season, subject)
        assert against(season, "officer", subject, "hold", WHY) is None
        does(season, "clerk", subject, "release", WHY)
        does(season, "clerk", subject, "confirm_correction")
        after = record(season, subject)
        assert (after.state, after.flags) == (before.state, before.flags), place
        assert after.last("check_identity").evidence.phone == "081 234 5678"
    assert verify(season.desk).sound


def test_nothing_else_goes_on_while_a_correction_waits(season: Season) -> None:
    subject = one(season, "granted")
    propose(season, subject, "check_identity", phone="081 234 5678")
    fee = season.invention.payment(225, "นายสมชาย")
    assert against(season, "cashier", subject, "pay_permit_fee", fee) == "OutOfTurn"
    does(season, "clerk", subject, "reject_correction", WHY)
    assert against(season, "cashier", subject, "pay_permit_fee", fee) is None


# times ----------------------------------------------------------------------------------------


def test_a_case_dated_before_any_ruleset_is_refused_in_words(season: Season) -> None:
    long_ago = Act(happened_at=season.desk.now() - timedelta(days=30_000), note="พิมพ์ปีผิด")
    with pytest.raises(Refused) as found:
        casework.begin(
            season.desk,
            season.cast["officer"],
            "request",
            "draft_request",
            season.demand(1, 0),
            long_ago,
            chain=DISTRICT,
        )
    assert [(one.code, one.field) for one in found.value.refusals] == [("no-rules", "happened_at")]


def test_what_happened_earlier_is_entered_with_its_time_and_for_an_earlier_day_with_its_reason(
    season: Season,
) -> None:
    request = season.request((), until="submitted", men=1)
    season.calendar.next_day(2)
    now = season.desk.now()
    yesterday = now - timedelta(days=1)
    receipt = RequestReceipt()
    assert against(season, "officer", request.subject, "receive_request", receipt, happened_at=yesterday) == [
        "late-entry"
    ]
    ahead = against(
        season, "officer", request.subject, "receive_request", receipt, happened_at=now + timedelta(hours=1)
    )
    assert ahead == ["future"]
    before = against(
        season,
        "officer",
        request.subject,
        "receive_request",
        receipt,
        happened_at=now - timedelta(days=9),
        note="ไฟดับ",
    )
    assert before == ["before-case"]
    done = does(
        season, "officer", request.subject, "receive_request", receipt, happened_at=yesterday, note="ไฟดับ"
    )
    assert (done.done.happened_at, done.done.note) == (yesterday, "ไฟดับ")
    assert done.done.recorded_at > yesterday


def test_an_order_is_never_dated_back(season: Season) -> None:
    request = season.request((), until="reviewed", men=1)
    season.calendar.next_day(2)
    approve, then = RequestOrder(order=RequestOutcome.APPROVED, men=1), season.desk.now() - timedelta(days=1)
    assert against(
        season, "registrar", request.subject, "decide_request", approve, happened_at=then, note="ลืม"
    ) == ["order-dated"]  # fmt: skip


def test_a_permit_starts_on_the_day_of_the_order_or_later_and_is_never_lengthened(season: Season) -> None:
    subject = one(season, "assessed")
    season.calendar.next_day()
    today = season.calendar.today()
    assert against(season, "registrar", subject, "decide", order(valid_from=today - timedelta(days=1))) == [
        "starts-before"
    ]
    late = order(valid_from=today, valid_until=today + timedelta(days=400))
    assert against(season, "registrar", subject, "decide", late) == ["too-long"]
    short = order(valid_from=today, valid_until=today + timedelta(days=10))
    assert does(season, "registrar", subject, "decide", short).done.evidence.valid_until == today + timedelta(
        days=10
    )


# money ----------------------------------------------------------------------------------------


def test_one_receipt_serves_one_payment_and_the_sum_is_that_of_the_day(season: Season) -> None:
    some = opened(season, 3)
    season.drive(some, until="filed")
    fee = season.invention.payment(100, "นายสมชาย")
    wrong = replace(fee, amount=fee.amount + 1)
    assert against(season, "cashier", some[0], "pay_application_fee", wrong) == ["wrong-sum"]
    assert against(season, "cashier", some[0], "pay_application_fee", replace(fee, payment="p-1")) is None
    assert against(season, "cashier", some[1], "pay_application_fee", fee) == ["receipt-used"]
    assert against(season, "cashier", some[1], "pay_application_fee", replace(fee, payment="p-1")) is None
    assert against(season, "cashier", some[2], "pay_application_fee", replace(fee, payment="p-2")) == [
        "receipt-used"
    ]


def test_a_payment_is_that_of_its_cashier_whatever_sign_a_form_gives(season: Season) -> None:
    some = opened(season, 3)
    season.drive(some, until="filed")
    fee = replace(season.invention.payment(100, "นายสมชาย"), payment="p-1")
    does(season, "cashier", some[0], "pay_application_fee", fee)
    another = replace(season.cast["cashier"], person="another")
    for stated in (fee, replace(fee, receipt_number="990")):
        with pytest.raises(Refused) as refused:
            casework.perform(season.desk, another, some[1], "pay_application_fee", stated, Act())
        assert [one.code for one in refused.value.refusals] == ["receipt-used"]
    assert against(season, "cashier", some[1], "pay_application_fee", fee) is None


def test_a_receipt_corrected_on_one_line_stays_that_of_the_other_lines_of_its_payment(season: Season) -> None:
    some = opened(season, 3)
    season.drive(some, until="filed")
    fee = season.invention.payment(100, "นายสมชาย")
    for subject in some[:2]:
        does(season, "cashier", subject, "pay_application_fee", replace(fee, payment="p-1"))
    corrected(season, some[0], "pay_application_fee", receipt_number="990")
    assert against(season, "cashier", some[2], "pay_application_fee", fee) == ["receipt-used"]
    corrected(season, some[1], "pay_application_fee", receipt_number="991")
    assert against(season, "cashier", some[2], "pay_application_fee", fee) is None
    assert verify(season.desk).sound


def test_a_correction_leaves_a_line_with_the_payment_of_its_cashier(season: Season) -> None:
    some = opened(season, 2)
    season.drive(some, until="filed")
    first = replace(season.invention.payment(100, "นายสมชาย"), payment="p-1")
    does(season, "cashier", some[0], "pay_application_fee", first)
    another = replace(season.cast["cashier"], person="another")
    second = replace(first, receipt_number="990", payment="p-2")
    casework.perform(season.desk, another, some[1], "pay_application_fee", second, Act())
    paid = record(season, some[1]).last("pay_application_fee")
    for sign, receipt in (("p-1", "991"), ("p-3", "991"), ("", "991")):
        values = paid.evidence.plain() | {"payment": sign, "receipt_number": receipt}
        wrong = Correction(number=paid.number, values=values, reason="ผิด")
        assert against(season, "officer", some[1], "propose_correction", wrong) == ["other-payment"]
    corrected(season, some[1], "pay_application_fee", receipt_number="991")
    assert record(season, some[1]).last("pay_application_fee").evidence.payment == "p-2"


def test_a_fee_paid_before_the_filing_was_returned_is_not_asked_again(season: Season) -> None:
    subject = one(season, "examined")
    today = season.calendar.today()
    does(
        season,
        "officer",
        subject,
        "ask_for_missing",
        Deficiencies(items=("photos",), answer_until=today + timedelta(days=2)),
    )
    assert against(season, "officer", subject, "return_filing", WHY) == ["time-runs"]
    season.calendar.next_day(3)
    does(season, "officer", subject, "return_filing", WHY)
    assert state(season, subject) == "ready"
    asked = record(season, subject).last("file_application").evidence
    does(season, "owner", subject, "file_application", replace(asked, number=""))
    assert state(season, subject) == "examined"
    assert verify(season.desk).sound


# under no rule --------------------------------------------------------------------------------


def test_where_no_decision_of_the_cabinet_is_in_force_everything_goes_on_but_the_order(
    season: Season,
) -> None:
    """A desk that is no demonstration: under S64-UNKNOWN-2025 an order is refused with its source."""
    founding.found(season.desk)
    desk = Desk(season.desk.session, now=season.calendar, chance=season.desk.chance, demonstration=False)
    season.desk = desk
    request = season.request(rows(1), until="reviewed")
    assert request.state == "reviewed"
    approve = RequestOrder(order=RequestOutcome.APPROVED, men=1)
    with pytest.raises(Refused) as refused:
        casework.perform(desk, season.cast["registrar"], request.subject, "decide_request", approve)
    (refusal,) = refused.value.refusals
    assert refusal.code == "no-rule-in-force"
    assert refusal.values["ruleset"] == "S64-UNKNOWN-2025"
    assert "No decision on section 64 was found" in str(refusal.values["source"])
    refuse = RequestOrder(order=RequestOutcome.REFUSED, reason_code="other", reason="ไม่มีมติ")
    assert against(season, "registrar", request.subject, "decide_request", refuse) == ["no-rule-in-force"]
    assert state(season, request.subject) == "reviewed"
    does(season, "owner", request.subject, "withdraw_request", WHY)


def test_an_application_opened_under_a_rule_waits_at_the_order_when_the_rule_has_ended(
    season: Season,
) -> None:
    subject = one(season, "assessed")
    season.desk = Desk(
        season.desk.session, now=season.calendar, chance=season.desk.chance, demonstration=False
    )
    codes = against(season, "registrar", subject, "decide", order())
    assert "no-rule-in-force" in codes
    refuse = order(PermitOutcome.REFUSE, reason_code="other", reason="ไม่มีมติ")
    assert against(season, "registrar", subject, "decide", refuse) == ["no-rule-in-force"]
    assert against(season, "owner", subject, "withdraw", WHY) is None


# what is not there ----------------------------------------------------------------------------


def test_cases_steps_and_evidence_that_are_not_there_are_told_apart(season: Season) -> None:
    request = season.request((), until="drafted", men=1)
    assert against(season, "owner2", request.subject, "cancel_request", WHY) == "CaseNotFound"
    with pytest.raises(casework.CaseNotFound):
        does(season, "owner", "no-such-case", "cancel_request", WHY)
    with pytest.raises(OutOfTurn):
        does(season, "owner", request.subject, "lock_list", Nothing())
    with pytest.raises(NotYours):
        does(season, "registrar", request.subject, "cancel_request", WHY)
    with pytest.raises(TypeError):
        does(season, "owner", request.subject, "cancel_request", Nothing())
    assert record(season, request.subject).version == request.version
