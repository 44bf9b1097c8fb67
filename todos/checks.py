"""System checks for an operator's mistakes."""

import sqlite3
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.db import connection

from todoproject.env import is_loopback

ENCRYPTED = ("require", "verify-ca", "verify-full")  # of libpq's sslmode; the default falls back to none
DISTINCT_CHARACTERS = 8  # 32 random hexadecimal digits have more, but for once in ten million

Found = list[checks.CheckMessage]


@checks.register(checks.Tags.security)
def access_fits_hosts(**_: Any) -> Found:
    """Report names of the server that contradict the mode of access, or are not the operator's own."""
    local = all(is_loopback(host.strip("[]")) for host in settings.ALLOWED_HOSTS)
    found: Found = []
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
    found += [
        checks.Error(
            f"TODO_APP_ALLOWED_HOSTS has {host}, which lets anybody's names in.",
            hint="Name the host, such as todo.example.org, or a domain of yours with a dot before it: .example.org.",
            id="todos.E003",
        )
        for host in settings.ALLOWED_HOSTS
        if host == "*" or (host.startswith(".") and "." not in host[1:])
    ]
    return found


@checks.register(checks.Tags.security)
def storage_is_private(**_: Any) -> Found:
    """Warn of a storage folder, with the entries and perhaps the secret key in it, that other users can enter."""
    if not settings.STORAGE_DIR.stat().st_mode & 0o077:
        return []
    return [
        checks.Warning(
            f"Other users of this machine can read the storage folder {str(settings.STORAGE_DIR)!r}.",
            hint="chmod 700 the folder, or set TODOAPP_STORAGE_DIR to another.",
            id="todos.W003",
        )
    ]


@checks.register(checks.Tags.security)
def secret_key_is_random(**_: Any) -> Found:
    """Report a secret key that somebody typed: with it anybody can sign a session of the admin."""
    if len(set(settings.SECRET_KEY)) >= DISTINCT_CHARACTERS:
        return []
    return [
        checks.Error(
            "TODO_APP_SECRET_KEY is made of a few characters only, so that it can be guessed.",
            hint="Set it to 50 random characters, as this prints: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="todos.E002",
        )
    ]


@checks.register(checks.Tags.security)
def database_is_reached_safely(**_: Any) -> Found:
    """Warn of a PostgreSQL elsewhere to which the connection may go without TLS."""
    database = settings.DATABASES["default"]
    host = database.get("HOST") or "localhost"
    local = host.startswith("/") or is_loopback(host)
    encrypted = database.get("OPTIONS", {}).get("sslmode") in ENCRYPTED
    if "postgresql" not in database["ENGINE"] or local or encrypted:
        return []
    return [
        checks.Warning(
            f"The connection to the database on {host} may be unencrypted: its password and all entries cross it.",
            hint="Add ?sslmode=verify-full to DATABASE_URL, or at least ?sslmode=require.",
            id="todos.W005",
        )
    ]


@checks.register(checks.Tags.security)
def server_is_reached_safely(**_: Any) -> Found:
    """Warn of a server that can be reached from other machines past the proxy that speaks HTTPS."""
    if settings.ACCESS != "token" or is_loopback(settings.BIND_HOST):
        return []
    return [
        checks.Warning(
            f"The server listens on {settings.BIND_HOST} without TLS: tokens and passwords can be read on the way.",
            hint="Set TODO_APP_BIND to a loopback address, and let a proxy on this machine speak HTTPS.",
            id="todos.W006",
        )
    ]


@checks.register(checks.Tags.security)
def cache_is_reached_safely(**_: Any) -> Found:
    """Warn of a Redis server elsewhere to which the connection goes without TLS."""
    cache = urlsplit(settings.CACHE_URL)
    if cache.scheme != "redis" or is_loopback(cache.hostname or ""):
        return []
    return [
        checks.Warning(
            f"The connection to the Redis server on {cache.hostname} is unencrypted, and so is its password.",
            hint="Begin CACHE_URL with rediss://, which is TLS.",
            id="todos.W007",
        )
    ]


@checks.register(checks.Tags.database)
def role_is_modest(databases: Any = None, **_: Any) -> Found:
    """Warn of a server, open to others, whose role in PostgreSQL may do anything there, such as run programs."""
    if not databases or connection.vendor != "postgresql" or settings.ACCESS != "token":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = current_user AND rolsuper")
        row = cursor.fetchone()
    if row is None:
        return []
    return [
        checks.Warning(
            f"The role {row[0]!r} in DATABASE_URL is a superuser of PostgreSQL.",
            hint="Give the database to a role of its own: createuser todo, then createdb -O todo todo.",
            id="todos.W008",
        )
    ]


@checks.register(checks.Tags.database)
def letters_count(databases: Any = None, **_: Any) -> Found:
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
def safe_sqlite(**_: Any) -> Found:
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
