"""What somebody types to break a page, a sheet or a paper is shown as it was typed, or refused in words; never run."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from pdf import render
from tests.conftest import TODAY, _equip, office_at
from tests.driving import one, record, state
from tests.offices import desk_at, season_at
from tests.signing_in import sign_in_as
from tests.stores import ENGINES, empty_database
from tests.walking import fill, send
from workflow import casework, demonstration, founding
from workflow.app import prepare
from workflow.demonstration import Calendar, Season
from workflow.domain.namelist import ListRow
from workflow.store.database import db
from workflow.store.history import record_of
from workflow.store.projections import Case, Document
from workflow.verification import verify

MARKUP = "<script>alert(1)</script>'>{{ 7*7 }}"
TURNED = "\u202eGNIKROW\u2066 \u200bX"
FORMULA = '=HYPERLINK("http://x","y")'


# broken letters in addresses, both engines ----------------------------------------------------


@pytest.fixture(scope="module", params=ENGINES)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, str]]:
    """An office that answers, on an engine; and the reference of one of its cases."""
    folder = tmp_path_factory.mktemp("served")
    with empty_database(request.param, folder) as url:
        calendar = Calendar.at(TODAY)
        app = office_at(folder / "home", calendar, url)
        prepare(app)
        with app.app_context():
            engine = db.engine
        with Session(engine) as session:
            founding.found(desk_at(session, calendar))
            demonstration.cast(desk_at(session, calendar))
            season = season_at(desk_at(session, calendar), calendar)
            _equip(season.desk, season.cast)
            reference = season.request((), until="received", men=1).reference
        calendar.next_day()
        yield app, reference
        engine.dispose()


ADDRESSES = {
    "/cases/%00": 404, "/cases/a%00b": 404, "/papers/%00x": 404, "/employers/%00": 404, "/v/%00": 404, "/w/%00": 404,
    "/many/refer_to_hospital?case=%00": 404, "/search?q=%00ab": 200, "/employers?q=%00a": 200,
    "/desk?state=%00&tray=%00&request=%00": 200,
    "/desk?page=%C2%B2": 200,
}  # fmt: skip


def test_an_address_that_no_store_can_look_up_is_not_found(served: tuple[Flask, str]) -> None:
    app, reference = served
    client = app.test_client()
    sign_in_as(client, "officer")
    assert {address: client.get(address).status_code for address in ADDRESSES} == ADDRESSES
    assert client.get(f"/cases/{reference}/files/%00").status_code == 404


def test_a_form_with_a_broken_sign_or_case_is_taken_or_refused_in_words(served: tuple[Flask, str]) -> None:
    app, reference = served
    client = app.test_client()
    sign_in_as(client, "officer")
    for sign in ("a\x00b", "x" * 5000, "ก้อน", "'; DROP TABLE event; --"):
        held = send(client, f"/cases/{reference}/steps/hold", reason="x", request_id=sign)
        assert held.status_code == 303
        assert send(client, f"/cases/{reference}/steps/release", reason="y").status_code == 303
    typed = fill(client, f"/cases/{reference}/steps/hold") | {"case": "\x00", "batch": "\x00"}
    assert client.post("/many/refer_to_hospital", data=typed).status_code == 404


@pytest.mark.parametrize(
    "days", ["first=0001-01-01&last=9999-12-31", "first=9999-12-31&last=9999-12-31", "on=9999-12-31"]
)
def test_days_that_no_calendar_reaches_are_read_as_none(client: FlaskClient, days: str) -> None:
    sign_in_as(client, "auditor")
    for page in ("/audit", "/audit/registers", "/audit/registers.csv"):
        assert client.get(f"{page}?{days}").status_code == 200


# names that would run -------------------------------------------------------------------------


@pytest.fixture
def marked(season: Season) -> tuple[Season, str]:
    """A worker with a permit, of an employer: both named to break a page or a sheet."""
    desk, owner = season.desk, season.cast.entries["orchard"]
    stated = record_of(desk.session, owner).history[-1].evidence
    hostile = replace(stated, name=FORMULA + MARKUP, signatory=MARKUP, address=MARKUP)
    casework.perform(desk, season.cast["officer"], owner, "amend_employer", hostile)
    listed = ListRow(
        row=7, name_latin=FORMULA[:30], name_thai=MARKUP, sex="M", pass_number="PL160816", birth_year=1980
    )
    season.request([listed])
    subject = desk.session.scalar(select(Case.subject).filter_by(flow="application"))
    assert season.drive([subject]) == [subject], season.left
    return season, subject


def test_names_of_markup_and_formulas_are_shown_and_never_run(app: Flask, marked: tuple[Season, str]) -> None:
    season, subject = marked
    case = season.desk.session.get(Case, subject)
    request = season.desk.session.get(Case, case.request).reference
    pages = (
        "/",
        "/desk",
        "/search?q=PL160816",
        f"/cases/{case.reference}",
        f"/cases/{request}",
        f"/cases/{request}/list",
    )
    season.desk.session.rollback()
    for user in ("officer", "owner", "auditor"):
        client = app.test_client()
        sign_in_as(client, user)
        shown = [
            client.get(page).text
            for page in (*pages, "/employer", "/employers", f"/audit/cases/{case.reference}")
        ]
        assert not any("<script>alert" in page or "&gt;49" in page for page in shown)
        assert any("&lt;script&gt;alert(1)" in page for page in shown), "it is shown as it was typed"
    sheet = list(csv.reader(io.StringIO(client.get("/audit/registers.csv").text)))
    assert any(FORMULA[:5] in cell for row in sheet for cell in row)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in sheet for cell in row)
    assert verify(season.desk).sound


def test_letters_that_turn_or_hide_are_taken_out_of_a_name(app: Flask, season: Season) -> None:
    subject = one(season)
    reference = season.desk.session.get(Case, subject).reference
    season.desk.session.rollback()
    client = app.test_client()
    sign_in_as(client, "officer")
    typed = {
        "name_latin": f"KIM {TURNED}", "name_thai": f"คิม\u202e {MARKUP[:20]}", "title": "Mr", "sex": "M",
        "birth_on": "01/01/1980", "birth_precision": "year", "nationality": "KHM", "pass_number": "PL160001",
        "pass_province": "pailin", "pass_issued_on": "01/01/2569", "pass_expires_on": "01/12/2570", "address": "x\u2066y",
    }  # fmt: skip
    answer = send(client, f"/cases/{reference}/steps/check_identity", **typed)
    assert answer.status_code == 303, answer.text
    checked = record(season, subject).last("check_identity").evidence
    assert state(season, subject) == "requested"
    assert not any(sign in f"{checked}" for sign in "\u202e\u2066\u200b")


def test_a_paper_of_a_hostile_name_prints_it_as_it_is(marked: tuple[Season, str]) -> None:
    season, subject = marked
    sheet = season.desk.session.scalars(select(Document).filter_by(owner=subject, key="filing_receipt")).one()
    frozen = record_of(season.desk.session, sheet.subject).history[0].evidence
    body = render(frozen.key, frozen.facts | {"images": {}})
    assert body.startswith(b"%PDF-")
    assert all(sign not in body for sign in (b"/JavaScript", b"/Launch", b"/URI (http://x"))
