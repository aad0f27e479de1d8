"""The frame of every page: headers, languages, errors in words, forms that lose nothing, parts that escape."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from werkzeug.datastructures import Headers, MultiDict

from tests.parts_page import HOSTILE, Parts, add_parts_page
from tests.signing_in import press, send, sign_in_as, token
from workflow.web.shown import show_browser, show_date, show_moment, show_money
from workflow.web.ui import draw_field, problems

TEMPLATES = sorted((Path(__file__).parent.parent / "templates").rglob("*.html"))


@pytest.fixture
def saved(app: Flask) -> list[dict[str, list[str]]]:
    """What the forms of the parts page saved."""
    return add_parts_page(app)


# --- headers


def headers_of(client: FlaskClient, path: str) -> Headers:
    with client.get(path) as answer:
        return answer.headers


def test_every_answer_carries_the_headers(client: FlaskClient) -> None:
    for path in ("/sign-in", "/account", "/nothing", "/static/img/saphan.svg"):
        headers = headers_of(client, path)
        assert headers["Content-Security-Policy"] == (
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers


def test_pages_are_kept_nowhere_and_files_for_a_year(client: FlaskClient) -> None:
    page = client.get("/sign-in")
    assert page.headers["Cache-Control"] == "no-store"
    stamped = re.search(r"/static/img/saphan\.svg\?v=[0-9a-f]{12}", page.text)[0]
    assert headers_of(client, stamped)["Cache-Control"] == "public, max-age=31536000, immutable"
    for unsure in ("/static/img/saphan.svg", "/static/img/saphan.svg?v=000000000000"):
        assert headers_of(client, unsure)["Cache-Control"] == "no-cache"


def test_over_https_the_cookie_is_bound_to_the_host(app: Flask, client: FlaskClient) -> None:
    app.config.update(HTTPS=True, SESSION_COOKIE_NAME="__Host-saphan", SESSION_COOKIE_SECURE=True)
    headers = client.get("/sign-in", base_url="https://localhost").headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookie = headers["Set-Cookie"]
    assert cookie.startswith("__Host-saphan=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_script_style_or_another_site(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)
    assert "| safe" not in text


# --- language


def test_thai_comes_first_and_a_choice_stays(client: FlaskClient) -> None:
    assert '<html lang="th"' in client.get("/sign-in").text
    assert client.get("/sign-in?next=%2Fa&lang=km").location == "/sign-in?next=%2Fa"
    assert '<html lang="km"' in client.get("/sign-in").text
    sign_in_as(client, "owner")
    press(client, "/sign-out", seen_on="/account")
    assert '<html lang="km"' in client.get("/sign-in").text
    client.get("/sign-in?lang=en")
    assert "Sign in" in client.get("/sign-in").text
    client.get("/sign-in?lang=xx")
    assert '<html lang="en"' in client.get("/sign-in").text


def test_a_khmer_telephone_is_greeted_in_khmer(client: FlaskClient) -> None:
    assert '<html lang="km"' in client.get("/sign-in", headers={"Accept-Language": "km,en;q=0.5"}).text
    assert '<html lang="th"' in client.get("/sign-in", headers={"Accept-Language": "en-GB,en"}).text


LATE = datetime(2026, 11, 30, 18, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day", "moment", "sums"),
    [
        ("th", "1 ธ.ค. 2569", "1 ธ.ค. 2569 01:05 น.", ["1,900 บาท", "1,900.50 บาท"]),
        ("km", "1 ធ្នូ 2026 (2569)", "1 ធ្នូ 2026 (2569) 01:05", ["1,900 បាត", "1,900.50 បាត"]),
        ("en", "1 Dec 2026", "1 Dec 2026 01:05", ["1,900 baht", "1,900.50 baht"]),
    ],
)
def test_facts_are_shown_as_each_language_writes_them(
    app: Flask, language: str, day: str, moment: str, sums: list[str]
) -> None:
    with app.test_request_context(), force_locale(language):
        assert show_date(date(2026, 12, 1)) == show_date(LATE) == day
        assert show_moment(LATE) == moment
        assert [show_money(Decimal("1900.00")), show_money(Decimal("1900.5"))] == sums
        assert show_date(None) == show_moment(None) == show_money(None) == ""


def test_a_browser_is_named_roughly() -> None:
    telephone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
    assert show_browser(telephone) == "Chrome · Android"


# --- who sees what


@pytest.mark.usefixtures("saved")
def test_a_view_without_a_mark_is_shown_to_nobody(client: FlaskClient) -> None:
    sign_in_as(client, "admin")
    assert client.get("/unmarked").status_code == 404


def test_every_view_of_the_office_is_marked(app: Flask) -> None:
    unmarked = [name for name, view in app.view_functions.items() if not hasattr(view, "allowed")]
    assert unmarked == ["static"]


@pytest.mark.usefixtures("saved")
def test_the_menu_lists_what_the_role_may_see(client: FlaskClient) -> None:
    assert "ชิ้นส่วน" not in client.get("/sign-in").text
    sign_in_as(client, "owner")
    menu = client.get("/parts").text
    assert '<a href="/parts" aria-current="page">ชิ้นส่วน</a>' in menu


# --- faults in words


def test_faults_are_told_in_words_with_a_number(client: FlaskClient) -> None:
    page = client.get("/nothing")
    assert (page.status_code, "ไม่พบหน้านี้" in page.text) == (404, True)
    assert page.headers["X-Request-Id"] in page.text
    wrong_way = client.post("/account/", data={})
    assert wrong_way.status_code == 404
    only_post = client.get("/sign-out")
    assert only_post.status_code == 405
    assert "POST" in only_post.headers["Allow"]


@pytest.mark.usefixtures("saved")
def test_our_own_fault_tells_nothing_of_its_reason(app: Flask, client: FlaskClient) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config["TESTING"] = False
    sign_in_as(client, "owner")
    page = client.get("/fail")
    assert page.status_code == 500
    assert "ระบบขัดข้อง" in page.text
    assert "secret reason" not in page.text


def test_a_form_too_large_is_refused(app: Flask, client: FlaskClient) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    page = client.post("/sign-in", data={"user_name": "x" * 2000})
    assert (page.status_code, "ไฟล์ใหญ่เกินไป" in page.text) == (413, True)


def test_programs_are_answered_as_programs(client: FlaskClient) -> None:
    answer = client.get("/api/nothing")
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == 404


# --- forms lose nothing


def test_a_form_that_came_too_late_is_kept_and_can_be_sent_again(
    client: FlaskClient, saved: list[dict[str, list[str]]]
) -> None:
    sign_in_as(client, "owner")
    typed = MultiDict(
        [("reason", HOSTILE), ("worker", "1"), ("worker", "2"), ("new_password", "never shown")]
    )
    page = client.post("/plain-save", data=MultiDict([*typed.items(multi=True), ("csrf_token", "old")]))
    assert page.status_code == 400
    assert saved == []
    assert "never shown" not in page.text
    again = re.findall(r'<input type="hidden" name="(reason|worker)" value="([^"]*)">', page.text)
    assert [name for name, _ in again] == ["reason", "worker", "worker"]
    assert HOSTILE not in page.text
    fields = MultiDict([("reason", HOSTILE), ("worker", "1"), ("worker", "2"), ("csrf_token", token(page))])
    assert client.post("/plain-save", data=fields).text == "saved"
    assert saved[0]["worker"] == ["1", "2"]


def test_a_form_of_its_own_shows_itself_again(client: FlaskClient, saved: list[dict[str, list[str]]]) -> None:
    sign_in_as(client, "owner")
    fields = {"name": "สวนลำไยบุญมี", "kind": "a", "gate": "2"}
    page = client.post("/parts", data={**fields, "csrf_token": "old"})
    assert page.status_code == 200
    assert "เปิดหน้านี้ค้างไว้นานเกินไป" in page.text
    assert 'value="สวนลำไยบุญมี"' in page.text
    assert saved == []
    client.post("/parts", data={**fields, "csrf_token": token(page)})
    assert saved[0]["gate"] == ["2"]


def test_whoever_was_signed_out_in_between_keeps_the_form(
    client: FlaskClient, saved: list[dict[str, list[str]]]
) -> None:
    sign_in_as(client, "owner")
    client.delete_cookie("saphan")
    page = client.post("/plain-save", data={"reason": "ครบถ้วน"})
    assert page.status_code == 401
    assert 'name="reason" value="ครบถ้วน"' in page.text
    sign_in_as(client, "owner")
    once_more = client.post("/plain-save", data={"reason": "ครบถ้วน", "csrf_token": token(page)})
    assert once_more.status_code == 400
    client.post("/plain-save", data={"reason": "ครบถ้วน", "csrf_token": token(once_more)})
    assert saved[0]["reason"] == ["ครบถ้วน"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({}, 200),
    ],
)
def test_what_another_site_sends_is_refused_unread(
    client: FlaskClient, saved: list[dict[str, list[str]]], headers: dict[str, str], status: int
) -> None:
    sign_in_as(client, "owner")
    form_token = token(client.get("/account"))
    answer = client.post("/plain-save", data={"reason": "x", "csrf_token": form_token}, headers=headers)
    assert answer.status_code == status
    assert "reason" not in answer.text
    assert len(saved) == (status == 200)


# --- parts


def test_parts_escape_what_people_typed(client: FlaskClient, saved: list[dict[str, list[str]]]) -> None:
    sign_in_as(client, "owner")
    page = client.get("/parts").text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;") >= 7
    assert saved == []


def test_errors_lead_to_their_fields_and_are_spoken_in_the_readers_language(
    app: Flask, client: FlaskClient, saved: list[dict[str, list[str]]]
) -> None:
    sign_in_as(client, "owner")
    page = send(client, "/parts", gate="1").text
    assert 'href="#name">กรอกชื่อนายจ้าง</a>' in page
    assert 'href="#number">พยายามหลายครั้งเกินไป</a>' in page
    assert 'aria-describedby="name-hint name-error"' in page
    assert '<span class="govuk-visually-hidden">ข้อผิดพลาด:</span>' in page
    assert "There is a problem" not in page
    assert saved == []


def test_radios_without_a_hint_have_none(app: Flask) -> None:
    with app.test_request_context(), force_locale("th"):
        form = Parts(meta={"csrf": False})
        assert "govuk-hint" not in draw_field(form.kind)
        assert problems(form) == []
