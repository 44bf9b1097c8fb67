"""Entity tags and conditions: nobody overwrites what they have not seen, and nobody is sent what they have."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.client import Answer, ApiClient
from todos.models import TodoEntry

Make = Callable[..., Any]
Write = Callable[[ApiClient, Any, str], Answer]

WRITES: dict[str, Write] = {
    "put": lambda api, entry, tag: api.put(f"todos/{entry.uuid}", {"content": "new"}, If_Match=tag),
    "patch": lambda api, entry, tag: api.patch(f"todos/{entry.uuid}", {"content": "new"}, If_Match=tag),
    "delete": lambda api, entry, tag: api.delete(f"todos/{entry.uuid}", If_Match=tag),
    "tag": lambda api, entry, tag: api.put(f"todos/{entry.uuid}/tags/new", If_Match=tag),
    "untag": lambda api, entry, tag: api.delete(f"todos/{entry.uuid}/tags/home", If_Match=tag),
    "restore": lambda api, entry, tag: api.post(f"todos/{entry.uuid}/restore", If_Match=tag),
}
every_write = pytest.mark.parametrize("name", WRITES)


@pytest.fixture
def entry(make: Make) -> Any:
    """An entry that has been changed once since it was made."""
    entry = make(tags=["home"])
    entry.notes = "n"
    entry.save()
    if entry.revision != 2:
        pytest.fail("the tests below count revisions")
    return entry


def tag_of(api: ApiClient, entry: Any) -> str:
    """Return the entity tag that a GET shows."""
    tag = api.get(f"todos/{entry.uuid}").headers["ETag"]
    assert tag.startswith('"'), "a strong tag has no W/ before it"
    return str(tag)


@every_write
def test_write_with_the_current_tag_is_done(api: ApiClient, entry: Any, name: str) -> None:
    if name == "restore":
        entry.delete()
    current = tag_of(api, entry)
    assert WRITES[name](api, entry, current).status in (200, 204)
    assert tag_of(api, entry) != current


@every_write
@pytest.mark.parametrize("sent", ['"1"', '"1", "0"', 'W/"2"', '"W/2"', '"02"', '""'])
def test_write_with_another_tag_is_412_and_changes_nothing(api: ApiClient, entry: Any, name: str, sent: str) -> None:
    before = api.get(f"todos/{entry.uuid}").json
    answer = WRITES[name](api, entry, sent)
    assert (answer.status, answer.json["code"]) == (412, "precondition-failed")
    assert api.get(f"todos/{entry.uuid}").json == before


@every_write
@pytest.mark.parametrize("sent", ["2", "W/2", '"2 "', '"2', '2"', "", '"1" "2"', "*, *", "w/'2'", '"1",,"2"'])
def test_write_with_a_malformed_tag_is_400_and_changes_nothing(
    api: ApiClient, entry: Any, name: str, sent: str
) -> None:
    before = api.get(f"todos/{entry.uuid}").json
    answer = WRITES[name](api, entry, sent)
    assert (answer.status, answer.json["code"]) == (400, "malformed")
    assert "If-Match" in answer.json["detail"]
    assert api.get(f"todos/{entry.uuid}").json == before


@pytest.mark.parametrize("sent", ['"2"', '"1", "2"', ' "2" ', "*"])
def test_if_match_takes_a_list_and_the_star(api: ApiClient, entry: Any, sent: str) -> None:
    assert api.patch(f"todos/{entry.uuid}", {"content": "new"}, If_Match=sent).status == 200


def test_if_match_on_what_does_not_exist_is_412_for_put(api: ApiClient) -> None:
    answer = api.put(f"todos/{uuid4()}", {"content": "new"}, If_Match="*")
    assert answer.status == 412
    assert not TodoEntry.objects.exists()


def test_one_of_two_writes_with_the_same_tag_is_refused(api: ApiClient, entry: Any) -> None:
    current = tag_of(api, entry)
    answers = [api.patch(f"todos/{entry.uuid}", {"content": text}, If_Match=current).status for text in "ab"]
    assert answers == [200, 412]
    assert api.get(f"todos/{entry.uuid}").json["content"] == "a"


def test_answer_of_a_write_has_the_tag_for_the_next(api: ApiClient) -> None:
    first = api.post("todos", {"content": "a"})
    second = api.patch(first.headers["Location"], {"content": "b"}, If_Match=first.headers["ETag"])
    third = api.put(first.headers["Location"], {"content": "c"}, If_Match=second.headers["ETag"])
    assert (second.status, third.status) == (200, 200)
    assert third.headers["ETag"] == tag_of(api, TodoEntry.objects.get())


def test_write_that_changes_nothing_keeps_the_tag(api: ApiClient, entry: Any) -> None:
    current = tag_of(api, entry)
    assert api.patch(f"todos/{entry.uuid}", {"notes": "n", "tags": ["HOME"]}).headers["ETag"] == current
    assert api.delete(f"todos/{entry.uuid}").status == 204
    trashed = tag_of(api, entry)
    assert api.delete(f"todos/{entry.uuid}").status == 204
    assert tag_of(api, entry) == trashed != current


def test_put_creates_under_the_id_of_the_client(api: ApiClient) -> None:
    chosen = str(uuid4())
    answer = api.put(f"todos/{chosen}", {"content": "a"})
    assert (answer.status, answer.json["id"]) == (201, chosen)
    assert answer.headers["Location"] == f"/api/v1/todos/{chosen}/"
    assert api.put(f"todos/{chosen}", {"content": "b"}).status == 200


def test_put_with_if_none_match_creates_and_never_replaces(api: ApiClient, entry: Any) -> None:
    chosen = uuid4()
    assert api.put(f"todos/{chosen}", {"content": "a"}, If_None_Match="*").status == 201
    assert api.put(f"todos/{chosen}", {"content": "b"}, If_None_Match="*").status == 412
    assert api.get(f"todos/{chosen}").json["content"] == "a"


def test_put_with_if_none_match_does_not_replace_what_is_in_the_trash(api: ApiClient, entry: Any) -> None:
    entry.delete()
    assert api.put(f"todos/{entry.uuid}", {"content": "b"}, If_None_Match="*").status == 412


@pytest.mark.parametrize("sent", ["2", "", "W/*", '"2'])
def test_malformed_if_none_match_is_400(api: ApiClient, entry: Any, sent: str) -> None:
    assert api.put(f"todos/{entry.uuid}", {"content": "b"}, If_None_Match=sent).status == 400
    assert api.get(f"todos/{entry.uuid}", If_None_Match=sent).status == 400
    assert api.get("todos", If_None_Match=sent).status == 400


@pytest.mark.parametrize("sent", ['"2"', 'W/"2"', '"1", W/"2"', "*"])
def test_entry_that_the_client_has_is_304_without_a_body(api: ApiClient, entry: Any, sent: str) -> None:
    answer = api.get(f"todos/{entry.uuid}", If_None_Match=sent)
    assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", '"2"')
    assert api.get(f"todos/{entry.uuid}", If_None_Match='"1"').status == 200


def test_list_that_the_client_has_is_304_until_anything_changes(api: ApiClient, entry: Any) -> None:
    first = api.get("todos", params={"search": "nothing"})
    sent = {"If_None_Match": first.headers["ETag"]}
    assert api.get("todos", params={"search": "nothing"}, **sent).status == 304
    for change in (
        lambda: api.put(f"todos/{entry.uuid}/tags/new"),
        lambda: api.delete(f"todos/{entry.uuid}"),
        lambda: api.patch("tags/new", {"name": "newer"}),
        lambda: api.post("/todo/", {"content": "quick"}),
    ):
        assert change().status < 300
        later = api.get("todos", **sent)
        assert later.status == 200
        sent = {"If_None_Match": later.headers["ETag"]}
        assert api.get("todos", **sent).status == 304


def test_list_of_another_owner_does_not_change_the_tag(api: ApiClient, make: Make, other: Any) -> None:
    before = api.get("todos").headers["ETag"]
    make(owner=other)
    assert api.get("todos").headers["ETag"] == before


@pytest.mark.parametrize("params", [{"overdue": "true"}, {"search": "is:overdue"}, {"search": "milk or -due:<today"}])
def test_list_that_depends_on_the_time_has_a_tag_of_its_own(api: ApiClient, params: dict[str, str]) -> None:
    # It is good for a second only: what is overdue changes without a write.
    assert api.get("todos", params=params).headers["ETag"] != api.get("todos").headers["ETag"]
