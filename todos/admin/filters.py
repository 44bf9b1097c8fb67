"""The filters of the lists: each asks a question of the queryset."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from todos.fields import validate_tag, validate_text
from todos.querysets import OwnedQuerySet, TodoEntryQuerySet

Question = Callable[[TodoEntryQuerySet], TodoEntryQuerySet]


class QuestionFilter(admin.SimpleListFilter):
    """A choice of questions by name."""

    questions: Mapping[str, Question]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the names of the questions, and how they read."""
        return [(name, name.replace("-", " ").capitalize()) for name in self.questions]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return what the chosen question finds."""
        name = self.value()
        if name is None:
            return queryset
        if name not in self.questions:
            raise IncorrectLookupParameters(f"{self.parameter_name} has no {name!r}.")
        return self.questions[name](queryset)


class StateFilter(QuestionFilter):
    """Open, done, overdue or in the trash; the trash is left out otherwise."""

    title = parameter_name = "state"
    questions = {
        "open": lambda entries: entries.live().completed(False),
        "done": lambda entries: entries.live().completed(),
        "overdue": lambda entries: entries.live().overdue(),
        "trash": lambda entries: entries.trashed(),
    }

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the entries in the state."""
        return super().queryset(request, queryset) if self.value() else queryset.live()


class DueFilter(QuestionFilter):
    """When entries are due, by days of TODO_APP_TIME_ZONE."""

    title = parameter_name = "due"
    questions = {
        "today": lambda entries: entries.due_after(_midnight(0)).due_before(_midnight(1)),
        "next-7-days": lambda entries: entries.due_after(_midnight(0)).due_before(_midnight(7)),
        "later": lambda entries: entries.due_after(_midnight(7)),
        "no-date": lambda entries: entries.filter(due_at__isnull=True),
    }


def _midnight(days: int) -> datetime:
    """Return the first moment of the day so many days from now."""
    day = timezone.localdate() + timedelta(days)
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


class NameFilter(admin.SimpleListFilter):
    """A name to type: there may be too many to list."""

    template = "admin/todos/name_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return no choice: a name is typed."""
        return []

    def has_output(self) -> bool:
        """Show the filter."""
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield what the form sends along: the other filters, the search and the order."""
        others = [
            (name, value)
            for name, values in changelist.filter_params.items()
            if name != self.parameter_name
            for value in values
        ]
        yield {"others": others}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the rows of that name, or none and a message if there can be none."""
        try:
            return self.named(self.value() or "", queryset) if self.value() else queryset
        except ValidationError as error:
            messages.error(request, f"{str(self.title).capitalize()}: {error.messages[0]}")
            return queryset.none()

    def named(self, name: str, rows: Any) -> Any:
        """Return the rows of that name; ValidationError if there can be none."""
        raise NotImplementedError


class TagFilter(NameFilter):
    """Entries that have a tag or one inside it."""

    title = parameter_name = "tag"

    def named(self, name: str, rows: TodoEntryQuerySet) -> TodoEntryQuerySet:
        """Return the entries that have the tag."""
        validate_tag(name)
        return rows.tagged(name)


class OwnerFilter(NameFilter):
    """Rows of one owner, for those who see more than their own."""

    title = parameter_name = "owner"

    def has_output(self) -> bool:
        """Show the filter to superusers only."""
        return bool(self.request.user.is_superuser)

    def named(self, name: str, rows: OwnedQuerySet[Any]) -> OwnedQuerySet[Any]:
        """Return the owner's rows."""
        validate_text(name)
        users = get_user_model()
        owner_id = users.objects.filter(**{users.USERNAME_FIELD: name}).values_list("pk", flat=True).first()
        if owner_id is None:
            raise ValidationError(f"there is no user {name!r}; type the whole user name.")
        return rows.owned_by(owner_id)
