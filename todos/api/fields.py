"""Fields that take just the JSON type they name: no number for a text, no "yes" for true."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from todos.fields import MAX_INTEGER
from todos.moments import parse_day_or_moment, parse_moment

_UUID = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class StrictCharField(serializers.CharField):
    """A JSON string; rules of its content belong to the model."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the string as it is."""
        if not isinstance(data, str):
            raise serializers.ValidationError("This is a JSON string.", "type")
        return data


class StrictIntegerField(serializers.IntegerField):
    """A JSON number without fraction or exponent."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the integer as it is."""
        if type(data) is not int:
            raise serializers.ValidationError("This is a whole JSON number.", "type")
        return data


class StrictBooleanField(serializers.BooleanField):
    """`true` or `false`."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the boolean as it is."""
        if not isinstance(data, bool):
            raise serializers.ValidationError("This is true or false.", "type")
        return data


class StrictUUIDField(serializers.UUIDField):
    """A UUID in its usual form (RFC 9562, 4): no number, no other spelling."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the UUID."""
        if not isinstance(data, str) or not _UUID.fullmatch(data):
            raise serializers.ValidationError("This is a UUID, as 8b122755-530e-43c7-ae84-362c17a37fc5.", "type")
        return UUID(data)


class TagListField(serializers.ListField):
    """A JSON array of strings."""

    child = StrictCharField(max_length=100)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the list as it is; its length is judged before its items cost time."""
        if not isinstance(data, list) or not all(isinstance(name, str) for name in data):
            raise serializers.ValidationError("This is a JSON array of strings.", "type")
        return data


class ExtraField(serializers.DictField):
    """A JSON object."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the object as it is."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("This is a JSON object.", "type")
        return data


class _TextOrNullField(serializers.Field):  # type: ignore[type-arg]
    parse: Callable[[str], Any]

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return what the text means, or None for null."""
        if data is None:
            return None
        if not isinstance(data, str):
            raise serializers.ValidationError("This is a JSON string or null.", "type")
        try:
            return self.parse(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error), "moment") from None


@extend_schema_field(
    {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, {"type": "null"}]}
)
class DueField(_TextOrNullField):
    """null, a day, or a time with offset."""

    def parse(self, text: str) -> date | datetime:
        """Return the day or the moment in UTC."""
        return parse_day_or_moment(text)


@extend_schema_field({"type": ["string", "null"], "format": "date-time"})
class MomentField(_TextOrNullField):
    """null, or a time with offset."""

    def parse(self, text: str) -> datetime:
        """Return the moment in UTC."""
        return parse_moment(text)


class PositionField(StrictIntegerField):
    """An integer that every JSON reader keeps exact."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=-MAX_INTEGER, max_value=MAX_INTEGER, **options)
