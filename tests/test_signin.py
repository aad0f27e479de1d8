"""Sign-in as people meet it: right and wrong proofs, slips and links, guessing slowed down."""

import re
from datetime import timedelta

import pytest
from argon2 import Type, extract_parameters
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.signing_in import PASSWORD, code_shown, is_in, send, sign_in_as, writing
from tests.thrift import OFFICE_HASHER
from workflow.demonstration import Calendar
from workflow.people import actor_named
from workflow.store import accounts, factors, passwords
from workflow.store.attempts import Attempt
from workflow.store.database import db
from workflow.web.signin import safe_path

OFFICIAL, EMPLOYER, NOBODY = "officer", "owner", "nobody"
GOOD_PASSWORD = "มะม่วง สามฤดู ริมน้ำ"
NOT_RIGHT = "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง"
SLOW_DOWN = "พยายามหลายครั้งเกินไป"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def slip(app: Flask, calendar: Calendar) -> str:
    """The one-time code of a new official."""
    with writing(app) as session:
        account = actor_named(session, OFFICIAL).account
        factors.forget_second_factor(session, account)
        return accounts.invite(session, account, calendar(), timedelta(days=14))


# --- password and second factor


def test_an_official_comes_in_by_password_and_code(client: FlaskClient) -> None:
    answer = send(client, "/sign-in", user_name=OFFICIAL, password=PASSWORD)
    assert answer.location == "/sign-in/second-factor"
    assert not is_in(client)
    answer = send(client, answer.location, code=code_shown(client.get(answer.location)))
    assert answer.location == "/"
    assert is_in(client)


def test_an_employer_needs_no_second_factor_and_no_e_mail(client: FlaskClient) -> None:
    assert sign_in_as(client, EMPLOYER).location == "/"
    assert is_in(client)


def test_a_user_name_may_be_typed_in_capitals_and_a_code_in_thai_figures(client: FlaskClient) -> None:
    answer = send(client, "/sign-in", user_name=" Officer ", password=PASSWORD)
    code = code_shown(client.get(answer.location)).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    assert send(client, answer.location, code=code[:3] + " " + code[3:]).location == "/"


def test_a_code_works_once(app: Flask, client: FlaskClient) -> None:
    page = send(client, "/sign-in", user_name=OFFICIAL, password=PASSWORD).location
    code = code_shown(client.get(page))
    assert send(client, page, code=code).status_code == 302
    other = app.test_client()
    page = send(other, "/sign-in", user_name=OFFICIAL, password=PASSWORD).location
    assert "รหัสไม่ถูกต้องหรือถูกใช้ไปแล้ว" in send(other, page, code=code).text
    assert not is_in(other)


def test_unknown_and_known_names_are_refused_alike(client: FlaskClient) -> None:
    known = send(client, "/sign-in", user_name=OFFICIAL, password="not the password")
    unknown = send(client, "/sign-in", user_name=NOBODY, password="not the password")
    assert NOT_RIGHT in known.text
    assert known.status_code == unknown.status_code == 200

    def plain(page: str) -> str:
        return re.sub(r'value="[^"]*"', "", page)

    assert plain(known.text) == plain(unknown.text)


def test_unknown_names_cost_a_hash_like_known_ones(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified = []
    real = passwords.HASHER
    monkeypatch.setattr(passwords, "HASHER", type("Counting", (), {
        "verify": staticmethod(lambda kept, typed: verified.append(kept[:9]) or real.verify(kept, typed)),
        "hash": staticmethod(real.hash),
        "check_needs_rehash": staticmethod(real.check_needs_rehash),
    }))  # fmt: skip
    for name in (OFFICIAL, NOBODY):
        send(client, "/sign-in", user_name=name, password="not the password")
        send(client, "/first-sign-in", user_name=name, code="ABCD-EFGH-JKLM")
    assert verified == ["$argon2id"] * 4


def test_the_office_keeps_passwords_at_a_cost() -> None:
    kept = extract_parameters(OFFICE_HASHER.hash(PASSWORD))
    assert (kept.type, kept.hash_len) == (Type.ID, 32)
    assert (kept.time_cost, kept.memory_cost) >= (3, 64 * 1024)  # RFC 9106, the second recommended way


def test_an_old_form_keeps_the_user_name_and_asks_again(client: FlaskClient) -> None:
    page = client.post("/sign-in", data={"user_name": OFFICIAL, "password": PASSWORD, "csrf_token": "old"})
    assert page.status_code == 200
    assert "เปิดหน้านี้ค้างไว้นานเกินไป" in page.text
    assert f'value="{OFFICIAL}"' in page.text
    assert not is_in(client)


def test_the_code_is_shown_in_demonstrations_only(app: Flask, client: FlaskClient) -> None:
    app.config["DEMONSTRATION"] = False
    page = client.get(send(client, "/sign-in", user_name=OFFICIAL, password=PASSWORD).location)
    assert "saphan-code" not in page.text
    assert "officer" not in client.get("/sign-in").text


@pytest.mark.parametrize(("late", "right"), [(90, False), (-90, False), (-30, True), (30, True)])
def test_a_telephone_may_run_half_a_minute_wrong_but_not_more(
    app: Flask, calendar: Calendar, late: int, right: bool
) -> None:
    account, telephone = "account", calendar() + timedelta(seconds=late)
    with writing(app) as session:
        secret = factors.offer_second_factor(session, account)
        shown = factors.pyotp.HOTP(secret).at(int(telephone.timestamp()) // factors.INTERVAL)
        assert factors.confirm_second_factor(session, account, shown, calendar()) is right


def test_onward_leads_only_to_this_site(client: FlaskClient) -> None:
    assert client.get("/account?x=1").location == "/sign-in?next=/account?x%3D1"
    client.get("/account?x=1", follow_redirects=True)
    assert sign_in_as(client, EMPLOYER).location == "/account?x=1"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\nb", None):
        assert safe_path(elsewhere) == "/"


# --- the first time


def test_an_official_begins_with_slip_password_telephone_and_codes(client: FlaskClient, slip: str) -> None:
    answer = send(client, "/first-sign-in", user_name=OFFICIAL, code=slip.lower().replace("-", " "))
    assert answer.location == "/choose-password"
    answer = send(client, answer.location, password=GOOD_PASSWORD, again=GOOD_PASSWORD)
    assert answer.location == "/sign-in/set-up"
    page = client.get(answer.location)
    assert "<svg" in page.text
    assert not is_in(client)
    codes = send(client, answer.location, code=code_shown(page))
    sheet = re.findall(r"saphan-code\">([A-Z2-9]{4}(?:-[A-Z2-9]{4}){3})<", codes.text)
    assert len(set(sheet)) == 10
    assert is_in(client)


def test_a_slip_works_once_and_ends_the_old_password(app: Flask, client: FlaskClient, slip: str) -> None:
    assert NOT_RIGHT in send(client, "/sign-in", user_name=OFFICIAL, password=PASSWORD).text
    send(client, "/first-sign-in", user_name=OFFICIAL, code=slip)
    send(client, "/choose-password", password=GOOD_PASSWORD, again=GOOD_PASSWORD)
    other = app.test_client()
    assert send(other, "/first-sign-in", user_name=OFFICIAL, code=slip).status_code == 200


def test_a_slip_ends_with_its_time(client: FlaskClient, calendar: Calendar, slip: str) -> None:
    calendar.next_day(15)
    assert send(client, "/first-sign-in", user_name=OFFICIAL, code=slip).status_code == 200


@pytest.mark.parametrize(
    ("password", "again"),
    [
        ("short", "short"),
        ("password1234", "password1234"),
        ("081234567890", "081234567890"),
        ("aaaaaaaaaaaab", "aaaaaaaaaaaab"),
        ("my officer at work", "my officer at work"),
        (GOOD_PASSWORD, "another good password"),
        ("", ""),
    ],
)
def test_a_weak_password_is_refused_with_words(
    client: FlaskClient, slip: str, password: str, again: str
) -> None:
    send(client, "/first-sign-in", user_name=OFFICIAL, code=slip)
    page = send(client, "/choose-password", password=password, again=again)
    assert page.status_code == 200
    assert "มีข้อที่ต้องแก้ไข" in page.text


def test_a_link_opens_an_account_once_and_is_not_used_up_by_looking(
    app: Flask, client: FlaskClient, calendar: Calendar
) -> None:
    with writing(app) as session:
        account = actor_named(session, "admin").account
        link = f"/begin/{accounts.invite_by_link(session, account, calendar(), timedelta(hours=24))}"
    assert client.get(link).status_code == client.get(link).status_code == 200
    assert send(client, link).location == "/choose-password"
    send(client, "/choose-password", password=GOOD_PASSWORD, again=GOOD_PASSWORD)
    assert client.get(link).status_code == 404


def test_a_link_ends_after_a_day(app: Flask, client: FlaskClient, calendar: Calendar) -> None:
    with writing(app) as session:
        account = actor_named(session, "admin").account
        token = accounts.invite_by_link(session, account, calendar(), timedelta(hours=24))
    calendar.moment += timedelta(hours=24)
    assert client.get(f"/begin/{token}").status_code == 404


def test_a_recovery_code_lets_in_once(app: Flask, client: FlaskClient) -> None:
    with writing(app) as session:
        code = factors.make_recovery_codes(session, actor_named(session, OFFICIAL).account)[3]
    for once, status in ((client, 302), (app.test_client(), 200)):
        page = send(once, "/sign-in", user_name=OFFICIAL, password=PASSWORD).location
        assert send(once, page, code=code.lower()).status_code == status


# --- throttling


@pytest.mark.parametrize("user_name", [OFFICIAL, NOBODY])
def test_the_sixth_failure_in_a_minute_is_refused_whatever_it_says(
    client: FlaskClient, calendar: Calendar, user_name: str
) -> None:
    for _ in range(5):
        assert send(client, "/sign-in", user_name=user_name, password="wrong").status_code == 200
    refused = send(client, "/sign-in", user_name=user_name, password=PASSWORD)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert SLOW_DOWN in refused.text
    calendar.moment += 2 * MINUTE
    assert send(client, "/sign-in", user_name=user_name, password="wrong").status_code == 200


def test_one_address_may_not_try_many_names(client: FlaskClient) -> None:
    for number in range(20):
        send(client, "/sign-in", user_name=f"guess{number}", password="wrong")
    assert send(client, "/sign-in", user_name=OFFICIAL, password=PASSWORD).status_code == 429
    elsewhere = client.get("/sign-in", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 200


def test_right_proofs_are_not_counted(client: FlaskClient) -> None:
    for _ in range(8):
        sign_in_as(client, EMPLOYER)
        client.delete_cookie("saphan")


def test_second_factors_cannot_be_guessed_for_days(client: FlaskClient, calendar: Calendar) -> None:
    page = send(client, "/sign-in", user_name=OFFICIAL, password=PASSWORD).location
    for _ in range(4):
        for _ in range(5):
            send(client, page, code="000000")
        calendar.moment += 2 * MINUTE
    assert send(client, page, code="000000").status_code == 429


def test_attempts_are_noted_before_they_are_judged(app: Flask, client: FlaskClient) -> None:
    send(client, "/sign-in", user_name=NOBODY, password="a secret typed by mistake")
    with app.app_context():
        attempt = db.session.scalars(select(Attempt)).one()
    assert (attempt.succeeded, attempt.address) == (False, "127.0.0.1")
    assert NOBODY not in attempt.name
