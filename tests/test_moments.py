"""Days and moments as text (RFC 3339): what is read, what is refused, and when a day begins."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from todos.models import timestamp
from todos.moments import parse_day_or_moment, parse_moment, start_of


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01T17:00:00Z", datetime(2026, 12, 1, 17, tzinfo=UTC)),
        ("2026-12-01t17:00:00z", datetime(2026, 12, 1, 17, tzinfo=UTC)),
        ("2026-12-01 17:00:00Z", datetime(2026, 12, 1, 17, tzinfo=UTC)),
        ("2026-12-01T17:00Z", datetime(2026, 12, 1, 17, tzinfo=UTC)),
        ("2026-12-01T17:00:00.5Z", datetime(2026, 12, 1, 17, 0, 0, 500_000, UTC)),
        ("2026-12-01T17:00:00.123456Z", datetime(2026, 12, 1, 17, 0, 0, 123_456, UTC)),
        ("2026-12-01T17:00:00+02:00", datetime(2026, 12, 1, 15, tzinfo=UTC)),
        ("2026-12-01T17:00:00-09:30", datetime(2026, 12, 2, 2, 30, tzinfo=UTC)),
        ("2024-02-29T00:00:00-00:00", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_utc(text: str, moment: datetime) -> None:
    assert parse_moment(text) == parse_day_or_moment(text) == moment
    assert parse_moment(text).tzinfo is UTC


def test_a_day_is_read_as_a_day() -> None:
    day = parse_day_or_moment("2026-12-01")

    assert day == date(2026, 12, 1)
    assert not isinstance(day, datetime)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "today",
        "2026",
        "2026-12",
        "2026-12-1",
        "2026-12-01 ",
        "2026-12-01\n",
        "2026-12-01T17:00:00",
        "2026-12-01T17Z",
        "2026-12-01T17:00:00+0200",
        "2026-12-01T17:00:00+02",
        "2026-12-01T17:00:00+02:60",
        "2026-12-01T17:00:00.1234567Z",
        "2026-12-01T17:00:00,5Z",
        "2026-12-01T17:00:00ZZ",
        "\uff12026-12-01",
    ],
)
def test_another_form_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match="is not a day such as 2026-12-01, or a time with offset such as"):
        parse_day_or_moment(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29",
        "2026-13-01",
        "2026-00-01",
        "0000-01-01",
        "2026-12-01T24:00:00Z",
        "2026-12-01T23:60:00Z",
        "2026-12-01T23:59:60Z",
        "2026-12-01T23:00:00+24:00",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_what_is_no_day_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no day of the calendar or time of the day"):
        parse_day_or_moment(text)


def test_a_moment_without_time_is_refused_where_a_moment_is_meant() -> None:
    with pytest.raises(ValueError, match="is not"):
        parse_moment("2026-12-01")


def test_a_plus_that_an_address_turned_into_a_space_is_hinted_at() -> None:
    with pytest.raises(ValueError, match="%2B"):
        parse_moment("2026-12-01T17:00:00 02:00")


@settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.datetimes(), st.integers(-14 * 60, 14 * 60))
def test_what_is_shown_is_read_again(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=UTC)

    assert parse_moment(timestamp(moment) or "") == moment
    elsewhere = timezone(timedelta(minutes=minutes))
    if datetime(1, 1, 2, tzinfo=UTC) < moment < datetime(9999, 12, 30, tzinfo=UTC):
        assert parse_moment(moment.astimezone(elsewhere).isoformat()) == moment


def test_a_day_begins_in_the_time_zone() -> None:
    zone = ZoneInfo("America/New_York")

    assert start_of(date(2026, 12, 1), zone) == datetime(2026, 12, 1, 5, tzinfo=UTC)
    assert start_of(date(2026, 7, 1), zone) == datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert start_of(datetime(2026, 12, 1, 17, tzinfo=UTC), zone) == datetime(2026, 12, 1, 17, tzinfo=UTC)
    assert start_of(datetime(2026, 12, 1, 17, tzinfo=UTC), zone).tzinfo is zone


@pytest.mark.parametrize("zone", ["UTC", "Etc/GMT-14", "Etc/GMT+12"])
@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_at_the_end_of_the_calendar_begins_too(zone: str, day: date) -> None:
    assert start_of(day, ZoneInfo(zone)).replace(tzinfo=None) == datetime.combine(day, datetime.min.time())
