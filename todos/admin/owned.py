"""What the admin of entries and that of tags share: who sees what, refusals, and lists of any length."""

import re
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property

from todos.querysets import OwnedQuerySet

COUNTED = 10_000
_NUMBER = re.compile("[0-9]{1,18}")


class AtLeast(int):
    """A number that stands for itself or more."""

    def __str__(self) -> str:
        return f"{int(self):,}+"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of the first 10,000 rows: no list is counted to its end, so that its length costs nothing."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, up to 10,000."""
        rows = cast("QuerySet[Any]", self.object_list).order_by()[: COUNTED + 1]
        counted: int = rows.aggregate(count=Count("pk"))["count"]
        return counted if counted <= COUNTED else AtLeast(COUNTED)


class OwnedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that belong to an owner: superusers see all of them, other staff their own."""

    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    lookups: frozenset[str] = frozenset()

    def get_queryset(self, request: HttpRequest) -> OwnedQuerySet[Any]:
        """Return what the user may see."""
        rows: OwnedQuerySet[Any] = super().get_queryset(request)  # type: ignore[assignment]
        return rows if request.user.is_superuser else rows.owned_by(request.user.pk)  # type: ignore[arg-type]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the owner out where it is always the same."""
        return [name for name in self.list_display if request.user.is_superuser or name != "owner"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow the list's own parameters; a lookup of any column could cost any time."""
        return lookup in self.lookups

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, or refuse a date that no calendar has."""
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, run an action or save the list's fields."""
        try:
            return super().changelist_view(request, extra_context)
        except ValidationError as error:
            return self._refused(request, error)

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Run an action on the rows that were ticked; what no page has sent is no row."""
        if not all(map(_NUMBER.fullmatch, request.POST.getlist(helpers.ACTION_CHECKBOX_NAME))):
            raise ValidationError("A row is named by its number.")
        return super().response_action(request, *args, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form or save it."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:
            return self._refused(request, error)

    def _refused(self, request: HttpRequest, error: ValidationError) -> HttpResponse:
        """Word a rule that only the write itself could check; its transaction has been undone."""
        self.message_user(request, f"Nothing was saved. {' '.join(error.messages)}", messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())
