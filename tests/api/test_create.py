"""`POST todos/`: an entry is created once, with all that was sent and the defaults for the rest."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.client import ApiClient

CHOSEN = "8b122755-530e-43c7-ae84-362c17a37fc5"


def test_create_answers_201_and_the_whole_entry(api: ApiClient) -> None:
    before = datetime.now(UTC)
    answer = api.post("todos", {"content": "buy milk"})

    assert answer.status == 201
    entry = answer.json
    created_at = datetime.fromisoformat(entry["created_at"])
    assert before <= created_at <= datetime.now(UTC) + timedelta(seconds=1)
    assert entry == {
        "id": str(UUID(entry["id"])),
        "content": "buy milk",
        "notes": "",
        "tags": [],
        "priority": 0,
        "due": None,
        "position": 0,
        "completed": False,
        "completed_at": None,
        "created_at": created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "updated_at": entry["created_at"],
        "deleted_at": None,
        "revision": 1,
        "extra": {},
    }


def test_create_says_where_the_entry_is(api: ApiClient) -> None:
    answer = api.post("todos", {"content": "buy milk"})

    assert answer.headers["Location"] == f"/api/v1/todos/{answer.json['id']}/"
    read = api.get(answer.headers["Location"])
    assert read.json == answer.json
    assert read.headers["ETag"] == answer.headers["ETag"]


def test_create_keeps_every_field(api: ApiClient) -> None:
    sent = {
        "id": CHOSEN,
        "content": "water the garden",
        "notes": "not at noon\nnor at night",
        "tags": ["home/garden", "weekly"],
        "priority": 9,
        "due": "2026-12-01T17:00:00.123456Z",
        "position": -7,
        "completed_at": "2026-11-30T08:00:00.000000Z",
        "extra": {"z": 1.5, "a": [None, {"ü": "ü"}], "1": 2**53 - 1},
    }

    entry = api.post("todos", sent).json

    assert {name: entry[name] for name in sent} == sent
    assert list(entry["extra"]) == ["z", "a", "1"]


def test_create_trims_the_content(api: ApiClient) -> None:
    assert api.post("todos", {"content": " \t buy  milk \n"}).json["content"] == "buy  milk"


def test_create_with_an_id_that_exists_is_409_and_changes_nothing(api: ApiClient) -> None:
    first = api.post("todos", {"id": CHOSEN, "content": "first"}).json

    answer = api.post("todos", {"id": CHOSEN.upper(), "content": "second"})

    assert (answer.status, answer.json["code"]) == (409, "conflict")
    assert api.get("todos").json["results"] == [first]


def test_create_with_the_id_of_a_trashed_entry_is_409(api: ApiClient) -> None:
    api.post("todos", {"id": CHOSEN, "content": "first"})
    api.delete(f"todos/{CHOSEN}")

    assert api.post("todos", {"id": CHOSEN, "content": "second"}).status == 409


def test_create_with_the_id_of_another_owners_entry_succeeds(api: ApiClient, other: Any, settings: Any) -> None:
    settings.LOCAL_OWNER = other.username
    api.post("todos", {"id": CHOSEN, "content": "theirs"})
    settings.LOCAL_OWNER = "local"

    assert api.post("todos", {"id": CHOSEN, "content": "mine"}).status == 201
    assert api.get(f"todos/{CHOSEN}").json["content"] == "mine"


def test_create_completed_sets_the_time(api: ApiClient) -> None:
    entry = api.post("todos", {"content": "done", "completed": True}).json

    assert entry["completed"] is True
    assert entry["completed_at"] is not None


def test_create_with_a_completion_time_is_completed(api: ApiClient) -> None:
    entry = api.post("todos", {"content": "done", "completed_at": "2020-02-29T12:00:00+01:00"}).json

    assert (entry["completed"], entry["completed_at"]) == (True, "2020-02-29T11:00:00.000000Z")


def test_create_with_contradicting_completion_is_400(api: ApiClient) -> None:
    answer = api.post("todos", {"content": "x", "completed": False, "completed_at": "2020-02-29T12:00:00Z"})

    assert answer.status == 400
    assert answer.names() in (["/completed"], ["/completed_at"])


@pytest.mark.parametrize(
    ("due", "kept"),
    [
        ("2026-12-01", "2026-12-01"),
        ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"),
        ("2026-12-01T00:00:00Z", "2026-12-01T00:00:00.000000Z"),
        ("2026-12-01T00:00:00+14:00", "2026-11-30T10:00:00.000000Z"),
        ("2026-12-01T17:00-05:00", "2026-12-01T22:00:00.000000Z"),
        (None, None),
    ],
)
def test_due_comes_back_as_the_kind_that_went_in(api: ApiClient, due: str | None, kept: str | None) -> None:
    entry = api.post("todos", {"content": "x", "due": due}).json

    assert entry["due"] == kept
    assert api.get(f"todos/{entry['id']}").json["due"] == kept


def test_tags_are_sorted_and_keep_the_spelling_of_first_use(api: ApiClient) -> None:
    api.post("todos", {"content": "one", "tags": ["Zoo", "Café"]})

    assert api.post("todos", {"content": "two", "tags": ["zoo", "attic", "CAFE"]}).json["tags"] == [
        "Café",
        "Zoo",
        "attic",
    ]
