"""`DELETE todos/{id}/` moves to the trash, `restore` brings back; neither loses anything."""

from collections.abc import Callable
from typing import Any

from tests.client import ApiClient

UNKNOWN = "8b122755-530e-43c7-ae84-362c17a37fc5"


def test_delete_moves_to_the_trash(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make("old", tags=["home"])

    answer = api.delete(f"todos/{entry.uuid}")

    assert (answer.status, answer.body) == (204, b"")
    assert api.get("todos").ids == []
    assert api.get("todos?trashed=true").ids == [str(entry.uuid)]


def test_delete_again_is_204_and_no_new_revision(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make()
    api.delete(f"todos/{entry.uuid}")
    trashed = api.get(f"todos/{entry.uuid}").json

    assert api.delete(f"todos/{entry.uuid}").status == 204
    assert api.get(f"todos/{entry.uuid}").json == trashed
    assert api.get("changes").json["revision"] == trashed["revision"] == 2


def test_restore_brings_everything_back(api: ApiClient) -> None:
    entry = api.post("todos", {"content": "old", "tags": ["home"], "due": "2026-12-01", "extra": {"a": 1}}).json
    api.delete(f"todos/{entry['id']}")

    answer = api.post(f"todos/{entry['id']}/restore")

    assert answer.status == 200
    assert answer.json == {**entry, "revision": 3, "updated_at": answer.json["updated_at"]}
    assert api.get("todos").json["results"] == [answer.json]
    assert api.get("todos?tag=home").ids == [entry["id"]]


def test_restore_of_what_is_not_trashed_changes_nothing(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make()

    answer = api.post(f"todos/{entry.uuid}/restore")

    assert (answer.status, answer.json["revision"]) == (200, 1)


def test_a_trashed_entry_can_be_changed_in_the_trash(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make()
    api.delete(f"todos/{entry.uuid}")

    assert api.patch(f"todos/{entry.uuid}", {"content": "new"}).json["deleted_at"] is not None
    assert api.get("todos").ids == []


def test_delete_and_restore_of_an_id_that_does_not_exist_are_404(api: ApiClient) -> None:
    assert api.delete(f"todos/{UNKNOWN}").status == 404
    assert api.post(f"todos/{UNKNOWN}/restore").status == 404
