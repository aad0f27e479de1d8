"""The own account: password, second factor, recovery codes, where one is signed in."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from workflow.store import accounts, attempts, factors, visits
from workflow.store.visits import Stage
from workflow.web import proofs, signin
from workflow.web.access import allow
from workflow.web.shell import shows_form_again
from workflow.web.signin_forms import ChangePassword
from workflow.web.stepup import fresh_second_factor
from workflow.web.visiting import Visiting, begin_visit, limits_of, now, reading, the_visit, writing

account = Blueprint("account", __name__, url_prefix="/account")


def visiting() -> Visiting:
    """Give the visit of the person signed in; the door has made sure that there is one."""
    found = the_visit()
    if found is None:
        raise LookupError("no visit behind the door")
    return found


@account.get("")
@allow()
def show() -> str:
    """Show who one is here, how one proves it, and where one is signed in."""
    mine = visiting().account
    with reading() as own:
        return render_template(
            "account.html",
            mine=mine,
            has_second_factor=factors.has_second_factor(own, mine.reference),
            codes_left=factors.recovery_codes_left(own, mine.reference),
            visits=visits.running(own, mine.reference, now(), limits_of(mine)),
            this_visit=visits.digest(visiting().ticket),
            attempts=attempts.recent(own, mine.user_name),
        )


@account.route("/password", methods=["GET", "POST"])
@allow()
@shows_form_again
def change_password() -> Response:
    """Change the password; every other visit of the account ends."""
    mine = visiting().account
    form = ChangePassword.for_user(mine.user_name)
    wrong = gettext("The present password is not right.")
    if form.validate_on_submit() and proofs.tried(
        form, "present", lambda: proofs.prove_password(mine.user_name, form.present.data), wrong
    ):
        with writing() as own:
            accounts.set_password(own, mine.reference, form.password.data, now())
            visits.end_all(own, mine.reference, now())
        begin_visit(mine, Stage.SIGNED_IN, factor=True)
        flash(gettext("Your password is changed. Everywhere else you are signed out."))
        return redirect(url_for("account.show"))
    return proofs.page("account_password.html", form=form)


@account.route("/second-factor", methods=["GET", "POST"])
@allow()
@fresh_second_factor(5)
@shows_form_again
def connect_telephone() -> Response:
    """Connect another telephone; the old one stays valid until the new one has shown a code."""
    mine = visiting().account

    def entered() -> Response:
        begin_visit(mine, Stage.SIGNED_IN, factor=True)
        return redirect(url_for("account.show"))

    return signin.connect_telephone(mine, entered)


@account.route("/recovery-codes", methods=["GET", "POST"])
@allow()
@fresh_second_factor(5)
def recovery_codes() -> Response:
    """Give new recovery codes, shown once; the old ones end."""
    if request.method == "GET":
        return proofs.page("account_recovery_codes.html")
    with writing() as own:
        codes = factors.make_recovery_codes(own, visiting().account.reference)
    return proofs.page("sign_in_recovery_codes.html", codes=codes, onward=url_for("account.show"))


@account.post("/sign-out-everywhere")
@allow()
def sign_out_everywhere() -> Response:
    """End every visit of the account but this one."""
    with writing() as own:
        visits.end_all(own, visiting().account.reference, now(), keep=visiting().ticket)
    flash(gettext("Everywhere else you are signed out."))
    return redirect(url_for("account.show"))
