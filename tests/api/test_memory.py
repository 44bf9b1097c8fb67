"""What a request has brought and what it was answered with is gone when it is answered, not when a collector comes."""

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.base import BaseHandler
from django.test import RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response

CASES: dict[str, tuple[str, str, Any]] = {
    "created": ("POST", "/api/v1/todos/", {"content": "x"}),
    "captured": ("POST", "/todo/", {"content": "x"}),
    "refused": ("POST", "/api/v1/todos/", []),
    "not found": ("GET", "/api/v1/todos/8b122755-530e-43c7-ae84-362c17a37fc5/", None),
    "changes": ("GET", "/api/v1/changes/", None),
    "batch": ("POST", "/api/v1/batch/", {"operations": [{"op": "create", "entry": {"content": "x"}}]}),
    "failed batch": ("POST", "/api/v1/batch/", {"operations": [{}, {"op": "create", "entry": {}}]}),
}


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Keep the collector away."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive() -> list[Any]:
    """Return the requests and answers that something still holds; other tests may have left some."""
    return [thing for thing in gc.get_objects() if type(thing) in (Request, Response)]


@pytest.mark.parametrize("name", CASES)
def test_no_request_outlives_its_answer(owner: Any, no_collector: None, name: str) -> None:
    method, path, value = CASES[name]
    body = b"" if value is None else json.dumps(value).encode()
    before = alive()
    request = RequestFactory(HTTP_HOST="localhost").generic(method, path, body, "application/json")
    # Not by the test client, which keeps requests itself.
    handler: Any = BaseHandler()
    handler.load_middleware()
    answer = handler.get_response(request)
    assert answer.status_code < 500
    assert answer.content
    del request, answer

    assert len(alive()) == len(before)
