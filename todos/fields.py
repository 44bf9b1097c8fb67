"""Column types that mean the same on both databases."""

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from todos.search import fold

MAX_INTEGER = 2**53 - 1  # the largest that every JSON reader keeps exact (RFC 8785, 3.2.2.3)
MAX_FOLDED_TAG = 400  # an index entry of PostgreSQL holds 2,700 bytes; one letter can fold into 18
MAX_EXTRA = 16 * 1024
MAX_DEPTH = 32
MAX_TAGS = 50
MAX_PARTS = 100_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_NUMBERS = {int, float, bool, type(None)}
_SCALARS = {*_NUMBERS, str}
# One that is not closed reaches to the end, so that no character is looked at twice.
_STRING = re.compile(r'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_DECODER = json.JSONDecoder()
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class CodePointCharField(models.CharField):  # type: ignore[type-arg]
    """Text that is compared and sorted by code points on PostgreSQL too, whatever the collation of the cluster."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Return the column's parameters with the collation that SQLite has anyway."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class JSONTextField(models.JSONField):
    """JSON kept as text: to the letter, where PostgreSQL's `jsonb` would sort keys and reject what text may hold."""

    # An empty list or text would pass a field that may be blank without being looked at.
    empty_values = (None,)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Check for null only: whether it is JSON is for the validators, which look at its size first."""
        models.Field.validate(self, value, model_instance)

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column's type, the same on both databases."""
        return "text"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> str | None:
        """Return the JSON text to store."""
        return value if value is None or hasattr(value, "as_sql") else dump(value)

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        """Return what the stored JSON text means."""
        return value if value is None else _DECODER.raw_decode(value)[0]


def dump(value: Any) -> str:
    """Return JSON text without white space between tokens."""
    return _ENCODER.encode(value)


def load(text: str, depth: int = 0) -> Any:
    """Return the value of a JSON text, read strictly (RFC 8259, RFC 7493); ValidationError says what is wrong.

    `depth` is how deep in another document the text lies.
    """
    _check_parts(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
        )
        _check(value, depth)
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        raise ValidationError(f"This is not JSON: {error.msg} at line {error.lineno} column {error.colno}.") from None
    return value


def _check_parts(text: str) -> None:
    """Refuse many arrays and objects before they are made: a mebibyte of them would take 50 of memory, and a second."""
    if text.count("[") + text.count("{") > MAX_PARTS:
        bare = _STRING.sub("", text)
        if bare.count("[") + bare.count("{") > MAX_PARTS:
            raise ValidationError(f"The JSON holds more than {MAX_PARTS:,} arrays and objects.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValidationError(f"The name {twice[:100]!r} stands twice in one object.")
    return value


def _integer(text: str) -> int:
    if len(text) < 16:
        return int(text)
    # The length first: converting thousands of digits costs time.
    if len(text) > 20 or abs(int(text)) > MAX_INTEGER:
        raise ValidationError(f"The number {text[:20]}… is beyond ±{MAX_INTEGER}, where JSON readers lose exactness.")
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValidationError(f"The number {text[:20]} is too large.")
    return value


def _constant(text: str) -> float:
    raise ValidationError(f"{text} is not JSON.")


def _check(value: Any, depth: int) -> None:
    for values, names in _levels(value):
        if depth > MAX_DEPTH:
            raise _too_deep()
        depth += 1
        _check_strings(names)
        if not set(map(type, values)) <= _NUMBERS:
            _check_strings([inner for inner in values if isinstance(inner, str)])


def _levels(value: Any) -> Iterator[tuple[list[Any], list[Any]]]:
    """Yield the values of each depth, and the names of objects there; a call for each value would take a second."""
    level = [value]
    while level:
        if set(map(type, level)) <= _SCALARS:
            yield level, []
            return
        objects = [inner for inner in level if isinstance(inner, dict)]
        yield level, list(chain.from_iterable(objects))
        level = [
            *chain.from_iterable(inner.values() for inner in objects),
            *chain.from_iterable(inner for inner in level if isinstance(inner, list | tuple)),
        ]


def _check_strings(texts: list[str]) -> None:
    try:
        for text in filter(_UNSTORABLE.search, texts):
            validate_text(text)
    except ValidationError as error:
        detail = f"A string holds a character that cannot be stored: {error.messages[0]}"
        raise ValidationError(detail, code="character") from None


def _too_deep() -> ValidationError:
    return ValidationError(f"The JSON is nested deeper than {MAX_DEPTH} levels.")


def validate_text(value: str) -> None:
    """Refuse characters that no database keeps: NUL and halves of surrogate pairs."""
    if found := _UNSTORABLE.search(value):
        raise ValidationError(
            f"U+{ord(found[0]):04X} at position {found.start()} cannot be stored; leave it out.", code="character"
        )


def validate_tag(name: str) -> None:
    """Refuse a name that could not be told apart from others, or typed in a search."""
    if not 1 <= len(name) <= 100:
        raise ValidationError(f"A tag has 1 to 100 characters, not {len(name)}.", code="length")
    validate_text(name)
    if name != name.strip():
        raise ValidationError("A tag has no space at its ends.", code="outer_space")
    if bad := next((char for char in name if char in ",#" or unicodedata.category(char) == "Cc"), None):
        raise ValidationError(f"A tag may not contain {bad!r}; use letters, digits, spaces and /.", code="character")
    if not 1 <= len(fold(name)) <= MAX_FOLDED_TAG:
        raise ValidationError("A tag needs a letter or digit, and fewer ligatures.", code="folded_length")


def validate_tags(names: list[str]) -> None:
    """Refuse a bad name, two that differ in case or accents only, and more than 50."""
    if len(names) > MAX_TAGS:
        raise ValidationError(f"An entry has up to {MAX_TAGS} tags, not {len(names)}.", code="max_length")
    for name in names:
        validate_tag(name)
    if len({fold(name) for name in names}) < len(names):
        raise ValidationError("Two of the tags are the same but for case, width or accents.", code="unique")


def validate_extra(value: Any) -> None:
    """Refuse what is no object, larger than 16 KiB, or outside of I-JSON (RFC 7493), whose hash is defined."""
    if not isinstance(value, dict):
        raise ValidationError("extra is a JSON object.", code="object")
    try:
        size = len(dump(value).encode())
        if size > MAX_EXTRA:
            raise ValidationError(f"extra holds up to {MAX_EXTRA:,} bytes of JSON, not {size:,}.", code="max_length")
        # An entry is an object, in which `extra` lies one level deep.
        _check(value, 1)
        _check_canonical(value)
    except (UnicodeEncodeError, RecursionError, TypeError, ValueError) as error:
        raise ValidationError(f"extra holds a value that JSON cannot carry exactly: {error}.", code="json") from None


def _check_canonical(value: Any) -> None:
    """Refuse what has no canonical form (RFC 8785, 3.2.2)."""
    for values, names in _levels(value):
        if not all(isinstance(name, str) for name in names):
            raise TypeError("a name is no string")
        if any(abs(number) > MAX_INTEGER for number in values if isinstance(number, int)):
            raise ValueError(f"a number is beyond ±{MAX_INTEGER}")
        if not all(math.isfinite(number) for number in values if isinstance(number, float)):
            raise ValueError("a number is not finite")
