"""The board of deadlines in the browser, the trays of alerts, and the calendar that a telephone fetches."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar as Ics
from sqlalchemy import select

from tests.conftest import SITE, TODAY
from tests.signing_in import press, send, sign_in_as
from tests.walking import words
from workflow import casework, demonstration, nightly
from workflow.casework import Act
from workflow.demonstration import Calendar
from workflow.demonstration.people import DISTRICT
from workflow.desk import Desk
from workflow.domain.actor import SYSTEM
from workflow.domain.permit import Notice, NoticeKind, PermitOpened
from workflow.domain.registers import Worker
from workflow.feed import minimal_name
from workflow.store.feeds import AT_MOST, FETCHES
from workflow.store.projections import Case, Duty

ORCHARD, SECOND = "PNR-EM-2569-000001", "PNR-EM-2569-000002"
FEED = f"/employers/{ORCHARD}/feed"


def permit(desk: Desk, employer: str, number: int, first: date) -> str:
    """Enter a worker and open a permit for one employer."""
    known = Worker(name_latin=f"SOK SOPHEAKTRA {'ABC'[number]}", pass_number=f"PL99100{number}")
    stated = PermitOpened(
        application=f"ap{number}", worker=f"wo{number}", employer=employer, valid_from=first,
        valid_until=first + timedelta(days=89), job="labourer", workplace="สวน", permit_book="1",
        permit_number=str(number), foreigner_number="", gate="ban_laem", entered_on=first,
        stay_until=first + timedelta(days=30),
    )  # fmt: skip
    with casework.transaction(desk):
        casework.open_subject(
            desk,
            SYSTEM,
            "worker",
            "enter_worker",
            known,
            Act(),
            chain="system",
            key=f"wo{number}",
            subject=f"wo{number}",
        )
        done = casework.open_subject(
            desk, SYSTEM, "permit", "open_permit", stated, Act(), chain=DISTRICT, key=f"wo{number}"
        )
    return done.record.subject


@pytest.fixture
def permits(desk: Desk, cast: demonstration.Cast) -> list[str]:
    """Two workers of the orchard, one of the second orchard: a late notice, one due this week, a fresh permit."""
    days = (TODAY - timedelta(days=29), TODAY - timedelta(days=10), TODAY)
    whose = (cast.entries["orchard"], cast.entries["orchard"], cast.entries["orchard2"])
    return [permit(desk, employer, n, on) for n, (employer, on) in enumerate(zip(whose, days, strict=True))]


@pytest.fixture
def owner(client: FlaskClient) -> FlaskClient:
    """The orchard's owner, reading English."""
    return english(client, "owner")


def english(client: FlaskClient, user_name: str) -> FlaskClient:
    sign_in_as(client, user_name)
    client.get("/account?lang=en")
    return client


def counts(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'saphan-count__number">(\d+)<', page)]


def test_the_board_tells_the_late_first_and_filters_by_nearness_kind_and_name(
    app: Flask, permits: list[str]
) -> None:
    officer = english(app.test_client(), "officer")
    page = officer.get("/deadlines")
    late, today, week, later = counts(page.text)
    assert late == 2, "the notices of the first worker, of the employer's and of his own"
    assert today == 0
    assert week >= 1
    assert later >= 4
    told = words(page)
    assert told.index("14 days late") < told.index("in 7 days"), "the 28th is a Saturday, so the 30th"
    assert len(re.findall('<th scope="row"', officer.get("/deadlines?when=late").text)) == 2
    of_one = words(officer.get("/deadlines?clock=permit&q=sopheaktra+b"))
    assert "SOK SOPHEAKTRA B" in of_one
    assert "SOK SOPHEAKTRA A" not in of_one
    assert "No deadline found" in words(officer.get("/deadlines?q=nobody"))
    assert officer.get("/deadlines?when=never&page=-1&clock=x&q=%00").status_code == 200


def test_an_employer_sees_the_deadlines_of_his_own_workers_only(
    owner: FlaskClient, app: Flask, permits: list[str]
) -> None:
    page = words(owner.get(f"/employers/{ORCHARD}/deadlines"))
    assert "SOK SOPHEAKTRA A" in page
    assert "SOK SOPHEAKTRA C" not in page
    assert owner.get(f"/employers/{SECOND}/deadlines").status_code == 404
    assert owner.get(f"/employers/{SECOND}/feed").status_code == 404
    assert owner.get("/deadlines").status_code == 403
    assert "SOK SOPHEAKTRA A" in words(owner.get(f"/employers/{ORCHARD}/calendar"))
    assert app.test_client().get("/deadlines").status_code == 302


def test_the_alerts_of_the_night_lie_in_the_trays_of_those_they_are_for(
    owner: FlaskClient, app: Flask, desk: Desk, permits: list[str]
) -> None:
    assert "Alerts for you" not in words(owner.get("/desk"))
    nightly.give_alerts(desk)
    assert "SOK SOPHEAKTRA A" in words(owner.get("/desk?tray=alerts"))
    assert "SOK SOPHEAKTRA C" not in words(owner.get("/desk?tray=alerts"))
    registrar = english(app.test_client(), "registrar")
    assert "SOK SOPHEAKTRA A" in words(registrar.get("/desk?tray=alerts")), "late by more than a week"
    assert "SOK SOPHEAKTRA B" not in words(registrar.get("/desk?tray=alerts"))


# the calendar of a telephone ----------------------------------------------------------------


def address(owner: FlaskClient) -> str:
    """Make an address as the owner does; it stands on the page once."""
    made = owner.post(FEED, data={"csrf_token": token_of(owner)})
    assert made.status_code == 200
    (found,) = re.findall(rf"{SITE}(/calendar/[\w-]{{40,}}\.ics)", made.text)
    assert found not in owner.get(FEED).text
    return found


def token_of(owner: FlaskClient) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', owner.get(FEED).text)[1]


def events(app: Flask, path: str) -> dict[str, object]:
    """Fetch a calendar as a telephone does: signed in nowhere."""
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert max(len(line) for line in answer.data.split(b"\r\n")) <= 75, "RFC 5545, 3.1"
    return {str(event["uid"]): event for event in Ics.from_ical(answer.data).walk("VEVENT")}


def test_a_calendar_holds_each_duty_under_one_sign_and_sends_one_that_was_met_as_cancelled(
    owner: FlaskClient, app: Flask, desk: Desk, cast: demonstration.Cast, permits: list[str]
) -> None:
    path = address(owner)
    before = events(app, path)
    mine = select(Duty.subject).join(Case, Case.subject == Duty.subject)
    known = desk.session.scalars(
        mine.where(Case.employer == cast.entries["orchard"], Duty.until_on >= TODAY - timedelta(30))
    )
    assert len(before) == len(list(known)) > 6
    (notice,) = [uid for uid in before if "hire_notice" in uid and permits[0] in uid]
    assert before[notice]["status"] == "CONFIRMED"
    assert before[notice].decoded("dtstart") == TODAY - timedelta(days=14)
    told = Notice(
        kind_of=NoticeKind.HIRE,
        employer=cast.entries["orchard"],
        event_on=TODAY - timedelta(days=29),
        given_on=TODAY,
    )
    desk.session.rollback()
    casework.perform(desk, cast["owner"], permits[0], "give_notice", told)
    after = events(app, path)
    assert after.keys() == before.keys()
    assert after[notice]["status"] == "CANCELLED"
    assert after[notice]["sequence"] > before[notice]["sequence"]
    assert [uid for uid in after if after[uid]["status"] == "CANCELLED"] == [notice]


def test_a_calendar_says_little_of_a_person_and_nothing_of_health(
    owner: FlaskClient, app: Flask, permits: list[str]
) -> None:
    written = app.test_client().get(address(owner)).text.replace("\r\n ", "")
    assert "SOK S." in written
    for unsaid in ("SOPHEAKTRA", "PL99100", "Medical", "สุขภาพ", "SOK SOPHEAKTRA C"):
        assert unsaid not in written
    assert minimal_name("SOKHA") == "SOKHA"


def test_an_address_can_be_closed_is_not_guessed_and_is_not_fetched_without_bound(
    owner: FlaskClient, app: Flask, calendar: Calendar, permits: list[str]
) -> None:
    path, telephone = address(owner), app.test_client()
    assert telephone.get("/calendar/guessed.ics").status_code == 404
    first = telephone.get(path)
    again = telephone.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    for _ in range(FETCHES - 2):
        assert telephone.get(path).status_code == 200
    often = telephone.get(path)
    assert often.status_code == 429
    assert 0 < int(often.headers["Retry-After"]) <= 3600
    calendar.moment += timedelta(hours=1)
    assert telephone.get(path).status_code == 200
    digest = re.search(rf"{FEED}/(\w{{64}})/revoke", owner.get(FEED).text)[1]
    assert press(owner, f"{FEED}/{digest}/revoke", FEED).status_code == 303
    assert telephone.get(path).status_code == 404


def test_an_employer_has_at_most_so_many_addresses(owner: FlaskClient, permits: list[str]) -> None:
    made = [address(owner) for _ in range(AT_MOST)]
    assert len(set(made)) == AT_MOST
    assert send(owner, FEED).status_code == 409
