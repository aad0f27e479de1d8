"""Sign in through the real forms, as a person does."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "ลำไย หกสิบ ต้น ริมคลอง"


def sign_in_as(client: FlaskClient, user_name: str, password: str = PASSWORD) -> TestResponse:
    """Sign a client in by password and, where asked, by the code that a demonstration shows."""
    answer = send(client, "/sign-in", user_name=user_name, password=password)
    if answer.status_code == 302 and answer.location.endswith("/sign-in/second-factor"):
        answer = send(client, answer.location, code=code_shown(client.get(answer.location)))
    assert answer.status_code == 302, f"{user_name} was not let in: {answer.text}"
    return answer


def send(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    """Open a page and send its form, token and all."""
    return client.post(path, data={"csrf_token": token(client.get(path)), **fields})


def token(page: TestResponse) -> str:
    """Read the form token of a page."""
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]


def code_shown(page: TestResponse) -> str:
    """Read the code that the page of a demonstration shows."""
    return re.search(r'class="saphan-code">(\d{6})<', page.text)[1]
