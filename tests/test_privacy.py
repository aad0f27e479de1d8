"""What is owed to persons whose data the office holds: thirty days to answer, seventy-two hours to report a breach."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.signing_in import sign_in_as
from tests.walking import send, words
from workflow import nightly
from workflow.demonstration import Calendar
from workflow.desk import Desk
from workflow.store.projections import Alert, Duty


@pytest.fixture
def officer(client: FlaskClient) -> FlaskClient:
    """An officer of the district, reading English."""
    sign_in_as(client, "officer")
    client.get("/account?lang=en")
    return client


def ask(officer: FlaskClient, on: str = "23/11/2569") -> str:
    """Enter a request; give its reference."""
    page = send(
        officer, "/privacy/new/enter_access_request", name="SOK DARA", given_on=on, about="ขอสำเนาข้อมูล"
    )
    assert page.status_code == 303, words(page)
    return re.search(r"PNR-PD-2569-\d{6}", officer.get("/privacy").text)[0]


def test_who_asks_is_answered_within_the_days_of_the_ruleset(officer: FlaskClient, desk: Desk) -> None:
    reference = ask(officer)
    duty = desk.session.scalars(select(Duty)).one()
    assert (duty.clock, duty.until_on.isoformat()) == ("access", "2026-12-23")
    assert "23 Dec 2026" in words(officer.get("/privacy"))
    desk.session.rollback()
    page = send(officer, f"/privacy/{reference}/next", given_on="23/11/2569", about="ส่งสำเนาแล้ว")
    assert page.status_code == 303, words(page)
    assert "Answered" in words(officer.get("/privacy"))
    assert officer.get(f"/privacy/{reference}/next").status_code == 404


def test_a_breach_runs_on_the_wall_clock_and_is_told_when_late(
    officer: FlaskClient, desk: Desk, calendar: Calendar
) -> None:
    page = send(
        officer, "/privacy/new/enter_breach", name="โน้ตบุ๊กหาย", known_at="23/11/2569 08:30", about="หายที่ตลาด"
    )
    assert page.status_code == 303, words(page)
    duty = desk.session.scalars(select(Duty)).one()
    assert duty.until_at.isoformat() == "2026-11-26T01:30:00+00:00"
    desk.session.rollback()
    calendar.next_day(4)
    nightly.give_alerts(desk)
    told = desk.session.execute(select(Alert.offset, Alert.roles)).all()
    assert min(told) == (-1, ",officer,")
    desk.session.rollback()
    sign_in_as(officer, "officer")
    officer.get("/account?lang=en")
    assert "Late" in words(officer.get("/privacy"))


def test_what_lies_ahead_is_refused_in_words_and_no_other_office_sees_it(
    officer: FlaskClient, app: Flask
) -> None:
    refused = send(officer, "/privacy/new/enter_access_request", name="SOK", given_on="24/11/2569", about="x")
    assert refused.status_code == 422
    assert "This day lies in the future." in words(refused)
    reference = ask(officer)
    other = app.test_client()
    sign_in_as(other, "peo")
    assert reference not in other.get("/privacy").text
    assert other.get(f"/privacy/{reference}/next").status_code == 404
    assert officer.get("/privacy/new/report_breach").status_code == 404
    owner = app.test_client()
    sign_in_as(owner, "owner")
    assert owner.get("/privacy").status_code == 403
