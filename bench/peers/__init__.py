"""What the store is compared with. All of them use the SQLite that the store uses."""

import importlib
import sys
from contextlib import suppress

with suppress(ImportError):
    sys.modules["sqlite3"] = importlib.import_module("pysqlite3")
    sys.modules["sqlite3.dbapi2"] = importlib.import_module("pysqlite3.dbapi2")
