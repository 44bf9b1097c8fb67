"""The OpenAPI document says what the API does: every route, parameter and answer."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admindocs.views import simplify_regex
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker

from tests.client import Answer, ApiClient
from todos.api.errors import KINDS
from todos.api.filters import FILTERS
from todos.api.pagination import EntryPagination
from todos.api.schema import UNREAD
from todos.purge import purge

OPERATIONS = {
    "batch_create",
    "changes_retrieve",
    "fingerprint_retrieve",
    "search_explain",
    "tags_destroy",
    "tags_list",
    "tags_partial_update",
    "todo_create",
    "todo_list",
    "todos_create",
    "todos_destroy",
    "todos_list",
    "todos_partial_update",
    "todos_restore_create",
    "todos_retrieve",
    "todos_tags_destroy",
    "todos_tags_update",
    "todos_update",
}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and method of every route below `/api/v1/` and `/todo/`."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith(("api/v1/", "todo/")):
            actions = getattr(pattern.callback, "actions", None) or {
                name: name for name in ("get", "post", "put", "patch", "delete") if hasattr(pattern.callback.cls, name)
            }
            template = simplify_regex(path).replace("<", "{").replace(">", "}")
            yield from ((template, method) for method in actions if method != "head")


def test_schema_is_valid_without_a_warning() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=os.devnull)


def test_schema_is_served_as_json(api: ApiClient) -> None:
    answer = api.get("/api/schema/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json["openapi"].startswith("3.1.")


def test_schema_holds_every_route(schema: dict[str, Any]) -> None:
    assert {(path, method) for path, method, _ in operations(schema)} == set(routes(get_resolver().url_patterns))


def test_operations_keep_their_names(schema: dict[str, Any]) -> None:
    # Programs made from the document call them by these.
    assert sorted(operation["operationId"] for *_, operation in operations(schema)) == sorted(OPERATIONS)


def test_schema_holds_every_parameter_of_the_list(schema: dict[str, Any]) -> None:
    parameters = schema["paths"]["/api/v1/todos/"]["get"]["parameters"]
    assert {item["name"] for item in parameters if item["in"] == "query"} == {*FILTERS, *EntryPagination.PARAMETERS}


def test_every_write_takes_a_key(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        headers = {item["name"] for item in operation.get("parameters", []) if item["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (method != "get"), (path, method)


def test_every_change_of_an_entry_takes_a_condition(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        headers = {item["name"] for item in operation.get("parameters", []) if item["in"] == "header"}
        assert ("If-Match" in headers) == (path.startswith("/api/v1/todos/{id}/") and method != "get"), (path, method)


def test_every_kind_of_failure_is_described(schema: dict[str, Any]) -> None:
    described = {reply.removeprefix("Problem") for reply in schema["components"]["responses"]}
    assert described == {*(str(kind.status) for kind in KINDS.values()), *map(str, UNREAD)}
    assert schema["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == list(KINDS)


class Checker:
    """Checks that an answer is one of those that the document promises of an operation."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.components = schema["components"]
        self.replies = {operation["operationId"]: operation["responses"] for *_, operation in operations(schema)}
        self.seen: set[str] = set()

    def __call__(self, operation_id: str, status: int, answer: Answer) -> None:
        """Check status, headers and body of an answer."""
        self.seen.add(operation_id)
        assert answer.status == status, answer.body
        reply = self.replies[operation_id][str(status)]
        if "$ref" in reply:
            reply = self.components["responses"][reply["$ref"].rpartition("/")[2]]
        missing = reply.get("headers", {}).keys() - answer.headers.keys()
        assert missing <= {"Idempotency-Replayed", "Link"}
        if "content" not in reply:
            assert answer.body == b""
        else:
            shape = reply["content"][answer.headers["Content-Type"]]["schema"]
            whole = {**shape, "components": self.components}
            Draft202012Validator(whole, format_checker=FormatChecker()).validate(answer.json)


@pytest.fixture
def check(schema: dict[str, Any]) -> Checker:
    return Checker(schema)


def test_answers_about_entries_are_as_described(api: ApiClient, check: Checker) -> None:
    body = {"content": "buy milk", "tags": ["home"], "due": "2026-12-01", "extra": {"a": [1, None]}}
    created = api.post("todos", body)
    check("todos_create", 201, created)
    path = f"todos/{created.json['id']}"
    check("todos_create", 409, api.post("todos", {"id": created.json["id"], "content": "again"}))
    check("todos_create", 400, api.post("todos", {"content": "", "color": "red"}))
    check("todos_retrieve", 200, api.get(path))
    check("todos_retrieve", 304, api.get(path, If_None_Match=created.headers["ETag"]))
    check("todos_update", 200, api.put(path, {"content": "buy oats", "due": "2026-12-01T08:00:00+01:00"}))
    check("todos_update", 201, api.put("todos/00000000-0000-4000-8000-000000000001", {"content": "new"}))
    check("todos_partial_update", 200, api.patch(path, {"completed": True}))
    check("todos_partial_update", 412, api.patch(path, {"completed": False}, If_Match='"0"'))
    check("todos_tags_update", 200, api.put(f"{path}/tags/home"))
    check("todos_tags_destroy", 200, api.delete(f"{path}/tags/home"))
    check("todos_destroy", 204, api.delete(path))
    check("todos_restore_create", 200, api.post(f"{path}/restore"))
    check("todos_list", 200, api.get("todos?limit=1&count=true"))
    check("todos_list", 304, api.get("todos", If_None_Match="*"))
    check("todos_list", 400, api.get("todos?limit=0"))
    check("todos_destroy", 404, api.delete("todos/00000000-0000-4000-8000-000000000009"))
    assert check.seen == {name for name in OPERATIONS if name.startswith("todos_")}


def test_answers_about_everything_else_are_as_described(api: ApiClient, check: Checker) -> None:
    check("todo_create", 200, api.post("/todo/", {"content": "call mum", "tags": ["family"]}))
    check("todo_create", 415, api.post("/todo/", b"content=x", Content_Type="text/plain"))
    check("todo_list", 200, api.get("/todo/"))
    check("tags_list", 200, api.get("tags"))
    check("tags_partial_update", 200, api.patch("tags/family", {"name": "kin"}))
    check("tags_destroy", 204, api.delete("tags/kin"))
    check("tags_destroy", 404, api.delete("tags/kin"))
    (entry,) = api.get("todos").json["results"]
    trash = {"op": "delete", "id": entry["id"]}
    check("batch_create", 200, api.post("batch", {"operations": [trash], "atomic": False}, Idempotency_Key="k"))
    check("batch_create", 422, api.post("batch", {"operations": []}, Idempotency_Key="k"))
    check("batch_create", 409, api.post("batch", {"operations": [trash, {"op": "tag", "id": entry["id"], "tag": ""}]}))
    purge(older_than=timedelta(0))
    api.post("todos", {"content": "beside a tombstone"})
    answer = api.get("changes")
    assert [change.get("purged") for change in answer.json["changes"]] == [True, None]
    check("changes_retrieve", 200, answer)
    check("changes_retrieve", 400, api.get("changes?since=1000"))
    check("search_explain", 200, api.get("search/explain", params={"q": "milk (is:open or -#home)"}))
    check("search_explain", 400, api.get("search/explain?q=("))
    check("fingerprint_retrieve", 200, api.get("fingerprint"))
    assert check.seen == {name for name in OPERATIONS if not name.startswith("todos_")}


def test_request_that_an_answer_was_made_from_is_as_described(api: ApiClient, schema: dict[str, Any]) -> None:
    """What GET gives may be PUT back, so it is described as a request too."""
    api.post("todos", {"content": "buy milk", "due": "2026-12-01"})
    (entry,) = api.get("todos").json["results"]
    whole = {"$ref": "#/components/schemas/EntryRequest", "components": schema["components"]}
    Draft202012Validator(whole).validate(entry)
    assert not Draft202012Validator(whole).is_valid({**entry, "color": "red"})
