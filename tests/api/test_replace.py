"""`PUT todos/{id}/`: creates or replaces; what GET gave can be put back."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import ApiClient

CHOSEN = "8b122755-530e-43c7-ae84-362c17a37fc5"
FULL: dict[str, Any] = {
    "notes": "notes",
    "tags": ["home"],
    "priority": 1,
    "due": "2026-12-01T17:00:00Z",
    "position": 3,
    "completed_at": "2026-11-30T08:00:00Z",
    "extra": {"a": 1},
}


def test_put_of_a_new_id_creates(api: ApiClient) -> None:
    answer = api.put(f"todos/{CHOSEN}", {"content": "new", "tags": ["home"]})

    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/v1/todos/{CHOSEN}/"
    assert (answer.json["id"], answer.json["tags"]) == (CHOSEN, ["home"])
    assert api.get(f"todos/{CHOSEN}").json == answer.json


def test_put_replaces_every_field(api: ApiClient) -> None:
    first = api.put(f"todos/{CHOSEN}", {"content": "first", **FULL}).json

    answer = api.put(f"todos/{CHOSEN}", {"content": "second"})

    assert answer.status == 200
    assert answer.json == {
        **first,
        "content": "second",
        "notes": "",
        "tags": [],
        "priority": 0,
        "due": None,
        "position": 0,
        "completed": False,
        "completed_at": None,
        "extra": {},
        "updated_at": answer.json["updated_at"],
        "revision": 2,
    }
    assert api.get(f"todos/{CHOSEN}").json == answer.json


@pytest.mark.parametrize("fields", [{}, FULL, {"completed": True, "due": "2026-12-01"}], ids=["bare", "full", "done"])
def test_what_get_gave_can_be_put_back(api: ApiClient, fields: dict[str, Any]) -> None:
    created = api.post("todos", {"content": "buy milk", **fields}).json
    got = api.get(f"todos/{created['id']}")

    answer = api.put(f"todos/{created['id']}", got.json)

    assert answer.status == 200
    assert answer.json == got.json
    assert answer.headers["ETag"] == got.headers["ETag"]


def test_what_get_gave_of_a_trashed_entry_can_be_put_back(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make()
    api.delete(f"todos/{entry.uuid}")
    got = api.get(f"todos/{entry.uuid}").json

    assert api.put(f"todos/{entry.uuid}", got).json == got


def test_put_of_a_completed_entry_keeps_its_time(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make(completed=True)
    got = api.get(f"todos/{entry.uuid}").json

    again = api.put(f"todos/{entry.uuid}", {"content": "new text", "completed": True}).json

    assert again["completed_at"] == got["completed_at"]


def test_put_with_another_id_is_400(api: ApiClient) -> None:
    other = "00000000-0000-4000-8000-000000000000"

    assert api.put(f"todos/{CHOSEN}", {"content": "x", "id": other}).names() == ["/id"]
    assert api.get(f"todos/{CHOSEN}").status == 404
    api.put(f"todos/{CHOSEN}", {"content": "x"})
    assert api.put(f"todos/{CHOSEN}", {"content": "x", "id": other}).names() == ["/id"]


def test_put_without_content_is_400(api: ApiClient) -> None:
    api.put(f"todos/{CHOSEN}", {"content": "x"})

    assert api.put(f"todos/{CHOSEN}", {"notes": "x"}).names() == ["/content"]
    assert api.get(f"todos/{CHOSEN}").json["notes"] == ""
