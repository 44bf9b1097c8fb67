"""What is kept of a request once it is answered: one line in the log and, if asked for, numbers for `/metrics`."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from time import perf_counter

from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from todoproject.logs import Answered, note, request_id

_ID = re.compile("[0-9a-fA-F-]{1,36}")
_PLAIN = re.compile("[A-Za-z0-9._~-]{1,60}")
UNKNOWN_ROUTE = "other"


def account_for(request: HttpRequest, response: HttpResponseBase, began: float) -> None:
    """Note an answer; one that is streamed when it ends."""
    if not isinstance(response, StreamingHttpResponse):
        _note(request, response.status_code, len(response.content), began)  # type: ignore[attr-defined]
    elif getattr(response, "file_to_stream", None) is not None:
        # The server may send the file itself, past the iterator.
        _note(request, response.status_code, int(response.headers.get("Content-Length", 0)), began)
    else:
        response.streaming_content = _counted(request, response.status_code, iter(response), began)


def route_of(request: HttpRequest) -> str:
    """Return the pattern of the request's address, `/api/v1/todos/{id}/`: one of few, whatever is asked for."""
    match = request.resolver_match
    return _template(match.route) if match else UNKNOWN_ROUTE


def logged_path(request: HttpRequest, status: int) -> str:
    """Return the path with its ids, and names (of tags, of anything) replaced by `{name}`."""
    match = request.resolver_match
    if match is None:
        return request.path if status < 400 else _beginning(request.path)
    path = _template(match.route)
    for name, value in match.kwargs.items():
        if _ID.fullmatch(str(value)):
            path = path.replace(f"{{{name}}}", str(value))
    return path


def _counted(request: HttpRequest, status: int, chunks: Iterator[bytes], began: float) -> Iterator[bytes]:
    size, complete = 0, False
    try:
        for chunk in chunks:
            size += len(chunk)
            yield chunk
        complete = True
    finally:
        _note(request, status, size, began, complete)


def _note(request: HttpRequest, status: int, size: int, began: float, complete: bool = True) -> None:
    seconds, method = perf_counter() - began, request.method or ""
    if method == "HEAD":
        size = 0
    path, ms = logged_path(request, status), round(seconds * 1000, 2)
    note(Answered(method, path, status, ms, size, _owner_id(request), complete))
    if settings.METRICS:
        from todos.api.metrics import count

        count(request, route_of(request), status, seconds, size)
    request_id.set("")


def _owner_id(request: HttpRequest) -> int | None:
    """Return for whom the request acted; a session that nobody has looked into stays closed."""
    caller = request.__dict__.get("caller")
    if isinstance(caller, tuple):
        return int(caller[0].pk)
    return getattr(getattr(request, "_cached_user", None), "pk", None)


def _beginning(path: str) -> str:
    """Return as much of an address that leads nowhere as cannot be a text of somebody's: it may be mistyped."""
    steps = path.split("/")[1 : 4 if path.startswith("/api/") else 2]
    kept = "".join(f"/{step}" for step in takewhile(_PLAIN.fullmatch, steps))
    return path if path == kept else f"{kept}/…"


@cache
def _template(route: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", simplify_regex(route))
