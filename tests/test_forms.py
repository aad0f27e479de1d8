"""Forms of evidence: drawn from the declaration, read in either era, and told in words when they are wrong."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import CombinedMultiDict, FileStorage, MultiDict

from forms.circumstances import CircumstancesForm
from forms.evidence import form_for
from workflow.domain.actor import Role
from workflow.domain.application import (
    EarlierEntry,
    Entry,
    Filing,
    Identity,
    MedicalClass,
    MedicalResult,
    OfficerOpinion,
    Payment,
    PermitOrder,
    WageUnit,
)
from workflow.domain.everywhere import AttachedFile, Deficiencies
from workflow.domain.evidence import Ask, Evidence, questions
from workflow.domain.flows import KINDS
from workflow.domain.permit import DistrictNotice
from workflow.domain.registers import Employer
from workflow.domain.request import Demand
from workflow.domain.thai import BANGKOK

LISTS = {
    "gates": [("ban_laem", "บ้านแหลม"), ("ban_pakkad", "บ้านผักกาด")],
    "attachments": [("pass", "4.1"), ("photos", "4.4")],
}
NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)


class Listed:
    """Two gates, two attachments, and "one" or "other" of everything else."""

    def options(self, name: str) -> list[tuple[str, str]]:
        return LISTS.get(name, [("one", "One"), ("other", "Other")])


@pytest.fixture(autouse=True)
def reader() -> Iterator[None]:
    """Somebody who reads English."""
    app = Flask("forms")
    Babel(app)
    with app.test_request_context("/"):
        yield


def typed(**fields: object) -> MultiDict:
    return CombinedMultiDict([MultiDict(fields)])


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_of_evidence_has_a_form_that_asks_what_it_declares_in_its_order(
    kind: type[Evidence],
) -> None:
    asked = [name for name, question in questions(kind).items() if question.ask is not Ask.GIVEN]
    assert [field.short_name for field in form_for(kind, Listed())] == asked


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_an_empty_form_is_refused_with_one_line_for_each_needed_field(kind: type[Evidence]) -> None:
    form = form_for(kind, Listed(), typed())
    needed = {
        name
        for name, question in questions(kind).items()
        if question.required and question.ask not in (Ask.GIVEN, Ask.MANY)
    }
    assert form.validate() is not bool(needed)
    assert set(form.errors) == needed


def test_optional_fields_say_so_and_fall_back_to_their_default() -> None:
    form = form_for(PermitOrder, Listed(), typed(order="permit"))
    assert form.validate()
    assert form["conditions"].label.text == "Conditions (if any)"
    assert form.evidence() == PermitOrder(order="permit")


def test_what_is_shown_again_after_reading_is_the_same_evidence() -> None:
    stated = Filing(
        work_type="เกษตรกรรม", work_nature="เก็บลำไย", workplace="99 หมู่ 4\nตำบลเทพนิมิต", from_on=date(2026, 11, 23),
        wage=Decimal("352.50"), wage_unit=WageUnit.DAY, reason_not_thai="ไม่มีคนสมัคร", insurer="โรงพยาบาล",
        insurance_number="HI-1", insured_from=date(2026, 11, 23), insured_until=date(2027, 3, 1),
        attachments={"pass": "seen", "photos": "missing"},
    )  # fmt: skip
    shown = form_for(Filing, Listed(), known=stated)
    again = {field.name: field._value() for field in shown if hasattr(field, "_value") and field._value()}
    again |= {"wage_unit": "day", "attachments-pass": "seen", "attachments-photos": "missing"}
    sent = form_for(Filing, Listed(), typed(**again))
    assert sent.validate(), sent.errors
    assert sent.evidence() == stated


@pytest.mark.parametrize("written", ["26/3/2530", "๒๖/๐๓/๒๕๓๐", "26-03-1987", "1987-03-26", "26 มี.ค. 2530"])
def test_days_are_read_in_either_era_and_said_back_in_words(written: str) -> None:
    form = form_for(Entry, Listed(), typed(gate="ban_laem", stamped_on=written, stay_until="1/4/2530"))
    assert form.validate(), form.errors
    assert form.evidence().stamped_on == date(1987, 3, 26)
    assert form["stamped_on"].description == "Read as 26 March 1987 (B.E. 2530)"


@pytest.mark.parametrize("written", ["31/2/2569", "12/24", "2530", "26/3/30", "tomorrow"])
def test_a_day_that_cannot_be_read_is_told_and_stays_as_typed(written: str) -> None:
    form = form_for(Entry, Listed(), typed(gate="ban_laem", stamped_on=written, stay_until="1/4/2530"))
    assert not form.validate()
    assert written in form.errors["stamped_on"][0]
    assert form["stamped_on"]._value() == written


@pytest.mark.parametrize(
    "written", ["26/3/2569 14:30", "๒๖/๐๓/๒๕๖๙ ๑๔.๓๐ น.", "2026-03-26, 14.30", "26 มี.ค. 2569 14:30 น."]
)
def test_moments_are_read_with_their_time_in_bangkok_and_written_as_they_are_typed(written: str) -> None:
    form = form_for(DistrictNotice, Listed(), typed(employer="one", about="absconded", told_at=written))
    assert form.validate(), form.errors
    assert form.evidence().told_at == datetime(2026, 3, 26, 14, 30, tzinfo=BANGKOK)
    assert form["told_at"]._value() == "26/03/2026 14:30"


@pytest.mark.parametrize("written", ["26/3/2569", "31/2/2569 14:30", "2569 14:30", "26/3/2569 25:00", "now"])
def test_a_moment_that_cannot_be_read_is_told_and_stays_as_typed(written: str) -> None:
    form = form_for(DistrictNotice, Listed(), typed(employer="one", about="absconded", told_at=written))
    assert not form.validate()
    assert form.errors["told_at"]
    assert form["told_at"]._value() == written


@pytest.mark.parametrize(("written", "meant"), [("352", "352"), ("๓๕๒.๕๐", "352.50"), ("1,200 บาท", "1200")])
def test_sums_are_read_with_thai_digits_and_commas(written: str, meant: str) -> None:
    form = form_for(
        Payment, Listed(), typed(amount=written, receipt_source="book", receipt_number="1", paid_by="ก")
    )
    assert form.validate(), form.errors
    assert form.evidence({"payment": "batch-1"}).amount == Decimal(meant)
    assert form.evidence({"payment": "batch-1"}).payment == "batch-1"


@pytest.mark.parametrize("written", ["-1", "ten", "1.234", "NaN", "1e9999", "99999999999"])
def test_what_is_no_sum_is_refused(written: str) -> None:
    form = form_for(
        Payment, Listed(), typed(amount=written, receipt_source="book", receipt_number="1", paid_by="ก")
    )
    assert not form.validate()
    assert set(form.errors) == {"amount"}


def test_a_number_shows_its_limits_and_keeps_them() -> None:
    form = form_for(Demand, Listed(), typed(men="๕๐๐๑", women="-1"))
    form.validate()
    assert form["men"].description == "From 0 to 5,000"
    assert form.errors["men"] == ["At most 5,000."]
    assert form.errors["women"] == ["At least 0."]


def test_a_choice_that_was_never_offered_is_refused() -> None:
    form = form_for(Entry, Listed(), typed(gate="poipet", stamped_on="1/4/2530", stay_until="1/4/2530"))
    assert not form.validate()
    assert form.errors == {"gate": ["This is not among the choices; choose again."]}


def test_yes_and_no_are_both_answers_and_silence_is_none() -> None:
    form = form_for(OfficerOpinion, Listed(), typed(complete="yes", recommends="no", reason="เหตุ"))
    assert form.validate()
    assert form.evidence() == OfficerOpinion(complete=True, recommends=False, reason="เหตุ")
    again = form_for(OfficerOpinion, Listed(), known=form.evidence())
    assert [choice.value for choice in again["recommends"].iter_choices() if choice.selected] == ["no"]


def test_every_paper_of_a_checklist_needs_its_answer() -> None:
    form = form_for(Filing, Listed(), typed(**{"attachments-pass": "seen"}))
    form.validate()
    assert form.errors["attachments"] == {"photos": ["Say whether it was seen, scanned or is missing"]}
    forged = form_for(Filing, Listed(), typed(**{"attachments-pass": "eaten", "attachments-photos": "seen"}))
    forged.validate()
    assert set(forged.errors["attachments"]) == {"pass"}


def test_several_of_a_list_may_be_ticked_and_none_is_for_the_rules_to_judge() -> None:
    sent = MultiDict([("items", "one"), ("items", "other"), ("answer_until", "1/12/2569")])
    form = form_for(Deficiencies, Listed(), sent)
    assert form.validate(), form.errors
    assert form.evidence().items == ("one", "other")
    assert form_for(Deficiencies, Listed(), MultiDict([("answer_until", "1/12/2569")])).validate()


def test_numbers_of_persons_and_passes_are_folded_and_judged() -> None:
    wrong = form_for(Employer, Listed(), typed(number="0225569000019"))
    wrong.validate()
    assert "check digit" in wrong.errors["number"][0]
    right = form_for(Employer, Listed(), typed(number="๐-๒๒๕๕-๖๙๐๐๐-๐๑-๐"))
    right.validate()
    assert right["number"].data == "0225569000010"
    listed = form_for(Identity, Listed(), typed(pass_number="bb ๕๔๕๑๔๐"))
    listed.validate()
    assert listed["pass_number"].data == "BB 545140"


def test_text_loses_marks_that_nobody_sees_and_is_not_endless() -> None:
    form = form_for(EarlierEntry, Listed(), typed(reason="ข้ามมา\u202eก่อน\r\n  แล้ว \u200b"))
    form.validate()
    assert form["reason"].data == "ข้ามมาก่อน\nแล้ว"
    long = form_for(EarlierEntry, Listed(), typed(reason="ก" * 4001))
    long.validate()
    assert long.errors["reason"] == ["Write at most 4,000 characters."]


def test_a_file_is_sent_once_and_a_kept_one_stays() -> None:
    scan = FileStorage(io.BytesIO(b"a picture"), "stamp.jpg")
    form = form_for(AttachedFile, Listed(), typed(shows="stamp", file=scan))
    assert form.validate(), form.errors
    assert form.uploads() == {"file": b"a picture"} == form.uploads()
    assert form.evidence({"file": "sha"}) == AttachedFile(shows="stamp", file="sha")
    kept = form_for(AttachedFile, Listed(), typed(shows="pass"), known=form.evidence({"file": "sha"}))
    assert kept.validate(), kept.errors
    assert kept.evidence() == AttachedFile(shows="pass", file="sha")


def test_facts_that_are_not_asked_stay_as_they_were_known() -> None:
    paid = Payment(
        amount=Decimal(100), receipt_source="book", receipt_number="7", paid_by="ก", payment="batch-1"
    )
    form = form_for(
        Payment, Listed(), typed(amount="100", receipt_source="book", receipt_number="8", paid_by="ก"), paid
    )
    assert form.validate()
    assert form.evidence() == replace(paid, receipt_number="8")


def test_a_result_states_its_outcome() -> None:
    sent = typed(
        hospital="one",
        certificate_number="1",
        doctor="ก",
        doctor_licence="ว.1",
        examined_on="1/4/2569",
        result="3",
    )
    form = form_for(MedicalResult, Listed(), sent)
    assert form.validate(), form.errors
    assert form.evidence().outcome() is MedicalClass.UNFIT


def test_what_happened_earlier_is_told_with_its_day_and_time() -> None:
    earlier = CircumstancesForm(typed(**{"act-happened_on": "๒๒/๑๑/๒๕๖๙", "act-happened_time": "14.30 น."}))
    assert earlier.validate(), earlier.errors
    assert earlier.happened_at(NOON) == datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
    only_day = CircumstancesForm(typed(**{"act-happened_on": "22/11/2569"}))
    assert only_day.validate()
    assert only_day.happened_at(NOON) == datetime(2026, 11, 22, 5, tzinfo=UTC)
    today = CircumstancesForm(typed(**{"act-happened_on": "23/11/2569"}))
    assert today.validate()
    assert today.happened_at(NOON) is None
    assert not CircumstancesForm(typed(**{"act-happened_time": "25:00"})).validate()


def test_who_keys_in_says_for_whom() -> None:
    form = CircumstancesForm(typed(**{"act-on_behalf_of": "agent"}), keyed=(Role.EMPLOYER, Role.AGENT))
    assert form.validate()
    assert form.on_behalf_of() is Role.AGENT
    forged = CircumstancesForm(typed(**{"act-on_behalf_of": "registrar"}), keyed=(Role.EMPLOYER, Role.AGENT))
    assert not forged.validate()
    assert CircumstancesForm(typed()).on_behalf_of() is None
