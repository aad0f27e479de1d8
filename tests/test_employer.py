"""What employers see of their own, and the same pages at the counter for one who came in person."""

import io
import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.signing_in import send, sign_in_as, token
from workflow import employers
from workflow.demonstration import Chance, Season
from workflow.demonstration.invention import drawn_photo
from workflow.demonstration.people import ORCHARD as ORCHARD_FACTS
from workflow.domain.actor import Role
from workflow.domain.flow import NotYours
from workflow.domain.namelist import ListRow
from workflow.domain.record import Record
from workflow.domain.standing import Kind, Standing
from workflow.domain.thai import check_digit, group_juristic_number
from workflow.store.history import record_of
from workflow.store.projections import Account, Case, RegisterEntry
from workflow.store.truth import EventRow
from workflow.web.holdings import Group, group_of

ROWS = tuple(
    ListRow(row=6 + n, name_latin=f"SOK DARA {sign}", sex="M", pass_number=f"BB60000{n}", birth_year=1987)
    for n, sign in enumerate("ABCD", 1)
)
ORCHARD = "PNR-EM-2569-000001"


@pytest.fixture
def owner(client: FlaskClient) -> FlaskClient:
    """The orchard's owner, signed in, reading English."""
    return reading_english(client, "owner")


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    """An officer of the district, signed in, reading English."""
    return reading_english(app.test_client(), "officer")


def reading_english(client: FlaskClient, user_name: str) -> FlaskClient:
    sign_in_as(client, user_name)
    client.get("/account?lang=en")
    return client


@pytest.fixture
def season_on_its_way(season: Season) -> Season:
    """Four workers: one with a permit, one to pay, one at the hospital, one just listed."""
    season.request(ROWS)
    found = list(
        season.desk.session.scalars(select(Case.subject).filter_by(flow="application").order_by(Case.title))
    )
    season.drive(found[:1])
    season.drive(found[1:2], until="filed")
    season.many(
        "officer",
        "check_identity",
        found[2:3],
        lambda r: season.invention.identity(r.history[0].evidence.row, ""),
    )
    return season


def form_of(page: TestResponse) -> dict[str, str]:
    """Read the fields of a page's form as the browser would send them."""
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    fields |= dict(
        re.findall(r'<input[^>]*?name="([^"]+)" type="radio" value="([^"]+)"[^>]*checked', page.text)
    )
    return fields


def demand(**other: str) -> dict[str, str]:
    typed = {
        "job": "labourer", "men": "3", "women": "1", "start_on": "15/12/2569", "workplace": "สวนลำไย หมู่ 4",
        "workplace_district": "2204", "gate": "ban_laem", "receive_on": "10/12/2569", "wage": "352", "wage_unit": "day",
    }  # fmt: skip
    return typed | other


def events(season: Season) -> int:
    season.desk.session.rollback()
    return season.desk.session.scalar(select(func.count()).select_from(EventRow)) or 0


def newest_request(season: Season) -> Record:
    season.desk.session.rollback()
    wanted = select(Case.subject).filter_by(flow="request").order_by(Case.reference.desc()).limit(1)
    return record_of(season.desk.session, season.desk.session.scalars(wanted).one())


# --- what an employer has


@pytest.mark.parametrize(
    ("line", "live", "group"),
    [
        (Standing(Kind.GOOD, work_until=None, who=None), False, Group.ENDED),
        (Standing(Kind.WAITING, who=Role.HOSPITAL), True, Group.HOSPITAL),
        (Standing(Kind.WAITING, who=Role.CHECKPOINT), True, Group.GATE),
        (Standing(Kind.WAITING, who=Role.EMPLOYER), True, Group.EMPLOYER),
        (Standing(Kind.WAITING, who=Role.REGISTRAR), True, Group.OFFICE),
        (Standing(Kind.STOPPED, who=Role.OFFICER), True, Group.STOPPED),
    ],
)
def test_each_worker_waits_with_somebody(line: Standing, live: bool, group: Group) -> None:
    assert group_of(line, live) is group


def test_an_owner_sees_at_once_who_may_work_and_what_is_missing(
    season_on_its_way: Season, owner: FlaskClient
) -> None:
    page = re.sub(r"\s+", " ", owner.get("/employer").text)
    counts = {
        label: number
        for number, label in re.findall(
            r'__number">(\d+)</span> <span class="saphan-count__label">([^<]+)<', page
        )
    }
    assert (counts["may work"], counts["missing from you"], counts["with the office"]) == ("1", "1", "2")
    assert "Workers on their way" in page


def test_every_worker_has_a_first_line(season_on_its_way: Season, owner: FlaskClient) -> None:
    page = owner.get(f"/employers/{ORCHARD}/workers").text
    first = re.sub(r"\s+", " ", page)
    assert "May work until 2" in first
    assert "The application fee is not paid yet · next: Pay the application fee (Employer)" in first
    missing = owner.get(f"/employers/{ORCHARD}/workers?show=employer").text
    assert "SOK DARA B" in missing
    assert "SOK DARA A" not in missing


def test_the_calendar_names_what_ends_when(season_on_its_way: Season, owner: FlaskClient) -> None:
    page = owner.get(f"/employers/{ORCHARD}/calendar").text
    assert "February 2027" in page
    assert "Permit ends" in page
    assert "SOK DARA A" in page
    assert "พฤศจิกายน" not in page


def test_an_employer_sees_nothing_of_a_rival(season_on_its_way: Season, app: Flask) -> None:
    rival = reading_english(app.test_client(), "owner2")
    assert "SOK DARA" not in rival.get("/employer").text
    pages = ("", "/workers", "/calendar", "/requests/new")
    assert {rival.get(f"/employers/{ORCHARD}{page}").status_code for page in pages} == {404}


def test_the_counter_is_the_offices(owner: FlaskClient, app: Flask) -> None:
    paths = (
        "/employers",
        "/employers/new",
        f"/employers/{ORCHARD}/entry",
        f"/employers/{ORCHARD}/accounts/new",
    )
    assert {owner.get(path).status_code for path in paths} == {403}
    gate = reading_english(app.test_client(), "gate")
    assert gate.get(f"/employers/{ORCHARD}").status_code == 403


# --- a demand letter


def test_an_owner_writes_a_demand_letter_and_changes_the_draft(owner: FlaskClient, season: Season) -> None:
    path = f"/employers/{ORCHARD}/requests/new"
    page = owner.get(path)
    answer = owner.post(path, data=form_of(page) | demand())
    request = newest_request(season)
    assert "To tell the district within 24 hours when a worker is dismissed" in page.text
    assert answer.location.endswith(f"/cases/{request.reference}")
    assert (request.state, request.office) == ("drafted", "PNR")
    change = owner.get(f"/cases/{request.reference}/steps/revise_draft")
    owner.post(
        change.request.path, data=form_of(change) | demand(men="5", employer=season.cast.entries["orchard"])
    )
    assert newest_request(season).last("revise_draft").evidence.men == 5


def test_what_is_wrong_in_a_demand_letter_is_said_and_nothing_is_stored(
    owner: FlaskClient, season: Season
) -> None:
    path = f"/employers/{ORCHARD}/requests/new"
    before = events(season)
    page = owner.get(path)
    answer = owner.post(path, data=form_of(page) | demand(men="many", receive_on="1/1/2569"))
    assert answer.status_code == 422
    assert "“many” is not a whole number." in answer.text
    past = owner.post(path, data=form_of(page) | demand(receive_on="1/1/2569"))
    assert "The date to receive the workers has passed." in past.text
    assert events(season) == before


def test_a_demand_letter_sent_twice_is_one_request(owner: FlaskClient, season: Season) -> None:
    path = f"/employers/{ORCHARD}/requests/new"
    sent = form_of(owner.get(path)) | demand()
    answers = {owner.post(path, data=sent).location for _ in range(2)}
    assert len(answers) == 1
    season.desk.session.rollback()
    assert season.desk.session.scalar(select(func.count()).select_from(Case).filter_by(flow="request")) == 1


def test_a_demand_letter_stays_the_own_one(owner: FlaskClient, season: Season) -> None:
    path = f"/employers/{ORCHARD}/requests/new"
    sent = form_of(owner.get(path)) | demand(employer=season.cast.entries["orchard2"])
    assert owner.post(path, data=sent).status_code == 422


def test_the_undertakings_stand_where_the_request_is_submitted(owner: FlaskClient, season: Season) -> None:
    path = f"/employers/{ORCHARD}/requests/new"
    owner.post(path, data=form_of(owner.get(path)) | demand())
    request = newest_request(season)
    page = owner.get(f"/cases/{request.reference}/steps/submit_request")
    assert "To provide housing for the foreign workers" in page.text
    refused = owner.post(page.request.path, data=form_of(page) | {"accepted": "no", "signed_by": "Somchai"})
    assert "The undertakings must be accepted to submit the request." in refused.text
    owner.post(page.request.path, data=form_of(page) | {"accepted": "yes", "signed_by": "Somchai"})
    assert newest_request(season).state == "submitted"


def test_the_next_letter_starts_from_the_last(owner: FlaskClient, season: Season) -> None:
    path = f"/employers/{ORCHARD}/requests/new"
    owner.post(path, data=form_of(owner.get(path)) | demand(workplace="สวนใหม่ หมู่ 7"))
    assert "สวนใหม่ หมู่ 7" in owner.get(path).text


# --- an employer who came in person


def entry(**other: str) -> dict[str, str]:
    twelve = "022556900009"
    typed = {
        "kind_of": "juristic", "name": "สวนทุเรียนหน้าเคาน์เตอร์", "number": f"{twelve}{check_digit(twelve)}",
        "business": "ปลูกทุเรียน", "address": "1 หมู่ 1 ตำบลทับไทร", "signatory": "นายมา เอง",
    }  # fmt: skip
    return typed | other


def test_an_officer_files_for_a_walk_in_employer_and_opens_the_account(
    officer: FlaskClient, app: Flask, season: Season
) -> None:
    page = officer.get("/employers/new")
    entered = officer.post("/employers/new", data=form_of(page) | entry())
    home = entered.location
    path = f"{home}/requests/new"
    officer.post(
        path, data=form_of(officer.get(path)) | demand(**{"act-on_behalf_of": "employer", "act-note": ""})
    )
    request = newest_request(season)
    assert (request.history[0].on_behalf_of, request.history[0].role) == ("employer", "officer")
    slip = officer.post(f"{home}/accounts/new", data=form_of(officer.get(f"{home}/accounts/new")) | account())
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", slip.text)[0]
    own = app.test_client()
    welcomed = send(own, "/first-sign-in", user_name="0810000099", code=code)
    password = "ลำไย ร้อยตะกร้า ริมทาง"
    send(own, welcomed.location, password=password, again=password)
    assert request.reference in own.get("/employer").text


def account(**other: str) -> dict[str, str]:
    return {"user_name": "0810000099", "name": "นายมา เอง", "agent": "no", **other}


def test_an_employer_is_entered_only_once(officer: FlaskClient, season: Season) -> None:
    page = officer.get("/employers/new")
    sent = form_of(page) | entry()
    assert (
        officer.post("/employers/new", data=sent).location
        == officer.post("/employers/new", data=sent).location
    )
    again = officer.post("/employers/new", data=form_of(officer.get("/employers/new")) | entry(name="อีกชื่อ"))
    assert "This number is in the register already" in again.text
    season.desk.session.rollback()
    names = season.desk.session.scalars(select(RegisterEntry.name).filter_by(register="employer")).all()
    assert len(names) == 3


def test_an_employer_is_found_by_name_and_number_and_changed(officer: FlaskClient, season: Season) -> None:
    assert ORCHARD in officer.get("/employers?q=ลำไยตัวอย่าง").text
    assert ORCHARD in officer.get(f"/employers?q={group_juristic_number(ORCHARD_FACTS.number)}").text
    assert "No employer was found" in officer.get("/employers?q=zzz").text
    page = officer.get(f"/employers/{ORCHARD}/entry")
    changed = entry(name="สวนลำไยตัวอย่าง (สาขา)", number=ORCHARD_FACTS.number)
    assert officer.post(page.request.path, data=form_of(page) | changed).status_code == 303
    assert "สวนลำไยตัวอย่าง (สาขา)" in officer.get(f"/employers/{ORCHARD}").text


def test_a_user_name_that_is_taken_is_refused(officer: FlaskClient, season: Season) -> None:
    path = f"/employers/{ORCHARD}/accounts/new"
    taken = officer.post(path, data=form_of(officer.get(path)) | account(user_name="Registrar"))
    short = officer.post(path, data=form_of(officer.get(path)) | account(user_name="ก"))
    assert "This user name is taken" in taken.text
    assert "Write the user name with small letters" in short.text


def test_a_slip_opens_only_accounts_of_that_employer(officer: FlaskClient, season: Season) -> None:
    accounts = dict(season.desk.session.execute(select(Account.user_name, Account.reference)).all())
    data = {"csrf_token": token(officer.get("/account"))}
    for victim in ("registrar", "admin", "owner2"):
        answer = officer.post(f"/employers/{ORCHARD}/accounts/{accounts[victim]}/slip", data=data)
        assert answer.status_code == 404
    own = officer.post(f"/employers/{ORCHARD}/accounts/{accounts['owner']}/slip", data=data)
    assert re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", own.text)


def test_another_province_files_for_an_employer_and_changes_nothing_of_his(
    officer: FlaskClient, season: Season
) -> None:
    elsewhere = replace(season.cast["officer"], office="TRT", province="23")
    subject = season.cast.entries["orchard"]
    account = season.desk.session.scalars(select(Account.reference).filter_by(user_name="owner")).one()
    assert employers.keeps(season.desk, season.cast["officer"], subject)
    assert not employers.keeps(season.desk, elsewhere, subject)
    with pytest.raises(NotYours):
        employers.give_slip(season.desk, elsewhere, subject, account)


def test_the_scan_of_the_signed_letter_comes_into_the_file(officer: FlaskClient, season: Season) -> None:
    path = f"/employers/{ORCHARD}/requests/new"
    scan = (io.BytesIO(drawn_photo(Chance.of(5))), "letter.jpg")
    sent = form_of(officer.get(path)) | demand(**{"act-on_behalf_of": "employer"})
    answer = officer.post(path, data=sent | {"act-scan": scan}, content_type="multipart/form-data")
    attached = newest_request(season).last("attach_file")
    assert attached.evidence.shows == "signed_form"
    assert "Signed form" in officer.get(answer.location).text


def test_a_new_slip_ends_the_old_password(officer: FlaskClient, owner: FlaskClient, season: Season) -> None:
    account = season.desk.session.scalar(select(Account.reference).filter_by(user_name="owner"))
    data = {"csrf_token": token(officer.get("/account"))}
    officer.post(f"/employers/{ORCHARD}/accounts/{account}/slip", data=data)
    assert owner.get("/employer").status_code == 302
