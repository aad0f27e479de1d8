"""The frame of every page: security headers, the reader's language, what every template may call.

Strict by intent: no inline script or style anywhere, nothing from another site, nothing kept in a cache.
"""

import hashlib
import secrets
from functools import cache
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as Answer

from workflow.web import access, faults
from workflow.web.access import View
from workflow.web.shown import init_shown, language
from workflow.web.ui import init_ui
from workflow.web.visiting import init_visiting

ROOT = Path(__file__).parent.parent.parent
LANGUAGES = {"th": "ไทย", "km": "ខ្មែរ", "en": "English"}
DEFAULT_LANGUAGE = "th"
A_DAY = 24 * 60 * 60
A_YEAR = 365 * A_DAY

POLICY = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{what} {where}" for what, where in POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

csrf = CSRFProtect()
babel = Babel()


def init_shell(app: Flask) -> None:
    """Put the frame round an application; blueprints and stores are its own affair."""
    secure = app.config.setdefault("HTTPS", False)
    app.config.update(
        SESSION_COOKIE_NAME="__Host-saphan" if secure else "saphan",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_SSL_STRICT=False,  # asks for a referrer, which our pages never send; see refuse_other_sites
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the visit, which has limits of its own
        BABEL_DEFAULT_LOCALE=DEFAULT_LANGUAGE,
        BABEL_DEFAULT_TIMEZONE="Asia/Bangkok",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
    )
    babel.init_app(app, locale_selector=chosen_language)
    init_ui(app)
    init_shown(app)
    faults.init_faults(app)
    app.before_request(number_request)
    app.before_request(refuse_other_sites)
    app.before_request(refuse_what_no_store_keeps)
    app.before_request(take_language)
    init_visiting(app)
    access.init_access(app)
    csrf.init_app(app)
    app.after_request(set_headers)
    app.context_processor(page_context)


def shows_form_again(view: View) -> View:
    """Mark a view whose form checks its own token and, where that is too old, shows itself as it was typed.

    Only for views that act on nothing but a valid FlaskForm.
    """
    return csrf.exempt(view)


# --- every request


def number_request() -> None:
    """Give the request the number that events and logs name."""
    g.request_id = secrets.token_hex(8)


def refuse_other_sites() -> None:
    """Refuse what another site sends in the visitor's name, before anything is read.

    A browser that is told to send no referrer says "null" as the origin of our own forms, so the origin is
    asked only of browsers that do not say where a request was begun.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    begun, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "null")
    elsewhere = origin != "null" and urlsplit(origin).netloc != request.host
    if begun in ("cross-site", "same-site") or (begun is None and elsewhere):
        abort(403)


def refuse_what_no_store_keeps() -> None:
    """Refuse an address that holds the sign NUL: no page has it, and PostgreSQL fails on it.

    The public look at a paper keeps only letters and digits of a code, and answers every unknown one alike.
    """
    if "\0" in request.path and request.endpoint != "verify.show":
        abort(404)


def set_headers(response: Response) -> Response:
    """Set the headers that every answer carries."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["HTTPS"]:
        response.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}; includeSubDomains"
    if request.endpoint == "static":
        response.headers["Cache-Control"] = keeping()
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    if "request_id" in g:
        response.headers["X-Request-Id"] = g.request_id
    return response


def keeping() -> str:
    """Say how long a browser may keep one of our files: a stamped one for good, a font for a day."""
    name = request.path.removeprefix(current_app.static_url_path or "").lstrip("/")
    if request.args.get("v") and request.args["v"] == stamp(name):
        return f"public, max-age={A_YEAR}, immutable"
    return f"public, max-age={A_DAY}" if name.startswith("dist/") else "no-cache"


# --- language


def take_language() -> Answer | None:
    """Keep the language that a link asks for and show the same page without the asking."""
    wanted = request.args.get("lang")
    if wanted not in LANGUAGES or request.endpoint == "static":
        return None
    session["lang"] = wanted
    if request.method != "GET":
        return None
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return redirect(request.path + (f"?{urlencode(rest)}" if rest else ""))


def chosen_language() -> str:
    """Choose the language: what the reader chose, Khmer for a Khmer telephone, else Thai."""
    if session.get("lang") in LANGUAGES:
        return session["lang"]
    return "km" if request.accept_languages.best == "km" else DEFAULT_LANGUAGE


def language_links() -> list[tuple[str, str, str]]:
    """List the languages as (code, own name, link to this page in it)."""
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return [(code, name, f"?{urlencode([*rest, ('lang', code)])}") for code, name in LANGUAGES.items()]


# --- what templates may call


def page_context() -> dict[str, object]:
    """Give every template the reader, the menu, the languages and the addresses of our files."""
    return {
        "actor": access.actor_or_none(),
        "menu": access.menu(),
        "language": language(),
        "language_links": language_links(),
        "demonstration": current_app.config.get("DEMONSTRATION", False),
        "asset": asset,
    }


def asset(name: str) -> str:
    """Give the address of one of our files with its stamp, so that a browser may keep it for a year."""
    return url_for("static", filename=name, v=stamp(name))


def stamp(name: str) -> str:
    """Name the contents of one of our files; empty where there is none."""
    path = Path(current_app.static_folder or "", name)
    return _stamp(path, path.stat().st_mtime_ns) if path.is_file() else ""


@cache
def _stamp(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
