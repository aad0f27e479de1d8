"""One worker's whole way through the screens: every desk does its step on the one generic page."""

import io
import re
from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.signing_in import sign_in_as
from tests.walking import send, words
from workflow import casework, namelists
from workflow.demonstration import Season
from workflow.demonstration.invention import drawn_photo
from workflow.domain.evidence import Nothing
from workflow.domain.namelist import ListRow
from workflow.domain.thai import check_digit
from workflow.store.projections import Case, Document

ROW = ListRow(row=7, name_latin="KIM KOSAL", sex="M", pass_number="PL160816")


def visit(app: Flask, user: str) -> FlaskClient:
    """Somebody's browser, freshly signed in, in English."""
    client = app.test_client()
    client.get("/sign-in?lang=en")
    sign_in_as(client, user)
    return client


def test_a_request_and_its_worker_go_the_whole_way_through_the_screens(app: Flask, season: Season) -> None:
    session = season.desk.session
    request = season.request([ROW], until="drafted").reference

    def does(user: str, reference: str, step: str, **typed: object) -> None:
        client = visit(app, user)
        answer = send(client, f"/cases/{reference}/steps/{step}", **typed)
        assert answer.status_code == 303, (step, words(answer))
        page = client.get(answer.location)
        assert (page.status_code, "Done:" in words(page)) == (200, True), step
        session.rollback()

    does("owner", request, "submit_request", accepted="yes", signed_by="นายสมชาย ตัวอย่างดี")
    does("officer", request, "receive_request")
    does("peo", request, "ask_for_missing", items=["housing"], answer_until="1/12/2569")
    does("owner", request, "complete_request", workplace="สวนลำไยตัวอย่าง 99 หมู่ 4 พร้อมที่พัก")
    does("peo", request, "recommend_request", recommends="yes", reason="ตรวจแล้ว")
    season.calendar.next_day()
    does("registrar", request, "decide_request", order="approved")
    subject = session.scalar(select(Case.subject).filter_by(reference=request))
    casework.perform(season.desk, season.cast["officer"], subject, "lock_list", Nothing())
    list(namelists.open_listed(season.desk, season.cast["officer"], subject, "whole-way"))

    worker = session.scalar(select(Case.reference).filter_by(flow="application"))
    photo = (io.BytesIO(drawn_photo(season.invention.chance)), "photo.jpg")
    does("officer", worker, "check_identity", title="Mr", name_thai="คิม โกศล", birth_on="5/3/2522",
         birth_precision="day", pass_province="pailin", pass_issued_on="1/6/2569", pass_expires_on="31/12/2570",
         address="ที่พัก", photo=photo)  # fmt: skip
    does("officer", worker, "refer_to_hospital", appointment_on="25/11/2569")
    season.calendar.next_day()
    does("hospital", worker, "record_medical", certificate_number="MC-1", doctor_licence="ว.1", result="1")
    does("officer", worker, "plan_entry")
    season.calendar.next_day(4)
    does("gate", worker, "record_entry")
    attached = ("border_pass", "entry_proof", "medical_certificate", "photos", "contract", "bt46", "employer_papers")
    does("owner", worker, "file_application", work_type="เกษตรกรรม", work_nature="เก็บลำไย", reason_not_thai="ไม่มีคนสมัคร",
         insurer="โรงพยาบาล", insurance_number="HI-1", insured_from="26/11/2569", insured_until="30/6/2570",
         **{f"attachments__{key}": "seen" for key in attached})  # fmt: skip
    does("cashier", worker, "pay_application_fee", receipt_book="1", receipt_number="1")
    does("peo", worker, "give_opinion", complete="yes", recommends="yes", reason="ครบถ้วน")
    season.calendar.next_day()
    does("registrar", worker, "decide", order="permit")
    does("cashier", worker, "pay_permit_fee", receipt_book="1", receipt_number="2")
    number = f"002200000001{check_digit('002200000001')}"
    does("clerk", worker, "enter_numbers", permit_book="1", permit_number="64-1", foreigner_number=number)
    does("officer", worker, "issue_permit", received_by="นายสมชาย")

    permit = session.scalar(select(Case.reference).filter_by(flow="permit"))
    assert "The permit has not begun yet" in words(visit(app, "owner").get(f"/cases/{permit}"))
    season.calendar.next_day(7)
    owner = visit(app, "owner")
    assert "May work until" in words(owner.get(f"/cases/{permit}"))
    for paper in session.scalars(select(Document.subject).where(Document.key == "permit_record")):
        assert owner.get(f"/papers/{paper}/view").data.startswith(b"%PDF-")
    season.calendar.next_day(30)
    today = _said(season.calendar.today())
    does("owner", permit, "end_employment", reason_code="finished", reason="หมดฤดูกาล", last_day=today)
    does("officer", permit, "end_permit", reason="หมดฤดูกาล")
    assert re.search("Ended", words(visit(app, "officer").get(f"/cases/{permit}")))


def _said(on: date) -> str:
    return f"{on:%d/%m/%Y}"

