"""The frame in a real browser: nothing overflows, nothing breaks the policy, everybody can read it."""

from collections.abc import Iterator
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.parts_page import add_parts_page
from tests.signing_in import PASSWORD

pytestmark = pytest.mark.browser

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The office, open at an address of this machine."""
    add_parts_page(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    serving.join()
    server.server_close()


def sign_in(page: Page, address: str, user_name: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("#user_name", user_name)
    page.fill("#password", PASSWORD)
    page.click("main form button[type=submit]")
    if page.url.endswith("/second-factor"):
        page.fill("#code", page.inner_text(".saphan-demonstration .saphan-code"))
        page.click("main form button[type=submit]")


def complaints(page: Page) -> list[str]:
    """Collect what the browser complains of from now on: the policy, scripts, missing files."""
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda fault: heard.append(str(fault)))
    return heard


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("language", ["th", "km"])
def test_pages_fit_obey_the_policy_and_can_be_read(
    address: str, page: Page, width: int, language: str
) -> None:
    heard = complaints(page)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{address}/sign-in?lang={language}")
    faults = _faults(page)
    sign_in(page, address, "officer")
    for path in ("/parts", "/account", "/account/password", "/account/recovery-codes"):
        page.goto(f"{address}{path}")
        faults += _faults(page)
    assert (faults, heard) == ([], [])


def _faults(page: Page) -> list[str]:
    found = [f"{page.url}: {page.evaluate(OVERFLOW)} px too wide"] if page.evaluate(OVERFLOW) > 0 else []
    broken = Axe().run(page).response["violations"]
    return found + [f"{page.url}: {rule['id']} {rule['nodes'][0]['html']}" for rule in broken]


def test_everything_works_without_scripts(address: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    sign_in(page, address, "officer")
    page.click("summary:has-text('เมนู')")
    page.click(".saphan-bar__narrow a:has-text('ชิ้นส่วน')")
    page.click("main form button:has-text('บันทึก')")
    assert page.locator(".govuk-error-summary li").count() == 3
    assert page.locator("meta[http-equiv=refresh]").count() == 1
    context.close()


def test_a_table_is_cards_on_a_phone_and_a_table_on_a_desk(address: str, page: Page) -> None:
    sign_in(page, address, "owner")
    page.goto(f"{address}/parts")
    first_cell = page.locator(".saphan-table tbody td").first
    page.set_viewport_size({"width": 1280, "height": 800})
    assert first_cell.evaluate("cell => getComputedStyle(cell).display") == "table-cell"
    page.set_viewport_size({"width": 390, "height": 800})
    assert first_cell.evaluate("cell => getComputedStyle(cell).display") == "flex"
    label = first_cell.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert label == '"สถานะ"'


def test_thai_and_khmer_are_drawn_with_our_own_letters(address: str, page: Page) -> None:
    sign_in(page, address, "owner")
    page.goto(f"{address}/parts")
    for family, letters in (("Sarabun", "ก"), ("Noto Sans Khmer", "ក")):
        assert page.evaluate(f"document.fonts.check('16px \"{family}\"', '{letters}')")
    assert (
        float(page.evaluate("parseFloat(getComputedStyle(document.querySelector('.govuk-hint')).lineHeight)"))
        >= 1.6 * 17
    )


def test_progress_goes_on_by_itself(address: str, page: Page) -> None:
    sign_in(page, address, "owner")
    page.goto(f"{address}/parts")
    with page.expect_request(lambda request: request.headers.get("x-progress") == "1", timeout=10_000):
        pass
