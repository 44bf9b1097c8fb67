"""System checks for an operator's mistakes."""

import sqlite3
from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.database)
def safe_sqlite(**_: Any) -> list[checks.CheckMessage]:
    """Warn of a SQLite that could corrupt a file in WAL mode, which is therefore not used."""
    if settings.SQLITE_IS_SAFE or settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        return []
    return [
        checks.Warning(
            f"SQLite {sqlite3.sqlite_version} can corrupt a file in WAL mode, so the slower rollback journal is used.",
            hint="Install pysqlite3 (Linux), or a Python built with SQLite 3.51.3 or newer.",
            id="todos.W001",
        )
    ]
