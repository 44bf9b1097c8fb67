"""The list of entries: its columns, filters and orders, and what it costs."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.admin.browser import ENTRIES, Browser, Page
from tests.client import ApiClient
from todos.models import TodoEntry

Make = Callable[..., Any]


@pytest.fixture
def cast(make: Make) -> None:
    """One entry in each state."""
    today = timezone.localdate()
    make("open", tags=["home/garden"], due=today, priority=1)
    make("done", tags=["Office"], completed=True, due=today + timedelta(8))
    make("overdue", due=today - timedelta(1))
    make("trash", tags=["home"]).delete()


def test_list_shows_what_an_entry_is(browser: Browser, make: Make) -> None:
    make("x" * 100, tags=["b", "a"], due=date(2001, 2, 3), priority=7, position=4)

    page = browser.open(ENTRIES)

    assert page.column("short_content") == ["x" * 79 + "…"]
    assert page.column("tag_list") == ["a, b"]
    assert page.column("due") == ["2001-02-03"]
    assert page.column("state") == ["overdue"]
    assert page.form("changelist-form")["form-0-priority"] == "7"
    assert page.form("changelist-form")["form-0-position"] == "4"


def test_owner_is_shown_to_a_superuser_only(browser: Browser, root: Browser, make: Make) -> None:
    make()

    assert root.open(ENTRIES).column("owner") == ["local"]
    assert browser.open(ENTRIES).column("owner") == []


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["overdue", "done", "open"]),
        ({"state": "open"}, ["overdue", "open"]),
        ({"state": "done"}, ["done"]),
        ({"state": "overdue"}, ["overdue"]),
        ({"state": "trash"}, ["trash"]),
        ({"due": "today"}, ["open"]),
        ({"due": "next-7-days"}, ["open"]),
        ({"due": "later"}, ["done"]),
        ({"due": "no-date"}, []),
        ({"due": "no-date", "state": "trash"}, ["trash"]),
        ({"tag": "home"}, ["open"]),
        ({"tag": "HOME/Garden"}, ["open"]),
        ({"tag": "home", "state": "trash"}, ["trash"]),
        ({"tag": ""}, ["overdue", "done", "open"]),
        ({"tag": "offic"}, []),
        ({"q": "office"}, ["done"]),
        ({"q": "n", "state": "open"}, ["open"]),
        ({"created_at__year": "2001"}, []),
    ],
    ids=str,
)  # fmt: skip
def test_filter_finds_what_it_names(browser: Browser, query: dict[str, str], found: list[str]) -> None:
    page = browser.open(ENTRIES, **query)

    assert (page.status, page.rows) == (200, found)
    assert page.column("state") == page.rows


def test_owner_filter_finds_one_owners_entries(root: Browser, other: Any, make: Make) -> None:
    make("one")
    make("two", owner=other)

    assert root.open(ENTRIES).rows == ["two", "one"]
    assert root.open(ENTRIES, owner="local").rows == ["one"]

    page = root.open(ENTRIES, owner="nobody")
    assert page.rows == []
    assert page.messages == ["Owner: there is no user 'nobody'; type the whole user name."]


def test_owner_filter_is_not_for_those_who_see_their_own_only(browser: Browser, other: Any, make: Make) -> None:
    make("one")
    make("two", owner=other)

    assert browser.open(ENTRIES, owner="other").rows == ["one"]


@pytest.mark.parametrize("tag", ["a,b", "a\0b", "x" * 101])
def test_tag_that_no_entry_can_have_is_a_message(browser: Browser, make: Make, tag: str) -> None:
    make()

    page = browser.open(ENTRIES, tag=tag)

    assert page.rows == []
    assert [message[:5] for message in page.messages] == ["Tag: "]


@pytest.mark.parametrize(
    "query",
    [
        {"state": "nonsense"},
        {"due": "someday"},
        {"created_at__year": "9999"},
        {"created_at__year": "0"},
        {"created_at__year": "2026", "created_at__month": "13"},
        {"created_at__year": "x"},
        {"created_at__day": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_value_that_makes_no_sense_leads_back_to_the_whole_list(
    browser: Browser, make: Make, query: dict[str, str]
) -> None:
    make("one")

    page = browser.open(ENTRIES, **query)

    assert (page.status, page.address, page.rows) == (200, f"{ENTRIES}?e=1", ["one"])


@pytest.mark.parametrize("name", ["owner__password__startswith", "content__regex", "notes", "nonsense"])
def test_column_that_is_no_filter_is_refused(browser: Browser, root: Browser, name: str) -> None:
    assert browser.open(ENTRIES, **{name: "a"}).status == 400
    assert root.open(ENTRIES, **{name: "a"}).status == 400


@pytest.mark.parametrize("page_number", ["0", "-1", "7", "x", "9" * 40])
def test_page_that_does_not_exist_is_no_fault(browser: Browser, make: Make, page_number: str) -> None:
    make("one")

    assert browser.open(ENTRIES, p=page_number).rows == ["one"]


def test_no_due_date_sorts_last_either_way(browser: Browser, make: Make) -> None:
    make("early", due=date(2026, 1, 1))
    make("never")
    make("late", due=datetime(2026, 1, 2, 12, tzinfo=UTC))
    column = ["action_checkbox", "short_content", "tag_list", "due"].index("due")

    assert browser.open(ENTRIES, o=f"{column}").rows == ["early", "late", "never"]
    assert browser.open(ENTRIES, o=f"-{column}").rows == ["late", "early", "never"]


def test_equal_values_stand_in_the_order_of_creation_as_in_the_api(
    browser: Browser, api: ApiClient, make: Make
) -> None:
    for content, priority in (("a", 2), ("b", 1), ("c", 2)):
        make(content, priority=priority)
    column = ["action_checkbox", "short_content", "tag_list", "due", "priority"].index("priority")

    for order, ordering in ((f"{column}", "priority"), (f"-{column}", "-priority")):
        assert browser.open(ENTRIES, o=order).rows == api.get(f"todos?ordering={ordering}").contents


def test_filter_by_name_keeps_the_other_filters(browser: Browser, make: Make) -> None:
    make("buy", tags=["home"])

    page = browser.open(ENTRIES, q="buy", state="open", due="no-date", o="1")

    for name, value in {"q": "buy", "state": "open", "due": "no-date", "o": "1"}.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page.text


def queries(browser: Browser, address: str) -> tuple[int, Page]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        page = browser.open(address)
    return len(captured), page


@pytest.mark.parametrize("address", [ENTRIES, f"{ENTRIES}?q=entry", f"{ENTRIES}?tag=a", f"{ENTRIES}?state=overdue"])
def test_list_costs_as_many_queries_at_three_rows_as_at_one(
    root: Browser, other: Any, make: Make, address: str
) -> None:
    day = date(2001, 1, 1)
    make("entry 1", tags=["a", "b"], due=day)
    queries(root, address)
    one, page = queries(root, address)
    assert len(page.rows) == 1

    make("entry 2", tags=["c", "a"], due=day, owner=other)
    make("entry 3", tags=["a"], due=day)
    three, page = queries(root, address)

    assert len(page.rows) == 3
    assert three == one


def test_long_list_is_not_counted_to_its_end(browser: Browser, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        make(f"{number}")

    assert "4 todo entries" in browser.open(ENTRIES).text
    monkeypatch.setattr("todos.admin.owned.COUNTED", 3)
    with CaptureQueriesContext(connection) as captured:
        page = browser.open(ENTRIES)

    counts = [query["sql"] for query in captured.captured_queries if "COUNT(" in query["sql"]]
    assert ["LIMIT 4" in sql for sql in counts] == [True]
    assert "3+ todo entries" in page.text
    assert len(page.rows) == 4


def test_tags_are_not_listed_to_choose_from(browser: Browser, make: Make) -> None:
    make(tags=[f"tag-{number}" for number in range(50)])
    TodoEntry.objects.all().delete()

    assert "tag-7" not in browser.open(ENTRIES).text
