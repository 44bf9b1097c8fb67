"""What one owner has leaves no trace in what another sees: lists, cursors, feeds, keys, versions, spellings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.client import ApiClient
from todos.models import TodoEntry
from todos.purge import purge

Make = Callable[..., Any]


@dataclass
class Two:
    """Two owners with a client each."""

    one: ApiClient
    two: ApiClient


@pytest.fixture
def clients(owner: Any, other: Any, let_in: Callable[..., ApiClient]) -> Two:
    """Two owners, who have nothing yet."""
    return Two(let_in(owner), let_in(other))


@pytest.mark.parametrize(
    "query",
    [
        "search=secret",
        "search=plan or mine",
        "search=-nothing",
        "search=%23secret-tag",
        "search=is:open",
        "search=pl",
        "search=secret&ordering=relevance",
        "tag=secret-tag",
        "untagged=false",
        "priority=1",
        "overdue=true",
        "due_after=2020-01-01",
        "trashed=true",
        "completed=true",
        "ordering=content",
    ],
)
def test_no_list_holds_or_counts_anothers_entries(clients: Two, make: Make, other: Any, query: str) -> None:
    for fields in ({}, {"completed": True}):
        make("secret plan", tags=["secret-tag"], priority=1, **fields)
    make("secret plan").delete()
    make("mine", owner=other)
    TodoEntry.objects.owned_by(other.pk).delete()

    answer = clients.two.get(f"todos?{query}&count=true")

    own = ["mine"] if query == "trashed=true" else []
    assert (answer.contents, answer.json["count"]) == (own, len(own))


def test_quick_capture_tags_and_feed_hold_nothing_of_another(clients: Two, make: Make) -> None:
    make("secret plan", tags=["secret-tag"])
    gone = make("secret past")
    gone.delete()
    purge(timedelta(0))

    assert clients.two.get("/todo/").json == clients.two.get("/todo/?search=secret").json == []
    assert clients.two.get("tags").json["results"] == []
    assert clients.two.get("changes").json == {"changes": [], "revision": 0, "next": None}
    assert clients.two.get("changes?since=1").status == 400
    assert clients.two.get("fingerprint").json["count"] == 0
    assert clients.one.get("changes").json["revision"] > 1


def test_equal_questions_at_equal_revisions_get_answers_of_their_own(clients: Two) -> None:
    clients.one.post("todos", {"content": "of one", "tags": ["a"]})
    clients.two.post("todos", {"content": "of two", "tags": ["b"]})
    for path in ("todos", "todos?search=of", "todos?count=true", "/todo/", "tags", "changes"):
        for _ in range(2):
            one, two = clients.one.get(path), clients.two.get(path)
            assert "two" not in one.body.decode()
            assert "one" not in two.body.decode()
            assert one.headers.get("ETag") == two.headers.get("ETag")
            assert one.body != two.body


def test_cursor_of_another_is_refused(clients: Two, make: Make) -> None:
    for number in range(3):
        make(f"secret {number}", tags=[f"secret-{number}"])
    for path in ("todos?limit=1", "tags?limit=1", "changes?limit=1"):
        following = clients.one.get(path).json["next"]
        answer = clients.two.get(following)
        assert (answer.status, answer.names()) == (400, ["cursor"])
        assert "secret" not in answer.body.decode()
        assert clients.one.get(following).status == 200


@pytest.mark.parametrize("condition", ["If_None_Match", "If_Match"])
@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_condition_does_not_tell_whether_another_has_an_entry(
    clients: Two, make: Make, method: str, condition: str
) -> None:
    entry = make("secret")
    etag = clients.one.get(f"todos/{entry.uuid}").headers["ETag"]
    for value in (etag, "*", '"0"'):
        theirs = clients.two.request(
            method, f"todos/{entry.uuid}", {} if method == "patch" else b"", **{condition: value}
        )
        nobodys = clients.two.request(
            method, "todos/5d3a1e2c-8f0b-4f6e-9a57-1c2d3e4f5a6b", {} if method == "patch" else b"", **{condition: value}
        )
        assert theirs.status == nobodys.status == 404
        assert "ETag" not in theirs.headers


def test_id_that_another_has_is_free_and_makes_an_entry_of_ones_own(clients: Two, make: Make) -> None:
    theirs = make("secret", notes="secret", tags=["secret-tag"])
    entry_id = str(theirs.uuid)

    created = clients.two.post("todos", {"id": entry_id, "content": "mine"})
    replaced = clients.two.put(f"todos/{entry_id}", {"content": "mine too"}, If_Match=created.headers["ETag"])

    assert (created.status, created.json["notes"], created.json["tags"]) == (201, "", [])
    assert (replaced.status, replaced.json["content"]) == (200, "mine too")
    assert clients.one.get(f"todos/{entry_id}").json == theirs.as_dict()


def test_precondition_of_a_put_knows_ones_own_entry_only(clients: Two, make: Make) -> None:
    theirs = make("secret")

    assert clients.two.put(f"todos/{theirs.uuid}", {"content": "x"}, If_Match="*").status == 412
    assert clients.two.put(f"todos/{theirs.uuid}", {"content": "x"}, If_None_Match="*").status == 201
    assert clients.one.get(f"todos/{theirs.uuid}").json == theirs.as_dict()


@pytest.mark.parametrize("atomic", [True, False])
def test_batch_finds_nothing_of_another(clients: Two, make: Make, atomic: bool) -> None:
    theirs = make("secret", tags=["secret-tag"])
    entry_id = str(theirs.uuid)
    etag = clients.one.get(f"todos/{entry_id}").headers["ETag"]
    operations = [
        {"op": "update", "id": entry_id, "changes": {"content": "x"}},
        {"op": "update", "id": entry_id, "changes": {}, "if_match": etag},
        {"op": "delete", "id": entry_id},
        {"op": "restore", "id": entry_id},
        {"op": "tag", "id": entry_id, "tag": "x"},
        {"op": "untag", "id": entry_id, "tag": "secret-tag"},
    ]

    answer = clients.two.post("batch", {"operations": operations, "atomic": atomic})

    assert [result["status"] for result in answer.json["results"]] == [404] * len(operations)
    assert "secret" not in answer.body.decode()
    assert clients.one.get(f"todos/{entry_id}").json == theirs.as_dict()


def test_batch_creates_under_an_id_that_another_has(clients: Two, make: Make) -> None:
    theirs = make("secret")
    operation = {"op": "create", "entry": {"id": str(theirs.uuid), "content": "mine"}}

    assert clients.two.post("batch", {"operations": [operation]}).json["results"][0]["status"] == 201
    assert clients.one.get(f"todos/{theirs.uuid}").json == theirs.as_dict()


def test_idempotency_key_of_another_is_free(clients: Two) -> None:
    body = {"content": "the same", "tags": ["x"]}
    one = clients.one.post("todos", body, Idempotency_Key="key")
    two = clients.two.post("todos", body, Idempotency_Key="key")
    different = clients.two.post("todos", {"content": "other"}, Idempotency_Key="key")

    assert (one.status, two.status, different.status) == (201, 201, 422)
    assert "Idempotency-Replayed" not in two.headers
    assert one.json["id"] != two.json["id"]
    for client, first in ((clients.one, one), (clients.two, two)):
        again = client.post("todos", body, Idempotency_Key="key")
        assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")


def test_kept_answer_is_given_to_no_token_that_may_not_write(
    clients: Two, owner: Any, let_in: Callable[..., ApiClient]
) -> None:
    clients.one.post("todos", {"content": "secret"}, Idempotency_Key="key")

    answer = let_in(owner, "read").post("todos", {"content": "secret"}, Idempotency_Key="key")

    assert answer.status == 403
    assert "Idempotency-Replayed" not in answer.headers


def test_spelling_of_anothers_tag_is_not_taken(clients: Two, make: Make) -> None:
    make("secret", tags=["HOME/Cellar"])

    assert clients.two.post("todos", {"content": "x", "tags": ["home/cellar"]}).json["tags"] == ["home/cellar"]
    assert clients.one.get("tags").json["results"] == [{"name": "HOME/Cellar", "open": 1, "total": 1}]


def test_tag_that_both_have_is_renamed_and_deleted_for_one_only(clients: Two, make: Make, other: Any) -> None:
    make("secret", tags=["home", "home/garden", "house"])
    make("mine", owner=other, tags=["home"])

    assert clients.two.patch("tags/home", {"name": "house"}).json == {"name": "house", "open": 1, "total": 1}
    assert clients.two.delete("tags/house").status == 204

    assert clients.one.get("todos").json["results"][0]["tags"] == ["home", "home/garden", "house"]


def test_change_of_one_leaves_the_version_of_the_others_list(clients: Two, make: Make, other: Any) -> None:
    make("mine", owner=other)
    etag = clients.two.get("todos").headers["ETag"]
    make("secret")

    assert clients.two.get("todos", If_None_Match=etag).status == 304
