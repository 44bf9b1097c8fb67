"""Failures: one shape below `/api/` and `/todo/`, whatever failed and wherever (RFC 9457)."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.client import Answer, ApiClient
from todos import ledger
from todos.api.errors import KINDS

UNKNOWN = "8b122755-530e-43c7-ae84-362c17a37fc5"
MEBIBYTE = 1024 * 1024


def chunked(api: ApiClient) -> Answer:
    """Send a body without a length."""
    return Answer(api.client.generic("POST", "/api/v1/todos/", HTTP_TRANSFER_ENCODING="chunked"))


FAILURES: dict[str, tuple[int, str, Callable[[ApiClient], Answer]]] = {
    "no JSON": (400, "malformed", lambda api: api.post("todos", b"{")),
    "a wrong field": (400, "invalid", lambda api: api.post("todos", {"content": ""})),
    "a wrong parameter": (400, "invalid", lambda api: api.get("todos?limit=0")),
    "a proxy in between": (403, "forbidden", lambda api: api.get("todos", Via="1.1 proxy")),
    "no such entry": (404, "not-found", lambda api: api.get(f"todos/{UNKNOWN}")),
    "no such address": (404, "not-found", lambda api: api.get("nowhere")),
    "no such method": (405, "method-not-allowed", lambda api: api.delete("todos")),
    "an id that is taken": (409, "conflict", lambda api: [api.post("todos", TAKEN) for _ in "ab"][1]),
    "no length": (411, "length-required", chunked),
    "too large": (413, "too-large", lambda api: api.post("todos", b" " * (MEBIBYTE + 1))),
    "no JSON type": (415, "unsupported-media-type", lambda api: api.post("todos", b"<a/>", Content_Type="text/xml")),
    "no type": (415, "unsupported-media-type", lambda api: api.post("todos", b'{"content": "x"}', Content_Type="")),
}
TAKEN = {"content": "x", "id": UNKNOWN}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_a_problem_document(api: ApiClient, name: str) -> None:
    status, code, fail = FAILURES[name]

    answer = fail(api)

    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json
    assert body["type"] == f"/docs/errors/{code}"
    assert (body["status"], body["code"], body["title"]) == (status, code, KINDS[code].title)
    assert body["detail"]
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert body.keys() - {"errors"} == {"type", "title", "status", "detail", "code", "request_id"}


@pytest.mark.parametrize("path", ["/todo/", "/api/v1/todos/", "/api/v1/batch/"])
def test_every_door_refuses_bodies_alike(api: ApiClient, path: str) -> None:
    answers = [
        api.post(path, b"{"),
        api.post(path, b" " * (MEBIBYTE + 1)),
        api.post(path, b"x", Content_Type="text/plain"),
        Answer(api.client.generic("POST", path, HTTP_TRANSFER_ENCODING="chunked")),
        api.delete(path),
    ]

    assert [answer.status for answer in answers] == [400, 413, 415, 411, 405]
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}


def test_a_method_that_is_not_taken_is_405_whatever_its_parameters(api: ApiClient) -> None:
    for method, path in (("trace", "todos"), ("delete", "todos"), ("post", "tags"), ("put", "batch")):
        answer = api.request(method, path, params={"colour": "red"})

        assert (answer.status, answer.json["code"]) == (405, "method-not-allowed")
        assert answer.headers["Allow"]


def test_a_body_of_just_one_mebibyte_is_read(api: ApiClient) -> None:
    body = json.dumps({"content": "x"}).encode()

    assert api.post("todos", body + b" " * (MEBIBYTE - len(body))).status == 201


def test_a_body_that_nobody_would_read_is_refused(api: ApiClient) -> None:
    entry = api.post("todos", TAKEN).json
    path = f"todos/{UNKNOWN}"

    for answer in (
        api.delete(path, body={"content": "y"}),
        api.post(f"{path}/restore", {"content": "y"}),
        api.put(f"{path}/tags/home", {"content": "y"}),
        api.delete(f"{path}/tags/home", body={"content": "y"}),
    ):
        assert (answer.status, answer.json["code"]) == (400, "malformed")
    assert api.get(path).json == entry
    assert api.put(f"{path}/tags/home", {}).status == 200


def test_an_error_names_its_field_by_a_pointer_with_detail_and_code(api: ApiClient) -> None:
    errors = api.post("todos", {"content": "x", "priority": 99}).json["errors"]

    assert [error.keys() for error in errors] == [{"pointer", "detail", "code"}]
    assert errors[0]["pointer"] == "/priority"


def test_an_error_names_its_parameter_with_detail_and_code(api: ApiClient) -> None:
    errors = api.get("todos?limit=0").json["errors"]

    assert errors == [{"parameter": "limit", "detail": "This is a whole number from 1 to 200.", "code": "invalid"}]


def test_errors_are_at_most_twenty(api: ApiClient) -> None:
    of_fields = api.post("todos", {f"field {number}": 1 for number in range(1000)})
    of_parameters = api.get("todos", params={f"name {number}": "1" for number in range(300)})

    for answer in (of_fields, of_parameters):
        assert (answer.status, len(answer.json["errors"])) == (400, 20)
        assert len(answer.body) < 20_000


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_is_a_page_of_the_documentation(kind: str, client: Client) -> None:
    page = client.get(f"/docs/errors/{kind}", headers={"host": "localhost"})

    assert page.status_code == 200
    assert KINDS[kind].title in page.content.decode()


def test_a_fault_is_a_500_problem_without_its_details(api: ApiClient, make: Callable[..., Any], owner: Any) -> None:
    make()
    with ledger.write(owner.pk) as write, connection.cursor() as cursor:
        write.number(())
        # JSON for the database, but more digits than Python reads.
        cursor.execute("UPDATE todos_todoentry SET extra = %s, revision = %s", ["1" * 5000, write.revision])

    answer = api.get("todos")

    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not re.search("ValueError|Traceback|digits", answer.body.decode())


def test_a_page_outside_of_the_api_fails_as_a_page(client: Client) -> None:
    answer = client.get("/nowhere", headers={"host": "localhost"})

    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
