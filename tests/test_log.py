"""The log tells what happened and where, never what somebody sent or stored: messages and tracebacks."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import NoReverseMatch, reverse

from tests.leaks import WATCH
from todoproject.logs import Answered, JSONFormatter, LineFormatter, reason, request_id

TEXT = "a text of somebody's"
TOKEN = "todo_" + "a1B2" * 10


def record(text: str, *args: Any, name: str = "todos", error: BaseException | None = None) -> logging.LogRecord:
    failure = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.ERROR, __file__, 1, text, args, failure)


def both(entry: logging.LogRecord) -> list[str]:
    return [LineFormatter().format(entry), JSONFormatter().format(entry)]


def caught(fail: Callable[[], Any]) -> Exception:
    """Return what a call raises, with its traceback."""
    try:
        fail()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def fail_with(text: str) -> None:
    local = text  # in the frame, where a traceback with local variables would find it
    try:
        int(local)
    except ValueError as error:
        raise RuntimeError(f"cannot read {local}") from error


def test_line_is_readable_and_object_is_json() -> None:
    request_id.set("abc")
    try:
        line, text = both(record("%s writes", 3))
    finally:
        request_id.set("")
    assert line.endswith(" ERROR todos: 3 writes [abc]")
    members = json.loads(text)
    assert {name: members[name] for name in ("level", "logger", "message", "request_id")} == {
        "level": "ERROR", "logger": "todos", "message": "3 writes", "request_id": "abc",
    }  # fmt: skip
    assert members["time"].endswith("+00:00")


@pytest.mark.parametrize(
    "answered",
    [
        Answered("GET", '/a"\\\n\u2028é\ud800/', 200, 0.25, 0, None),
        Answered('"', "/", 503, 1234567.5, 10**12, 7, complete=False),
    ],
)
def test_request_is_an_object_of_its_members(answered: Answered) -> None:
    line = JSONFormatter().format(logging.makeLogRecord({"name": 'a"b', "levelname": "INFO", "msg": answered}))
    assert "\n" not in line
    members = json.loads(line)
    assert members.pop("time").endswith("+00:00")
    assert members == {"level": "INFO", "logger": 'a"b', "message": str(answered), **answered._asdict()}


def test_traceback_names_places_and_types_without_values() -> None:
    for text in both(record("failed", error=caught(lambda: fail_with(TEXT)))):
        assert TEXT not in text
        assert text.index("ValueError") < text.index("RuntimeError")
        assert "fail_with" in text
        assert "test_log.py" in text
        assert text.count("\n") == 0 or not text.startswith("{")


def test_error_of_the_program_keeps_its_message() -> None:
    assert reason(caught(lambda: None.x)) == "AttributeError: 'NoneType' object has no attribute 'x'"  # type: ignore[attr-defined]
    assert (
        reason(FileNotFoundError(2, "No such file or directory", TEXT))
        == "FileNotFoundError: No such file or directory"
    )
    assert reason(caught(lambda: reverse("todo", args=[TEXT]))) == NoReverseMatch.__name__


def statements() -> list[tuple[str, list[Any]]]:
    if connection.vendor == "postgresql":
        return [
            ("SELECT CAST(%s AS integer)", [TEXT]),
            ("SELECT CAST(%s AS uuid)", [f'"{TEXT}"']),
            ("SELECT CAST(%s AS jsonb)", ["{" + TEXT]),
            ("SELECT 1 WHERE %s no_such_word", [TEXT]),
            ("INSERT INTO auth_user (username) VALUES (%s)", [TEXT]),
        ]
    return [
        ("SELECT rowid FROM todos_search WHERE todos_search MATCH %s", [f"{TEXT} AND ("]),
        ("SELECT rowid FROM todos_search WHERE todos_search MATCH %s", [f"*{TEXT}"]),
        ("SELECT json_extract(%s, '$.a')", [TEXT]),
        (f"SELECT 1 '{TEXT}' no_such_word", []),
    ]


def test_reason_of_the_database_holds_no_value(db: None) -> None:
    for sql, params in statements():
        with transaction.atomic(), connection.cursor() as cursor:
            error = caught(partial(run_in_savepoint, cursor, sql, params))
        assert isinstance(error, DatabaseError)
        for text in (reason(error), reason(error.__cause__ or error), *both(record("failed", error=error))):
            assert TEXT not in text
            assert "somebody" not in text


def run_in_savepoint(cursor: Any, sql: str, params: list[Any]) -> None:
    with transaction.atomic():
        cursor.execute(sql, params)


def test_reason_of_the_database_names_what_was_broken(owner: Any) -> None:
    error = caught(lambda: type(owner).objects.create_user(owner.username))
    assert isinstance(error, IntegrityError)
    assert "username" in reason(error)
    assert "local" not in reason(error)


def test_token_is_hidden_wherever_it_stands() -> None:
    for text in both(record("got %s", TOKEN)):
        assert TOKEN not in text
        assert "todo_" in text


@pytest.mark.parametrize(
    ("name", "text", "args"),
    [
        ("gunicorn.error", "Error handling request %s %s", ("GET", f"/todo/?search={TEXT}")),
        ("gunicorn.error", f"Invalid request from ip=127.0.0.1: Invalid HTTP Header: 'AUTHORIZATION: {TEXT}'", ()),
        ("gunicorn.error", f'Invalid request from ip=127.0.0.1: Invalid HTTP request line: "GET /\'{TEXT}"', ()),
        ("gunicorn.error", f"Invalid request from ip=127.0.0.1: Invalid chunk size: b'{TEXT}'", ()),
        ("gunicorn.error", f"Invalid request from ip=127.0.0.1: No more data after: bytearray(b'{TEXT}')", ()),
        ("django.request", "%s: %s", ("Internal Server Error", f"/api/v1/tags/{TEXT}/")),
        ("django.security.csrf", "Forbidden (%s): %s", (f"Referer checking failed - http://a/?q={TEXT}", "/admin/")),
        ("django.security.DisallowedHost", f"Invalid HTTP_HOST header: '{TEXT}'.", ()),
    ],
)
def test_what_others_repeat_of_a_request_is_left_out(name: str, text: str, args: tuple[Any, ...]) -> None:
    for line in both(record(text, *args, name=name)):
        assert TEXT not in line
        assert any(word in line for word in ("Error", "Invalid", "Forbidden"))


def test_text_cannot_pass_for_a_line_of_its_own() -> None:
    for line in both(record("got %s", "x\r\n2026-12-01 INFO access: GET / 200\x1b[2J")):
        assert line.isprintable()


def test_text_that_was_logged_is_found_by_the_watch_over_the_suite() -> None:
    WATCH.forbid({"notes": [TEXT]})
    logging.getLogger("todos").error("got %s", TEXT)
    logging.getLogger("todos").error("got nothing")
    assert [TEXT in line for line in WATCH.take()] == [True, True]


def test_day_of_a_line_is_no_text_that_was_logged() -> None:
    today = record("got nothing")
    WATCH.forbid(f"{datetime.now(UTC).astimezone():%Y-%m-%d}", f"{datetime.now(UTC):%Y-%m-%d}")
    WATCH.handle(today)
    assert WATCH.take() == []


def test_recursion_without_end_is_told_briefly() -> None:
    def again(text: str) -> None:
        again(text)

    for text in both(record("failed", error=caught(lambda: again(TEXT)))):
        assert len(text) < 20_000
        assert TEXT not in text
