"""The entry as JSON, in: names and types. The rules of each field belong to the model."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from rest_framework import serializers

from todos.api.errors import MAX_ERRORS
from todos.api.fields import (
    DueField,
    ExtraField,
    MomentField,
    PositionField,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
    StrictUUIDField,
    TagListField,
)
from todos.fields import dump


class EntrySerializer(serializers.Serializer):  # type: ignore[type-arg]
    """An entry. Read-only members are taken if they equal what is stored, so that what GET gave can be PUT back."""

    id = StrictUUIDField(required=False, help_text="Chosen by the client at creation, or else by the server.")
    content = StrictCharField(max_length=2000, help_text="1 to 2,000 characters after trimming.")
    notes = StrictCharField(required=False, allow_blank=True, max_length=20_000)
    tags = TagListField(
        required=False, max_length=50, help_text="Unique but for case and accents; / makes a hierarchy."
    )
    priority = StrictIntegerField(required=False, min_value=0, max_value=9, help_text="0 none, 1 highest, 9 lowest.")
    due = DueField(required=False, help_text="A day or a time with offset; comes back as the kind that went in.")
    position = PositionField(required=False, help_text="The owner's own order.")
    completed = StrictBooleanField(required=False, help_text="true sets `completed_at`; false clears it.")
    completed_at = MomentField(required=False)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    deleted_at = serializers.DateTimeField(read_only=True, allow_null=True)
    revision = serializers.IntegerField(read_only=True, help_text="The owner's revision of the last change.")
    extra = ExtraField(required=False, help_text="What other formats carry; up to 16 KiB, kept verbatim.")

    def run_validation(self, data: Any = None) -> dict[str, Any]:
        """Return the members given. The framework would look for further validators, and copy all fields for that."""
        return self.to_internal_value(data)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the members given, as Python values; `stored` in the context is the entry they will change."""
        if not isinstance(data, Mapping):
            raise serializers.ValidationError({"non_field_errors": ["An entry is a JSON object."]}, "type")
        values: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, value in data.items():
            try:
                self._take(name, value, values)
            except serializers.ValidationError as error:
                errors[name] = error.detail
                if len(errors) == MAX_ERRORS:
                    break
        if not self.partial and "content" not in data:
            errors["content"] = ["An entry needs content."]
        if errors:
            raise serializers.ValidationError(errors)
        return values

    def _take(self, name: str, value: Any, values: dict[str, Any]) -> None:
        field = _fields().get(name)
        if field is None:
            raise serializers.ValidationError(f"An entry has no such field; it has {', '.join(_fields())}.", "unknown")
        stored: Mapping[str, Any] | None = self.context.get("stored")
        if not field.read_only and (name != "id" or stored is None):
            values[name] = field.run_validation(value)
            return
        given = value.lower() if name == "id" and isinstance(value, str) else value
        # As text: in Python 1 equals True and 1.0.
        if stored is None or dump(given) != dump(stored[name]):
            raise serializers.ValidationError("This is set by the server; leave it out or as it is.", "read_only")


@cache
def _fields() -> Mapping[str, Any]:
    """Return the fields, which hold nothing of a request: to copy them for each one takes an eighth of a creation."""
    return EntrySerializer().fields
