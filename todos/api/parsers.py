"""Strict JSON: what two readers could understand differently is refused (RFC 8259, RFC 7493)."""

from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from todos.fields import load


class StrictJSONParser(BaseParser):
    """Parse a JSON body in UTF-8; every fault is a 400 that says what it is."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the value of the body, or raise ParseError."""
        # Django judges the size of `body` before it reads it; of `read` it does not.
        return loads(stream.body if isinstance(stream, HttpRequest) else stream.read())


def loads(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8, or raise ParseError with what is wrong."""
    try:
        return load(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    except ValidationError as error:
        raise ParseError(error.messages[0]) from None
