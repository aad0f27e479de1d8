"""The administrator: sets up an empty office, keeps people and rules, proves himself first, and sees no case."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.signing_in import PASSWORD, is_in, send, sign_in_as, token, writing
from tests.test_casework import ROWS
from workflow import administration, founding
from workflow.administration import SLIP_RUNS
from workflow.app import create_app, prepare
from workflow.config import Config
from workflow.demonstration import Calendar, Season, showcase
from workflow.desk import Desk
from workflow.domain.rulesets import shipped
from workflow.store import factors
from workflow.store.chain import all_events
from workflow.store.database import db
from workflow.store.projections import Account, Case, Document, RegisterEntry, Worker

PAGES = ("/admin", "/admin/accounts", "/admin/offices", "/admin/hospitals", "/admin/rulesets", "/rules")
NEW_OFFICER = {
    "user_name": "Somsri",
    "name": "นางสมศรี มาใหม่",
    "position": "เจ้าพนักงานแรงงาน",
    "office": "PNR",
    "valid_from": "1/10/2569",
}


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in_as(client, "admin")
    return client


def events(desk: Desk) -> int:
    desk.session.rollback()
    return sum(1 for _ in all_events(desk.session))


def account_named(desk: Desk, user_name: str) -> Account:
    desk.session.rollback()
    return desk.session.scalars(select(Account).filter_by(user_name=user_name)).one()


def slip_code(page: TestResponse) -> str:
    return re.findall(r'class="saphan-code">([^<]+)<', page.text)[1]


def ruleset_text() -> str:
    """A new decision of the cabinet, as it would be loaded."""
    old = next(rule for rule in shipped() if rule.id == "S64-UNKNOWN-2025")
    return (
        old.text.replace("S64-UNKNOWN-2025", "S64-NEW")
        .replace('basis = "practice"', 'basis = "cabinet"', 1)
        .replace('value = 7, source = "practice", confidence = "L"', 'value = 77123, source = "bt29", confidence = "U"')
        .replace("Form WP.29 (BT.29)", "Somebody said so")
    )


# --- the first morning


@pytest.fixture
def empty(tmp_path: Path, calendar: Calendar) -> Flask:
    """An office for real work: its rulesets, and nothing else."""
    home = tmp_path / "empty"
    config = Config(
        home=home,
        database=f"sqlite:///{home / 'saphan.sqlite'}",
        site="http://saphan.example",
        demonstration=False,
    )
    app = create_app(config, clock=calendar, trial=True)
    prepare(app)
    return app


@contextmanager
def desk_of(app: Flask, calendar: Calendar) -> Iterator[Desk]:
    with app.app_context(), Session(db.engine) as session:
        yield Desk(session, now=calendar, site="http://saphan.example")


def test_the_first_administrator_sets_an_empty_office_up(empty: Flask, calendar: Calendar) -> None:
    with desk_of(empty, calendar) as desk:
        founding.found(desk)
        link = list(showcase.first_administrator(desk))[-1].strip()
    client = empty.test_client()
    begun = send(client, link.removeprefix("http://saphan.example"))
    chosen = send(client, begun.location, password=PASSWORD, again=PASSWORD)
    secret = re.search(r'class="saphan-code">([A-Z2-7 ]{20,})<', client.get(chosen.location).text)[1]
    send(client, chosen.location, code=pyotp.TOTP(secret.replace(" ", "")).at(calendar()))
    assert is_in(client)
    assert "/admin" in client.get("/").text
    home = client.get("/admin").text
    assert home.index("/admin/offices") < home.index("/admin/accounts/new?role=administrator")
    assert "S64-UNKNOWN-2025" in client.get("/admin/rulesets").text
    assert send(client, "/admin/offices/new", **OFFICE).status_code == 303
    opened = send(client, "/admin/accounts/new?role=officer", **NEW_OFFICER | {"office": "STM"})
    assert opened.status_code == 200
    assert slip_code(opened)
    rules = client.get("/rules").text
    assert "S64-UNKNOWN-2025" in rules
    assert "saphan-notice--stopped" in rules


# --- what the administrator sees


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_and_writes_nothing(admin: FlaskClient, desk: Desk, page: str) -> None:
    before = events(desk)
    assert admin.get(page).status_code == 200
    assert events(desk) == before


@pytest.mark.parametrize(
    "user_name", ["officer", "registrar", "auditor", "owner", "cashier", "hospital", "gate"]
)
def test_nobody_else_comes_in(client: FlaskClient, user_name: str) -> None:
    sign_in_as(client, user_name)
    assert {client.get(page).status_code for page in PAGES[:-1]} == {403}
    assert client.get("/rules").status_code == 200
    assert client.get("/admin/accounts/new?role=registrar").status_code == 403


def test_the_administrator_sees_no_case(admin: FlaskClient, season: Season, desk: Desk) -> None:
    season.request(ROWS)
    reference = desk.session.scalars(select(Case.reference).filter_by(flow="application")).first()
    paper = desk.session.scalars(select(Document.subject)).first()
    closed = (
        f"/cases/{reference}",
        f"/cases/{reference}/papers.pdf",
        f"/cases/{reference}/process",
        f"/papers/{paper}",
        f"/papers/{paper}/view",
        "/many",
        "/audit",
        "/search?q=a",
    )
    assert {path: admin.get(path).status_code in (403, 404) for path in closed} == dict.fromkeys(closed, True)
    names = [
        name
        for row in desk.session.scalars(select(Worker))
        for name in (row.name_latin, row.pass_key)
        if name
    ]
    assert names
    for page in ("/", *PAGES):
        text = admin.get(page, follow_redirects=True).text
        assert not [name for name in (*names, reference) if name in text]


# --- accounts


def test_an_account_is_opened_with_a_slip_that_works_once(app: Flask, admin: FlaskClient, desk: Desk) -> None:
    page = send(admin, "/admin/accounts/new?role=officer", request_id="a", **NEW_OFFICER)
    assert page.status_code == 200
    assert "somsri" in page.text
    made = account_named(desk, "somsri")
    assert (made.role, made.office, made.closed) == ("officer", "PNR", False)
    again = send(admin, "/admin/accounts/new?role=officer", request_id="a", **NEW_OFFICER)
    assert again.status_code == 303
    newcomer = app.test_client()
    answer = send(newcomer, "/first-sign-in", user_name="somsri", code=slip_code(page))
    assert answer.location == "/choose-password"


def test_what_is_wrong_with_an_account_is_told_and_nothing_is_kept(admin: FlaskClient, desk: Desk) -> None:
    before = events(desk)
    wrong = {
        "ตัวอักษร": NEW_OFFICER | {"user_name": "สมศรี"},
        "taken": NEW_OFFICER | {"user_name": "CLERK"},
        "place": {name: value for name, value in NEW_OFFICER.items() if name != "office"},
        "ends": NEW_OFFICER | {"valid_until": "1/1/2560"},
        "elsewhere": NEW_OFFICER | {"office": "NOWHERE"},
    }
    answers = {
        name: send(admin, "/admin/accounts/new?role=officer", **typed) for name, typed in wrong.items()
    }
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(wrong, 422)
    assert all("govuk-error-summary" in answer.text for answer in answers.values())
    assert events(desk) == before
    assert admin.get("/admin/accounts/new?role=system").status_code == 404


def test_a_change_of_role_is_an_event_and_ends_the_visit(app: Flask, admin: FlaskClient, desk: Desk) -> None:
    clerk, reference = app.test_client(), account_named(desk, "clerk").reference
    sign_in_as(clerk, "clerk")
    page = admin.get(f"/admin/accounts/{reference}/change?role=cashier")
    assert "clerk" in page.text
    answer = send(
        admin,
        f"/admin/accounts/{reference}/change?role=cashier",
        **NEW_OFFICER | {"user_name": "clerk", "office": "CTI"},
        seen_version=1,
    )
    assert answer.status_code == 303
    changed = account_named(desk, "clerk")
    assert (changed.role, changed.office, changed.reference) == ("cashier", "CTI", reference)
    assert not is_in(clerk)
    *_, last = all_events(desk.session)
    assert (last.envelope.step, last.envelope.person) == (
        "amend_account",
        account_named(desk, "admin").person,
    )


def test_the_loser_of_a_race_is_told(admin: FlaskClient, desk: Desk) -> None:
    reference = account_named(desk, "clerk").reference
    typed = NEW_OFFICER | {"user_name": "clerk"}
    assert send(admin, f"/admin/accounts/{reference}/change", **typed, seen_version=1).status_code == 303
    late = send(admin, f"/admin/accounts/{reference}/change", **typed | {"name": "Late"}, seen_version=1)
    assert late.status_code == 409
    assert account_named(desk, "clerk").name == NEW_OFFICER["name"]


def test_a_closed_account_is_out_at_once(app: Flask, admin: FlaskClient, desk: Desk) -> None:
    clerk, reference = app.test_client(), account_named(desk, "clerk").reference
    sign_in_as(clerk, "clerk")
    assert send(admin, f"/admin/accounts/{reference}/close", reason="").status_code == 422
    assert send(admin, f"/admin/accounts/{reference}/close", reason="ย้าย").status_code == 303
    assert account_named(desk, "clerk").closed
    assert not is_in(clerk)
    assert "ย้าย" in admin.get(f"/admin/accounts/{reference}").text


def test_nobody_changes_the_own_account(admin: FlaskClient, desk: Desk) -> None:
    own = account_named(desk, "admin").reference
    before = events(desk)
    typed = NEW_OFFICER | {"user_name": "admin"}
    assert (
        send(admin, f"/admin/accounts/{own}/change?role=registrar", **typed, seen_version=1).status_code
        == 422
    )
    assert send(admin, f"/admin/accounts/{own}/close", reason="x").status_code == 422
    page = admin.get("/admin/accounts/new?role=officer")
    answer = admin.post(f"/admin/accounts/{own}/slip", data={"csrf_token": token(page)})
    assert (answer.status_code, answer.location) == (303, f"/admin/accounts/{own}")
    assert events(desk) == before
    assert account_named(desk, "admin").role == "administrator"


def test_a_lost_telephone_loses_factor_and_password(app: Flask, admin: FlaskClient, desk: Desk) -> None:
    reference = account_named(desk, "clerk").reference
    page = admin.post(
        f"/admin/accounts/{reference}/lost-telephone",
        data={"csrf_token": token(admin.get(f"/admin/accounts/{reference}"))},
    )
    assert slip_code(page)
    desk.session.rollback()
    assert not factors.has_second_factor(desk.session, reference)
    refused = send(app.test_client(), "/sign-in", user_name="clerk", password=PASSWORD)
    assert refused.status_code != 302


def test_the_slip_ends_after_some_days(
    app: Flask, admin: FlaskClient, desk: Desk, calendar: Calendar
) -> None:
    page = send(admin, "/admin/accounts/new?role=officer", **NEW_OFFICER)
    calendar.moment += SLIP_RUNS
    late = send(app.test_client(), "/first-sign-in", user_name="somsri", code=slip_code(page))
    assert late.status_code != 302


def test_account_changes_ask_for_a_fresh_proof(admin: FlaskClient, desk: Desk, calendar: Calendar) -> None:
    reference = account_named(desk, "clerk").reference
    calendar.moment += SLIP_RUNS / 288
    page = admin.get(f"/admin/accounts/{reference}/change")
    assert "fresh_proof" in page.text
    asked = send(admin, f"/admin/accounts/{reference}/close", reason="kept words")
    assert (asked.status_code, "kept words" in asked.text) == (403, True)
    assert not account_named(desk, "clerk").closed


def test_the_same_person_keeps_one_person_over_two_accounts(admin: FlaskClient, desk: Desk) -> None:
    officer = account_named(desk, "officer")
    typed = NEW_OFFICER | {"office": "CTI", "same_person": officer.person}
    send(admin, "/admin/accounts/new?role=registrar", **typed)
    assert account_named(desk, "somsri").person == officer.person


def test_a_gate_is_named_as_the_rules_name_it(admin: FlaskClient, desk: Desk) -> None:
    gate = account_named(desk, "gate").reference
    for page in ("/admin/accounts", f"/admin/accounts/{gate}"):
        shown = admin.get(page).text
        assert "บ้านแหลม" in shown
        assert "ban_laem" not in shown


def test_an_unknown_account_is_not_found(admin: FlaskClient) -> None:
    paths = (
        "/admin/accounts/X",
        "/admin/accounts/X/change",
        "/admin/offices/X",
        "/admin/hospitals/PNR",
        "/admin/rulesets/X",
    )
    assert {admin.get(path).status_code for path in paths} == {404}


# --- offices and hospitals


def picture() -> io.BytesIO:
    kept = io.BytesIO()
    Image.new("RGBA", (40, 40), (200, 0, 0, 0)).save(kept, "PNG")
    return io.BytesIO(kept.getvalue())


OFFICE = {
    "code": "stm",
    "kind_of": "district",
    "name_th": "ที่ว่าการอำเภอสอยดาว",
    "name_en": "Soi Dao District Office",
    "province": "22",
    "address": "สอยดาว",
}


def test_an_office_is_entered_with_its_emblem(admin: FlaskClient, desk: Desk) -> None:
    answer = send(admin, "/admin/offices/new", **OFFICE, emblem=(picture(), "emblem.png"))
    assert answer.status_code == 303
    entry = administration.entry(desk, "office", "STM")
    assert (entry.name, entry.state) == (OFFICE["name_th"], "listed")
    shown = admin.get("/admin/offices/STM/emblem")
    with Image.open(io.BytesIO(shown.data)) as emblem:
        assert emblem.getpixel((20, 20)) == (255, 255, 255)
    assert send(admin, "/admin/offices/new", **OFFICE).status_code == 422
    assert send(admin, "/admin/offices/new", **OFFICE | {"code": "S-1"}).status_code == 422


def test_a_broken_emblem_enters_no_office(admin: FlaskClient, desk: Desk) -> None:
    answer = send(admin, "/admin/offices/new", **OFFICE, emblem=(io.BytesIO(b"GIF89a"), "emblem.png"))
    assert answer.status_code == 422
    assert desk.session.get(RegisterEntry, "STM") is None


def test_the_letterhead_changes_the_code_does_not(admin: FlaskClient, desk: Desk) -> None:
    typed = OFFICE | {"code": "NEW", "phone": "039 111 111"}
    assert send(admin, "/admin/offices/PNR/change", **typed, seen_version=1).status_code == 303
    entry = administration.entry(desk, "office", "PNR")
    assert (entry.stated["code"], entry.stated["phone"]) == ("PNR", "039 111 111")


def test_an_office_with_people_is_not_closed(admin: FlaskClient, desk: Desk) -> None:
    assert send(admin, "/admin/offices/PNR/close", reason="x").status_code == 422
    assert administration.entry(desk, "office", "PNR").state == "listed"


def test_a_hospital_is_entered_changed_and_closed(admin: FlaskClient, desk: Desk) -> None:
    typed = {"name": "โรงพยาบาลสอยดาว", "address": "สอยดาว", "government": "yes"}
    path = send(admin, "/admin/hospitals/new", **typed).location
    assert send(admin, f"{path}/change", **typed | {"phone": "039 1"}, seen_version=1).status_code == 303
    assert "039 1" in admin.get(path).text
    assert send(admin, f"{path}/close", reason="ปิด").status_code == 303
    assert administration.entry(desk, "hospital", path.rsplit("/", 1)[1]).state == "closed"


# --- rules


def test_what_applies_today_names_source_and_certainty(admin: FlaskClient) -> None:
    text = admin.get("/rules?lang=en", follow_redirects=True).text
    assert "Invented for the demonstration" in text
    basis = next(rule.legal_basis for rule in shipped() if rule.id == "DEMO")
    for language in ("th", "km", "en"):
        assert basis[language] in admin.get(f"/rules?lang={language}", follow_redirects=True).text


def test_two_persons_bring_a_ruleset_into_force(app: Flask, admin: FlaskClient, desk: Desk) -> None:
    path = send(admin, "/admin/rulesets/new", text=ruleset_text()).location
    page = admin.get(path).text
    assert "Somebody said so" in page
    assert "77,123" not in page
    assert send(admin, f"{path}/confirm_ruleset").status_code == 422
    opened = send(
        admin,
        "/admin/accounts/new?role=administrator",
        **{k: v for k, v in NEW_OFFICER.items() if k != "office"},
    )
    assert opened.status_code == 200
    reference = account_named(desk, "somsri").reference
    with writing(app) as session:
        factors.equip_for_demonstration(session, [reference], PASSWORD, desk.now())
    second = app.test_client()
    sign_in_as(second, "somsri")
    assert send(second, f"{path}/confirm_ruleset").status_code == 303
    assert state_of(desk.session, path) == "listed"
    assert send(second, f"{path}/close_ruleset", reason="wrong").status_code == 303
    assert state_of(desk.session, path) == "closed"


def state_of(session: Session, path: str) -> str:
    session.rollback()
    return session.get(RegisterEntry, path.rsplit("/", 1)[1]).state


IN_NO_LANGUAGE = re.sub(r"(legal_basis)\.th(.*)\n.*\n.*\n", r"\1\2\n", shipped()[0].text)


@pytest.mark.parametrize("text", ["", "[", "[ruleset]\nid = 1", "x = 1", IN_NO_LANGUAGE])
def test_a_text_that_is_no_ruleset_is_refused(admin: FlaskClient, desk: Desk, text: str) -> None:
    before = events(desk)
    assert send(admin, "/admin/rulesets/new", text=text).status_code == 422
    assert events(desk) == before


def test_a_ruleset_that_is_there_already_is_refused(admin: FlaskClient) -> None:
    text = next(rule.text for rule in shipped() if rule.id == "S64-UNKNOWN-2025")
    assert send(admin, "/admin/rulesets/new", text=text).status_code == 422
