"""Visits: when they begin, what ends them, what needs a fresh proof, what the store keeps of them."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.signing_in import PASSWORD, code_shown, is_in, press, send, sign_in_as, token, writing
from workflow.demonstration import Calendar
from workflow.domain.actor import Role
from workflow.people import actor_named
from workflow.store import accounts, factors
from workflow.store.database import db
from workflow.store.projections import Account
from workflow.store.visits import Visit
from workflow.web.access import allow, current_actor
from workflow.web.stepup import fresh_second_factor

OFFICIAL, EMPLOYER = "officer", "owner"
GOOD_PASSWORD = "มะม่วง สามฤดู ริมน้ำ"
MINUTE = timedelta(minutes=1)


def ticket(client: FlaskClient) -> str:
    with client.session_transaction() as cookie:
        return cookie.get("visit", "")


def test_each_sign_in_gives_a_new_ticket_and_ends_the_old_visit(app: Flask, client: FlaskClient) -> None:
    tickets = []
    for _ in range(2):
        send(client, "/sign-in", user_name=OFFICIAL, password=PASSWORD)
        tickets.append(ticket(client))
        send(client, "/sign-in/second-factor", code=code_shown(client.get("/sign-in/second-factor")))
        tickets.append(ticket(client))
        press(client, "/sign-out", seen_on="/account")
    assert len(set(tickets)) == 4
    with app.app_context():
        visits = db.session.scalars(select(Visit)).all()
    assert len(visits) == 4
    assert all(visit.ended_at for visit in visits)
    assert not {visit.digest for visit in visits} & set(tickets)


def test_a_stolen_cookie_is_worthless_after_sign_out(app: Flask, client: FlaskClient) -> None:
    sign_in_as(client, EMPLOYER)
    thief = app.test_client()
    thief.set_cookie("saphan", client.get_cookie("saphan").value)
    assert is_in(thief)
    press(client, "/sign-out", seen_on="/account")
    assert not is_in(thief)


def test_signing_out_needs_the_form_of_this_site(client: FlaskClient) -> None:
    sign_in_as(client, EMPLOYER)
    assert client.post("/sign-out").status_code == 400
    assert is_in(client)


@pytest.mark.parametrize(("user_name", "idle"), [(OFFICIAL, 30), (EMPLOYER, 120)])
def test_an_unused_visit_ends(client: FlaskClient, calendar: Calendar, user_name: str, idle: int) -> None:
    sign_in_as(client, user_name)
    calendar.moment += (idle - 1) * MINUTE
    assert is_in(client)
    calendar.moment += (idle + 1) * MINUTE
    assert client.get("/account").location == "/sign-in?next=/account"
    assert "ไม่ได้ใช้งานระยะหนึ่ง" in client.get("/sign-in").text


def test_a_visit_ends_after_ten_hours_however_busy(client: FlaskClient, calendar: Calendar) -> None:
    sign_in_as(client, OFFICIAL)
    for _ in range(23):
        calendar.moment += 25 * MINUTE
        assert is_in(client)
    calendar.moment += 25 * MINUTE
    assert not is_in(client)


@pytest.mark.parametrize(
    "change",
    [{"closed": True}, {"valid_until": date(2026, 11, 22)}, {"role": "cashier"}],
    ids=lambda change: next(iter(change)),
)
def test_a_visit_ends_with_its_account_or_role(
    app: Flask, client: FlaskClient, change: dict[str, object]
) -> None:
    sign_in_as(client, OFFICIAL)
    with writing(app) as session:
        session.execute(update(Account).where(Account.user_name == OFFICIAL).values(**change))
    assert not is_in(client)


def test_signing_out_everywhere_spares_this_browser(app: Flask, client: FlaskClient) -> None:
    sign_in_as(client, EMPLOYER)
    other = app.test_client()
    sign_in_as(other, EMPLOYER)
    press(client, "/account/sign-out-everywhere", seen_on="/account")
    assert is_in(client)
    assert not is_in(other)


def test_changing_the_password_ends_other_visits(app: Flask, client: FlaskClient) -> None:
    other = app.test_client()
    sign_in_as(other, EMPLOYER)
    sign_in_as(client, EMPLOYER)
    new = {"password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
    assert "รหัสผ่านปัจจุบันไม่ถูกต้อง" in send(client, "/account/password", present="wrong", **new).text
    assert send(client, "/account/password", present=PASSWORD, **new).status_code == 302
    assert is_in(client)
    assert not is_in(other)
    sign_in_as(other, EMPLOYER, GOOD_PASSWORD)


# --- a fresh proof


@pytest.fixture
def weighty(app: Flask) -> dict:
    """A page that needs a fresh proof; what reached it."""
    reached: dict = {}

    @allow(Role.OFFICER, Role.EMPLOYER)
    @fresh_second_factor(5)
    def decide() -> str:
        reached.update(request.form, who=current_actor().name)
        return "reached"

    app._got_first_request = False
    app.add_url_rule("/decide", "decide", decide, methods=["GET", "POST"])
    return reached


def test_a_weighty_page_asks_again_and_keeps_what_was_typed(
    client: FlaskClient, calendar: Calendar, weighty: dict
) -> None:
    sign_in_as(client, OFFICIAL)
    assert client.get("/decide").text == "reached"
    calendar.moment += 6 * MINUTE
    form_token = token(client.get("/account"))
    asked = client.post("/decide", data={"reason": "<เอกสารครบ>", "csrf_token": form_token})
    assert asked.status_code == 403
    assert 'name="reason" value="&lt;เอกสารครบ&gt;"' in asked.text
    proof = {"reason": "<เอกสารครบ>", "csrf_token": form_token}
    assert client.post("/decide", data={**proof, "fresh_proof": "000000"}).status_code == 403
    assert "reason" not in weighty
    answer = client.post("/decide", data={**proof, "fresh_proof": code_shown(asked)})
    assert answer.text == "reached"
    assert weighty["reason"] == "<เอกสารครบ>"
    assert "fresh_proof" not in weighty


def test_a_weighty_page_that_is_only_looked_at_leads_through_the_proof(
    client: FlaskClient, calendar: Calendar, weighty: dict
) -> None:
    sign_in_as(client, EMPLOYER)
    calendar.moment += 6 * MINUTE
    asked = client.get("/decide?case=7")
    assert 'type="password"' in asked.text
    where = re.search(r'<form method="post" action="([^"]+)"', asked.text)[1].replace("&amp;", "&")
    wrong = send(client, where, fresh_proof="wrong")
    assert wrong.status_code == 403
    assert send(client, where, fresh_proof=PASSWORD).location == "/decide?case=7"
    assert client.get("/decide").text == "reached"


# --- what is kept


def test_no_secret_is_kept_as_it_is(app: Flask, client: FlaskClient) -> None:
    sign_in_as(client, EMPLOYER)
    with app.app_context():
        kept = [
            str(vars(row)) for kind in (accounts.Secret, Visit) for row in db.session.scalars(select(kind))
        ]
    assert not any(PASSWORD in row or ticket(client) in row for row in kept)


def test_a_second_factor_sealed_for_one_account_opens_no_other(app: Flask, calendar: Calendar) -> None:
    with writing(app) as session:
        officer, clerk = (actor_named(session, name).account for name in (OFFICIAL, "clerk"))
        accounts.secret_of(session, clerk).totp = accounts.secret_of(session, officer).totp
        assert factors.next_code(session, officer, calendar()) is not None
        assert factors.next_code(session, clerk, calendar()) is None


# --- the own account


def test_new_recovery_codes_end_the_old_ones(app: Flask, client: FlaskClient) -> None:
    with writing(app) as session:
        account = actor_named(session, OFFICIAL).account
        old = factors.make_recovery_codes(session, account)[0]
    sign_in_as(client, OFFICIAL)
    assert "10" in client.get("/account").text
    new = re.findall(r"saphan-code\">([A-Z2-9-]{19})<", send(client, "/account/recovery-codes").text)
    assert (len(new), old in new) == (10, False)
    with writing(app) as session:
        assert not factors.spend_recovery_code(session, account, old, app.config["CLOCK"]())
        assert factors.recovery_codes_left(session, account) == 10


def test_another_telephone_takes_the_place_of_the_old_one(app: Flask, client: FlaskClient) -> None:
    with writing(app) as session:
        account = actor_named(session, OFFICIAL).account
    sign_in_as(client, OFFICIAL)
    with app.app_context():
        old = db.session.get(accounts.Secret, account).totp
    page = client.get("/account/second-factor")
    with app.app_context():
        assert db.session.get(accounts.Secret, account).totp == old
    send(client, "/account/second-factor", code=code_shown(page))
    with app.app_context():
        assert db.session.get(accounts.Secret, account).totp != old
    assert is_in(client)
    sign_in_as(app.test_client(), OFFICIAL)


def test_an_employer_may_have_a_second_factor_too(app: Flask, client: FlaskClient) -> None:
    sign_in_as(client, EMPLOYER)
    send(client, "/account/second-factor", code=code_shown(client.get("/account/second-factor")))
    answer = send(app.test_client(), "/sign-in", user_name=EMPLOYER, password=PASSWORD)
    assert answer.location == "/sign-in/second-factor"
