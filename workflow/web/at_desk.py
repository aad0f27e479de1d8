"""The desk of this request: the store, the clock and the rulesets, as the verbs of casework take them."""

from flask import Flask, current_app, g

from workflow.desk import Desk, clock
from workflow.store.database import db


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
