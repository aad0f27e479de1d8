"""The office served to a real browser, and what a person does in it: sign in, fill a form in, press its button."""

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from flask import Flask
from PIL import Image
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.signing_in import PASSWORD

PROOF = "[name=fresh_proof]"
MAIN_BUTTON = "main form[method=post] button.govuk-button:not(.govuk-button--secondary)"


class Quiet(WSGIRequestHandler):
    """Answers without a line in the log for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an office while the block lasts, on a port of its own in a thread; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def come_in(page: Page, user_name: str, password: str = PASSWORD) -> None:
    """Sign in, with the code that the page of a demonstration shows where one is asked."""
    page.context.clear_cookies()
    page.goto("/sign-in")
    fill(page, user_name=user_name, password=password)
    send(page)
    if page.url.endswith("/sign-in/second-factor"):
        fill(page, code=code_shown(page))
        send(page)
    assert "/sign-in" not in page.url, f"{user_name} was not let in: {said(page)}"


def fill(page: Page, **typed: str | Path) -> None:
    """Fill fields in by their names, whatever their kind."""
    for name, value in typed.items():
        field = page.locator(f"main [name='{name}']")
        kind = field.first.evaluate("one => one.type")
        if kind in ("radio", "checkbox"):
            page.locator(f"main [name='{name}'][value='{value}']").check()
        elif kind == "file":
            field.set_input_files(value)
        elif kind == "select-one":
            field.select_option(value)
        else:
            field.fill(value)


def send(page: Page) -> None:
    """Press the main button of the page's form and wait for the answer."""
    page.locator(MAIN_BUTTON).first.click()
    page.wait_for_load_state()


def prove_again(page: Page) -> None:
    """Give the fresh proof that a weighty step asks for, where it asks."""
    if page.locator(PROOF).count():
        page.locator(PROOF).fill(code_shown(page))
        send(page)


def code_shown(page: Page) -> str:
    """Read the code that the page of a demonstration shows in place of a telephone."""
    return re.search(r"\d{6}", page.locator(".saphan-code").first.inner_text())[0]


def said(page: Page) -> str:
    """Give the words of the page."""
    return page.locator("main").inner_text()


def keep_picture(page: Page, name: str, folder: Path) -> None:
    """Keep a picture of what the window shows, in few colours: in SAPHAN_PICTURES where that is set, else in `folder`."""
    page.evaluate("document.fonts.ready")
    kept = Path(os.environ.get("SAPHAN_PICTURES", folder), f"{name}.png")
    kept.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(kept, optimize=True)
    assert kept.stat().st_size < 300_000
