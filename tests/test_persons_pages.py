"""Persons on screen: two officials join two entries, an officer adds a worker, a double number is told in words."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.driving import does, opened, record, rows, state
from tests.signing_in import sign_in_as
from tests.test_persons import KNOWN, known_and_twin, worker_of
from tests.walking import read, send, words
from workflow import casework
from workflow.demonstration import Season
from workflow.domain.everywhere import Reason
from workflow.domain.request import ListAmendment, ListChange
from workflow.store.projections import Case

WHY = Reason(reason="ตามที่แจ้ง")
BECAUSE = "FACE AND PHOTO ARE THE SAME"


def as_user(app: Flask, user_name: str) -> FlaskClient:
    client = app.test_client()
    client.get("/sign-in?lang=en")
    sign_in_as(client, user_name)
    return client


def test_two_officials_join_two_entries_by_the_page_and_the_employer_reads_nothing_of_it(
    app: Flask, season: Season
) -> None:
    first, second = known_and_twin(season)
    does(season, "owner", first, "withdraw", WHY)
    reference, other = (record(season, each).reference for each in (second, first))
    officer = as_user(app, "officer")
    page = officer.get(f"/cases/{reference}")
    assert "Perhaps the same person" in words(page)
    assert KNOWN.pass_number in page.text
    assert f'href="/cases/{other}"' in page.text
    step = f"/cases/{reference}/steps/propose_same_person"
    form = read(officer.get(step)).fields
    assert (form["other_pass"], form["stays"]) == (KNOWN.pass_number, "other")
    assert send(officer, step, reason=BECAUSE).status_code == 303
    assert officer.get("/?tray=duplicates").text.count(reference) >= 1
    refused = officer.get(f"/cases/{reference}/steps/confirm_same_person")
    assert "a second person must do this one" in words(refused)
    clerk = as_user(app, "clerk")
    assert BECAUSE in clerk.get(f"/cases/{reference}/steps/confirm_same_person").text
    assert BECAUSE in clerk.get(f"/cases/{reference}").text
    assert send(clerk, f"/cases/{reference}/steps/confirm_same_person").status_code == 303
    assert worker_of(season, first) == worker_of(season, second)
    told = as_user(app, "owner").get(f"/cases/{reference}").text
    assert BECAUSE not in told
    assert "Perhaps the same person" not in told


def test_an_officer_adds_a_worker_in_a_freed_place_and_the_application_opens_with_it(
    app: Flask, season: Season
) -> None:
    first, _ = opened(season, 2)
    request = record(season, first).history[0].evidence.request
    reference, step = record(season, request).reference, "steps/amend_list"
    removal = ListAmendment(change=ListChange.REMOVE, pass_number=rows(2)[0].pass_number, reason="กลับบ้าน")
    does(season, "owner", request, "amend_list", removal)
    officer = as_user(app, "officer")
    typed = {"new_name": "NEW WORKER", "new_sex": "M", "new_pass_number": "PL777001", "reason": "แทน"}
    form = read(officer.get(f"/cases/{reference}/{step}")).fields
    assert (form["pass_number"], form.get("reason", "")) == ("", ""), "the last amendment is not begun anew"
    answer = send(officer, f"/cases/{reference}/{step}", change="add", pass_number="", **typed)
    assert answer.status_code == 303, words(answer)
    season.desk.session.rollback()
    assert season.desk.session.scalar(select(Case.state).filter_by(title="NEW WORKER")) == "opened"
    full = send(
        officer, f"/cases/{reference}/{step}", change="add", **(typed | {"new_pass_number": "PL777002"})
    )
    assert full.status_code == 422
    assert "No place for another man or woman is left within the approval." in words(full)


def test_an_employers_newcomer_waits_in_the_tray_of_the_office_with_its_button(
    app: Flask, season: Season
) -> None:
    first, _ = opened(season, 2)
    request, listed = record(season, first).history[0].evidence.request, rows(2)[0]
    reference, officer = record(season, request).reference, as_user(app, "officer")
    assert "Open the applications" not in words(officer.get(f"/cases/{reference}"))
    change = ListAmendment(
        change=ListChange.REPLACE, pass_number=listed.pass_number, reason="เปลี่ยนคน",
        new_name="NEW WORKER", new_sex=listed.sex, new_pass_number="PL777001",
    )  # fmt: skip
    does(season, "owner", request, "amend_list", change)
    assert reference in officer.get("/?tray=opening").text
    assert "Open the applications" in words(officer.get(f"/cases/{reference}"))
    send(officer, f"/requests/{reference}/list/opening")
    assert reference not in officer.get("/?tray=opening").text
    again = replace(change, pass_number="PL777001", new_pass_number="PL777003", new_name="THIRD WORKER")
    does(season, "owner", request, "amend_list", again)
    send(officer, f"/requests/{reference}/list/opening")
    season.desk.session.rollback()
    states = select(Case.title, Case.state).filter_by(request=request, flow="application")
    assert dict(season.desk.session.execute(states).all()) | {
        "NEW WORKER": "withdrawn",
        "THIRD WORKER": "opened",
    } == dict(season.desk.session.execute(states).all())


def test_a_number_that_two_store_at_once_is_told_in_words_and_not_as_a_fault(
    app: Flask, season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    (subject,) = opened(season)
    officer = as_user(app, "officer")

    def meets(*_: object) -> None:
        raise IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed: worker.foreigner_number"))

    monkeypatch.setattr(casework, "perform", meets)
    answer = send(officer, f"/cases/{record(season, subject).reference}/steps/hold", reason="รอ")
    assert answer.status_code == 409
    assert "This number belongs to another person." in words(answer)
    assert state(season, subject) == "opened"
