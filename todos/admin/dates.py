"""The date hierarchy of a list of any length: what lies between its first and last date, empty days included."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from todos.moments import start_of
from todos.querysets import TodoEntryQuerySet


class Span:
    """Answers what Django's date hierarchy asks of a list, by its two ends; Django itself reads every entry."""

    def __init__(self, entries: TodoEntryQuerySet, column: str) -> None:
        self.entries, self.column = entries, column

    @cached_property
    def ends(self) -> list[datetime]:
        """The first and the last date by the clock on the wall; none of an empty list."""
        zone = timezone.get_current_timezone()
        orders = (self.column, f"-{self.column}")
        found = [self.entries.order_by(order).values_list(self.column, flat=True).first() for order in orders]
        return [start_of(moment, zone).replace(tzinfo=None) for moment in found if moment]

    def aggregate(self, **_: Any) -> dict[str, datetime | None]:
        """Return the first and the last date."""
        first, last = self.ends or (None, None)
        return {"first": first, "last": last}

    def datetimes(self, _: str, kind: str) -> Iterable[date]:
        """Return the first day of each year; or of each month, where all is of one year; or each day of one month."""
        if not self.ends:
            return []
        first, last = self.ends
        if kind == "year":
            return [date(year, 1, 1) for year in range(first.year, last.year + 1)]
        if kind == "month":
            return [date(first.year, month, 1) for month in range(first.month, last.month + 1)]
        return [date(first.year, first.month, day) for day in range(first.day, last.day + 1)]


class DatedList(ChangeList):
    """A list with a date hierarchy, in which equal values stand in the order of creation."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        """Return the order with the ties of the API, which are those of the indexes."""
        ordering = super().get_ordering(request, queryset.order_by())
        return ["pk" if name == "-pk" else name for name in ordering]

    def get_results(self, request: HttpRequest) -> None:
        """Read the page; from here on, only the date hierarchy asks the list anything."""
        super().get_results(request)
        self.queryset: Any = Span(self.queryset, self.date_hierarchy)
