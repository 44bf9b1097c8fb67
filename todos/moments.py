"""Days and moments as text (RFC 3339), the same for the API, filters and commands."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from typing import TypeVar

T = TypeVar("T")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:[0-5]\d)", re.ASCII)
EXPECTED = "a day such as 2026-12-01, or a time with offset such as 2026-12-01T17:00:00Z"


def parse_day_or_moment(text: str) -> date | datetime:
    """Return a date, or a datetime in UTC; ValueError says what was expected."""
    if _DAY.fullmatch(text):
        return _checked(text, date.fromisoformat)
    return parse_moment(text)


def parse_moment(text: str) -> datetime:
    """Return a datetime in UTC; ValueError says what was expected."""
    if not _MOMENT.fullmatch(text):
        hint = " (write + as %2B in an address)" if " " in text[11:] else ""
        raise ValueError(f"{text[:60]!r} is not {EXPECTED}{hint}.")
    return _checked(text.upper(), lambda moment: datetime.fromisoformat(moment).astimezone(UTC))


def _checked(text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:60]!r} is no day of the calendar or time of the day.") from None


def start_of(value: date | datetime, zone: tzinfo) -> datetime:
    """Return the moment itself, or the first moment of the day in a time zone; in that zone."""
    moment = value if isinstance(value, datetime) else datetime.combine(value, time.min, zone)
    try:
        return moment.astimezone(UTC).astimezone(zone)
    except OverflowError:
        # At either end of the calendar the day or the moment lies outside of it, here or in UTC.
        return moment.replace(tzinfo=UTC)
