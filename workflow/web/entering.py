"""The page on which an entry of a register is written: shown, judged, done once, or shown again with what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import make_response, render_template, request
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response
from wtforms.form import BaseForm

from workflow.casework import Act, Moved, OtherContent
from workflow.domain.flow import OutOfTurn, Refusal, Refused
from workflow.domain.words import N_
from workflow.web.signs import own_sign, sign_of_form
from workflow.web.ui import Problem, problems

SENT_OTHERWISE = Refusal(
    "other-content", N_("This form was sent before with other content; what was done then stands.")
)
OTHERS_WERE_FASTER = Refusal(
    "moved", N_("Somebody changed this entry meanwhile. Look at it again before you change it.")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What the page says around its forms."""

    title: str
    back: str
    button: str
    caption: str = ""
    note: str = ""
    warning: bool = False
    roles: tuple[tuple[str, str], ...] = ()


def typed() -> Any:
    """Give what was typed and the files with it; nothing where the page is only shown."""
    return CombinedMultiDict([request.files, request.form]) if request.method == "POST" else None


def act() -> Act:
    """Give the act of the form that was sent: safe to repeat, on the version that was seen."""
    seen = request.form.get("seen_version", type=int)
    return Act(request_id=own_sign(), seen_version=seen)


def entered(
    paper: Paper, forms: list[BaseForm], do: Callable[[], Response], version: int | None = None
) -> Response:
    """Show the forms, or do what was sent; `version` is what the entry stood at when it was drawn."""
    if request.method == "GET":
        return drawn(paper, forms, version=version)
    judged = [form.validate() for form in forms]
    if not all(judged):
        return drawn(paper, forms, status=422, version=version)
    try:
        return do()
    except Refused as refused:
        return drawn(paper, forms, refused.refusals, 422, version)
    except OtherContent:
        return drawn(paper, forms, (SENT_OTHERWISE,), 409, version)
    except (Moved, OutOfTurn):
        return drawn(paper, forms, (OTHERS_WERE_FASTER,), 409, version)


def drawn(
    paper: Paper,
    forms: list[BaseForm],
    refusals: tuple[Refusal, ...] = (),
    status: int = 200,
    version: int | None = None,
) -> Response:
    """Draw the page."""
    shown = render_template(
        "admin_entry.html",
        paper=paper,
        forms=forms,
        found=_found(forms, refusals),
        request_id=sign_of_form(),
        version=version,
    )
    return make_response(shown, status)


def _found(forms: list[BaseForm], refusals: tuple[Refusal, ...]) -> list[Problem]:
    first, *more = forms
    return [*problems(first, refusals), *(found for form in more for found in problems(form))]
