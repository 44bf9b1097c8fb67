"""The members of an entry: unknown ones, read-only ones and wrong values are named, and nothing is written."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import ApiClient

READ_ONLY = ["created_at", "updated_at", "deleted_at", "revision"]


@pytest.mark.parametrize("name", ["colour", "Content", "", "a/b~c", "owner", "folded", "tag_names", "due_at", "_id"])
def test_an_unknown_field_is_named(api: ApiClient, make: Callable[..., Any], name: str) -> None:
    entry = make("kept")
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    body = {"content": "x", name: 1}

    for answer in (
        api.post("todos", body),
        api.put(f"todos/{entry.uuid}", body),
        api.patch(f"todos/{entry.uuid}", body),
    ):
        assert (answer.status, answer.names()) == (400, [pointer])
    assert api.get("todos").contents == ["kept"]


@pytest.mark.parametrize("name", READ_ONLY)
def test_a_read_only_field_with_another_value_is_named(api: ApiClient, make: Callable[..., Any], name: str) -> None:
    entry = make("kept")
    body = {"content": "x", name: 7 if name == "revision" else "2020-01-01T00:00:00.000000Z"}

    for answer in (
        api.post("todos", body),
        api.put(f"todos/{entry.uuid}", body),
        api.patch(f"todos/{entry.uuid}", body),
    ):
        assert (answer.status, answer.names()) == (400, [f"/{name}"])
    assert api.get("todos").contents == ["kept"]


@pytest.mark.parametrize("name", [*READ_ONLY, "id"])
def test_a_read_only_field_with_the_stored_value_is_taken(api: ApiClient, make: Callable[..., Any], name: str) -> None:
    entry = make()
    stored = api.get(f"todos/{entry.uuid}").json

    assert api.patch(f"todos/{entry.uuid}", {name: stored[name], "content": "new"}).json["content"] == "new"


def test_the_revision_is_a_number_and_not_what_equals_it(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make()

    assert api.patch(f"todos/{entry.uuid}", {"revision": True}).names() == ["/revision"]
    assert api.patch(f"todos/{entry.uuid}", {"revision": 1.0}).names() == ["/revision"]


WRONG = [
    ("id", ["", "x", 5, None, "8b122755530e43c7ae84362c17a37fc5", "{8b122755-530e-43c7-ae84-362c17a37fc5}"]),
    ("content", ["", " \n", 5, None, True, ["x"], {}, "x" * 2001]),
    ("notes", [5, None, ["x"], "x" * 20_001]),
    ("tags", ["home", None, {}, 5, [5], [None], [["home"]], [""], ["a,b"], ["#a"], [" a"], ["a", "A"], ["é", "e"]]),
    ("tags", [["x" * 101], ["tab\there"], ["\u0301"], [f"t{number}" for number in range(51)], ["\ufdfa" * 30]]),
    ("priority", [-1, 10, 99999, 1.5, 1.0, "1", None, True, [1], 2**53 - 1]),
    ("position", ["0", None, 0.5, 1e3, False, [0]]),
    ("completed", [None, "true", 1, 0, "yes", []]),
    ("completed_at", ["", "now", 5, "2026-12-01", "2026-12-01T12:00:00", True, "9999-12-31T23:00:00-10:00"]),
    ("due", ["", "tomorrow", 20261201, "2026-02-30", "2026-12-01T12:00:00", "0000-01-01", "2026-12-01T25:00Z", []]),
    ("due", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-12-01T12:00:60Z", "2026-12", " "]),
    ("extra", [None, [], "x", 5, {"a": "x" * 16_400}]),
]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG for value in values], ids=lambda value: repr(value)[:40]
)
def test_a_wrong_value_is_named(api: ApiClient, name: str, value: Any) -> None:
    answer = api.post("todos", {"content": "x", name: value})

    assert answer.status == 400
    assert [pointer.split("/")[1] for pointer in answer.names()] == [name]
    assert all(error["detail"] and error["code"] for error in answer.json["errors"])
    assert len(answer.body) < 2000
    assert api.get("todos").ids == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content", "x" * 2000),
        ("content", "😀" * 2000),
        ("content", f" {'x' * 2000} "),
        ("notes", "x" * 20_000),
        ("notes", " kept as it is \n\n"),
        ("notes", "😀" * 20_000),
        ("tags", [f"{number:0>100}" for number in range(50)]),
        ("tags", ["a/b", "c d", "é", "庭", "😀", "-", "\u202e"]),
        ("priority", 9),
        ("position", -(2**53) + 1),
        ("due", "9999-12-31T23:59:59.999999Z"),
        ("extra", {"a": "x" * 16_000, "": {}, "\x1f": [True, None, 0.1, -1e-7, 1e300]}),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_value_at_its_limit_is_kept(api: ApiClient, name: str, value: Any) -> None:
    answer = api.post("todos", {"content": "x", name: value})

    assert answer.status == 201, answer.json
    kept = api.get(f"todos/{answer.json['id']}").json[name]
    assert kept == (value.strip() if name == "content" else sorted(value) if name == "tags" else value)


def test_wrong_fields_are_all_named_at_once(api: ApiClient) -> None:
    answer = api.post("todos", {"content": 5, "notes": 5, "colour": 1, "priority": "1"})

    assert sorted(answer.names()) == ["/colour", "/content", "/notes", "/priority"]
