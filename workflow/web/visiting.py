"""The visitor of this request: the browser's ticket, the visit behind it, the account, who acts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask, current_app, g, request, session
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.actor import Role
from workflow.domain.thai import bangkok_date
from workflow.people import actor_of
from workflow.store import visits
from workflow.store.database import begin_write, db
from workflow.store.projections import Account
from workflow.store.visits import Stage

PENDING = visits.Limits(idle=timedelta(minutes=10), whole=timedelta(minutes=30))
KEPT_AT_SIGN_IN = ("lang", "next")
LIMITS = {"IDLE_MINUTES_OFFICIAL": 30, "IDLE_MINUTES": 120, "VISIT_HOURS": 10}


@dataclass(frozen=True, slots=True)
class Visiting:
    """A visit that runs, with the account that it belongs to."""

    ticket: str
    stage: Stage
    factor_at: datetime | None
    account: Account


def init_visiting(app: Flask) -> None:
    """Recognise the visitor of every request."""
    for name, value in LIMITS.items():
        app.config.setdefault(name, value)
    app.before_request(recognise)


def now() -> datetime:
    """Give the moment by the office's clock, which tests may set."""
    clock = current_app.config.get("CLOCK")
    return clock() if clock else datetime.now(UTC)


@contextmanager
def writing() -> Iterator[Session]:
    """Open a short writing transaction of its own, apart from the casework of the request."""
    with Session(db.engine, expire_on_commit=False) as own:
        begin_write(own)
        yield own
        own.commit()


@contextmanager
def reading() -> Iterator[Session]:
    """Open a short reading transaction of its own."""
    with Session(db.engine, expire_on_commit=False) as own:
        yield own


# --- each request


def recognise() -> None:
    """Find who visits; a visit that has ended, or an account that has, leaves nobody."""
    g.visiting, g.actor = None, None
    ticket = session.get("visit")
    if ticket is None or request.endpoint == "static":
        return
    with reading() as own:
        g.visiting = _still_visiting(own, ticket)
        if g.visiting and g.visiting.stage is Stage.SIGNED_IN:
            g.actor = actor_of(own, g.visiting.account)
    if g.visiting is None:
        session.pop("visit")
        g.signed_out = True


def _still_visiting(own: Session, ticket: str) -> Visiting | None:
    visit, moment = visits.find(own, ticket), now()
    account = own.get(Account, visit.account) if visit else None
    if visit is None or account is None or not may_sign_in(account) or account.role != visit.role:
        return None
    stage = Stage(visit.stage)
    if not limits_of(account, stage).allow(visit, moment):
        return None
    if visits.must_note(visit, moment):
        with writing() as noting:
            visits.note(noting, ticket, moment)
    return Visiting(ticket, stage, visit.factor_at, account)


def limits_of(account: Account, stage: Stage = Stage.SIGNED_IN) -> visits.Limits:
    """Say how long a visit of this account may last."""
    if stage is not Stage.SIGNED_IN:
        return PENDING
    idle = "IDLE_MINUTES_OFFICIAL" if Role(account.role).official else "IDLE_MINUTES"
    return visits.Limits(
        timedelta(minutes=current_app.config[idle]), timedelta(hours=current_app.config["VISIT_HOURS"])
    )


def may_sign_in(account: Account) -> bool:
    """Say whether an account is in force today."""
    today = bangkok_date(now())
    return not account.closed and account.valid_from <= today <= (account.valid_until or today)


def account_named(own: Session, user_name: str) -> Account | None:
    """Find the account in force with this user name; capital letters do not matter."""
    found = own.scalar(select(Account).where(func.lower(Account.user_name) == user_name.strip().lower()))
    return found if found is not None and may_sign_in(found) else None


def the_visit() -> Visiting | None:
    """Give the visit of this request, at whatever stage."""
    return g.get("visiting")


# --- coming and going


def begin_visit(account: Account, stage: Stage, *, factor: bool = False) -> None:
    """Begin a visit under a new ticket; whatever this browser held before ends."""
    visitor = visits.Visitor(
        account=account.reference,
        role=account.role,
        browser=request.user_agent.string,
        address=request.remote_addr or "",
    )
    old = session.get("visit")
    with writing() as own:
        if old:
            visits.end(own, old, now())
        ticket = visits.begin(own, visitor, stage, now(), factor=factor)
    empty_cookie()
    session["visit"] = ticket


def end_visit() -> None:
    """End the visit of this browser, here and in the store."""
    ticket = session.pop("visit", None)
    if ticket:
        with writing() as own:
            visits.end(own, ticket, now())
    empty_cookie()


def empty_cookie() -> None:
    """Forget what the cookie holds, its form token too, but for the language and the way onward."""
    kept = {name: session[name] for name in KEPT_AT_SIGN_IN if name in session}
    session.clear()
    session.update(kept)
