"""Entries and tags: their fields, constraints and the rules of one row."""

import uuid
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual, Range

from todos import ledger
from todos.fields import (
    MAX_INTEGER,
    CodePointCharField,
    JSONTextField,
    validate_extra,
    validate_tag,
    validate_tags,
    validate_text,
)
from todos.ledger import Ledger
from todos.querysets import ENTRY_INDEXES, OwnedQuerySet, TagQuerySet, TodoEntryQuerySet
from todos.search import PART, fold, folded_text
from todos.tokens import Token

__all__ = ["IdempotentAnswer", "Ledger", "Tag", "TodoEntry", "Token", "Tombstone"]


class Tag(models.Model):
    """A name that an owner puts on entries; `/` in it makes a hierarchy."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(
        max_length=100, validators=[validate_tag], help_text="Up to 100 characters; / makes a hierarchy."
    )
    folded = CodePointCharField(max_length=400, editable=False)
    # How many entries have the tag, the trash left out, and how many of them are not done: triggers count.
    open = models.BigIntegerField(default=0, db_default=0, editable=False)
    total = models.BigIntegerField(default=0, db_default=0, editable=False)

    objects = TagQuerySet.as_manager()

    COLUMNS: ClassVar = ("id", "name", "folded", "open", "total")

    class Meta:
        ordering = ["folded"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "folded"], name="tag_unique"),
            models.CheckConstraint(condition=Range(Length("name"), (1, 100)), name="tag_name_length"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Keep the folded name, and the entries that have the tag, in step."""
        with ledger.write(self.owner_id) as write:
            write.number(())
            self.folded = fold(self.name)
            if options.get("update_fields") is not None:
                options["update_fields"] = {*options["update_fields"], "folded"}
            super().save(*args, **options)
            type(self).objects.entries_of([self.pk]).retag()

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Take the tag off every entry, then delete it."""
        return type(self).objects.filter(pk=self.pk).delete()


class TodoEntry(models.Model):
    """One thing to do."""

    uuid = models.UUIDField("id", default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="entries", db_index=False)
    content = models.CharField(max_length=2000, validators=[validate_text], help_text="What is to be done.")
    notes = models.TextField(blank=True, default="", validators=[MaxLengthValidator(20_000), validate_text])
    tags = models.ManyToManyField(Tag, related_name="entries", blank=True)
    # The names of `tags`, sorted: derived, so that reading an entry needs no other table.
    tag_names = JSONTextField(default=list, editable=False, blank=True, validators=[validate_tags])
    priority = models.PositiveSmallIntegerField(
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(9)],
        help_text="RFC 5545, 3.8.1.9: 0 none, 1 highest, 9 lowest.",
    )
    # A moment; a day without a time is its midnight in UTC.
    due_at = models.DateTimeField("due", null=True, blank=True)
    due_has_time = models.BooleanField(default=False)
    position = models.BigIntegerField(
        default=0,
        validators=[MinValueValidator(-MAX_INTEGER), MaxValueValidator(MAX_INTEGER)],
        help_text="The owner's own order.",
    )
    completed_at = models.DateTimeField("completed", null=True, blank=True)
    created_at = models.DateTimeField("created", editable=False)
    updated_at = models.DateTimeField("updated", editable=False)
    deleted_at = models.DateTimeField("deleted", null=True, blank=True, editable=False)
    revision = models.BigIntegerField(default=0, editable=False)
    extra = JSONTextField(default=dict, blank=True, validators=[validate_extra])
    # Derived: what search reads, and what `ordering=content` sorts by.
    folded = models.TextField(editable=False)
    content_key = CodePointCharField(max_length=100, editable=False)

    objects = TodoEntryQuerySet.as_manager()

    SOURCES: ClassVar = frozenset({"content", "notes", "tag_names"})
    DERIVED: ClassVar = ("folded", "content_key")
    # What `represent` needs, and `id` and `content_key` for cursors.
    COLUMNS: ClassVar = (
        "id", "uuid", "content", "notes", "tag_names", "priority", "due_at", "due_has_time", "position", "completed_at",
        "created_at", "updated_at", "deleted_at", "revision", "extra", "content_key",
    )  # fmt: skip

    class Meta:
        verbose_name_plural = "todo entries"
        ordering = ["-created_at", "-id"]
        indexes = ENTRY_INDEXES
        constraints = [
            models.UniqueConstraint(fields=["owner", "uuid"], name="entry_unique"),
            models.CheckConstraint(condition=Range(Length("content"), (1, 2000)), name="entry_content_length"),
            models.CheckConstraint(condition=LessThanOrEqual(Length("notes"), 20_000), name="entry_notes_length"),
            models.CheckConstraint(condition=Range(models.F("priority"), (0, 9)), name="entry_priority"),
            models.CheckConstraint(
                condition=Range(models.F("position"), (-MAX_INTEGER, MAX_INTEGER)), name="entry_position"
            ),
        ]

    def __str__(self) -> str:
        return self.content if len(self.content) <= 80 else f"{self.content[:79]}…"

    def save(self, *args: Any, **options: Any) -> None:
        """Write the entry in a write transaction of its owner."""
        with ledger.write(self.owner_id) as write:
            write.number([self.revision])
            self.stamp(write)
            if options.get("update_fields") is not None:
                options["update_fields"] = {*options["update_fields"], "revision", "updated_at", *self.DERIVED}
            super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Move the entry to the trash."""
        return type(self).objects.filter(pk=self.pk).delete()

    @property
    def due(self) -> date | datetime | None:
        """A day, or a moment in UTC: the kind that was set."""
        return due_of(self.__dict__)

    @due.setter
    def due(self, value: date | datetime | None) -> None:
        self.due_has_time = isinstance(value, datetime)
        if isinstance(value, datetime):
            self.due_at = value.astimezone(UTC)
        else:
            self.due_at = None if value is None else datetime.combine(value, time.min, UTC)

    def set_completed(self, changes: Mapping[str, Any], now: datetime) -> None:
        """Apply `completed` and `completed_at`: true keeps an earlier time, and the two may not contradict."""
        if "completed_at" in changes:
            self.completed_at = changes["completed_at"]
            if bool(self.completed_at) != changes.get("completed", bool(self.completed_at)):
                raise ValidationError({"completed": "completed and completed_at contradict each other."})
        elif "completed" in changes:
            self.completed_at = (self.completed_at or now) if changes["completed"] else None

    def derive(self) -> bool:
        """Bring derived columns in step with what they are derived from; return whether one was not."""
        before = [getattr(self, name, None) for name in self.DERIVED]
        self.folded = folded_text(self.content, self.notes, self.tag_names)
        self.content_key = self.folded.partition(PART)[0][:100]
        return before != [self.folded, self.content_key]

    def stamp(self, write: ledger.Write) -> None:
        """Trim, derive and number the entry for the write that will store it."""
        self.content = self.content.strip()
        self.derive()
        if self.created_at is None:
            self.created_at = write.next_moment()
        self.updated_at, self.revision = write.now, write.revision

    def clean_row(self, names: Collection[str]) -> None:
        """Raise a ValidationError for each of the named columns that breaks its rule; asks nothing of the database."""
        self.content = self.content.strip()
        self.clean_fields(exclude={field.name for field in self._meta.fields if field.name not in names})

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as the contract shows it."""
        return represent(self.__dict__)


def due_of(row: Mapping[str, Any]) -> date | datetime | None:
    """Return the due day or moment of a row of columns."""
    due = cast("datetime | None", row["due_at"])
    return due if due is None or row["due_has_time"] else due.date()


def timestamp(moment: datetime | None) -> str | None:
    """Return a moment as RFC 3339 in UTC with microseconds: 2026-12-01T17:00:00.123456Z."""
    if moment is None:
        return None
    moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{moment.isoformat(timespec='microseconds')[:-6]}Z"


def represent(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of columns as the entry of the contract, ready for JSON."""
    due = due_of(row)
    return {
        "id": str(row["uuid"]),
        "content": row["content"],
        "notes": row["notes"],
        "tags": row["tag_names"],
        "priority": row["priority"],
        "due": timestamp(due) if isinstance(due, datetime) else due and due.isoformat(),
        "position": row["position"],
        "completed": row["completed_at"] is not None,
        "completed_at": timestamp(row["completed_at"]),
        "created_at": timestamp(row["created_at"]),
        "updated_at": timestamp(row["updated_at"]),
        "deleted_at": timestamp(row["deleted_at"]),
        "revision": row["revision"],
        "extra": row["extra"],
    }


class Tombstone(models.Model):
    """What remains in the change feed of an entry purged from the trash."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    uuid = models.UUIDField()
    revision = models.BigIntegerField()
    purged_at = models.DateTimeField()

    COLUMNS: ClassVar = ("id", "uuid", "revision")

    objects = OwnedQuerySet["Tombstone"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "uuid"], name="tombstone_unique")]
        indexes = [models.Index(fields=["owner", "revision", "uuid"], name="tombstone_revision")]

    def __str__(self) -> str:
        return str(self.uuid)


class IdempotentAnswer(models.Model):
    """The answer given to a request with an `Idempotency-Key`, kept to be given again."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    key = CodePointCharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = JSONTextField(default=dict)
    body = models.TextField()
    created_at = models.DateTimeField(db_index=True)

    objects = OwnedQuerySet["IdempotentAnswer"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="idempotent_answer_unique")]

    def __str__(self) -> str:
        return str(self.key)
