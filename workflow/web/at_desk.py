"""The desk of this request: the store, the clock and the rulesets, as the verbs of casework take them."""

from flask import Flask, current_app, g
from sqlalchemy import select

from workflow.desk import Desk, clock
from workflow.jobs import Queues
from workflow.store.database import db
from workflow.store.projections import Account
from workflow.web.access import current_actor


def desk() -> Desk:
    """Give the desk of this request; the same one all through it."""
    if "desk" not in g:
        g.desk = desk_of(current_app)
    return g.desk


def desk_of(app: Flask) -> Desk:
    """Open a desk for an application: in a request, a job or a command."""
    queues = app.extensions.get("queues")
    return Desk(
        db.session(),
        now=app.config["CLOCK"] or clock,
        demonstration=app.config["DEMONSTRATION"],
        site=app.config["SITE"],
        owes=queues.owe_paper if queues else None,
    )


def queues() -> Queues | None:
    """Give the way into the queues, where this office has workers."""
    return current_app.extensions.get("queues")


def user_name() -> str:
    """Give the user name under which whoever is signed in acts, as a job needs it."""
    asked = select(Account.user_name).filter_by(reference=current_actor().account)
    return desk().session.scalars(asked).one()
