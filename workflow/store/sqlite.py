"""The SQLite that Saphan runs on: the one that the wheel brings, not the system's older one.

Imported before the first engine is made and before the job library loads, so that both use it. Versions
before 3.51.3 can lose or damage writes when two connections check-point a write-ahead log at once.
"""

import sys

import pysqlite3
import pysqlite3.dbapi2

OLDEST_SAFE = (3, 51, 3)

sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

VERSION: tuple[int, ...] = pysqlite3.sqlite_version_info
