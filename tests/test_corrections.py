"""Corrections: a new entry with reason and second person, judged like the first; papers are made anew where it shows."""

from datetime import timedelta

import pytest

from tests.driving import (
    WHY,
    against,
    corrected,
    does,
    medical,
    one,
    opened,
    papers,
    propose,
    record,
    referral,
    rows,
    state,
)
from workflow.casework import Performed
from workflow.demonstration import Season
from workflow.domain.application import HandOver
from workflow.domain.everywhere import Correction, ServedHow, Serving
from workflow.store.projections import Case, FeeLine, OfficialNumber, Worker
from workflow.verification import verify


def proposal(season: Season, subject: str, step: str, **changes: object) -> Correction:
    done = record(season, subject).last(step)
    return Correction(number=done.number, values=done.evidence.plain() | changes, reason="พิมพ์ผิด")


def numbers(season: Season, subject: str) -> list[tuple[str, str, int, str | None]]:
    return [(paper.key, paper.state, paper.version, paper.replaces) for paper in papers(season, subject)]


# what it does ---------------------------------------------------------------------------------


def test_a_correction_stands_in_place_of_the_entry_and_keeps_the_first_for_the_record(season: Season) -> None:
    subject = one(season, "requested")
    before = record(season, subject).last("check_identity")
    done = corrected(season, subject, "check_identity", name_thai="คิม โกศล ใหม่")
    now = record(season, subject).last("check_identity")
    assert now.evidence.name_thai == "คิม โกศล ใหม่"
    assert now.original == before.evidence
    assert (now.corrected_by, now.number) == (done.done.number, before.number)
    assert (now.person, now.happened_at) == (before.person, before.happened_at)
    assert (
        season.desk.session.get(Worker, record(season, subject).history[0].evidence.worker).name_thai
        == "คิม โกศล ใหม่"
    )
    assert verify(season.desk).sound


def test_papers_that_print_otherwise_are_voided_and_made_anew_and_the_others_stay(season: Season) -> None:
    subject = one(season, "filed")
    before = numbers(season, subject)
    stated = record(season, subject).last("file_application").evidence
    corrected(season, subject, "file_application", work_nature=f"{stated.work_nature} และคัดลำไย")
    after = numbers(season, subject)
    old = {number[0]: paper for number, paper in zip(before, papers(season, subject), strict=False)}
    changed = [number[0] for number in after if number[1] == "void"]
    anew = after[len(before) :]
    print(f"{len(before)} papers, {len(changed)} made anew")
    assert set(changed) <= {"bt29", "bt46", "contract", "filing_receipt"}
    assert "bt29" in changed
    assert sorted(number[0] for number in anew) == sorted(changed)
    for key, status, version, replaces in anew:
        assert (status, version, replaces) == ("owed", 2, old[key].number)
    assert {number for number in before if number[0] not in changed} <= set(after)


def test_a_correction_that_no_paper_shows_leaves_all_papers_alone(season: Season) -> None:
    subject = one(season, "cleared")
    before = numbers(season, subject)
    corrected(season, subject, "plan_entry", contact="นายสมชาย 081 999 9999")
    assert [number for number in numbers(season, subject) if number[1] == "void"] == []
    assert numbers(season, subject) == before


def test_a_paper_made_anew_after_a_later_one_of_its_kind_prints_its_own_entry(season: Season) -> None:
    """Two referrals: correcting the first does not make its paper print the second."""
    subject = one(season, "requested")
    first = record(season, subject).last("refer_to_hospital").evidence.appointment_on
    does(season, "officer", subject, "refer_to_hospital", referral(season, days=5))
    corrected(season, subject, "check_identity", name_thai="ชื่อ ที่ถูก")
    anew = [paper for paper in papers(season, subject, "medical_referral") if paper.state == "owed"]
    printed = [
        frozen_facts(season, paper.subject)["application"]["referral"]["appointment_on"] for paper in anew
    ]
    assert sorted(printed) == sorted(
        [first.isoformat(), (season.calendar.today() + timedelta(days=5)).isoformat()]
    )


def frozen_facts(season: Season, paper: str) -> dict:
    return record(season, paper).history[0].evidence.facts


def test_the_moment_of_an_entry_may_be_corrected_within_the_life_of_the_case(season: Season) -> None:
    subject = one(season, "requested")
    done = record(season, subject).last("check_identity")
    right = done.happened_at - timedelta(seconds=1)

    def moved(moment: str) -> Correction:
        return Correction(
            number=done.number, values=done.evidence.plain(), happened_at=moment, reason="เวลาผิด"
        )

    for wrong in (
        (done.happened_at - timedelta(days=9)).isoformat(),
        (season.desk.now() + timedelta(days=1)).isoformat(),
    ):
        assert against(season, "officer", subject, "propose_correction", moved(wrong)) == ["wrong-moment"]
    does(season, "officer", subject, "propose_correction", moved(right.isoformat()))
    does(season, "clerk", subject, "confirm_correction")
    assert record(season, subject).last("check_identity").happened_at == right
    assert verify(season.desk).sound


def test_an_entry_may_be_corrected_twice_and_the_first_statement_is_kept(season: Season) -> None:
    subject = one(season, "requested")
    first = record(season, subject).last("check_identity").evidence
    for phone in ("081 000 0001", "081 000 0002"):
        corrected(season, subject, "check_identity", phone=phone)
    now = record(season, subject).last("check_identity")
    assert (now.evidence.phone, now.original) == ("081 000 0002", first)


# who and what ---------------------------------------------------------------------------------


def test_two_persons_make_a_correction(season: Season) -> None:
    subject = one(season, "requested")
    propose(season, subject, "check_identity", phone="081")
    assert against(season, "officer", subject, "confirm_correction") == ["four-eyes"]
    assert against(season, "owner", subject, "confirm_correction") == "NotYours"
    assert against(season, "clerk", subject, "confirm_correction") is None


def test_a_rejected_correction_changes_nothing(season: Season) -> None:
    subject = one(season, "requested")
    before, sheets = record(season, subject), numbers(season, subject)
    propose(season, subject, "check_identity", phone="081")
    does(season, "clerk", subject, "reject_correction", WHY)
    after = record(season, subject)
    assert after.last("check_identity").evidence == before.last("check_identity").evidence
    assert (after.state, after.flags, numbers(season, subject)) == (before.state, before.flags, sheets)


def test_another_outcome_is_a_step_of_its_own_and_no_correction(season: Season) -> None:
    subject = one(season, "granted")
    other = {
        "record_medical": {"result": "3"},
        "decide": {"order": "refuse"},
        "give_opinion": {"recommends": False},
    }
    for step, change in other.items():
        codes = against(
            season, "officer", subject, "propose_correction", proposal(season, subject, step, **change)
        )
        assert "other-outcome" in codes, step


def test_a_permit_is_not_issued_for_longer_than_a_pass_that_was_corrected_since(season: Season) -> None:
    subject = one(season, "numbered")
    until = season.calendar.today() + timedelta(days=20)
    propose(season, subject, "check_identity", pass_expires_on=until.isoformat())
    does(season, "clerk", subject, "confirm_correction")
    given = HandOver(received_by="ผู้รับ")
    assert against(season, "officer", subject, "issue_permit", given) == ["order-outlasts"]
    propose(season, subject, "decide", valid_until=until.isoformat())
    does(season, "registrar", subject, "confirm_correction")
    assert does(season, "officer", subject, "issue_permit", given).record.state == "issued"


def test_an_order_that_was_served_is_corrected_no_more(season: Season) -> None:
    subject = one(season, "granted")
    change = proposal(season, subject, "decide", conditions="เฉพาะสวน")
    served = Serving(served_to="ผู้รับ", served_on=season.calendar.today(), how=ServedHow.IN_PERSON)
    does(season, "officer", subject, "serve_order", served)
    assert against(season, "officer", subject, "propose_correction", change) == ["order-served-before"]


def test_an_order_served_while_its_correction_waits_is_not_corrected(season: Season) -> None:
    subject = one(season, "granted")
    does(season, "officer", subject, "propose_correction", proposal(season, subject, "decide", conditions="เฉพาะสวน"))
    served = Serving(served_to="ผู้รับ", served_on=season.calendar.today(), how=ServedHow.IN_PERSON)
    does(season, "officer", subject, "serve_order", served)
    assert against(season, "registrar", subject, "confirm_correction") == ["order-served-before"]
    assert against(season, "registrar", subject, "reject_correction", WHY) is None


def test_an_order_is_corrected_with_the_registrar(season: Season) -> None:
    subject = one(season, "granted")
    shorter = (record(season, subject).last("decide").evidence.valid_until - timedelta(days=5)).isoformat()
    does(
        season,
        "officer",
        subject,
        "propose_correction",
        proposal(season, subject, "decide", valid_until=shorter),
    )
    assert against(season, "clerk", subject, "confirm_correction") == ["registrar-needed"]
    done = does(season, "registrar", subject, "confirm_correction")
    assert done.record.last("decide").evidence.valid_until.isoformat() == shorter
    (order_paper,) = [paper for paper in papers(season, subject, "permit_order") if paper.state == "owed"]
    assert frozen_facts(season, order_paper.subject)["application"]["permit_order"]["valid_until"] == shorter


@pytest.mark.parametrize(
    ("step", "change", "code"),
    [
        ("check_identity", {"pass_province": "phnom_penh"}, "pass-province"),
        ("check_identity", {"birth_on": "2015-01-01"}, "under-age"),
        ("record_medical", {"examined_on": "2020-01-01"}, "certificate-old"),
        ("record_entry", {"stay_until": "2029-01-01"}, "stay-too-long"),
        ("pay_application_fee", {"amount": "1.00"}, "wrong-sum"),
        ("decide", {"valid_until": "2035-01-01"}, "too-long"),
    ],
)
def test_corrected_facts_pass_the_same_rules_as_the_first(
    season: Season, step: str, change: dict, code: str
) -> None:
    subject = one(season, "granted")
    codes = against(
        season, "officer", subject, "propose_correction", proposal(season, subject, step, **change)
    )
    assert code in codes
    assert state(season, subject) == "granted"


def test_numbers_of_another_file_do_not_come_in_by_correction(season: Season) -> None:
    first, second = opened(season, 2)
    season.drive([first, second], until="numbered")
    taken = {
        step: record(season, first).last(step).evidence
        for step in ("record_medical", "pay_permit_fee", "enter_numbers")
    }
    for step, names, code in (
        ("record_medical", ("certificate_number",), "certificate-used"),
        ("pay_permit_fee", ("receipt_book", "receipt_number"), "receipt-used"),
        ("enter_numbers", ("permit_book", "permit_number"), "permit-used"),
        ("enter_numbers", ("foreigner_number",), "foreigner-number-used"),
    ):
        change = {name: getattr(taken[step], name) for name in names}
        codes = against(
            season, "officer", second, "propose_correction", proposal(season, second, step, **change)
        )
        assert code in codes, step


def test_a_corrected_number_frees_the_one_that_was_wrong(season: Season) -> None:
    first, second = opened(season, 2)
    season.drive([first, second], until="paid")
    wrong = record(season, first).last("pay_permit_fee").evidence
    corrected(season, first, "pay_permit_fee", receipt_number="99999")
    line = season.desk.session.get(FeeLine, (first, "permit_fee"))
    assert line.receipt == f"{wrong.receipt_book} 99999"
    corrected(
        season, second, "pay_permit_fee", receipt_book=wrong.receipt_book, receipt_number=wrong.receipt_number
    )
    held = season.desk.session.query(OfficialNumber).filter_by(kind="receipt", subject=second).all()
    assert any(number.value.endswith(f":{wrong.receipt_number}") for number in held)
    assert verify(season.desk).sound


def test_what_cannot_be_corrected_is_refused_in_words(season: Season) -> None:
    subject = one(season, "requested")
    nothing = Correction(number=99, values={}, reason="?")
    assert against(season, "officer", subject, "propose_correction", nothing) == ["no-such-entry"]
    opening = Correction(number=1, values=record(season, subject).history[0].evidence.plain(), reason="?")
    assert against(season, "officer", subject, "propose_correction", opening) == ["no-such-entry"]
    corrected(season, subject, "check_identity", phone="081")
    for step in ("confirm_correction",):
        again = Correction(number=record(season, subject).last(step).number, values={}, reason="?")
        assert against(season, "officer", subject, "propose_correction", again) == ["no-such-entry"]


@pytest.mark.parametrize(
    "values",
    [{}, {"title": "Lord"}, {"birth_on": "yesterday"}, {"pass_expires_on": None}, {"sex": 5}],
    ids=["empty", "no such title", "no date", "nothing where something is asked", "a number"],
)
def test_corrected_facts_that_cannot_be_read_are_refused(season: Season, values: dict) -> None:
    subject = one(season, "requested")
    done = record(season, subject).last("check_identity")
    whole = done.evidence.plain() | values if values else {}
    broken = Correction(number=done.number, values=whole, reason="?")
    assert isinstance(against(season, "officer", subject, "propose_correction", broken), list)


def test_after_issue_the_order_and_numbers_are_changed_by_filings_of_their_own(season: Season) -> None:
    subject = one(season, "issued")
    assert state(season, subject) == "issued"
    for step, change in (("decide", {"conditions": "x"}), ("enter_numbers", {"permit_number": "64-77777"})):
        codes = against(
            season, "officer", subject, "propose_correction", proposal(season, subject, step, **change)
        )
        assert codes == ["issued"]
    assert isinstance(corrected(season, subject, "check_identity", phone="081"), Performed)
    assert verify(season.desk).sound


def test_a_correction_of_an_old_application_does_not_change_who_the_worker_is_now(season: Season) -> None:
    subject = one(season, "cleared")
    does(season, "owner", subject, "withdraw", WHY)
    worker = record(season, subject).history[0].evidence.worker
    season.calendar.next_day(90)
    (again,) = [case.subject for case in reopened(season, rows(1))]
    season.drive([again], until="requested")
    now = season.desk.session.get(Worker, worker, populate_existing=True).name_thai
    corrected(season, subject, "check_identity", name_thai="ชื่อ เก่า")
    season.desk.session.expire_all()
    assert season.desk.session.get(Worker, worker).name_thai == now


def reopened(season: Season, listed: list) -> list[Case]:
    """Ask for the same workers again; give their new applications."""
    request = season.request(listed)
    return season.desk.session.query(Case).filter_by(request=request.subject, flow="application").all()


def test_the_text_that_is_followed_is_the_text_that_is_stored(season: Season) -> None:
    """Typed in pieces (a letter and its mark apart) it is stored in one form, and the copies show that form."""
    subject = one(season, "requested")
    in_pieces = "SE\u0301NG DARA\u0301"
    corrected(season, subject, "check_identity", name_latin=in_pieces)
    worker = season.desk.session.get(Worker, record(season, subject).history[0].evidence.worker)
    assert worker.name_latin == "S\u00c9NG DAR\u00c1"
    assert verify(season.desk).sound


def test_a_certificate_corrected_is_the_one_that_stands(season: Season) -> None:
    subject = one(season, "requested")
    season.calendar.next_day()
    does(season, "hospital", subject, "record_medical", medical(season))
    corrected(season, subject, "record_medical", certificate_number="MC-RIGHT")
    held = season.desk.session.query(OfficialNumber).filter_by(kind="certificate", subject=subject).all()
    assert [number.value.rpartition(":")[2] for number in held] == ["MCRIGHT"]
    assert verify(season.desk).sound
