"""`PATCH todos/{id}/`: changes what it names and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import ApiClient

FULL: dict[str, Any] = {
    "content": "buy milk",
    "notes": "notes",
    "tags": ["home"],
    "priority": 1,
    "due": "2026-12-01",
    "position": 3,
    "completed_at": "2026-11-30T08:00:00.000000Z",
    "extra": {"a": 1, "b": {"c": 2, "d": 3}},
}


@pytest.fixture
def entry(api: ApiClient) -> Any:
    """An entry in which no field has its default."""
    return api.post("todos", FULL).json


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"content": " new "}, {"content": "new"}),
        ({"notes": ""}, {"notes": ""}),
        ({"tags": []}, {"tags": []}),
        ({"tags": ["b", "A"]}, {"tags": ["A", "b"]}),
        ({"priority": 0}, {"priority": 0}),
        ({"due": None}, {"due": None}),
        ({"due": "2027-01-01T00:00:00Z"}, {"due": "2027-01-01T00:00:00.000000Z"}),
        ({"position": -1}, {"position": -1}),
        ({"completed": False}, {"completed": False, "completed_at": None}),
        ({"completed_at": None}, {"completed": False, "completed_at": None}),
        ({"completed_at": "2020-01-01T00:00:00Z"}, {"completed_at": "2020-01-01T00:00:00.000000Z"}),
        ({"extra": {"b": {"c": None, "e": 4}}}, {"extra": {"a": 1, "b": {"d": 3, "e": 4}}}),
        ({"extra": {"a": None}}, {"extra": {"b": {"c": 2, "d": 3}}}),
        ({"extra": {"a": [1, None]}}, {"extra": {"a": [1, None], "b": {"c": 2, "d": 3}}}),
    ],
)
def test_patch_changes_only_what_it_names(
    api: ApiClient, entry: Any, changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    answer = api.patch(f"todos/{entry['id']}", changes)

    assert answer.status == 200
    assert answer.json == {**entry, **expected, "updated_at": answer.json["updated_at"], "revision": 2}
    assert answer.json["updated_at"] > entry["updated_at"]
    assert api.get(f"todos/{entry['id']}").json == answer.json


@pytest.mark.parametrize(
    "changes",
    [{}, {"extra": {}}, {"content": "buy milk "}, {"tags": ["HOME"]}, {"completed": True}, FULL],
    ids=["nothing", "empty-merge", "space", "spelling", "completed", "everything"],
)
def test_patch_that_changes_nothing_leaves_no_revision(api: ApiClient, entry: Any, changes: dict[str, Any]) -> None:
    answer = api.patch(f"todos/{entry['id']}", changes)

    assert (answer.status, answer.json) == (200, entry)
    assert api.get(f"todos/{entry['id']}").json == entry


def test_patch_completes_now(api: ApiClient, make: Callable[..., Any]) -> None:
    answer = api.patch(f"todos/{make().uuid}", {"completed": True}).json

    assert answer["completed_at"] == answer["updated_at"]


def test_patch_of_an_id_that_does_not_exist_is_404(api: ApiClient) -> None:
    assert api.patch("todos/8b122755-530e-43c7-ae84-362c17a37fc5", {"content": "x"}).status == 404


@pytest.mark.parametrize("body", [[], "x", 1, None, [{"content": "x"}]])
def test_patch_with_no_object_is_400(api: ApiClient, entry: Any, body: Any) -> None:
    answer = api.patch(f"todos/{entry['id']}", body)

    assert (answer.status, answer.names()) == (400, [""])
