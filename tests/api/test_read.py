"""`GET todos/{id}/`: one entry, whoever asks for it in whatever spelling of its address."""

from collections.abc import Callable
from typing import Any

from tests.client import ApiClient


def test_read_answers_the_entry_of_the_list(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make("buy milk", tags=["home"])

    answer = api.get(f"todos/{entry.uuid}")

    assert answer.status == 200
    assert [answer.json] == api.get("todos").json["results"]


def test_read_takes_the_id_in_capitals(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make()

    assert api.get(f"todos/{str(entry.uuid).upper()}").json["id"] == str(entry.uuid)


def test_read_finds_a_trashed_entry(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make("old")
    api.delete(f"todos/{entry.uuid}")

    answer = api.get(f"todos/{entry.uuid}")

    assert (answer.status, answer.json["content"]) == (200, "old")
    assert answer.json["deleted_at"] is not None


def test_read_of_an_id_that_does_not_exist_is_404(api: ApiClient) -> None:
    answer = api.get("todos/8b122755-530e-43c7-ae84-362c17a37fc5")

    assert (answer.status, answer.json["code"]) == (404, "not-found")


def test_another_owners_entry_is_404_for_every_method(api: ApiClient, make: Callable[..., Any], other: Any) -> None:
    theirs = make("theirs", tags=["private"], owner=other)
    path = f"todos/{theirs.uuid}"

    answers = [
        api.get(path),
        api.patch(path, {"content": "mine"}),
        api.delete(path),
        api.post(f"{path}/restore"),
        api.put(f"{path}/tags/mine"),
        api.delete(f"{path}/tags/private"),
    ]

    assert [answer.status for answer in answers] == [404] * 6
    theirs.refresh_from_db()
    assert (theirs.content, theirs.tag_names, theirs.deleted_at, theirs.revision) == ("theirs", ["private"], None, 1)


def test_put_under_another_owners_id_leaves_theirs_alone(api: ApiClient, make: Callable[..., Any], other: Any) -> None:
    theirs = make("theirs", owner=other)

    assert api.put(f"todos/{theirs.uuid}", {"content": "mine"}).status == 201
    theirs.refresh_from_db()
    assert theirs.content == "theirs"


def test_read_with_a_parameter_is_400(api: ApiClient, make: Callable[..., Any]) -> None:
    assert api.get(f"todos/{make().uuid}?fields=id").names() == ["fields"]
