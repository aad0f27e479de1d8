"""Sign in through the real forms, as a person does."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from workflow.store.database import begin_write, db

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


def press(client: FlaskClient, path: str, seen_on: str) -> TestResponse:
    """Press a button that is a form of its own, on a page that shows it."""
    return client.post(path, data={"csrf_token": token(client.get(seen_on))})


def token(page: TestResponse) -> str:
    """Read the form token of a page."""
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]


def code_shown(page: TestResponse) -> str:
    """Read the code that the page of a demonstration shows."""
    return re.search(r'class="saphan-code">(\d{6})<', page.text)[1]


def is_in(client: FlaskClient) -> bool:
    """Say whether a client is signed in."""
    return client.get("/account").status_code == 200


@contextmanager
def writing(app: Flask) -> Iterator[Session]:
    """Write in the store outside any request, as the administration does."""
    with app.app_context(), Session(db.engine) as session:
        begin_write(session)
        yield session
        session.commit()
