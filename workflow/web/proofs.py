"""Proving who one is: each attempt is noted, then judged, then compared; unknown names cost the same."""

import logging
from collections.abc import Callable
from typing import TypeVar

from flask import Response, current_app, g, make_response, render_template, request
from flask_babel import gettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from workflow.store import accounts, attempts, factors, visits
from workflow.store.attempts import Proof, TooMany
from workflow.store.projections import Account
from workflow.web.signin_forms import add_problem
from workflow.web.visiting import Visiting, account_named, now, reading, writing

log = logging.getLogger("saphan.sign_in")

Proven = TypeVar("Proven")

DEMONSTRATION_AHEAD = 1000
"""Many newcomers share a demonstration account: its codes may run far ahead of the clock."""


def prove_password(user_name: str, password: str) -> Account | None:
    """Give the account that a user name and password open; raises TooMany."""
    number = _note(user_name, Proof.PASSWORD)
    with reading() as own:
        _judge(own, user_name, Proof.PASSWORD)
        account = account_named(own, user_name)
        right = accounts.password_matches(own, account.reference if account else None, password)
    proven = _settled(account, right, number, Proof.PASSWORD)
    if proven is not None:
        with writing() as own:
            accounts.renew_password(own, proven.reference, password)
    return proven


def prove_slip(user_name: str, code: str) -> Account | None:
    """Give the account that a user name and the one-time code of a slip open; raises TooMany."""
    number = _note(user_name, Proof.ONE_TIME_CODE)
    with reading() as own:
        _judge(own, user_name, Proof.ONE_TIME_CODE)
        account = account_named(own, user_name)
        right = accounts.slip_matches(own, account.reference if account else None, code, now())
    return _settled(account, right, number, Proof.ONE_TIME_CODE)


def prove_second_factor(account: Account, code: str) -> bool:
    """Say whether a code of the telephone, or a recovery code, is right; it is used up. Raises TooMany."""
    number = _note(account.user_name, Proof.SECOND_FACTOR)
    with reading() as own:
        _judge(own, account.user_name, Proof.SECOND_FACTOR)
    with writing() as own:
        right = factors.second_factor_accepts(
            own, account.reference, code, now(), ahead=clock_ahead()
        ) or factors.spend_recovery_code(own, account.reference, code, now())
    return _settled(account, right, number, Proof.SECOND_FACTOR) is not None


def prove_new_second_factor(account: Account, code: str) -> list[str] | None:
    """Take a new second factor in use when its first code is right; give recovery codes. Raises TooMany."""
    number = _note(account.user_name, Proof.SECOND_FACTOR)
    with reading() as own:
        _judge(own, account.user_name, Proof.SECOND_FACTOR)
    with writing() as own:
        right = factors.confirm_second_factor(own, account.reference, code, now())
        codes = factors.make_recovery_codes(own, account.reference) if right else None
    _settled(account, right, number, Proof.SECOND_FACTOR)
    return codes


def prove_again(visiting: Visiting, proof: str) -> bool:
    """Say whether a visitor proved himself again, by second factor where he has one, else by password."""
    account = visiting.account
    if has_second_factor(account):
        right = prove_second_factor(account, proof)
    else:
        right = prove_password(account.user_name, proof) is not None
    if right:
        with writing() as own:
            visits.note_factor(own, visiting.ticket, now())
    return right


def has_second_factor(account: Account) -> bool:
    """Say whether an account has a second factor."""
    with reading() as own:
        return factors.has_second_factor(own, account.reference)


def shown_code(account: Account, *, offered: bool = False) -> str | None:
    """Give the code that a demonstration shows on the page; nothing in real work."""
    if not current_app.config.get("DEMONSTRATION"):
        return None
    with reading() as own:
        return factors.next_code(own, account.reference, now(), offered=offered)


def clock_ahead() -> int:
    """Say by how many half minutes a code may run ahead."""
    return DEMONSTRATION_AHEAD if current_app.config.get("DEMONSTRATION") else 1


def _note(user_name: str, proof: Proof) -> int:
    with writing() as own:
        return attempts.note(own, user_name, _address(), proof, now())


def _judge(own: Session, user_name: str, proof: Proof) -> None:
    try:
        attempts.judge(own, user_name, _address(), proof, now())
    except TooMany:
        log.warning("too many attempts: %s from %s", proof, _address())
        raise


def _settled(account: Account | None, right: bool, number: int, proof: Proof) -> Account | None:
    name = account.reference if account else "unknown"
    log.info("%s of account %s %s from %s", proof, name, "accepted" if right else "refused", _address())
    if not right or account is None:
        return None
    with writing() as own:
        attempts.succeeded(own, number, now())
    return account


def _address() -> str:
    return request.remote_addr or ""


# --- telling what failed


def tried(form: FlaskForm, field: str, proof: Callable[[], Proven | None], wrong: str) -> Proven | None:
    """Give what a proof yields; where it fails, say so at the field, alike for every reason."""
    try:
        found = proof()
    except TooMany as many:
        add_problem(form, field, told_to_wait(many))
        return None
    if not found:
        add_problem(form, field, wrong)
        return None
    return found


def told_to_wait(many: TooMany) -> str:
    """Say how long to wait, and remember that the answer must say it to the browser too."""
    g.too_many = many.wait
    minutes = max(1, round(many.wait.total_seconds() / 60))
    return gettext("Too many attempts. Wait %(minutes)s min, then try again.", minutes=minutes)


def page(template: str, *, status: int = 200, **shown: object) -> Response:
    """Show a page of the way in; after too many attempts, with the status that says so."""
    wait = g.get("too_many")
    answer = make_response(render_template(template, **shown), 429 if wait else status)
    if wait:
        answer.headers["Retry-After"] = str(int(wait.total_seconds()))
    return answer
