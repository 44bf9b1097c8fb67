"""One line a request: method, path, status, time, size, owner and id; no query, no name of a tag, no text."""

import json
import logging
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.client import ApiClient
from tests.servers import Server
from todoproject.logs import Answered, request_id

UUID = "8b122755-530e-43c7-ae84-362c17a37fc5"


@pytest.fixture
def lines() -> Iterator[list[Answered]]:
    """The lines of the access log, as they come."""
    found: list[Answered] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.msg)  # type: ignore[arg-type]

    handler = Keep()
    logging.getLogger("access").addHandler(handler)
    yield found
    logging.getLogger("access").removeHandler(handler)


def test_a_request_is_one_line_with_size_and_owner(api: ApiClient, owner: Any, lines: list[Answered]) -> None:
    answer = api.post("todos", {"content": "buy milk"})

    [line] = lines
    assert (line.method, line.path, line.status) == ("POST", "/api/v1/todos/", 201)
    assert (line.bytes, line.owner, line.complete) == (len(answer.body), owner.pk, True)
    assert line.ms > 0
    assert request_id.get() == ""


@pytest.mark.parametrize(
    ("method", "path", "logged"),
    [
        ("GET", f"/api/v1/todos/{UUID}", f"/api/v1/todos/{UUID}/"),
        ("GET", "/api/v1/todos/?search=milk&limit=1", "/api/v1/todos/"),
        ("GET", "/api/v1/todos/?search=%FF", "/api/v1/todos/…"),
        ("PUT", f"/api/v1/todos/{UUID}/tags/illness/", f"/api/v1/todos/{UUID}/tags/{{name}}/"),
        ("PATCH", "/api/v1/tags/illness%2Frare/", "/api/v1/tags/{name}/"),
        ("GET", "/todo/?search=milk", "/todo/"),
        ("GET", "/api/v1/todos/buy milk/tags/illness/", "/api/v1/todos/…"),
        ("GET", "/api/v1/todo/illness", "/api/v1/todo/…"),
        ("GET", "/illness is rare", "/…"),
        ("GET", "/wp-login.php", "/wp-login.php"),
        ("GET", "/docs/errors/invalid", "/docs/errors/{code}"),
        ("GET", "/admin/login/?next=/admin/x", "/admin/login/"),
        ("GET", "/static/todos/icon.svg", "/static/todos/icon.svg"),
        ("GET", "/livez", "/livez"),
    ],
)
def test_path_has_ids_but_no_text(api: ApiClient, lines: list[Answered], method: str, path: str, logged: str) -> None:
    api.request(method, path)

    assert [line.path for line in lines] == [logged]


def test_owner_of_a_page_is_who_has_logged_in(api: ApiClient, owner: Any, lines: list[Answered]) -> None:
    api.get("/admin/login/")
    api.client.force_login(owner)
    api.get("/admin/login/")

    assert [line.owner for line in lines] == [None, owner.pk]


@pytest.fixture
def streaming(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Make an entry, and let `/todo/` stream its list in spite of its shortness."""
    make("an entry")
    monkeypatch.setattr("todos.api.capture.AT_ONCE", 1)


@pytest.mark.usefixtures("streaming")
def test_a_streamed_answer_is_noted_at_its_end(api: ApiClient, lines: list[Answered]) -> None:
    response = api.client.get("/todo/")
    before = list(lines)
    size = len(b"".join(response.streaming_content))  # type: ignore[attr-defined]

    assert before == []
    assert [(line.bytes, line.complete) for line in lines] == [(size, True)]


@pytest.mark.usefixtures("streaming")
def test_a_streamed_answer_that_nobody_reads_on_is_noted_as_broken_off(api: ApiClient, lines: list[Answered]) -> None:
    response = api.client.get("/todo/")
    first = next(iter(response))
    response.close()

    assert [(line.bytes, line.complete) for line in lines] == [(len(first), False)]
    assert "broken off" in str(lines[0])


def test_the_answer_to_head_has_no_size(api: ApiClient, lines: list[Answered]) -> None:
    api.request("HEAD", "todos")

    assert [(line.method, line.bytes) for line in lines] == [("HEAD", 0)]


def test_token_mode_logs_objects_with_the_id_of_the_answer(start_server: Callable[..., Server]) -> None:
    server = start_server(
        TODO_APP_ACCESS="token",
        TODO_APP_SECRET_KEY=secrets.token_urlsafe(50),
        TODO_APP_LOG_LEVEL="DEBUG",
        WEB_CONCURRENCY="1",
    )
    said = server.manage("token", "create", "test", "--owner", "local")
    assert said.returncode == 0, said.stderr
    secret = said.stdout.strip()
    with server.client(headers={"Authorization": f"Bearer {secret}"}) as client:
        created = client.post("/api/v1/todos/", json={"content": "see a doctor about it"})
        refused = client.get("/api/v1/todos/?search=a doctor OR (", headers={"X-Request-Id": "mine"})
        unknown = client.get("/todo/", headers={"Authorization": f"Bearer {secret[::-1]}"})
    server.stop()

    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    by_id = {line["request_id"]: line for line in lines if line["logger"] == "access" and "request_id" in line}
    for answer, status, owned in ((created, 201, True), (refused, 400, True), (unknown, 401, False)):
        line = by_id[answer.headers["X-Request-Id"]]
        assert (line["status"], line["bytes"]) == (status, len(answer.content))
        assert (line["owner"] is not None) is owned
    assert by_id["mine"]["path"] == "/api/v1/todos/"
