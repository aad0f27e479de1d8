"""The pages of the gates: closed and opened again by those who stand there, with whom to tell."""

import io
from datetime import timedelta

import pypdfium2
from flask import Flask

from tests.driving import does, opened, record
from tests.test_whole_way import visit
from tests.walking import send, words
from workflow.demonstration import Season
from workflow.domain.application import EntryPlan


def test_a_checkpoint_closes_its_gate_and_hands_on_whom_to_tell(app: Flask, season: Season) -> None:
    subjects = opened(season, 2)
    assert season.drive(subjects, until="requested") == subjects
    on = season.calendar.today() + timedelta(days=2)
    for subject in subjects:
        does(season, "officer", subject, "plan_entry", EntryPlan(gate="ban_laem", entry_on=on))
    season.desk.session.rollback()

    gate, other, owner = visit(app, "gate"), visit(app, "gate2"), visit(app, "owner")
    page = gate.get("/gates")
    assert (page.status_code, "Ban Laem" in words(page), "Ban Pakkad" in words(page)) == (200, True, False)
    assert owner.get("/gates").status_code == 403
    assert other.get("/gates/ban_laem/close").status_code == 404

    wrong = send(
        gate, "/gates/ban_laem/close", from_on="30/11/2569", until_on="29/11/2569", reason="คำสั่งทหาร"
    )
    assert (wrong.status_code, "ends before it begins" in words(wrong)) == (422, True)
    closed = send(gate, "/gates/ban_laem/close", from_on="23/11/2569", reason="คำสั่งทหาร")
    assert closed.status_code == 303
    told = words(gate.get(closed.location))
    assert "2 workers are to be planned anew" in told
    assert record(season, subjects[0]).reference in told
    sheet = gate.get("/gates/ban_laem/called-off/print")
    assert sheet.mimetype == "application/pdf"
    text = " ".join(
        page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(sheet.data))
    )
    for said in (record(season, subjects[0]).reference, "081 000 0010", "2 คน", "ไยตัวอย่าง จ", "สั่งทหาร"):
        assert said in text, said
    assert other.get("/gates/ban_laem/called-off/print").status_code == 404
    assert visit(app, "gate2").get("/gates/ban_pakkad/called-off/print").status_code == 404, "never closed"
    assert owner.get("/gates/ban_laem/called-off/print").status_code == 403
    season.desk.session.rollback()

    officer = visit(app, "officer")
    assert "Closed for a time" in words(officer.get("/gates"))
    assert send(officer, "/gates/ban_laem/open", reason="เปิดตามปกติ").status_code == 303
    assert "Closed for a time" not in words(officer.get("/gates"))


def test_places_are_shown_by_employer_and_by_the_entries_that_took_them(app: Flask, season: Season) -> None:
    (subject,) = opened(season)
    request = record(season, record(season, subject).history[0].evidence.request).reference
    season.desk.session.rollback()
    for user in ("officer", "owner", "auditor"):
        client = visit(app, user)
        page = words(client.get("/places"))
        assert request in page, user
        assert "1 / 0" in page, user
        assert "Open the application" in words(client.get(f"/places/{request}")), user
    assert request not in words(visit(app, "owner2").get("/places"))
    assert visit(app, "owner2").get(f"/places/{request}").status_code == 404
