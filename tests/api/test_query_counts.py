"""A list costs the same number of queries whether it shows one row or three."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.client import ApiClient
from todos.querysets import ORDERINGS

FILTERS = [
    "search=entry",
    "tag=home",
    "tag=home&tag=weekly",
    "untagged=false",
    "completed=true",
    "priority=1",
    "due_after=2026-01-01",
    "due_before=2027-01-01",
    "overdue=false",
    "created_after=2020-01-01",
    "created_before=9999-01-01",
    "updated_after=2020-01-01",
    "updated_before=9999-01-01",
    "trashed=true",
    "trashed=false",
    "count=true",
]
LISTS = ["", *(f"ordering={name}" for name in ORDERINGS), *FILTERS]


def queries(api: ApiClient, path: str, rows: int) -> int:
    """Return how many queries a path costs, which must show this many rows."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = api.get(path)
    assert answer.status == 200, answer.json
    shown = answer.json
    assert len(shown if isinstance(shown, list) else shown.get("results", shown.get("changes"))) == rows
    return len(captured)


@pytest.fixture
def make_alike(api: ApiClient, make: Callable[..., Any]) -> Callable[[int], None]:
    """Make entries that every filter keeps, with tags of their own; half of them go to the trash."""

    def make_some(number: int) -> None:
        for _ in range(number):
            fields = {"tags": ["home", "weekly"], "priority": 1, "due": date(2026, 5, 1), "completed": True}
            make("entry", **fields)
            api.delete(f"todos/{make('entry', **fields).uuid}")

    return make_some


@pytest.mark.parametrize("query", LISTS)
def test_a_list_costs_the_same_at_one_row_and_at_three(
    api: ApiClient, make_alike: Callable[[int], None], query: str
) -> None:
    make_alike(1)
    at_one = queries(api, f"todos?{query}", 1)
    make_alike(2)

    # The owner with its revision, then the page, once more for the rows without a value; what search or a tag finds by
    # its own index is asked for apart.
    assert queries(api, f"todos?{query}", 3) == at_one <= (5 if query.startswith(("search", "tag")) else 3)


@pytest.mark.parametrize("link", ["next", "previous"])
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_a_page_costs_the_same_at_one_row_and_at_three(
    api: ApiClient, make_alike: Callable[[int], None], ordering: str, link: str
) -> None:
    make_alike(7)
    page = api.get(f"todos?ordering={ordering}&limit=3")
    if link == "previous":
        page = api.get(api.get(page.json["next"]).json["next"])
    url = page.json[link]

    assert queries(api, url.replace("limit=3", "limit=1"), 1) == queries(api, url, 3) <= 4


@pytest.mark.parametrize("path", ["/todo/", "/todo/?search=entry", "changes"])
def test_another_list_costs_the_same_at_one_row_and_at_three(
    api: ApiClient, make: Callable[..., Any], path: str
) -> None:
    make("entry", tags=["a"])
    at_one = queries(api, path, 1)
    make("entry", tags=["b"])
    make("entry", tags=["c"])

    assert queries(api, path, 3) == at_one <= 5


def test_the_list_of_tags_costs_the_same_at_one_row_and_at_three(api: ApiClient, make: Callable[..., Any]) -> None:
    make("entry", tags=["a"])
    at_one = queries(api, "tags", 1)
    make("entry", tags=["a", "b"])
    make("entry", tags=["c"])

    assert queries(api, "tags", 3) == at_one <= 2


@pytest.mark.parametrize("tags", [[], ["home"], ["home", "work", "weekly"]])
def test_reading_one_costs_two_queries_whatever_its_tags(
    api: ApiClient, make: Callable[..., Any], tags: list[str]
) -> None:
    entry = make(tags=tags)

    with CaptureQueriesContext(connection) as captured:
        api.get(f"todos/{entry.uuid}")

    assert len(captured) == 2
