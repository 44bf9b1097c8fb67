"""`PUT` and `DELETE todos/{id}/tags/{name}/`: one tag on or off, whatever the others are."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.client import ApiClient


def test_put_adds_the_tag_to_those_there(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make(tags=["b"])

    answer = api.put(f"todos/{entry.uuid}/tags/a")

    assert (answer.status, answer.json["tags"], answer.json["revision"]) == (200, ["a", "b"], 2)
    assert api.get(f"todos/{entry.uuid}").json == answer.json
    assert api.get("todos?tag=a").ids == [str(entry.uuid)]


def test_put_of_a_tag_that_is_there_changes_nothing(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make(tags=["Home"])

    answer = api.put(f"todos/{entry.uuid}/tags/HOME")

    assert (answer.status, answer.json["tags"], answer.json["revision"]) == (200, ["Home"], 1)


def test_delete_takes_the_tag_off_in_any_spelling(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make(tags=["Café", "home"])

    answer = api.delete(f"todos/{entry.uuid}/tags/cafe")

    assert (answer.status, answer.json["tags"], answer.json["revision"]) == (200, ["home"], 2)
    assert api.get("todos?tag=cafe").ids == []


def test_delete_of_a_tag_that_is_not_there_changes_nothing(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make(tags=["home/garden"])

    answer = api.delete(f"todos/{entry.uuid}/tags/home")

    assert (answer.status, answer.json["tags"], answer.json["revision"]) == (200, ["home/garden"], 1)


@pytest.mark.parametrize(
    "name",
    [
        "home/garden",
        "two words",
        "50%",
        "a?b",
        "a+b",
        "Ünïcödé",
        "庭",
        "a&b=c",
        "a//b",
        "tags/x",
        "restore",
        "/a",
        "a\\b",
    ],
)
def test_a_name_with_any_character_works_in_the_address(api: ApiClient, make: Callable[..., Any], name: str) -> None:
    entry = make()

    assert api.put(f"todos/{entry.uuid}/tags/{quote(name)}/").json["tags"] == [name]
    assert api.put(f"todos/{entry.uuid}/tags/{quote(name, safe='')}").json["tags"] == [name]
    assert api.delete(f"todos/{entry.uuid}/tags/{quote(name)}/").json["tags"] == []


@pytest.mark.parametrize("name", ["a,b", "a#b", " a", "a ", "a\x00", "a\tb", "x" * 101, "\u0301"])
def test_a_name_that_no_tag_can_have_is_400(api: ApiClient, make: Callable[..., Any], name: str) -> None:
    entry = make()

    answer = api.put(f"todos/{entry.uuid}/tags/{quote(name, safe='')}/")

    assert (answer.status, answer.names()) == (400, ["/tags"])
    assert api.get(f"todos/{entry.uuid}").json["revision"] == 1


def test_the_fifty_first_tag_is_400(api: ApiClient, make: Callable[..., Any]) -> None:
    entry = make(tags=[f"tag {number}" for number in range(50)])

    assert api.put(f"todos/{entry.uuid}/tags/tag%207").status == 200
    assert api.put(f"todos/{entry.uuid}/tags/one%20more").names() == ["/tags"]


def test_tags_of_an_id_that_does_not_exist_are_404(api: ApiClient) -> None:
    path = "todos/8b122755-530e-43c7-ae84-362c17a37fc5/tags/home"

    assert (api.put(path).status, api.delete(path).status) == (404, 404)
