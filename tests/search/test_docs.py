"""Every example of docs/search.md finds what the page says."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import timezone

from tests.client import ApiClient

PAGE = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
ENTRIES = [json.loads(line) for line in PAGE.partition("```json\n")[2].partition("```")[0].splitlines()]
FOUND = re.findall(r"^\| `(.+)` \| ([^|]+) \|$", PAGE, re.MULTILINE)
REFUSED = re.findall(r"^\| `(.+)` \| (\d+) \| ([^|]+) \|$", PAGE, re.MULTILINE)


@pytest.fixture
def page(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> ApiClient:
    """A client of a store that holds the entries of the page, on its day."""
    moment = datetime(2026, 12, 1, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    for entry in ENTRIES:
        assert api.post("todos", entry).status == 201
    return api


def test_every_example_finds_what_the_page_says(page: ApiClient) -> None:
    assert len(FOUND) > 40
    for query, contents in FOUND:
        answer = page.get("todos", params={"search": query})
        assert answer.status == 200, (query, answer.body)
        assert sorted(answer.contents) == sorted(contents.split(", ")), query


def test_every_mistake_is_refused_where_the_page_says(api: ApiClient) -> None:
    assert len(REFUSED) > 5
    for query, position, expected in REFUSED:
        answer = api.get("todos", params={"search": query})
        assert answer.status == 400
        error = answer.json["errors"][0]
        assert (error["parameter"], error["position"]) == ("search", int(position)), query
        assert error["expected"].startswith(expected), query
