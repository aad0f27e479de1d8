"""The account that serves the office on PostgreSQL: it works, but cannot change truth or unguard it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from tests.stores import NOON, Store, fill, on_postgres, opened
from workflow.store.chain import events_of
from workflow.store.payloads import destroy
from workflow.store.roles import grant
from workflow.store.truth import TRUTH
from workflow.store.verify import verify_chain

pytest_plugins = ["tests.store_fixtures"]
FORBIDDEN = [
    *(f"{act} {table.name}" for table in TRUTH for act in ("DELETE FROM", "TRUNCATE")),
    *(f"UPDATE {table.name} SET {table.columns.keys()[0]} = NULL" for table in TRUTH),
    "UPDATE event SET step = 'approve'",
    "UPDATE subject_key SET key_id = 'other'",
    "DROP TRIGGER event__no_delete ON event",
    "ALTER TABLE event DISABLE TRIGGER ALL",
    "ALTER TABLE event ADD COLUMN more text",
    "DROP TABLE payload",
    "SET session_replication_role = replica",
    "UPDATE alembic_version SET version_num = '9'",
    "SELECT setval('event_position', 1)",
]


@pytest.fixture
def serving(store: Store, tmp_path) -> Iterator[Store]:
    """The store as the serving account sees it."""
    role = make_url(store.engine.url).database.replace("saphan", "serving")
    with store.engine.begin() as owner:
        owner.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'serving'")
        grant(owner, role)
    url = store.engine.url.set(username=role, password="serving")
    with opened(url.render_as_string(hide_password=False), tmp_path) as serving:
        yield serving
    with store.engine.begin() as owner:
        owner.exec_driver_sql(f"DROP OWNED BY {role}")
        owner.exec_driver_sql(f"DROP ROLE {role}")


@on_postgres
def test_the_serving_account_does_all_that_the_office_does(serving: Store):
    fill(serving)
    with serving.writing() as session:
        assert destroy(session, "wrk-1", now=NOON)
    with serving.reading() as session:
        assert events_of(session, "wrk-1")[0].payload is None
        assert verify_chain(session).sound


@on_postgres
def test_the_serving_account_cannot_change_truth(serving: Store):
    serving.record("req-1")
    assert [statement for statement in FORBIDDEN if not refused(serving, statement)] == []


def refused(store: Store, statement: str) -> bool:
    try:
        with store.reading() as session:
            session.execute(text(statement))
    except ProgrammingError as error:
        return "denied" in str(error.orig) or "must be owner" in str(error.orig)
    return False
