"""A batch that is not well formed is refused, and so is an operation of it; what is wrong is named."""

from typing import Any
from uuid import uuid4

import pytest

from tests.client import ApiClient
from todos.models import TodoEntry

KNOWN = str(uuid4())


@pytest.mark.parametrize(
    ("operation", "pointer"),
    [
        ("text", "/op"),
        (None, "/op"),
        ({}, "/op"),
        ({"op": 1}, "/op"),
        ({"op": "move", "id": str(uuid4())}, "/op"),
        ({"op": "create"}, "/entry"),
        ({"op": "create", "entry": {"content": "a"}, "id": str(uuid4())}, "/id"),
        ({"op": "create", "entry": "a"}, ""),
        ({"op": "create", "entry": {"content": "a", "colour": "red"}}, "/colour"),
        ({"op": "create", "entry": {"content": "a", "revision": 1}}, "/revision"),
        ({"op": "create", "entry": {"content": "a", "id": "1"}}, "/id"),
        ({"op": "update", "changes": {}}, "/id"),
        ({"op": "update", "id": str(uuid4())}, "/changes"),
        ({"op": "update", "id": "1", "changes": {}}, "/id"),
        ({"op": "update", "id": None, "changes": {}}, "/id"),
        ({"op": "delete", "id": str(uuid4()), "if_match": '"1"'}, "/if_match"),
        ({"op": "tag", "id": KNOWN}, "/tag"),
        ({"op": "tag", "id": KNOWN, "tag": 1}, "/tag"),
        ({"op": "tag", "id": KNOWN, "tag": "a,b"}, "/tags"),
        ({"op": "update", "id": KNOWN, "changes": {"content": 1}}, "/content"),
        ({"op": "update", "id": KNOWN, "changes": {"id": str(uuid4())}}, "/id"),
        ({"op": "update", "id": KNOWN, "changes": {}, "if_match": 1}, "/if_match"),
    ],
)
def test_malformed_operation_is_named(api: ApiClient, operation: Any, pointer: str) -> None:
    api.put(f"todos/{KNOWN}", {"content": "a"})
    (result,) = api.post("batch", {"operations": [operation], "atomic": False}).json["results"]
    assert result["status"] == 400
    assert [error["pointer"] for error in result["problem"]["errors"]] == [pointer]
    assert TodoEntry.objects.get().revision == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], "/operations"),
        ({}, "/operations"),
        ({"operations": {}}, "/operations"),
        ({"operations": [], "atomic": "true"}, "/atomic"),
        ({"operations": [], "atomic": None}, "/atomic"),
        ({"operations": [], "dry_run": True}, "/dry_run"),
        ({"operations": [{"op": "create", "entry": {"content": "a"}}] * 501}, "/operations"),
    ],
)
def test_malformed_batch_is_400(api: ApiClient, body: Any, pointer: str) -> None:
    answer = api.post("batch", body)
    assert (answer.status, answer.names()) == (400, [pointer])
    assert not TodoEntry.objects.exists()


def test_answer_about_many_failures_tells_the_first_in_full(api: ApiClient) -> None:
    good = {"op": "create", "entry": {"content": "a"}}
    bad = {"op": "create", "entry": {f"field {number}": 1 for number in range(30)}}
    body = api.post("batch", {"operations": [good] * 100 + [bad] * 100 + [{"op": "delete", "id": KNOWN}] * 100}).json

    assert [result["status"] for result in body["results"]] == [409] * 100 + [400] * 100 + [404] * 100
    told = [number for number, result in enumerate(body["results"]) if "problem" in result]
    assert told == [*range(20), *range(100, 120)]
    assert [error["pointer"] for error in body["errors"]] == [f"/operations/{number}" for number in range(100, 120)]
    errors = [len(body["results"][number]["problem"].get("errors", [])) for number in told]
    assert (sum(errors), errors[20]) == (20, 20)
    assert body["detail"] == "200 of 300 operations failed, so none was done."
    assert not TodoEntry.objects.exists()
