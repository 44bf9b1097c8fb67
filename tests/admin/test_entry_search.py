"""The search box asks the question of the API, and says why it refuses one."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.admin.browser import ENTRIES, Browser
from tests.client import ApiClient

Make = Callable[..., Any]


@pytest.mark.parametrize("query", ["MILK", "cafe", "ilk", '"oat milk"', "#home", "-milk", "is:done or #work", "50%"])
def test_search_box_finds_what_the_api_finds(browser: Browser, api: ApiClient, make: Make, query: str) -> None:
    make("Milk for the CAFÉ", tags=["home/kitchen"])
    make("oat milk 50%", notes="cafe")
    make("report", tags=["work"], completed=True)

    found = api.get("todos", params={"search": query}).contents

    assert found
    assert browser.open(ENTRIES, q=query).rows == found


@pytest.mark.parametrize("query", ["(milk", 'milk "', "due:someday", "milk\0", "x" * 501], ids=lambda query: query[:10])
def test_query_that_is_refused_is_a_message_and_finds_nothing(browser: Browser, make: Make, query: str) -> None:
    make("milk")

    page = browser.open(ENTRIES, q=query)

    assert (page.status, page.rows) == (200, [])
    assert any("position" in message for message in page.messages)


def test_action_on_a_query_that_is_refused_changes_nothing(browser: Browser, make: Make) -> None:
    entry = make("milk")

    page = browser.act("delete_selected", entry, path=f"{ENTRIES}?q=(milk", select_across="1")

    assert "0 of 0 selected entries moved to the trash." in page.messages
    assert browser.open(ENTRIES).rows == ["milk"]
