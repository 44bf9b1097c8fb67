"""Two connections to one SQLite file: the second writer waits for the first, and not forever."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from todos.turns import wait_for_turn

pytestmark = pytest.mark.skipif("sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="It is SQLite's matter")


@pytest.fixture
def connect(tmp_path: Path, django_db_blocker: Any) -> Iterator[Callable[[float], Any]]:
    """Open connections of their own to one file: `connect(timeout)`."""
    opened: list[Any] = []

    def open_connection(timeout: float) -> Any:
        options = {**settings.SQLITE["OPTIONS"], "timeout": timeout, "check_same_thread": False}
        settled = {**settings.SQLITE, "NAME": tmp_path / "file.sqlite3", "OPTIONS": options}
        connection = ConnectionHandler({"default": settled})["default"]
        connection.inc_thread_sharing()
        opened.append(connection)
        return connection

    with django_db_blocker.unblock():
        yield open_connection
        for connection in opened:
            connection.close()


def test_second_writer_waits_until_the_first_has_finished(connect: Callable[[float], Any]) -> None:
    first, second = connect(30), connect(30)
    waits = threading.Event()

    def tell(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        try:
            return execute(sql, *rest)
        except OperationalError:
            waits.set()
            raise

    def finish() -> None:
        waits.wait(30)
        first.cursor().execute("COMMIT")

    first.cursor().execute("BEGIN IMMEDIATE")
    second.ensure_connection()
    second.execute_wrappers.append(tell)
    finisher = threading.Thread(target=finish)
    finisher.start()
    second.cursor().execute("BEGIN IMMEDIATE")
    finisher.join(30)

    assert waits.is_set()
    assert second.cursor().execute("SELECT 1").fetchall() == [(1,)]


def test_writer_gives_up_after_the_timeout_of_the_settings(connect: Callable[[float], Any]) -> None:
    first, second = connect(30), connect(0.05)
    first.cursor().execute("BEGIN IMMEDIATE")

    with pytest.raises(OperationalError, match="locked"):
        second.cursor().execute("BEGIN IMMEDIATE")


def test_other_statements_keep_the_timeout_of_the_settings(connect: Callable[[float], Any]) -> None:
    connection = connect(7)
    connection.cursor().execute("BEGIN IMMEDIATE")

    assert connection.cursor().execute("PRAGMA busy_timeout").fetchall() == [(7000,)]


def test_connection_opened_again_waits_once(connect: Callable[[float], Any]) -> None:
    connection = connect(7)
    for _ in range(2):
        connection.ensure_connection()
        connection.close()

    assert connection.execute_wrappers.count(wait_for_turn) == 1
