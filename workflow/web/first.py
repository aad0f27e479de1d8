"""The first time: from the slip of the office, or the first administrator's link, to a password of one's own."""

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from workflow.store import accounts, visits
from workflow.store.projections import Account
from workflow.store.visits import Stage
from workflow.web import proofs
from workflow.web.access import allow_anyone
from workflow.web.shell import shows_form_again
from workflow.web.signin import account_at, after_password
from workflow.web.signin_forms import FirstSignIn, NewPassword
from workflow.web.visiting import begin_visit, may_sign_in, now, reading, writing

first = Blueprint("first", __name__)


@first.route("/first-sign-in", methods=["GET", "POST"])
@allow_anyone
@shows_form_again
def by_slip() -> Response:
    """Ask for user name and the one-time code of the slip."""
    form = FirstSignIn()
    wrong = gettext(
        "The user name or the code is not right, or the code has ended. The office gives you a new one."
    )
    if form.validate_on_submit():
        account = proofs.tried(
            form, "code", lambda: proofs.prove_slip(form.user_name.data, form.code.data), wrong
        )
        if account is not None:
            begin_visit(account, Stage.INVITED)
            return redirect(url_for("first.choose_password"))
    return proofs.page("sign_in_first.html", form=form)


@first.route("/begin/<string:token>", methods=["GET", "POST"])
@allow_anyone
def by_link(token: str) -> Response:
    """Open an account by its one-time link; looking at the link does not use it up."""
    with reading() as own:
        reference = accounts.account_of_link(own, token, now())
        account = own.get(Account, reference) if reference else None
    if account is None or not may_sign_in(account):
        return proofs.page("sign_in_begin.html", account=None, status=404)
    if request.method == "GET":
        return proofs.page("sign_in_begin.html", account=account)
    begin_visit(account, Stage.INVITED)
    return redirect(url_for("first.choose_password"))


@first.route("/choose-password", methods=["GET", "POST"])
@allow_anyone
@shows_form_again
def choose_password() -> Response:
    """Choose the first password; the code or link that led here ends with it."""
    account = account_at(Stage.INVITED)
    if account is None:
        return redirect(url_for("signin.sign_in"))
    form = NewPassword.for_user(account.user_name)
    if form.validate_on_submit():
        with writing() as own:
            accounts.set_password(own, account.reference, form.password.data, now())
            visits.end_all(own, account.reference, now())
        return after_password(account)
    return proofs.page("sign_in_choose.html", form=form, account=account)
