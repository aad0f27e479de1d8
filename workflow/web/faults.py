"""When something is refused or goes wrong: a page in plain words, and nothing typed is lost."""

import logging
from http import HTTPStatus

from flask import (
    Flask,
    Response,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException

from workflow.domain.flow import NotYours, OutOfTurn, Refused
from workflow.domain.words import N_
from workflow.store.doubles import standing_elsewhere
from workflow.web.access import NotSignedIn
from workflow.web.shown import show_refusal

log = logging.getLogger("saphan.web")

WORDS: dict[int, tuple[str, str]] = {
    400: (
        N_("This could not be understood"),
        N_("Something is missing from what was sent, or has the wrong form. Nothing was saved."),
    ),
    401: (N_("Sign in first"), N_("Nobody is signed in. Nothing was changed.")),
    403: (
        N_("This is not for your role"),
        N_("You are signed in, but your role may not do this here. Nothing was changed."),
    ),
    404: (
        N_("This page was not found"),
        N_("There is nothing at this address, or it is not among the cases that you may see."),
    ),
    405: (N_("This page was not found"), N_("This address takes no such request. Nothing was changed.")),
    409: (
        N_("Somebody else was faster"),
        N_("The case has changed since you opened the page. Nothing was saved. Look at it again."),
    ),
    413: (
        N_("The file is too large"),
        N_("Nothing was saved. Send a smaller file, or photograph the paper at a lower quality."),
    ),
    429: (N_("Too many attempts"), N_("Wait one minute, then try again.")),
    500: (
        N_("Something went wrong here"),
        N_("It is our fault, not yours, and it has been noted. Nothing was saved."),
    ),
    503: (
        N_("Not possible just now"),
        N_("The office's system cannot do this at the moment. Nothing was saved. Try again shortly."),
    ),
}
"""Status, title and what it means to the reader; other faults are told as 400 or 500."""

NOT_KEPT = frozenset({"csrf_token", "fresh_proof"})
"""What is never written back into a page; passwords neither, and their forms see to themselves."""


def init_faults(app: Flask) -> None:
    """Answer every fault with a page."""
    app.register_error_handler(CSRFError, old_page)
    app.register_error_handler(NotSignedIn, not_signed_in)
    app.register_error_handler(HTTPException, http_fault)
    app.register_error_handler(Exception, our_fault)
    app.register_error_handler(NotYours, lambda _: fault_page(403))
    app.register_error_handler(OutOfTurn, lambda _: fault_page(409))
    app.register_error_handler(IntegrityError, stands_elsewhere)
    app.register_error_handler(
        Refused, lambda fault: fault_page(409, reasons=[show_refusal(r) for r in fault.refusals])
    )


def fault_page(status: int, *, title: str = "", text: str = "", reasons: list[str] | None = None) -> Response:
    """Tell a fault in words; `title` and `text` (already translated) stand in place of the usual ones."""
    known = status if status in WORDS else (500 if status >= 500 else 400)
    said_title, said_text = (gettext(words) for words in WORDS[known])
    if request.path.startswith("/api/"):
        problem = jsonify(
            title=title or said_title, status=status, detail=text or said_text, reasons=reasons or []
        )
        problem.status_code, problem.mimetype = status, "application/problem+json"
        return problem
    page = render_template(
        "error.html",
        title=title or said_title,
        text=text or said_text,
        reasons=reasons,
        reference=g.get("request_id"),
    )
    return make_response(page, status)


def http_fault(fault: HTTPException) -> Response | HTTPException:
    """Tell what the framework refused; redirects pass as they are."""
    status = fault.code or 500
    if status < HTTPStatus.BAD_REQUEST:
        return fault
    answer = fault_page(status)
    for name, value in fault.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def stands_elsewhere(fault: IntegrityError) -> Response:
    """Two who came together at one number or one person: the second is told in words; nothing of it was saved."""
    log.warning("request %s met a constraint: %s", g.get("request_id"), type(fault.orig).__name__)
    return fault_page(409, reasons=[show_refusal(standing_elsewhere(str(fault.orig)))])


def our_fault(fault: Exception) -> Response:
    """Tell that we failed, note why under the number that the page shows."""
    log.exception("request %s failed", g.get("request_id"), exc_info=fault)
    return fault_page(500)


def old_page(_: CSRFError) -> Response:
    """Show what was typed on a page that was open too long, ready to be sent again."""
    return send_again(400, signed_out=False)


def send_again(status: int, *, signed_out: bool) -> Response:
    """Keep the fields of a form that came too late and offer to send them again; files cannot be kept."""
    page = render_template(
        "send_again.html", typed=typed_fields(), files=list(request.files), signed_out=signed_out
    )
    return make_response(page, status)


def typed_fields() -> list[tuple[str, str]]:
    """List what was typed, as far as it may stand in a page."""
    fields = request.form.items(multi=True)
    return [(name, value) for name, value in fields if name not in NOT_KEPT and "password" not in name]


def not_signed_in(_: NotSignedIn) -> Response:
    """Lead to the sign-in page; a form that was on its way is kept."""
    if request.path.startswith("/api/"):
        return fault_page(401)
    if request.method not in ("GET", "HEAD"):
        return send_again(401, signed_out=True)
    if g.get("signed_out"):
        flash(gettext("You were signed out because this page was not used for a while."), "warning")
    return make_response(redirect(url_for("signin.sign_in", next=request.full_path.removesuffix("?"))))
