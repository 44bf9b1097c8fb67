"""The date hierarchy leads from the years to a day, and asks for the two ends of the list only."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tests.admin.browser import ENTRIES, Browser, Page
from todos.models import TodoEntry

Make = Callable[..., Any]


@pytest.fixture
def create(make: Make) -> Callable[..., None]:
    """Make an entry of a moment in UTC."""

    def create_at(*moment: int) -> None:
        entry = make("-".join(map(str, moment)))
        TodoEntry.objects.filter(pk=entry.pk).update(created_at=datetime(*moment, tzinfo=UTC))  # type: ignore[misc]

    return create_at


def choices(page: Page) -> list[str]:
    bar = re.search(r'<nav class="toplinks">(.*?)</nav>', page.text, re.DOTALL)
    return re.findall(r">([^<]+)</a>", bar[1]) if bar else []


def test_hierarchy_leads_from_the_years_to_a_day(browser: Browser, create: Callable[..., None]) -> None:
    for moment in ((2023, 5, 6), (2026, 1, 30), (2026, 3, 1), (2026, 3, 3)):
        create(*moment)
    year = {"created_at__year": "2026"}
    month = {**year, "created_at__month": "3"}

    assert choices(browser.open(ENTRIES)) == ["2023", "2024", "2025", "2026"]
    assert choices(browser.open(ENTRIES, **year))[1:] == ["January 2026", "February 2026", "March 2026"]
    assert choices(browser.open(ENTRIES, **month))[1:] == ["March 1", "March 2", "March 3"]
    assert browser.open(ENTRIES, **month).rows == ["2026-3-3", "2026-3-1"]
    assert browser.open(ENTRIES, **month, created_at__day="3").rows == ["2026-3-3"]


def test_hierarchy_begins_where_the_list_branches(browser: Browser, create: Callable[..., None]) -> None:
    create(2026, 3, 1)
    create(2026, 3, 2)

    assert choices(browser.open(ENTRIES))[1:] == ["March 1", "March 2"]
    assert choices(browser.open(ENTRIES, q="nothing")) == []


@override_settings(TIME_ZONE="Pacific/Auckland")
def test_days_are_those_of_the_time_zone(browser: Browser, create: Callable[..., None]) -> None:
    create(2026, 3, 31, 12)

    assert choices(browser.open(ENTRIES))[1:] == ["April 1"]
    day = {"created_at__year": "2026", "created_at__month": "4", "created_at__day": "1"}
    assert browser.open(ENTRIES, **day).rows == ["2026-3-31-12"]


@override_settings(TIME_ZONE="America/New_York")
def test_dates_at_the_ends_of_the_calendar_are_no_fault(browser: Browser, create: Callable[..., None]) -> None:
    create(1, 1, 1)
    create(9999, 12, 31)

    assert len(choices(browser.open(ENTRIES))) == 9999


def test_hierarchy_does_not_read_every_entry(browser: Browser, create: Callable[..., None]) -> None:
    create(2023, 5, 6)
    create(2026, 1, 30)

    with CaptureQueriesContext(connection) as captured:
        browser.open(ENTRIES)

    asked = [
        query["sql"] for query in captured.captured_queries if 'SELECT "todos_todoentry"."created_at"' in query["sql"]
    ]
    assert ["LIMIT 1" in sql for sql in asked] == [True, True]
    assert not any("DISTINCT" in query["sql"] or "MIN(" in query["sql"] for query in captured.captured_queries)
