"""Answers kept as bytes, for the same question about the same revision.

The revision is read from the database with every request, so what is kept is never out of date: not after a write of
another process or another machine, and with nothing to be told of one.
"""

import functools
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple

from django.http import HttpResponse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from todos.api.authentication import owner_id, owner_revision
from todos.api.conditions import is_lasting, not_modified

ROOM = 16 * 1024 * 1024  # bytes in a process
OVERHEAD = 1024  # bytes of one answer beside its body
_HEADERS = ("Content-Type", "ETag", "Link")


class Answer(NamedTuple):
    """An answer; without a body if so far each client had this version already."""

    body: bytes | None
    headers: dict[str, str]

    @property
    def size(self) -> int:
        """The bytes that it takes up, about."""
        return len(self.body or b"") + OVERHEAD


class Answers:
    """The answers that were asked for last, as many as there is room for."""

    def __init__(self, room: int) -> None:
        self._room, self._left = room, room
        self._answers: OrderedDict[Any, Answer] = OrderedDict()
        self._threads = Lock()

    def find(self, key: Any) -> Answer | None:
        """Return the answer that is kept under a key."""
        with self._threads:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def keep(self, key: Any, answer: Answer) -> None:
        """Keep an answer, and let those go that nobody has asked for the longest."""
        with self._threads:
            self._forget(key)
            if answer.size <= self._room:
                self._answers[key] = answer
                self._left -= answer.size
            while self._left < 0:
                self._forget(next(iter(self._answers)))

    def clear(self) -> None:
        """Keep nothing."""
        with self._threads:
            self._answers.clear()
            self._left = self._room

    def _forget(self, key: Any) -> None:
        if answer := self._answers.pop(key, None):
            self._left += answer.size


answers = Answers(ROOM)
Method = Callable[..., Response]


def kept(method: Method) -> Callable[..., Response | HttpResponse]:
    """Make a view method for GET keep its answer as long as its owner's revision is the same."""

    @functools.wraps(method)
    def answer_again(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponse:
        if request.method != "GET":
            return method(view, request, *args, **kwargs)
        key = _key(request)
        found = answers.find(key)
        if found is not None:
            if not_modified(request, found.headers["ETag"]):
                return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": found.headers["ETag"]})
            if found.body is not None:
                return HttpResponse(found.body, headers=found.headers)
        response = method(view, request, *args, **kwargs)
        if is_lasting(response["ETag"]):
            _keep(key, response)
        return response

    return answer_again


def _key(request: Request) -> tuple[Any, ...]:
    """Return what an answer depends on; links hold the scheme and the host under which the server was reached."""
    asked = request._request
    where = (asked.scheme, asked.get_host(), asked.path, asked.META.get("QUERY_STRING", ""))
    return owner_id(request), owner_revision(request), *where


def _keep(key: tuple[Any, ...], response: Response) -> None:
    if response.status_code == status.HTTP_304_NOT_MODIFIED:
        answers.keep(key, Answer(None, {"ETag": response["ETag"]}))
    else:
        response.add_post_render_callback(lambda rendered: answers.keep(key, _of(rendered)))


def _of(rendered: Any) -> Answer:
    return Answer(rendered.content, {name: rendered[name] for name in _HEADERS if name in rendered})
