"""Strict JSON: what two readers could understand differently is refused (RFC 8259, RFC 7493)."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from todos.fields import MAX_INTEGER, validate_text

MAX_DEPTH = 32


class StrictJSONParser(BaseParser):
    """Parse a JSON body in UTF-8; every fault is a 400 that says what it is."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the value of the body, or raise ParseError."""
        return loads(stream.read())


def loads(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8, or raise ParseError with what is wrong."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
        )
        _check(value, 0)
    except RecursionError:
        raise ParseError(f"The JSON is nested deeper than {MAX_DEPTH} levels.") from None
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    except ValidationError as error:
        raise ParseError(f"A string holds a character that cannot be stored: {error.messages[0]}") from None
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON: {error.msg} at line {error.lineno} column {error.colno}.") from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ParseError(f"The name {twice[:100]!r} stands twice in one object.")
    return value


def _integer(text: str) -> int:
    # The length first: converting thousands of digits costs time.
    if len(text) > 20 or abs(int(text)) > MAX_INTEGER:
        raise ParseError(f"The number {text[:20]}… is beyond ±{MAX_INTEGER}, where JSON readers lose exactness.")
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ParseError(f"The number {text[:20]} is too large.")
    return value


def _constant(text: str) -> float:
    raise ParseError(f"{text} is not JSON.")


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ParseError(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, str):
        validate_text(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            validate_text(name)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
