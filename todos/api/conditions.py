"""Conditional requests (RFC 9110, 13): entity tags, `If-Match`, `If-None-Match`."""

import re
import time

from django.http import HttpRequest
from rest_framework.request import Request

from todos.api.authentication import owner_revision
from todos.api.errors import Problem
from todos.models import TodoEntry

# RFC 9110, 8.8.3: an optional W/, then visible characters in double quotes.
_ETAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_ETAGS = re.compile(rf"\s*{_ETAG}\s*(?:,\s*{_ETAG}\s*)*")


def entry_etag(revision: int) -> str:
    """Return the strong entity tag of an entry, which is the revision of its last change."""
    return f'"{revision}"'


def list_etag(request: Request, moving: bool = False) -> str:
    """Return the entity tag of what is made of all of the owner's entries: the owner's revision.

    An answer that depends on the time too (`moving`) is good for the second in which it was made.
    """
    revision = owner_revision(request)
    return f'"{revision}-{int(time.time())}"' if moving else f'"{revision}"'


def is_lasting(etag: str) -> bool:
    """Return whether an entity tag stands for a version alone, and not for a second too."""
    return "-" not in etag


def named_tags(value: str, header: str) -> list[str]:
    """Return the entity tags of the value of a header; `*` alone stands for itself."""
    if value.strip() == "*":
        return ["*"]
    if not _ETAGS.fullmatch(value):
        raise Problem("malformed", f'{header} holds entity tags in double quotes, such as "42", or * alone.')
    return re.findall(_ETAG, value)


def not_modified(request: HttpRequest | Request, etag: str) -> bool:
    """Return whether the client has this version already; the comparison is weak (RFC 9110, 13.1.2)."""
    tags = _sent(request, "If-None-Match") or ()
    return "*" in tags or etag in [tag.removeprefix("W/") for tag in tags]


def _sent(request: HttpRequest | Request, header: str) -> list[str] | None:
    value = request.META.get(f"HTTP_{header.upper().replace('-', '_')}")
    return None if value is None else named_tags(value, header)


def check_preconditions(request: Request, entry: TodoEntry | None) -> None:
    """Raise 412 unless the entry, as it is stored now, is the one that the client means."""
    wanted = _sent(request, "If-Match")
    # The comparison is strong (RFC 9110, 13.1.1): a weak tag never matches.
    if wanted is not None and (entry is None or not {"*", entry_etag(entry.revision)} & set(wanted)):
        now = f" It is {entry_etag(entry.revision)} now." if entry else ""
        raise Problem("precondition-failed", f"If-Match names another version than the one stored.{now}")
    unwanted = _sent(request, "If-None-Match")
    if unwanted is not None and entry is not None and {"*", entry_etag(entry.revision)} & set(unwanted):
        raise Problem("precondition-failed", "The entry exists.")
