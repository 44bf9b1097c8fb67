"""System checks for an operator's mistakes."""

import sqlite3
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection

from todoproject.env import is_loopback


@checks.register(checks.Tags.security)
def access_fits(**_: Any) -> list[checks.CheckMessage]:
    """Report settings that contradict the mode of access."""
    local = all(is_loopback(host.strip("[]")) for host in settings.ALLOWED_HOSTS)
    found: list[checks.CheckMessage] = []
    if settings.ACCESS == "local" and not local:
        found.append(
            checks.Error(
                "In local mode the server answers to this machine's own names only; TODO_APP_ALLOWED_HOSTS has others.",
                hint="Leave TODO_APP_ALLOWED_HOSTS unset, or set TODO_APP_ACCESS to token.",
                id="todos.E001",
            )
        )
    if settings.ACCESS == "token" and local:
        found.append(
            checks.Warning(
                "In token mode the server can be reached under names of this machine only.",
                hint="Set TODO_APP_ALLOWED_HOSTS to the name under which clients reach it, such as todo.example.org.",
                id="todos.W002",
            )
        )
    if settings.ACCESS == "token" and settings.STORAGE_DIR.stat().st_mode & 0o077:
        found.append(
            checks.Warning(
                f"Other users of this machine can read the storage folder {str(settings.STORAGE_DIR)!r}.",
                hint="chmod 700 the folder, or set TODOAPP_STORAGE_DIR to another.",
                id="todos.W003",
            )
        )
    return found


@checks.register(checks.Tags.database)
def letters_count(databases: Any = None, **_: Any) -> list[checks.CheckMessage]:
    """Warn of a PostgreSQL that takes no letter outside of ASCII for one, so that its trigram index misses them."""
    if not databases or connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        # The first migrations bring the function, and run this check before they do.
        cursor.execute("SELECT to_regproc('show_trgm') IS NULL")
        if cursor.fetchone()[0]:
            return []
        cursor.execute("SELECT cardinality(show_trgm('текст')) > 0")
        if cursor.fetchone()[0]:
            return []
    return [
        checks.Warning(
            "The database's locale (LC_CTYPE) knows no letters outside of ASCII: searches for them will be slow.",
            hint="Create the database with a UTF-8 locale, as: createdb -T template0 -l C.UTF-8 todo.",
            id="todos.W004",
        )
    ]


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
