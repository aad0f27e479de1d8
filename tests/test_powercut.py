"""A power cut (P17): what is printed before opening, and what becomes of each numbered form."""

import io
from datetime import datetime, timedelta

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.driving import opened, record
from tests.test_whole_way import visit
from tests.walking import send, words
from workflow import casework, powercut
from workflow.casework import Act
from workflow.demonstration import Season
from workflow.domain.application import EntryPlan
from workflow.domain.blanks import (
    FORMS,
    MOST,
    Accounting,
    SpoiltForm,
    form_number,
    forms,
    read_number,
    unused,
)
from workflow.domain.everywhere import Reason
from workflow.domain.evidence import Ask, questions
from workflow.domain.flow import OutOfTurn, Refused
from workflow.domain.record import Record
from workflow.store.truth import EventRow
from workflow.verification import verify
from workflow.web.steps import ELSEWHERE

HOLD, PLAN, RELEASE = ("application", "hold"), ("application", "plan_entry"), ("application", "release")


def reserved(season: Season, user: str = "officer", **wanted: int) -> Record:
    """Reserve forms of steps of an application."""
    asked = {("application", step): many for step, many in (wanted or {"hold": 2, "release": 1}).items()}
    return powercut.reserve(season.desk, season.cast[user], asked, Act())


def enter(
    season: Season, subject: str, step: str, number: str | None, at: datetime | None, user: str = "officer"
):
    """Enter later what was written on a form."""
    act = Act(blank=number, happened_at=at)
    return casework.perform(season.desk, season.cast[user], subject, step, Reason(reason="ไฟฟ้าดับ"), act)


def refused(season: Season, *entry: object, **more: object) -> set[str]:
    """Give why an entry is refused, after seeing that nothing was stored."""
    count = select(func.count()).select_from(EventRow)
    before = season.desk.session.scalar(count)
    with pytest.raises(Refused) as refusal:
        enter(season, *entry, **more)
    assert season.desk.session.scalar(count) == before
    season.desk.session.rollback()
    return {one.code for one in refusal.value.refusals}


def test_every_step_of_a_desk_has_a_form_that_its_page_takes_back() -> None:
    assert all(step not in ELSEWHERE for _, step in FORMS)
    assert {"check_identity", "record_medical", "pay_application_fee", "decide"} <= {
        step for _, step in FORMS
    }


def test_a_number_is_read_as_it_is_written_in_thai_figures_too(season: Season) -> None:
    pile = reserved(season)
    assert form_number(pile, 2) == "PNR-BL 1/2569-2"
    for written in ("PNR-BL 1/2569-2", " pnr-bl  1/2569-2 ", "PNR-BL ๑/๒๕๖๙-๒"):
        assert read_number(written) == (pile.reference, 2), written
    assert read_number("PNR-BL 1/2569") is None
    assert read_number("2") is None


def test_an_entry_keeps_number_and_time_and_uses_the_form_up(season: Season) -> None:
    (subject,) = opened(season)
    pile = reserved(season)
    number = form_number(pile, 1)
    season.calendar.moment += timedelta(hours=3)
    at = season.desk.now() - timedelta(hours=2)
    done = enter(season, subject, "hold", number, at).done
    assert (done.blank, done.happened_at) == (number, at)
    assert record(season, subject).history[-1].blank == number
    after = record(season, pile.subject)
    used = after.history[-1]
    assert (used.step, used.evidence.case, used.evidence.event) == ("use_form", subject, done.number)
    assert unused(after) == (2, 3)
    assert [one.gone is not None for one in forms(after)] == [True, False, False]
    assert list(verify(season.desk).breaches) == []


def test_a_form_not_reserved_used_before_of_another_step_or_office_is_refused(season: Season) -> None:
    one, two = opened(season, 2)
    pile, theirs = reserved(season), reserved(season, "peo")
    season.calendar.moment += timedelta(hours=3)
    at = season.desk.now() - timedelta(hours=2)
    number = form_number(pile, 1)
    assert refused(season, one, "hold", "PNR-BL 77/2569-1", at) == {"form-unknown"}
    assert refused(season, one, "hold", form_number(pile, 4), at) == {"form-unknown"}
    assert refused(season, one, "hold", "nonsense", at) == {"form-unknown"}
    assert refused(season, one, "hold", form_number(pile, 3), at) == {"form-step"}
    assert refused(season, one, "hold", form_number(theirs, 1), at) == {"form-office"}
    assert refused(season, one, "hold", number, None) == {"form-time"}
    assert refused(season, one, "hold", number, at - timedelta(hours=2)) == {"form-early"}
    enter(season, one, "hold", number, at)
    assert refused(season, two, "hold", number, at) == {"form-used"}


def test_sending_an_entry_twice_uses_one_form_once(season: Season) -> None:
    (subject,) = opened(season)
    pile = reserved(season)
    season.calendar.moment += timedelta(hours=1)
    act = Act(blank=form_number(pile, 1), happened_at=season.desk.now(), request_id="officer:twice")
    for repeated in (False, True):
        done = casework.perform(season.desk, season.cast["officer"], subject, "hold", Reason(reason="x"), act)
        assert done.repeated is repeated
    assert unused(record(season, pile.subject)) == (2, 3)


def test_at_the_days_end_every_number_is_accounted_for(season: Season) -> None:
    (subject,) = opened(season)
    pile, officer = reserved(season), season.cast["officer"]
    at = season.desk.now()

    def settle(step: str, evidence: object) -> Record:
        return casework.perform(season.desk, officer, pile.subject, step, evidence).record

    settle("spoil_form", SpoiltForm(form=2, reason="หมึกเลอะ"))
    for form, code in ((2, "form-spoilt"), (9, "form-unknown")):
        with pytest.raises(Refused) as refusal:
            settle("spoil_form", SpoiltForm(form=form, reason="x"))
        assert [one.code for one in refusal.value.refusals] == [code]
    assert refused(season, subject, "hold", form_number(pile, 2), at) == {"form-spoilt"}
    with pytest.raises(Refused) as refusal:
        settle("account_forms", Accounting(counted=3))
    assert [one.code for one in refusal.value.refusals] == ["form-count"]
    season.desk.session.rollback()
    after = settle("account_forms", Accounting(counted=2))
    assert after.last("account_forms").evidence.unused == (1, 3)
    assert refused(season, subject, "hold", form_number(pile, 1), at) == {"form-accounted"}
    with pytest.raises(OutOfTurn):
        settle("account_forms", Accounting(counted=2))


def test_no_forms_too_many_or_of_a_step_without_one_are_not_reserved(season: Season) -> None:
    for wanted, code in (({}, "forms-none"), ({HOLD: MOST + 1}, "forms-many")):
        with pytest.raises(Refused) as refusal:
            powercut.reserve(season.desk, season.cast["officer"], wanted, Act())
        assert [one.code for one in refusal.value.refusals] == [code]
        season.desk.session.rollback()


def test_the_officer_prints_before_opening_and_enters_afterwards(app: Flask, season: Season) -> None:
    (subject,) = opened(season)
    assert season.drive([subject], until="requested") == [subject]
    season.calendar.moment += timedelta(minutes=5)
    today = season.calendar.today()
    plan = EntryPlan(gate="ban_laem", entry_on=today)
    casework.perform(season.desk, season.cast["officer"], subject, "plan_entry", plan)
    reference = record(season, subject).reference
    season.desk.session.rollback()

    officer = visit(app, "officer")
    assert visit(app, "owner").get("/before-opening").status_code == 403
    assert "No numbered forms lie ready" in words(officer.get("/before-opening"))
    wrong = send(officer, "/before-opening", **{"application-hold": "สอง"})
    assert (wrong.status_code, "whole number" in words(wrong)) == (422, True)
    wanted = {"-".join(form): "" for form in FORMS}
    wanted |= {"application-hold": "๒", "application-check_identity": "1"}
    assert send(officer, "/before-opening", **wanted).status_code == 303
    page = words(officer.get("/before-opening"))
    for said in ("PNR-BL 1/2569-1", "PNR-BL 1/2569-3", "3 unused"):
        assert said in page
    pile = "PNR-BL-2569-000001"
    sheet = officer.get(f"/before-opening/print?forms={pile}")
    assert sheet.mimetype == "application/pdf"
    pages = [one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(io.BytesIO(sheet.data))]
    text = " ".join(pages)
    for said in (reference, "PNR-BL 1/2569-1", "PNR-BL 1/2569-3", "พักเรื่อง"):
        assert said in text, said
    assert visit(app, "peo").get(f"/before-opening/print?forms={pile}").status_code == 404
    assert visit(app, "peo").get(f"/before-opening/{pile}/account").status_code == 404

    step = f"/cases/{reference}/steps/hold"
    season.calendar.moment += timedelta(hours=2)
    officer = visit(app, "officer")
    form = {"reason": "ไฟฟ้าดับ", "act-blank": "pnr-bl 1/2569-2"}
    untimed = send(officer, step, **form)
    assert (untimed.status_code, "as they stand on the form" in words(untimed)) == (422, True)
    timed = form | {"act-happened_on": f"{today:%d/%m}/{today.year + 543}", "act-happened_time": "10:00"}
    foreign = send(officer, step, **timed | {"act-blank": "PNR-BL 1/2569-1"})
    assert (foreign.status_code, "is for another step" in words(foreign)) == (422, True)
    assert send(officer, step, **timed).status_code == 303
    assert "First written on form PNR-BL 1/2569-2" in words(officer.get(f"/cases/{reference}"))
    assert send(officer, f"/before-opening/{pile}/spoil", form="1", reason="เปียกฝน").status_code == 303
    assert send(officer, f"/before-opening/{pile}/account", counted="2").status_code == 422
    assert send(officer, f"/before-opening/{pile}/account", counted="1").status_code == 303
    assert "Left over and destroyed: 3" in words(officer.get("/before-opening"))


def test_every_form_asks_what_its_step_asks(app: Flask, season: Season) -> None:
    class Offered:
        def options(self, name: str) -> list[tuple[str, str]]:
            return [("a", "อย่างแรก"), ("b", "อย่างที่สอง")]

    for (flow, _), row in FORMS.items():
        with app.test_request_context():
            sheet = powercut.sheet_of(flow, row, Offered(), str)
        asked = [one.label for one in questions(row.evidence).values() if one.ask is not Ask.GIVEN]
        assert [field["label"] for field in sheet["fields"]] == asked, row.name
