"""Cursors are signed: one that was tampered with, or taken elsewhere, is refused."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.client import ApiClient


@pytest.fixture
def cursor(api: ApiClient, make: Callable[..., Any]) -> str:
    """The cursor of the second page of two."""
    for number in range(3):
        make(f"entry {number}", tags=["home"], priority=number)
    return cursor_of(api.get("todos?limit=1").json["next"])


def cursor_of(url: str) -> str:
    """Return the cursor of a link."""
    return parse_qs(urlsplit(url).query)["cursor"][0]


def test_a_cursor_leads_to_its_page(api: ApiClient, cursor: str) -> None:
    assert api.get("todos", params={"cursor": cursor, "limit": "1"}).contents == ["entry 1"]
    assert api.get("todos", params={"cursor": cursor}).contents == ["entry 1", "entry 0"]
    assert api.get("todos", params={"cursor": cursor, "count": "true"}).json["count"] == 3


def test_a_cursor_with_any_character_changed_is_400(api: ApiClient, cursor: str) -> None:
    for place, char in enumerate(cursor):
        tampered = f"{cursor[:place]}{'A' if char != 'A' else 'B'}{cursor[place + 1 :]}"
        answer = api.get("todos", params={"cursor": tampered})

        # The last character of a signature carries two bits that are not used.
        assert answer.names() == ["cursor"] or (place == len(cursor) - 1 and answer.status == 200), tampered


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "!!!",
        ":",
        "::",
        "\x00",
        "ü",
        "😀" * 100,
        "x" * 3000,
        base64.b64encode(b"p=abc").decode(),
        base64.b64encode(b"p=2026-12-01").decode(),
        '[1,"2026-12-01T00:00:00+00:00",1]',
        ".eJw:1:1",
    ],
)
def test_a_forged_cursor_is_400(api: ApiClient, make: Callable[..., Any], forged: str) -> None:
    answer = api.get("todos", params={"cursor": forged})

    assert (answer.status, answer.names()) == (400, ["cursor"])


@pytest.mark.parametrize(
    "others",
    [
        {"ordering": "created_at"},
        {"ordering": "priority"},
        {"priority": "1"},
        {"tag": "home"},
        {"search": "entry"},
        {"trashed": "true"},
        {"completed": "false"},
    ],
)
def test_a_cursor_of_other_parameters_is_400(api: ApiClient, cursor: str, others: dict[str, str]) -> None:
    answer = api.get("todos", params={"cursor": cursor, **others})

    assert (answer.status, answer.names()) == (400, ["cursor"])


def test_a_cursor_without_the_parameters_it_had_is_400(api: ApiClient, cursor: str) -> None:
    filtered = cursor_of(api.get("todos?tag=home&ordering=priority&limit=1").json["next"])

    assert api.get("todos", params={"cursor": filtered}).names() == ["cursor"]
    assert api.get("todos", params={"cursor": filtered, "ordering": "priority"}).names() == ["cursor"]
    assert api.get("todos", params={"cursor": filtered, "tag": "home", "ordering": "priority"}).status == 200


def test_a_cursor_of_another_owner_is_400(api: ApiClient, cursor: str, other: Any, settings: Any) -> None:
    settings.LOCAL_OWNER = other.username

    assert api.get("todos", params={"cursor": cursor}).names() == ["cursor"]


def test_a_cursor_of_another_list_is_400(api: ApiClient, cursor: str, make: Callable[..., Any]) -> None:
    make(tags=["work"])
    of_tags = cursor_of(api.get("tags?limit=1").json["next"])
    of_changes = cursor_of(api.get("changes?limit=1").json["next"])

    assert api.get("todos", params={"cursor": of_tags}).names() == ["cursor"]
    assert api.get("todos", params={"cursor": of_changes}).names() == ["cursor"]
    assert api.get("tags", params={"cursor": cursor}).names() == ["cursor"]
    assert api.get("changes", params={"cursor": cursor}).names() == ["cursor"]


def test_a_cursor_outlives_the_entry_it_was_made_of(api: ApiClient, cursor: str) -> None:
    api.delete(f"todos/{api.get('todos').ids[0]}")

    assert api.get("todos", params={"cursor": cursor}).contents == ["entry 1", "entry 0"]
