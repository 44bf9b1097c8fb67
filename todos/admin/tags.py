"""Tags in the admin: the list with counts, rename, merge and delete."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from todos.admin.filters import OwnerFilter
from todos.admin.forms import TagForm
from todos.admin.owned import OwnedAdmin
from todos.models import Tag
from todos.search import fold
from todos.tags import delete_tag, rename_tag


@admin.register(Tag)
class TagAdmin(OwnedAdmin):
    """Tags; they come into being by being put on an entry."""

    form = TagForm
    list_display = ["name", "open_entries", "all_entries", "owner"]
    list_filter = [OwnerFilter]
    lookups = frozenset({"owner"})
    ordering = ["folded", "id"]
    search_fields = ["name"]
    fields = ["name", "merge", "owner"]
    readonly_fields = ["owner"]

    @admin.display(description="open", ordering="open")
    def open_entries(self, tag: Any) -> int:
        """Return how many entries with the tag are not done."""
        return int(tag.open)

    @admin.display(description="total", ordering="total")
    def all_entries(self, tag: Any) -> str:
        """Return how many entries have the tag, as a link to them and to those of the tags inside."""
        address = reverse("admin:todos_todoentry_changelist")
        return format_html('<a href="{}?{}">{}</a>', address, urlencode({"tag": tag.name}), tag.total)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find tags by a part of the name, in any case."""
        # No tag holds a NUL, of which PostgreSQL will not even be asked.
        return queryset.filter(
            folded__contains=fold(search_term)
        ) if "\0" not in search_term else queryset.none(), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return that no tag is made without an entry."""
        return False

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form without "continue": a renamed tag is a new row under another address."""
        return super().change_view(request, object_id, extra_context={"show_save_and_continue": False})

    def save_model(self, request: HttpRequest, obj: Tag, form: TagForm, change: bool) -> None:
        """Rename the tag, and those inside it."""
        try:
            rename_tag(obj.owner_id, form.initial["name"], obj.name)
        except Tag.DoesNotExist as error:
            raise ValidationError(f"{error} It has been renamed or deleted meanwhile.") from None
        renamed = Tag.objects.owned_by(obj.owner_id).named(obj.name).get()
        obj.__dict__.update(renamed.__dict__)

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        """Take the tag off every entry, then delete it."""
        self.delete_queryset(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[Tag]) -> None:
        """Delete tags one by one, so that no owner's writers wait long."""
        for tag in list(queryset):
            with suppress(Tag.DoesNotExist):
                delete_tag(tag.owner_id, tag.name)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return the tags, not each of their links to entries."""
        names = [f"{tag} (entries: {tag.total})" for tag in objs]
        return names, {"tags": len(names)}, set(), []
