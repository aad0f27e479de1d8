"""What the office's own database account may do on PostgreSQL, where the tables belong to another account.

The account that owns the tables runs upgrades; the one that serves the office cannot change truth, and cannot
take away the triggers that keep it.
"""

from sqlalchemy import Connection, Table, inspect

from workflow.store.database import Base
from workflow.store.payloads import KEY
from workflow.store.schema import load_tables
from workflow.store.truth import TRUTH


def grant(connection: Connection, role: str) -> None:
    """Give a role what serving the office needs, and no more; run by the owner after each upgrade."""
    load_tables()
    name = connection.dialect.identifier_preparer.quote(role)
    there = set(inspect(connection).get_table_names())
    for table in Base.metadata.sorted_tables:
        if table.name in there:
            connection.exec_driver_sql(f"REVOKE ALL ON {table.name} FROM {name}")
            connection.exec_driver_sql(f"GRANT {_rights(table)} ON {table.name} TO {name}")
    connection.exec_driver_sql(f"GRANT UPDATE (wrapped, destroyed_at) ON {KEY.name} TO {name}")
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {name}")
    for sequence in inspect(connection).get_sequence_names():
        connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE {sequence} TO {name}")


def _rights(table: Table) -> str:
    return "SELECT, INSERT" if table in TRUTH else "SELECT, INSERT, UPDATE, DELETE"
