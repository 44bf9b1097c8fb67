"""`ordering=`: one total order each, nothing sorts last either way, ties in the order of creation."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.client import ApiClient

Make = Callable[..., Any]
MOMENT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def ordered(api: ApiClient, ordering: str) -> str:
    """Return the contents of all entries in an order, as one word."""
    return "".join(content[-1] for content in api.get(f"todos?ordering={ordering}").contents)


@pytest.mark.parametrize(
    ("name", "values", "up", "down"),
    [
        ("due", [None, date(2026, 5, 2), MOMENT, None, MOMENT, date(2026, 5, 1)], "fcebad", "bcefad"),
        ("completed_at", [None, MOMENT.replace(hour=13), MOMENT, None, MOMENT, MOMENT], "cefbad", "bcefad"),
        ("priority", [3, 1, 0, 9, 1, 3], "cbeafd", "dafbec"),
        ("position", [2, -5, 0, 2**53 - 1, -5, 0], "becfad", "dacfbe"),
        ("created_at", [3, 1, 2, 6, 1, 2], "becfad", "dafceb"),
        ("updated_at", [3, 1, 2, 6, 1, 2], "becfad", "dacfbe"),
    ],
)
def test_order_has_nulls_last_and_ties_by_creation(
    api: ApiClient, make: Make, stamp: Callable[..., None], name: str, values: list[Any], up: str, down: str
) -> None:
    for content, value in zip("abcdef", values, strict=True):
        if name in ("created_at", "updated_at"):
            stamp([make(content)], **{name: MOMENT.replace(day=value)})
        else:
            make(content, **{name: value})

    assert ordered(api, name) == up
    assert ordered(api, f"-{name}") == down


def test_order_by_content_is_folded_and_by_code_points(api: ApiClient, make: Make) -> None:
    for content in ("b", "Ä c", "A B", "a d", "é", "Z", "1", "a-z", "_", "ж", "😀", "山"):
        make(content)

    assert api.get("todos?ordering=content").contents == [
        "1", "_", "A B", "Ä c", "a d", "a-z", "b", "é", "Z", "ж", "山", "😀",
    ]  # fmt: skip
    assert api.get("todos?ordering=-content").contents[0] == "😀"


def test_order_by_content_has_ties_by_creation(api: ApiClient, make: Make) -> None:
    for content in ("same 1", "x", "SAME 1", "same 1"):
        make(content)

    assert api.get("todos?ordering=content").contents == ["same 1", "SAME 1", "same 1", "x"]
    assert api.get("todos?ordering=-content").contents == ["x", "same 1", "SAME 1", "same 1"]


def test_default_order_is_newest_first(api: ApiClient, make: Make) -> None:
    for content in "abc":
        make(content)

    assert api.get("todos").contents == ["c", "b", "a"]
    assert api.get("todos").json["results"] == api.get("todos?ordering=-created_at").json["results"]


def test_entries_of_one_request_are_in_the_order_given(api: ApiClient) -> None:
    api.post("batch", {"operations": [{"op": "create", "entry": {"content": text}} for text in "cab"]})

    assert ordered(api, "created_at") == "cab"
    assert ordered(api, "updated_at") == "cab"
    assert ordered(api, "-created_at") == "bac"


@pytest.mark.parametrize("value", ["", "due,priority", "DUE", "--due", "+due", "id", "owner", "folded", "-", "?"])
def test_an_order_that_does_not_exist_is_400(api: ApiClient, value: str) -> None:
    answer = api.get("todos", params={"ordering": value})

    assert (answer.status, answer.names()) == (400, ["ordering"])
    assert "created_at" in answer.json["errors"][0]["detail"]
