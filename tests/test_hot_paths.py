"""What the hot paths cost, in numbers that no busy machine can blur: queries, and calls of Python functions.

A bound is the number found with Python 3.11, and a tenth more. One that is broken by a change of this project says that
the path has become slower; where that is what was wanted, the change raises the bound.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from itertools import count
from types import FrameType
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from tests.leaks import WATCH
from todoproject.wsgi import application
from todos.tokens import issue

Environ = dict[str, Any]
TODOS = "/api/v1/todos/"
# Queries, and calls on SQLite and on PostgreSQL.
BOUNDS = {
    "an entry": (2, 686, 809),
    "an entry again": (1, 437, 494),
    "a page": (2, 3232, 3179),
    "a page again": (1, 444, 502),
    "a search": (3, 4523, 4536),
    "a search again": (1, 444, 502),
    "an entry that has not changed": (1, 429, 486),
    "a page that has not changed": (1, 429, 486),
    "a creation": (7, 1348, 2116),
}


@pytest.fixture(autouse=True)
def unwatched() -> None:
    """Leave the log as a server has it: the watch of the tests makes calls of its own."""
    logging.getLogger().removeHandler(WATCH)


@pytest.fixture(autouse=True)
def connection_stays_open() -> Iterator[None]:
    """Keep the connection, in whose transaction the test is, between requests; as Django's client for tests does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def request_of(owner: Any, make: Callable[..., Any], settings: Any, token_mode: None) -> Callable[..., Environ]:
    """Return what gunicorn hands over for a request in token mode, each counted; there are 60 entries."""
    settings.RATE_LIMIT = 99_999
    _, secret = issue(owner, "a token")
    for number in range(60):
        make(f"buy milk {number}", tags=["home", "shop"], due=None if number % 2 else date(2026, 12, 1))

    def environ(method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> Environ:
        return {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8080",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8080",
            "HTTP_ACCEPT": "*/*",
            "HTTP_AUTHORIZATION": f"Bearer {secret}",
            "CONTENT_TYPE": "application/json" if body else "",
            "CONTENT_LENGTH": str(len(body)) if body else "",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            **headers,
        }

    return environ


@pytest.fixture
def requests(request_of: Callable[..., Environ]) -> dict[str, Iterator[Environ]]:
    """Return an endless row of requests for each path; those that are not asked again are all different."""
    _, headers, page = send(request_of("GET", TODOS, "limit=60"))
    entries = [entry["id"] for entry in json.loads(page)["results"]]
    one = f"{TODOS}{entries[0]}/"
    _, one_headers, _ = send(request_of("GET", one))
    number = count()

    def row(make: Callable[[], Environ]) -> Iterator[Environ]:
        return (make() for _ in count())

    return {
        "an entry": row(lambda: request_of("GET", f"{TODOS}{entries[next(number) % 60]}/", f"{'&' * next(number)}")),
        "an entry again": row(lambda: request_of("GET", one)),
        "a page": row(lambda: request_of("GET", TODOS, f"{'&' * next(number)}limit=50")),
        "a page again": row(lambda: request_of("GET", TODOS)),
        "a search": row(lambda: request_of("GET", TODOS, f"search=milk+-none{next(number)}")),
        "a search again": row(lambda: request_of("GET", TODOS, "search=milk")),
        "an entry that has not changed": row(lambda: request_of("GET", one, HTTP_IF_NONE_MATCH=one_headers["ETag"])),
        "a page that has not changed": row(lambda: request_of("GET", TODOS, HTTP_IF_NONE_MATCH=headers["ETag"])),
        "a creation": row(
            lambda: request_of("POST", TODOS, body=b'{"content": "buy milk %d", "tags": ["home"]}' % next(number))
        ),
    }


def send(environ: Environ) -> tuple[str, dict[str, str], bytes]:
    """Send a request through the WSGI application, and return the status, the headers and the body."""
    began: list[Any] = []
    response = application(environ, lambda status, headers: began.extend((status, dict(headers))))
    body = b"".join(response)
    response.close()
    return began[0], began[1], body


def calls(environ: Environ) -> int:
    """Return how many Python functions are called to answer a request."""
    found = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal found
        found += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        send(environ)
    finally:
        sys.setprofile(before)
    return found


@pytest.mark.parametrize("path", BOUNDS)
def test_path_costs_what_it_did(requests: dict[str, Iterator[Environ]], path: str) -> None:
    queries, *bounds = BOUNDS[path]
    row = requests[path]
    for _ in range(3):
        assert send(next(row))[0][:3] in ("200", "201", "304")

    with CaptureQueriesContext(connection) as captured:
        send(next(row))
    assert len(captured) <= queries, [each["sql"] for each in captured]
    # The least of some: now and then a tenth request, or the garbage collector, does something more.
    assert min(calls(next(row)) for _ in range(5)) <= bounds[connection.vendor == "postgresql"]
