"""Run by Alembic for every command: one transaction, all or nothing, then the triggers are set again."""

from alembic import context
from sqlalchemy import Engine

from workflow.store.schema import OPTIONS, changing


def engine() -> Engine:
    """Take the engine that schema.py gives, or that of the web application for `flask db`."""
    given = context.config.attributes.get("engine")
    if given is None:
        from flask import current_app

        given = current_app.extensions["migrate"].db.engine
    return given


with changing(engine()) as connection:
    context.configure(connection=connection, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()
