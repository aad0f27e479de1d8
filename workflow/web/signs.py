"""The sign under which a form that was drawn is done once, however often it is sent."""

import re
from uuid import uuid4

from flask import request

from workflow.web.access import current_actor

_NO_SIGN = re.compile(r"[^A-Za-z0-9_.:-]")


def sign_of_form(name: str = "request_id", most: int = 64) -> str:
    """Give the sign that a form brought back, or a new one for a form that is drawn."""
    return _NO_SIGN.sub("", request.form.get(name, "")[:most]) or uuid4().hex


def own_sign() -> str:
    """Give the sign of a form that was sent, bound to the account."""
    return f"{current_actor().account}:{sign_of_form()}"
