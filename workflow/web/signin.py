"""The way in and out: user name and password, then the second factor."""

from collections.abc import Callable
from urllib.parse import urlsplit

import segno
from flask import Blueprint, current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response

from workflow.domain.actor import Role
from workflow.store import factors
from workflow.store.projections import Account
from workflow.store.visits import Stage
from workflow.web import proofs
from workflow.web.access import allow_anyone
from workflow.web.shell import shows_form_again
from workflow.web.signin_forms import NewSecondFactor, SecondFactor, SignIn
from workflow.web.visiting import begin_visit, end_visit, reading, the_visit, writing

signin = Blueprint("signin", __name__)

ISSUER = "Saphan"

# --- user name and password


@signin.route("/sign-in", methods=["GET", "POST"])
@allow_anyone
@shows_form_again
def sign_in() -> Response:
    """Ask for user name and password."""
    if request.method == "GET" and g.actor:
        return redirect(safe_path(request.args.get("next")))
    if "next" in request.args:
        session["next"] = safe_path(request.args["next"])
    form = SignIn(user_name=request.args.get("user"))
    wrong = gettext("The user name or the password is not right.")
    if form.validate_on_submit():
        name, password = form.user_name.data, form.password.data
        account = proofs.tried(form, "password", lambda: proofs.prove_password(name, password), wrong)
        if account is not None:
            return after_password(account)
    return proofs.page("sign_in.html", form=form, demonstration_accounts=demonstration_accounts())


def after_password(account: Account) -> Response:
    """Lead on from a right password: to the second factor, to its setting up, or in."""
    if proofs.has_second_factor(account):
        begin_visit(account, Stage.PASSWORD_SHOWN)
        return redirect(url_for("signin.second_factor"))
    if Role(account.role).official:
        begin_visit(account, Stage.PASSWORD_SHOWN)
        return redirect(url_for("signin.set_up_second_factor"))
    return enter(account)


def enter(account: Account) -> Response:
    """Let a person in under a new ticket, to where he wanted to go."""
    begin_visit(account, Stage.SIGNED_IN, factor=True)
    return redirect(safe_path(session.pop("next", None)))


@signin.post("/sign-out")
@allow_anyone
def sign_out() -> Response:
    """End the visit, here and in the store."""
    end_visit()
    flash(gettext("You are signed out."))
    return redirect(url_for("signin.sign_in"))


# --- second factor


@signin.route("/sign-in/second-factor", methods=["GET", "POST"])
@allow_anyone
@shows_form_again
def second_factor() -> Response:
    """Ask for the code that the telephone shows."""
    account = account_at(Stage.PASSWORD_SHOWN)
    if account is None or not proofs.has_second_factor(account):
        return redirect(url_for("signin.sign_in"))
    form = SecondFactor()
    wrong = gettext("This code is not right, or was used before. Wait for the next one.")
    if form.validate_on_submit() and proofs.tried(
        form, "code", lambda: proofs.prove_second_factor(account, form.code.data), wrong
    ):
        return enter(account)
    return proofs.page("sign_in_second_factor.html", form=form, shown_code=proofs.shown_code(account))


@signin.route("/sign-in/set-up", methods=["GET", "POST"])
@allow_anyone
@shows_form_again
def set_up_second_factor() -> Response:
    """Connect a telephone before the first entry; then show the recovery codes once."""
    account = account_at(Stage.PASSWORD_SHOWN)
    if account is None or proofs.has_second_factor(account):
        return redirect(url_for("signin.sign_in"))
    return connect_telephone(account, lambda: enter(account))


def connect_telephone(account: Account, entered: Callable[[], Response]) -> Response:
    """Show the code to scan, take the first code of the telephone, show the recovery codes."""
    form = NewSecondFactor()
    wrong = gettext("This code is not right. Look at the clock of the telephone, then try the next code.")
    if form.validate_on_submit():
        codes = proofs.tried(
            form, "code", lambda: proofs.prove_new_second_factor(account, form.code.data), wrong
        )
        if codes:
            return proofs.page("sign_in_recovery_codes.html", codes=codes, onward=entered().location)
    with writing() as own:
        secret = factors.offer_second_factor(own, account.reference)
    address = factors.enrolment_address(secret, account.user_name, ISSUER)
    return proofs.page(
        "sign_in_set_up.html",
        form=form,
        qr=Markup(segno.make(address, error="m").svg_inline(border=2, omitsize=True)),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        shown_code=proofs.shown_code(account, offered=True),
    )


# --- parts


def account_at(stage: Stage) -> Account | None:
    """Give the account of a visitor who has come exactly so far."""
    visiting = the_visit()
    return visiting.account if visiting and visiting.stage is stage else None


def safe_path(wanted: str | None) -> str:
    """Give a place on this site to go on to; anything else leads to the first page."""
    path = wanted or "/"
    parts = urlsplit(path)
    ours = path.startswith("/") and not path.startswith("//") and not parts.scheme and not parts.netloc
    return path if ours and path.isprintable() and "\\" not in path else "/"


def demonstration_accounts() -> list[Account]:
    """List one account of each role for the newcomer to a demonstration; none in real work."""
    if not current_app.config.get("DEMONSTRATION"):
        return []
    with reading() as own:
        found = own.scalars(
            select(Account).where(Account.closed.is_(False)).order_by(Account.user_name)
        ).all()
    first = {account.role: account for account in reversed(found)}
    return [first[role] for role in Role if role in first]
