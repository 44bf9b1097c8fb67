"""The Django project: settings, URL tree and the entry point for gunicorn."""

import importlib
import sys
from contextlib import suppress

# SQLite before 3.51.3 can corrupt a WAL file that several connections write. The pysqlite3 wheel carries a
# safe one; where there is no wheel, Python's own stays and `settings.py` falls back to the rollback journal.
with suppress(ImportError):
    sys.modules["sqlite3"] = importlib.import_module("pysqlite3")
    sys.modules["sqlite3.dbapi2"] = importlib.import_module("pysqlite3.dbapi2")
