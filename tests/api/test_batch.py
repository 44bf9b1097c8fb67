"""Many operations in one request: all or none, or each by itself; in order; at a cost that does not grow."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.client import ApiClient
from todos.models import Ledger, Tag, TodoEntry

Make = Callable[..., Any]
Operation = dict[str, Any]


def create(content: str = "new", **fields: Any) -> Operation:
    """Return an operation that creates."""
    return {"op": "create", "entry": {"content": content, **fields}}


def update(entry: Any, **changes: Any) -> Operation:
    """Return an operation that changes."""
    return {"op": "update", "id": str(getattr(entry, "uuid", entry)), "changes": changes}


def simple(op: str, entry: Any, **more: Any) -> Operation:
    """Return an operation on an entry."""
    return {"op": op, "id": str(getattr(entry, "uuid", entry)), **more}


def send(api: ApiClient, *operations: Any, atomic: bool = True, **headers: str) -> Any:
    """Send a batch."""
    return api.post("batch", {"operations": list(operations), "atomic": atomic}, **headers)


def revision() -> int:
    """Return the revision of the owner."""
    return Ledger.objects.values_list("revision", flat=True).first() or 0


@pytest.mark.parametrize("atomic", [True, False])
def test_batch_answers_in_order_with_what_each_entry_is_now(api: ApiClient, make: Make, atomic: bool) -> None:
    milk, bread, old = make("milk", tags=["home"]), make("bread"), make("old")
    old.delete()
    answer = send(
        api,
        create("a", tags=["HOME"]),
        update(milk, completed=True),
        simple("tag", bread, tag="work"),
        simple("untag", milk, tag="Home"),
        simple("delete", bread),
        simple("restore", old),
        atomic=atomic,
    )
    results = answer.json["results"]
    assert (answer.status, [result["status"] for result in results]) == (200, [201, 200, 200, 200, 200, 200])
    assert [result["entry"]["content"] for result in results] == ["a", "milk", "bread", "milk", "bread", "old"]
    assert [result["entry"] for result in results] == [api.get(f"todos/{r['entry']['id']}").json for r in results]
    assert results[0]["entry"]["tags"] == ["home"]
    assert (results[3]["entry"]["tags"], results[3]["entry"]["completed"]) == ([], True)
    assert (results[4]["entry"]["tags"], results[4]["entry"]["deleted_at"] is None) == (["work"], False)
    assert answer.json["revision"] == revision()


def test_atomic_is_the_default(api: ApiClient) -> None:
    answer = api.post("batch", {"operations": [create(), {"op": "nothing"}]})
    assert (answer.status, TodoEntry.objects.count()) == (409, 0)


def test_atomic_batch_is_one_revision(api: ApiClient, make: Make) -> None:
    entry = make()
    before = revision()
    answer = send(api, create("a", tags=["x"]), update(entry, priority=1), create("b"), simple("tag", entry, tag="x"))
    assert answer.json["revision"] == revision() == before + 1
    assert {entry.revision for entry in TodoEntry.objects.all()} == {before + 1}


def test_atomic_batch_with_a_failure_does_nothing_and_says_which(api: ApiClient, make: Make) -> None:
    entry, missing = make("milk"), str(uuid4())
    before = api.get("changes").json
    answer = send(api, update(entry, priority=1), update(missing, priority=1), create("", priority=10), create("a"))
    body = answer.json
    assert (answer.status, body["code"]) == (409, "conflict")
    assert body["detail"] == "2 of 4 operations failed, so none was done."
    assert [error["pointer"] for error in body["errors"]] == ["/operations/1", "/operations/2"]
    assert [result["status"] for result in body["results"]] == [409, 404, 400, 409]
    assert missing in body["results"][1]["problem"]["detail"]
    assert {error["pointer"] for error in body["results"][2]["problem"]["errors"]} == {"/content", "/priority"}
    assert all("entry" not in result for result in body["results"])
    assert api.get("changes").json == before


def test_batch_that_is_not_atomic_does_what_it_can(api: ApiClient, make: Make) -> None:
    entry = make("milk", priority=5)
    answer = send(
        api,
        update(entry, priority=1),
        update(uuid4(), priority=2),
        update(entry, content="", notes="lost"),
        create("a"),
        atomic=False,
    )
    assert (answer.status, [result["status"] for result in answer.json["results"]]) == (200, [200, 404, 400, 201])
    assert answer.json["results"][1]["problem"]["code"] == "not-found"
    stored = TodoEntry.objects.get(uuid=entry.uuid)
    assert (stored.priority, stored.content, stored.notes) == (1, "milk", "")
    assert TodoEntry.objects.count() == 2


def test_operations_on_one_entry_build_on_each_other(api: ApiClient) -> None:
    chosen = str(uuid4())
    answer = send(
        api,
        create("a", id=chosen, tags=["x"], extra={"a": 1}),
        update(chosen, content="b", extra={"b": 2}),
        simple("tag", chosen, tag="y"),
        simple("untag", chosen, tag="x"),
        simple("delete", chosen),
        simple("restore", chosen),
    )
    assert answer.status == 200
    stored = api.get(f"todos/{chosen}").json
    assert (stored["content"], stored["tags"], stored["extra"]) == ("b", ["y"], {"a": 1, "b": 2})
    assert (stored["deleted_at"], stored["revision"]) == (None, 1)
    assert {result["entry"]["id"] for result in answer.json["results"]} == {chosen}


def test_operation_before_the_creation_of_its_entry_fails(api: ApiClient) -> None:
    chosen = str(uuid4())
    answer = send(api, simple("tag", chosen, tag="x"), create("a", id=chosen), atomic=False)
    assert [result["status"] for result in answer.json["results"]] == [404, 201]


def test_id_that_is_taken_is_409_in_the_batch_too(api: ApiClient, make: Make) -> None:
    taken, chosen = str(make().uuid), str(uuid4())
    answer = send(api, create(id=taken), create(id=chosen), create(id=chosen), atomic=False)
    assert [result["status"] for result in answer.json["results"]] == [409, 201, 409]


def test_if_match_holds_for_the_version_before_the_batch(api: ApiClient, make: Make) -> None:
    entry = make("milk")
    answers = send(
        api,
        update(entry, priority=1) | {"if_match": '"1"'},
        update(entry, notes="n") | {"if_match": '"1"'},
        update(entry, notes="m") | {"if_match": '"2"'},
        update(entry, notes="m") | {"if_match": 'W/"1"'},
        update(entry, notes="m") | {"if_match": "1"},
        update(entry, position=1) | {"if_match": "*"},
        atomic=False,
    ).json["results"]
    assert [answer["status"] for answer in answers] == [200, 200, 412, 412, 400, 200]
    assert send(api, update(entry, notes="late") | {"if_match": '"1"'}).status == 409
    assert TodoEntry.objects.get().notes == "n"


def test_batch_that_changes_nothing_leaves_no_revision(api: ApiClient, make: Make) -> None:
    entry = make("milk", tags=["x"])
    before = revision()
    answer = send(api, update(entry, content="milk"), simple("tag", entry, tag="X"), simple("restore", entry))
    assert (answer.status, answer.json["revision"], revision()) == (200, before, before)
    assert send(api).json == {"results": [], "revision": before}


def test_entry_of_another_owner_is_not_found(api: ApiClient, make: Make, other: Any) -> None:
    theirs = make("secret", owner=other)
    for op in (update(theirs, content="x"), simple("delete", theirs), simple("tag", theirs, tag="x")):
        answer = send(api, op)
        assert answer.json["results"][0]["status"] == 404
        assert "secret" not in answer.body.decode()
    assert send(api, create("mine", id=str(theirs.uuid))).status == 200
    assert TodoEntry.objects.get(owner=other).content == "secret"


def test_batch_takes_500_operations(api: ApiClient) -> None:
    answer = send(api, *[create(f"entry {number}", tags=[f"tag {number}", "all"]) for number in range(500)])
    assert (answer.status, TodoEntry.objects.count(), Tag.objects.count(), revision()) == (200, 500, 501, 1)
    assert [result["entry"]["content"] for result in answer.json["results"]] == [f"entry {n}" for n in range(500)]
