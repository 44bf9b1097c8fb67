"""Due days and due moments as filters: a moment is compared as a moment, a day as a day of TODO_APP_TIME_ZONE."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.client import ApiClient

Make = Callable[..., Any]


def found(api: ApiClient, query: str) -> list[str]:
    """Return the contents of the entries that a query finds, oldest first."""
    answer = api.get(f"todos?ordering=created_at&{query}")
    assert answer.status == 200, answer.json
    return answer.contents


@pytest.fixture(params=["UTC", "Pacific/Kiritimati", "America/New_York"])
def zone(request: Any, settings: Any) -> ZoneInfo:
    """TODO_APP_TIME_ZONE: at UTC, far ahead of it, and behind it."""
    settings.TIME_ZONE = request.param
    return ZoneInfo(request.param)


def test_a_day_is_compared_by_the_calendar_of_the_time_zone(api: ApiClient, make: Make, zone: ZoneInfo) -> None:
    for day in (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)):
        make(day.isoformat(), due=day)

    assert found(api, "due_after=2026-12-01") == ["2026-12-01", "2026-12-02"]
    assert found(api, "due_before=2026-12-01") == ["2026-11-30"]
    assert found(api, "due_after=2026-12-01&due_before=2026-12-02") == ["2026-12-01"]


def test_a_moment_is_compared_with_the_first_moment_of_the_day(api: ApiClient, make: Make, zone: ZoneInfo) -> None:
    midnight = datetime(2026, 12, 1, tzinfo=zone)
    for content, moment in (("before", midnight - timedelta(microseconds=1)), ("at", midnight)):
        make(content, due=moment)

    assert found(api, "due_after=2026-12-01") == ["at"]
    assert found(api, "due_before=2026-12-01") == ["before"]


def test_a_moment_is_compared_with_a_moment(api: ApiClient, make: Make, zone: ZoneInfo) -> None:
    for hour in (11, 12, 13):
        make(str(hour), due=datetime(2026, 12, 1, hour, tzinfo=UTC))

    assert found(api, "due_after=2026-12-01T12:00:00Z") == ["12", "13"]
    assert found(api, "due_before=2026-12-01T12:00:00Z") == ["11"]
    assert found(api, "due_before=2026-12-01T07:00:00-05:00") == ["11"]


def test_a_day_counts_from_its_first_moment_when_the_bound_is_a_moment(
    api: ApiClient, make: Make, zone: ZoneInfo
) -> None:
    make("the day", due=date(2026, 12, 1))
    midnight = datetime(2026, 12, 1, tzinfo=zone).astimezone(UTC)
    first, next_one = (f"{(midnight + timedelta(seconds=n)).isoformat()[:19]}Z" for n in (0, 1))

    assert found(api, f"due_after={first}") == ["the day"]
    assert found(api, f"due_after={next_one}") == []
    assert found(api, f"due_before={first}") == []
    assert found(api, f"due_before={next_one}") == ["the day"]


def test_entries_that_are_not_due_are_in_no_range(api: ApiClient, make: Make) -> None:
    make("not due")

    assert found(api, "due_after=0001-01-01") == []
    assert found(api, "due_before=9999-12-31") == []


@pytest.mark.parametrize("zone_name", ["UTC", "Etc/GMT-14", "Etc/GMT+12"])
def test_the_ends_of_the_calendar_are_in_range(api: ApiClient, make: Make, settings: Any, zone_name: str) -> None:
    settings.TIME_ZONE = zone_name
    make("first", due=date(1, 1, 1))
    make("last", due=date(9999, 12, 31))

    assert found(api, "due_after=0001-01-01") == ["first", "last"]
    assert found(api, "due_before=9999-12-31") == ["first"]
    assert found(api, "due_after=9999-12-31") == ["last"]
    assert found(api, "due_before=0001-01-01") == []


@pytest.fixture
def far_zone(settings: Any) -> ZoneInfo:
    """A time zone in which it is another day now than in UTC, and not near midnight."""
    settings.TIME_ZONE = "Etc/GMT-14" if datetime.now(UTC).hour >= 11 else "Etc/GMT+12"
    return ZoneInfo(settings.TIME_ZONE)


def test_overdue_is_what_is_open_and_past(api: ApiClient, make: Make, far_zone: ZoneInfo) -> None:
    now = datetime.now(far_zone)
    today, day = now.date(), timedelta(days=1)
    assert today != now.astimezone(UTC).date()
    for content, fields in (
        ("yesterday", {"due": today - day}),
        ("today", {"due": today}),
        ("tomorrow", {"due": today + day}),
        ("an hour ago", {"due": now - timedelta(hours=1)}),
        ("in an hour", {"due": now + timedelta(hours=1)}),
        ("done", {"due": today - day, "completed": True}),
        ("not due", {}),
    ):
        make(content, **fields)

    assert found(api, "overdue=true") == ["yesterday", "an hour ago"]
    assert found(api, "overdue=false") == ["today", "tomorrow", "in an hour", "done", "not due"]
