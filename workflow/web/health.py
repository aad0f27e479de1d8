"""Whether the office is open: asked by machines, answered in one word."""

from flask import Blueprint
from sqlalchemy import text

from workflow.store.database import db
from workflow.web.access import allow_anyone

health = Blueprint("health", __name__)


@health.get("/healthz")
@allow_anyone
def healthz() -> tuple[str, int, dict[str, str]]:
    """Answer "ok" when the store can be read."""
    db.session.execute(text("SELECT count(*) FROM chain_head"))
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
