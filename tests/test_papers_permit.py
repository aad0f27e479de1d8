"""The papers of a permit after its issue: owed by their steps, with the facts of the record, silent on what is sealed."""

from datetime import timedelta

import pytest

import pdf
from tests import record_sample
from tests.driving import does, one, papers, record
from tests.test_papers_letters import record_for, unspaced, words_of
from workflow import printing
from workflow.demonstration import Season
from workflow.demonstration.afterwards import _checked, _heard, _laid, _lost, _proposed
from workflow.domain.crossing import Exit, StayReport
from workflow.domain.permit import DepartureNotice, EmploymentEnd, EndReason, Laid, Revocation
from workflow.store.projections import Case

NEEDED = [
    ("pocket_card", "worker.pass_number"),
    ("report_receipt", "permit.stay_report.reported_on"),
    ("exit_notice", "permit.employment_end.last_day"),
    ("district_report", "permit.district_notice.told_at"),
    ("loss_report", "permit.loss.where"),
    ("hearing_letter", "permit.revocation_proposal.ground"),
    ("hearing_note", "permit.hearing.told"),
    ("permit_revocation", "permit.revocation.reason"),
    ("permit_revocation", "terms.appeal"),
    ("suspension_letter", "permit.laid.reason"),
    ("grace_certificate", "permit.laid.from_on"),
    ("departure_letter", "permit.departure_notice.leave_until"),
    ("exit_clearance", "permit.exit.gate"),
]


AFTER_ISSUE = sorted({key for key, _ in NEEDED} - {"pocket_card"})


@pytest.mark.parametrize("key", AFTER_ISSUE)
def test_no_step_on_a_permit_waits_for_what_a_permit_may_lack(key: str) -> None:
    made = record_for(key)
    made["worker"] |= {"name_latin": ""}
    made["permit"] |= {"permit_book": "", "foreigner_number": ""}
    if key not in ("exit_notice", "district_report"):
        made["employer"] = None
    assert pdf.preflight(key, made) == []


@pytest.mark.parametrize(("key", "fact"), NEEDED)
def test_a_required_fact_that_is_missing_is_named(key: str, fact: str) -> None:
    record = record_for(key)
    *path, last = fact.split(".")
    part = record
    for name in path:
        part = part[name]
    part[last] = None
    assert ("missing", fact) in [(lack.code, lack.fact) for lack in pdf.preflight(key, record)]


def test_an_officer_signs_as_an_officer_and_the_registrar_as_registrar() -> None:
    letter = words_of(pdf.render("departure_letter", record_for("departure_letter")))
    assert record_sample.OFFICER[0] in letter
    assert "นายทะเบียน" not in letter
    assert "นายทะเบียน" in words_of(pdf.render("permit_revocation", record_for("permit_revocation")))


def permit_of(season: Season) -> str:
    """Issue one permit and let its work begin."""
    one(season, "issued")
    permit = season.desk.session.query(Case).filter_by(flow="permit").one()
    begins = max(permit.valid_from, season.calendar.today())
    season.calendar.next_day((begins - season.calendar.today()).days)
    return permit.subject


def printed(season: Season, subject: str, key: str) -> str:
    """Read the newest paper of a key, without its spaces."""
    return unspaced(words_of(printing.make(season.desk, papers(season, subject, key)[-1].subject)))


def test_each_step_after_the_issue_leaves_its_paper(season: Season) -> None:
    permit = permit_of(season)
    today = season.calendar.today()
    opened = record(season, permit).history[0].evidence
    assert unspaced(opened.permit_number) in printed(season, opened.application, "pocket_card")
    does(season, "officer", permit, "record_report", StayReport(reported_on=today, where="ที่ว่าการอำเภอ"))
    report = record(season, permit).last("record_report").evidence
    assert report.next_due == today + timedelta(days=30)
    assert str(report.next_due.year + 543) in printed(season, permit, "report_receipt")
    does(season, "officer", permit, "report_loss", _lost(season, record(season, permit)))
    assert "ทำหล่นในสวนลำไย" in printed(season, permit, "loss_report")
    does(season, "registrar", permit, "suspend", _laid(season, record(season, permit)))
    assert "จนกว่าจะมีคำสั่งเป็นอย่างอื่น" in printed(season, permit, "suspension_letter")
    grace = Laid(from_on=today, until=today + timedelta(days=20), reason="ด่านปิด")
    does(season, "officer", permit, "grant_grace", grace)
    assert "Certificateofgrace" in printed(season, permit, "grace_certificate")
    does(season, "officer", permit, "notify_departure", DepartureNotice(told_on=today, reason="การผ่อนผันสิ้นสุด"))
    assert "การผ่อนผันสิ้นสุด" in printed(season, permit, "departure_letter")
    does(season, "gate", permit, "record_exit", Exit(gate="ban_laem", exited_on=today))
    assert "ไม่พบการอยู่เกินกำหนด" in printed(season, permit, "exit_clearance")


def test_an_absconding_is_reported_twice_and_the_check_for_trafficking_stands_on_no_paper(season: Season) -> None:
    permit = permit_of(season)
    now = season.desk.now()
    left = EmploymentEnd(
        employer=season.cast.entries["orchard"], reason_code=EndReason.ABSCONDED, last_day=season.calendar.today(),
        reason="ไม่กลับมาทำงาน", known_at=now - timedelta(hours=2), told_at=now - timedelta(hours=1),
    )  # fmt: skip
    does(season, "owner", permit, "end_employment", left)
    for key in ("exit_notice", "district_report"):
        assert "ไม่กลับมาทำงาน" in printed(season, permit, key)
    for user, step, states in (
        ("officer", "check_trafficking", _checked),
        ("officer", "propose_revocation", _proposed),
        ("officer", "hear_worker", _heard),
    ):
        does(season, user, permit, step, states(season, record(season, permit)))
    assert "นายจ้างให้ไปช่วยสวนข้างเคียง" in printed(season, permit, "hearing_note")
    does(season, "registrar", permit, "revoke", Revocation(ground="conditions", reason="ทำงานนอกพื้นที่"))
    assert "เพิกถอนใบอนุญาตทำงานดังกล่าว" in printed(season, permit, "permit_revocation")
    for paper in papers(season, permit):
        assert "trafficking_check" not in record(season, paper.subject).history[0].evidence.facts["permit"]


def test_the_contract_names_the_guaranteed_day_of_piece_work_and_leaves_it_to_the_pen_where_unknown() -> None:
    record = record_for("contract")
    assert "ภาคผนวก" not in words_of(pdf.render("contract", record))
    record["application"]["filing"].update(wage="45.00", wage_unit="piece")
    record["request"]["demand"]["daily_floor"] = "352.00"
    assert "352" in words_of(pdf.render("contract", record))
    record["request"]["demand"]["daily_floor"] = None
    assert pdf.preflight("contract", record) == []
