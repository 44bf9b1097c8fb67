"""Quick capture, `/todo/`: the two operations of the original system, to the letter."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.client import ApiClient
from todos.api.kept import answers

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def test_list_without_entries_is_an_empty_array(api: ApiClient) -> None:
    answer = api.get("/todo/")

    assert (answer.status, answer.body) == (200, b"[]")
    assert answer.headers["Content-Type"] == "application/json"


def test_post_answers_the_id_as_a_json_string(api: ApiClient) -> None:
    answer = api.post("/todo/", {"content": "my first entry"})

    assert answer.status == 200
    assert re.fullmatch(f'"{UUID}"', answer.body.decode())
    assert api.get(f"todos/{answer.json}").json["content"] == "my first entry"


def test_list_shows_an_entry_in_exactly_these_bytes(api: ApiClient) -> None:
    entry_id = api.post("/todo/", {"content": 'Käse "kaufen"', "tags": ["laden", "Essen"]}).json

    shown = f'[{{"id":"{entry_id}","content":"Käse \\"kaufen\\"","tags":["Essen","laden"]}}]'
    assert api.get("/todo/").body == shown.encode()


@pytest.mark.parametrize("at_once", [1, 2, 3, 4])
def test_list_is_the_same_at_once_and_streamed(
    api: ApiClient, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    for number in range(3):
        make(f"{number}", tags=["home"])
    whole = api.get("/todo/")
    answers.clear()
    monkeypatch.setattr("todos.api.capture.AT_ONCE", at_once)
    again = api.get("/todo/")
    assert again.response.streaming == (at_once <= 3)
    assert (again.body, len(again.json)) == (whole.body, 3)


def test_list_is_oldest_first_and_complete(api: ApiClient, make: Callable[..., Any]) -> None:
    contents = [f"entry {number}" for number in range(1201)]
    for content in contents[:2]:
        make(content)
    api.post("batch", {"operations": [{"op": "create", "entry": {"content": text}} for text in contents[2:502]]})
    api.post("batch", {"operations": [{"op": "create", "entry": {"content": text}} for text in contents[502:1002]]})
    api.post("batch", {"operations": [{"op": "create", "entry": {"content": text}} for text in contents[1002:]]})

    assert api.get("/todo/").contents == contents


def test_list_leaves_the_trash_out(api: ApiClient, make: Callable[..., Any]) -> None:
    make("kept")
    api.delete(f"todos/{make('trashed').uuid}")

    assert api.get("/todo/").contents == ["kept"]


def test_list_shows_nothing_of_another_owner(api: ApiClient, make: Callable[..., Any], other: Any) -> None:
    make("theirs", owner=other)

    assert api.get("/todo/").body == b"[]"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("first", ["my first entry"]),
        ("FIRST e", ["my first entry"]),
        ("", ["my first entry", "Café 100%", "snake_case", "buy milk"]),
        ("cafe", ["Café 100%"]),
        ("CAFÉ", ["Café 100%"]),
        ("%", ["Café 100%"]),
        ("_", ["snake_case"]),
        ("home", ["buy milk"]),
        ("HOME", ["buy milk"]),
        ("home/garden", ["my first entry"]),
        ("om", []),
        ("garden", []),
        ("in the notes", []),
        ("entry first", []),
        ("milk or first", []),
        ("-first", []),
        ("#home", []),
        ('"first"', []),
        ("entry\x1f", []),
    ],
)
def test_search_is_a_folded_literal(api: ApiClient, make: Callable[..., Any], search: str, found: list[str]) -> None:
    make("my first entry", tags=["home/garden"])
    make("Café 100%", notes="in the notes")
    make("snake_case")
    make("buy milk", tags=["Home"])

    assert api.get("/todo/", params={"search": search}).contents == found


def test_post_takes_tags_and_keeps_their_first_spelling(api: ApiClient) -> None:
    api.post("/todo/", {"content": "one", "tags": ["Home"]})
    api.post("/todo/", {"content": "two", "tags": ["HOME", "b"]})

    assert [entry["tags"] for entry in api.get("/todo/").json] == [["Home"], ["Home", "b"]]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"content": "x", "priority": 1}, ["/priority"]),
        ({"content": "x", "id": "8b122755-530e-43c7-ae84-362c17a37fc5"}, ["/id"]),
        ({"content": "x", "colour": "red"}, ["/colour"]),
        ({"tags": ["home"]}, ["/content"]),
        ({"content": "  "}, ["/content"]),
        ({"content": 5}, ["/content"]),
        ({"content": "x", "tags": "home"}, ["/tags"]),
        ({"content": "x", "tags": ["a,b"]}, ["/tags"]),
        ("x", [""]),
        (["x"], [""]),
    ],
)
def test_post_with_other_members_names_them(api: ApiClient, body: Any, named: list[str]) -> None:
    answer = api.post("/todo/", body)

    assert answer.status == 400
    assert sorted(answer.names()) == named
    assert api.get("/todo/").body == b"[]"


def test_parameters_that_are_unknown_or_repeated_are_named(api: ApiClient) -> None:
    assert api.get("/todo/?limit=3").names() == ["limit"]
    assert api.get("/todo/?search=a&search=b").names() == ["search"]
    assert api.get("/todo/?search=%00").names() == ["search"]
    assert api.get("/todo/", params={"search": "x" * 2001}).names() == ["search"]
    assert api.post("/todo/?search=a", {"content": "x"}).names() == ["search"]
