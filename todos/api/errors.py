"""Every failure below `/api/` and `/todo/` as one shape: a problem document (RFC 9457)."""

import errno
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.datastructures import MultiValueDict
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from todoproject.logs import reason
from todos.damage import is_damage
from todos.search import QueryError
from todos.writer import EntryExistsError

logger = logging.getLogger(__name__)
MAX_ERRORS = 20


@dataclass(frozen=True)
class Kind:
    """One row of the table of failures: status, title, and what to do about it."""

    status: int
    title: str
    advice: str
    retry_after: int | None = None


KINDS = {
    "malformed": Kind(400, "The request could not be read", "Mend the syntax; `detail` says where it breaks."),
    "invalid": Kind(400, "The request holds values that are not allowed", "Mend what `errors` names and send again."),
    "unauthorized": Kind(401, "No valid token", "Send `Authorization: Bearer` with a token that is valid."),
    "forbidden": Kind(403, "Not allowed", "`detail` says what is missing and what to set."),
    "not-found": Kind(404, "Nothing is here", "Check the address; another owner's entry is not found either."),
    "method-not-allowed": Kind(405, "This address does not take that method", "`Allow` lists the methods it takes."),
    "key-in-use": Kind(409, "The first request with this Idempotency-Key still runs", "Send it again in a moment.", 1),
    "conflict": Kind(409, "The request contradicts what is stored", "Read the entry again, then decide."),
    "sync-expired": Kind(410, "The change feed no longer reaches that far back", "Begin again with `since=0`."),
    "length-required": Kind(411, "The body has no length", "Send `Content-Length`; do not send the body in chunks."),
    "precondition-failed": Kind(412, "The entry has changed meanwhile", "Read it again, and repeat with its `ETag`."),
    "too-large": Kind(413, "The request is too large", "A body may have 1 MiB; split it up."),
    "unsupported-media-type": Kind(415, "The body is not JSON", "Send `Content-Type: application/json`."),
    "key-reused": Kind(422, "The Idempotency-Key belongs to another request", "Use a fresh key for each request."),
    "rate-limited": Kind(429, "Too many requests", "Wait as many seconds as `Retry-After` says.", 60),
    "internal": Kind(500, "The server failed", "It is logged under `request_id`; repeating is safe with a key."),
    "unavailable": Kind(503, "The database is away or busy", "Repeat after `Retry-After` seconds.", 2),
    "disk-full": Kind(507, "The disk is full", "Nothing was written; the operator has to make room.", 60),
}
_BY_STATUS = {kind.status: code for code, kind in KINDS.items() if code != "malformed"}


class Problem(exceptions.APIException):
    """A failure of one kind of the table, raised anywhere in the API."""

    wait: int | None = None  # seconds, where they are not those of the table

    def __init__(self, code: str, detail: str = "", errors: list[dict[str, Any]] | None = None, **more: Any) -> None:
        super().__init__(detail or KINDS[code].title, code)
        self.kind, self.text, self.errors, self.more = code, detail, errors or [], more


def bad_parameter(name: str, detail: str, code: str = "invalid") -> Problem:
    """Return the failure of one query parameter."""
    return Problem("invalid", errors=[{"parameter": name, "detail": detail, "code": code}])


def bad_query(name: str, error: QueryError) -> Problem:
    """Return the failure of a parameter that holds a query: where it does not parse, and what was expected there."""
    where = {"position": error.position, "expected": error.expected}
    return Problem(
        "invalid", str(error), [{"parameter": name, "detail": str(error), "code": "query", **where}], **where
    )


def is_api(request: HttpRequest) -> bool:
    """Return whether a failure of this request is answered with a problem document."""
    return request.path_info.startswith(("/api/", "/todo/")) or request.path_info in ("/api", "/todo")


def document(request: HttpRequest | Request, code: str, detail: str = "", **more: Any) -> dict[str, Any]:
    """Return the members of a problem document."""
    kind = KINDS[code]
    more = {name: value for name, value in more.items() if value != []}
    return {
        "type": f"/docs/errors/{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.advice,
        "code": code,
        "request_id": getattr(request, "id", None) or getattr(getattr(request, "_request", None), "id", None),
        **more,
    }


def problem(request: HttpRequest | Request, code: str, detail: str = "", **more: Any) -> HttpResponse:
    """Return a problem document as an answer of its own, for failures outside of a view."""
    response = JsonResponse(document(request, code, detail, **more), status=KINDS[code].status)
    response["Content-Type"] = "application/problem+json"
    if retry := KINDS[code].retry_after:
        response["Retry-After"] = str(retry)
    return response


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception of a view; None lets it become a 500, which is logged with its traceback."""
    found = as_problem(error)
    if found is None:
        return None
    request: Request = context["request"]
    body = document(request, found.kind, found.text, errors=found.errors[:MAX_ERRORS], **found.more)
    response = Response(body, status=KINDS[found.kind].status, content_type="application/problem+json")
    retry = getattr(error, "wait", None) or KINDS[found.kind].retry_after
    if retry:
        response["Retry-After"] = str(int(retry) + 1 if isinstance(retry, float) else retry)
    if found.kind == "unauthorized":
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def as_problem(error: Exception) -> Problem | None:
    """Return the failure that an exception stands for, or None for a fault of the program."""
    match error:
        case Problem():
            return error
        case exceptions.ValidationError():
            return Problem("invalid", errors=list(flatten(error.detail)))
        case DjangoValidationError():
            return Problem("invalid", errors=list(flatten_django(error)))
        case Http404() | ObjectDoesNotExist():
            return Problem("not-found", str(error) if isinstance(error, ObjectDoesNotExist) else "")
        case EntryExistsError():
            return Problem("conflict", str(error))
        case exceptions.ParseError() | SuspiciousOperation():
            too_large = isinstance(error, RequestDataTooBig)
            return Problem("too-large") if too_large else Problem("malformed", str(error))
        case DjangoPermissionDenied():
            return Problem("forbidden", str(error))
        case exceptions.APIException():
            return Problem(_BY_STATUS.get(error.status_code, "invalid"), str(error.detail))
        case DatabaseError() | InterfaceError() | OSError():
            return _database_problem(error)
        case _:
            return None


def _database_problem(error: Exception) -> Problem | None:
    """Tell a database that is full, away or busy (503, 507) from a statement that is wrong (500)."""
    cause = error.__cause__
    text, state = str(error).lower(), getattr(cause, "sqlstate", None) or ""
    if getattr(error, "errno", None) == errno.ENOSPC or "disk is full" in text or state == "53100":
        code = "disk-full"
    elif isinstance(error, OSError):
        return None
    elif (
        is_damage(error)
        or state[:2] in ("08", "53", "57")
        or state in ("55P03", "40P01", "40001")
        or isinstance(error, OperationalError | InterfaceError)
    ):
        code = "unavailable"
    else:
        return None
    logger.error("the database answered: %s", reason(error))
    return Problem(code)


def flatten(detail: Any, pointer: str = "") -> Iterator[dict[str, Any]]:
    """Yield DRF's nested errors as entries with a JSON pointer (RFC 6901)."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else f"/{str(name)[:100].replace('~', '~0').replace('/', '~1')}"
            yield from flatten(inner, pointer + step)
    elif isinstance(detail, list):
        for inner in detail:
            yield from flatten(inner, pointer)
    else:
        yield {"pointer": pointer, "detail": str(detail), "code": getattr(detail, "code", "invalid")}


_COLUMN_TO_FIELD = {"uuid": "id", "tag_names": "tags", "due_at": "due", "__all__": ""}


def flatten_django(error: DjangoValidationError) -> Iterator[dict[str, Any]]:
    """Yield Django's errors, whose fields are columns, as entries of the contract's fields."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"__all__": error.error_list}
    for column, errors in MultiValueDict(by_field).lists():
        name = _COLUMN_TO_FIELD.get(column, column)
        for inner in errors:
            text = " ".join(inner.messages)
            yield {"pointer": f"/{name}" if name else "", "detail": text, "code": inner.code or "invalid"}
