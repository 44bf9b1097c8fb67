"""Entries in the admin: the list with its actions, and the form."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html

from todos.admin.dates import DatedList
from todos.admin.filters import DueFilter, OwnerFilter, StateFilter, TagFilter
from todos.admin.forms import EntryActionForm, EntryForm, EntryRowForm
from todos.admin.owned import OwnedAdmin
from todos.models import TodoEntry
from todos.moments import start_of
from todos.querysets import TodoEntryQuerySet
from todos.search import Flag, matches
from todos.writer import PLAIN, Writer, writing

Change = Callable[[Writer, TodoEntry], TodoEntry]
STEP = 500
SHOWN_REFUSALS = 5


class NullsLast(F):
    """A column in whose order no value comes last either way, on both databases."""

    def asc(self, **options: Any) -> OrderBy:
        """Return the order upward."""
        return super().asc(nulls_last=True)

    def desc(self, **options: Any) -> OrderBy:
        """Return the order downward."""
        return super().desc(nulls_last=True)


def by_the_clock(value: date | datetime | None) -> str:
    """Return a day, or a moment in TODO_APP_TIME_ZONE, as text."""
    if not isinstance(value, datetime):
        return value.isoformat() if value else ""
    wall = start_of(value, timezone.get_current_timezone()).replace(tzinfo=None)
    return wall.isoformat(" ", "minutes")


@admin.register(TodoEntry)
class EntryAdmin(OwnedAdmin):
    """Entries; what is deleted here goes to the trash."""

    form = EntryForm
    action_form = EntryActionForm
    actions = ["complete", "reopen", "add_tag", "delete_selected", "restore"]
    date_hierarchy = "created_at"
    list_display = ["short_content", "tag_list", "due", "priority", "position", "state", "owner"]
    list_editable = ["priority", "position"]
    list_filter = [StateFilter, DueFilter, TagFilter, OwnerFilter]
    lookups = frozenset({"state", "due", "tag", "owner", *(f"created_at__{part}" for part in ("year", "month", "day"))})
    raw_id_fields = ["owner"]
    search_fields = ["content"]
    search_help_text = "The search of the API: milk, “oat milk”, #home, is:open, due:<2026-12-01 …"
    record = ["uuid", "owner", "created_at", "updated_at", "completed_on", "deleted_at", "revision"]

    @admin.display(description="content", ordering="content_key")
    def short_content(self, entry: TodoEntry) -> str:
        """Return the beginning of the content."""
        return str(entry)

    @admin.display(description="tags")
    def tag_list(self, entry: TodoEntry) -> str:
        """Return the names of the tags."""
        return ", ".join(entry.tag_names)

    @admin.display(ordering=NullsLast("due_at"))
    def due(self, entry: TodoEntry) -> str:
        """Return when the entry is due."""
        return format_html('<span class="nowrap">{}</span>', by_the_clock(entry.due)) if entry.due else ""

    @admin.display(description="completed")
    def completed_on(self, entry: TodoEntry) -> str:
        """Return when the entry was completed."""
        return by_the_clock(entry.completed_at)

    @admin.display(boolean=True)
    def completed(self, entry: TodoEntry) -> bool:
        """Return whether the entry is done, for those who may only look."""
        return entry.completed_at is not None

    @admin.display
    def state(self, entry: TodoEntry) -> str:
        """Return the name of the filter that finds the entry."""
        if entry.deleted_at:
            return "trash"
        if entry.completed_at:
            return "done"
        return "overdue" if matches(Flag("is", "overdue"), entry.__dict__, timezone.localtime()) else "open"

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Newest first: by an index of the owner, or by the primary key where there is more than one owner."""
        one_owner = not request.user.is_superuser or request.GET.get("owner")
        return ["-created_at", "-id"] if one_owner else ["-id"]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Search as the API does; a query that is refused finds nothing, and says why."""
        try:
            # As it was sent: a query that Django's own form refuses would otherwise find everything.
            return queryset.search(request.GET.get(SEARCH_VAR, "")).by_index(), False
        except ValueError as error:
            self.message_user(request, str(error), messages.ERROR)
            return queryset.none(), False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer to restore in the trash, and all else outside of it."""
        in_trash = request.GET.get(StateFilter.parameter_name) == "trash"
        return {
            name: action for name, action in super().get_actions(request).items() if (name == "restore") == in_trash
        }

    @admin.action(permissions=["change"], description="Complete")
    def complete(self, request: HttpRequest, queryset: TodoEntryQuerySet) -> None:
        """Complete entries; those that are done keep their time."""
        self._change_each(request, queryset, lambda w, entry: w.change(entry, {"completed": True}), "completed")

    @admin.action(permissions=["change"], description="Reopen")
    def reopen(self, request: HttpRequest, queryset: TodoEntryQuerySet) -> None:
        """Make entries open again."""
        self._change_each(request, queryset, lambda w, entry: w.change(entry, {"completed": False}), "reopened")

    @admin.action(permissions=["change"], description="Add the tag")
    def add_tag(self, request: HttpRequest, queryset: TodoEntryQuerySet) -> None:
        """Put the tag that was typed beside the action on entries."""
        name = request.POST.get("tag", "").strip()
        self._change_each(request, queryset, lambda writer, entry: writer.tag(entry, name), f"tagged “{name}”")

    # Under the name of Django's own action, which it takes the place of.
    @admin.action(permissions=["delete"], description="Move to the trash")
    def delete_selected(self, request: HttpRequest, queryset: TodoEntryQuerySet) -> None:
        """Move entries to the trash."""
        self._change_each(request, queryset, Writer.trash, "moved to the trash")

    @admin.action(permissions=["change"], description="Restore")
    def restore(self, request: HttpRequest, queryset: TodoEntryQuerySet) -> None:
        """Take entries out of the trash."""
        self._change_each(request, queryset, Writer.restore, "restored")

    def _change_each(self, request: HttpRequest, queryset: TodoEntryQuerySet, change: Change, done: str) -> None:
        """Change entries, those of one owner in steps of 500; word how many changed, and what was refused."""
        ids = defaultdict(list)
        for owner_id, uuid in queryset.order_by().values_list("owner_id", "uuid"):
            ids[owner_id].append(uuid)
        changed, refused = 0, []
        for owner_id, uuids in ids.items():
            for start in range(0, len(uuids), STEP):
                count, refusals = self._change_some(request, owner_id, uuids[start : start + STEP], change, done)
                changed += count
                refused += refusals
        total = sum(map(len, ids.values()))
        self.message_user(request, f"{changed} of {total} selected entries {done}.", messages.SUCCESS)
        for refusal in refused[:SHOWN_REFUSALS]:
            self.message_user(request, refusal, messages.ERROR)
        if len(refused) > SHOWN_REFUSALS:
            self.message_user(request, f"{len(refused) - SHOWN_REFUSALS} more were refused.", messages.ERROR)

    def _change_some(
        self, request: HttpRequest, owner_id: int, uuids: list[UUID], change: Change, done: str
    ) -> tuple[int, list[str]]:
        refused = []
        with transaction.atomic():
            with writing(owner_id, uuids) as writer:
                for entry in writer.entries.values():
                    try:
                        change(writer, entry)
                    except ValidationError as error:
                        refused.append(f"“{entry}”: {' '.join(error.messages)}")
            changed = [entry for entry in writer.entries.values() if entry.revision == writer.write.revision]
            LogEntry.objects.log_actions(request.user.pk, changed, CHANGE, done.capitalize())  # type: ignore[arg-type]
        return len(changed), refused

    def get_fieldsets(self, request: HttpRequest, obj: TodoEntry | None = None) -> Any:
        """Show what may be changed first, then what is kept about the entry."""
        fields: list[Any] = ["content", "tags", "due", ("priority", "position"), "completed", "notes", "extra"]
        if obj is None:
            return [(None, {"fields": ["owner", *fields] if request.user.is_superuser else fields})]
        return [
            (None, {"fields": ["state", *fields, *(["version"] if self.has_change_permission(request, obj) else [])]}),
            ("Record", {"fields": self.record, "classes": ["collapse"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: TodoEntry | None = None) -> list[str]:
        """Return what is shown only: an entry keeps its owner."""
        return ["state", *self.record] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Suggest the user as the owner."""
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DatedList]:
        """Return the kind of the list."""
        return DatedList

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[EntryRowForm]:
        """Return the form of one line of the list."""
        return EntryRowForm

    def save_model(self, request: HttpRequest, obj: TodoEntry, form: EntryForm | EntryRowForm, change: bool) -> None:
        """Write what the user changed, and nothing else."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name != "owner"}
        if change:
            with writing(obj.owner_id, [obj.uuid]) as writer:
                entry = writer.get(obj.uuid)
                form.refuse_stale(entry)
                stored = {name: getattr(entry, name) for name in PLAIN} | {"tags": entry.tag_names}
                if "completed" not in changes:
                    stored["completed_at"] = entry.completed_at
                writer.replace(entry, stored | changes)
        else:
            with writing(obj.owner_id or cast("int", request.user.pk)) as writer:
                entry = writer.create(changes)
        obj.__dict__.update(entry.__dict__)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Leave the tags alone: the writer has written them."""

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> Any:
        """Offer the trash to what is not there yet; who deletes a user needs no leave for what is."""
        entry = options.get("obj")
        context["show_delete"] = not (entry and entry.deleted_at)
        return super().render_change_form(request, context, *args, **options)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        """Say where the entry is now."""
        self.message_user(request, f"“{obj_display}” was moved to the trash.", messages.SUCCESS)
        return self.response_post_save_change(request, self.model())
