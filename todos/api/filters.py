"""The parameters of the list: read strictly, answered by the queryset."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.utils import timezone
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from todos.api.errors import Problem, bad_parameter, bad_query
from todos.api.values import MOMENT, QUERY, TAG_NAME
from todos.fields import MAX_TAGS, validate_tag
from todos.models import TodoEntry
from todos.moments import parse_day_or_moment, start_of
from todos.querysets import TodoEntryQuerySet
from todos.search import QueryError


class MomentField(forms.CharField):
    """A day (its first moment) or a time with offset."""

    def clean(self, value: Any) -> datetime | None:
        """Return the moment, None if there is none."""
        try:
            return None if value is None else start_of(parse_day_or_moment(value), timezone.get_current_timezone())
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(str(error)) from None


class StrictBooleanField(forms.CharField):
    """`true` or `false`."""

    def clean(self, value: Any) -> bool | None:
        """Return the boolean, None if there is none."""
        if value not in (None, "true", "false"):
            raise forms.ValidationError("This is true or false.")
        return None if value is None else value == "true"


class PriorityField(forms.CharField):
    """An integer from 0 to 9."""

    def clean(self, value: Any) -> int | None:
        """Return the integer, None if there is none."""
        if value is not None and value not in list("0123456789"):
            raise forms.ValidationError("This is a whole number from 0 to 9.")
        return None if value is None else int(value)


class TagField(forms.CharField):
    """The name of a tag."""

    def clean(self, value: Any) -> str | None:
        """Return the name, None if there is none."""
        if value is not None:
            validate_tag(value)
        return None if value is None else str(value)


class TagFilter(django_filters.Filter):
    """A tag; the parameter may be repeated."""

    field_class = TagField


class MomentFilter(django_filters.Filter):
    """A bound in time."""

    field_class = MomentField


class StrictBooleanFilter(django_filters.Filter):
    """A choice of two."""

    field_class = StrictBooleanField


class PriorityFilter(django_filters.Filter):
    """One priority."""

    field_class = PriorityField


class EntryFilter(django_filters.FilterSet):
    """One filter a parameter; each calls a method of the queryset, or names a column."""

    search = django_filters.CharFilter(method="by_search", strip=False, help_text="A query, as docs/search.md says.")
    tag = TagFilter(method="by_tag", help_text="Has the tag or one inside it; repeated: all of them.")
    untagged = StrictBooleanFilter(method="by_untagged")
    completed = StrictBooleanFilter(method="by_completed")
    priority = PriorityFilter(field_name="priority")
    due_after = MomentFilter(method="by_due_after", help_text="Due at or after this.")
    due_before = MomentFilter(method="by_due_before", help_text="Due strictly before this.")
    overdue = StrictBooleanFilter(method="by_overdue", help_text="Open, and due before now.")
    created_after = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt")
    updated_after = MomentFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = MomentFilter(field_name="updated_at", lookup_expr="lt")
    trashed = StrictBooleanFilter(method="by_trashed", help_text="Only the trash, which is left out otherwise.")

    class Meta:
        model = TodoEntry
        fields: list[str] = []

    def __init__(self, data: Any, *args: Any, **options: Any) -> None:
        # Those that are asked for: to copy all of them and their form for each request takes a quarter of its time.
        self.base_filters = {name: each for name, each in FILTERS.items() if name in data}
        super().__init__(data, *args, **options)

    def filter_queryset(self, queryset: Any) -> Any:
        """Apply the filters to the trash, or to what is not in it: first, since a search begins with what is left."""
        return super().filter_queryset(queryset.trashed() if self.form.cleaned_data.get("trashed") else queryset.live())

    def by_search(self, entries: TodoEntryQuerySet, _: str, text: str) -> TodoEntryQuerySet:
        """Search."""
        try:
            return entries.search(text)
        except QueryError as error:
            raise bad_query("search", error) from None

    def by_tag(self, entries: TodoEntryQuerySet, _: str, __: str) -> TodoEntryQuerySet:
        """Keep the entries that have all the tags."""
        names = self.data.getlist("tag")
        if len(names) > MAX_TAGS:
            raise bad_parameter("tag", f"This may be given up to {MAX_TAGS} times, not {len(names)}.", "max_length")
        for name in names:
            try:
                validate_tag(name)
            except forms.ValidationError as error:
                raise bad_parameter("tag", error.messages[0], error.code or "invalid") from None
            entries = entries.tagged(name)
        return entries

    def by_untagged(self, entries: TodoEntryQuerySet, _: str, untagged: bool) -> TodoEntryQuerySet:
        """Keep the entries without a tag, or those with one."""
        return entries.untagged(untagged)

    def by_completed(self, entries: TodoEntryQuerySet, _: str, completed: bool) -> TodoEntryQuerySet:
        """Keep the entries that are done, or those that are not."""
        return entries.completed(completed)

    def by_due_after(self, entries: TodoEntryQuerySet, _: str, moment: datetime) -> TodoEntryQuerySet:
        """Keep what is due at or after a moment."""
        return entries.due_after(moment)

    def by_due_before(self, entries: TodoEntryQuerySet, _: str, moment: datetime) -> TodoEntryQuerySet:
        """Keep what is due before a moment."""
        return entries.due_before(moment)

    def by_overdue(self, entries: TodoEntryQuerySet, _: str, overdue: bool) -> TodoEntryQuerySet:
        """Keep what is overdue, or what is not."""
        return entries.overdue(overdue)

    def by_trashed(self, entries: TodoEntryQuerySet, _: str, trashed: bool) -> TodoEntryQuerySet:
        """Keep what `filter_queryset` has chosen."""
        return entries


FILTERS: Mapping[str, django_filters.Filter] = EntryFilter.get_filters()  # type: ignore[no-untyped-call]


class EntryFilterBackend(BaseFilterBackend):
    """Refuse what is unknown, given twice or malformed, then filter."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        """Return the filtered entries."""
        paging = view.paginator.PARAMETERS
        check_parameters(request, {*FILTERS, *paging}, repeatable={"tag"})
        filters = EntryFilter(request.query_params, queryset=queryset, request=request)
        if not filters.is_valid():  # type: ignore[no-untyped-call]
            found = [
                {"parameter": name, "detail": str(text), "code": error.code or "invalid"}
                for name, errors in filters.errors.as_data().items()
                for error in errors
                for text in error.messages
            ]
            raise Problem("invalid", errors=found)
        return filters.qs

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters for the OpenAPI document."""
        kinds = {
            StrictBooleanFilter: {"type": "boolean"},
            PriorityFilter: {"type": "integer", "minimum": 0, "maximum": 9},
            MomentFilter: MOMENT,
            TagFilter: {"type": "array", "items": TAG_NAME, "maxItems": MAX_TAGS},
            django_filters.CharFilter: QUERY,
        }
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": item.extra.get("help_text", ""),
                "schema": kinds[type(item)],
            }
            for name, item in FILTERS.items()
        ]


def check_parameters(request: Request, known: set[str], repeatable: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Raise a Problem for every parameter that is unknown, or given twice where once is meant."""
    errors = []
    for name, values in request.query_params.lists():
        if name not in known:
            detail, code = f"There is no such parameter; there are {', '.join(sorted(known)) or 'none'}.", "unknown"
        elif len(values) > 1 and name not in repeatable:
            detail, code = "This parameter may be given once.", "repeated"
        else:
            continue
        errors.append({"parameter": name[:100], "detail": detail, "code": code})
    if errors:
        raise Problem("invalid", errors=errors)
