"""A client of the API without a network: JSON in, JSON out."""

import json
from typing import Any

from django.test import Client

from tests.leaks import WATCH, of_request

UNSET = object()


class Answer:
    """An answer: status, headers, and the value of the JSON body."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status: int = response.status_code
        self.headers = response.headers
        self.body: bytes = b"".join(response.streaming_content) if response.streaming else response.content

    @property
    def json(self) -> Any:
        """The value of the body."""
        return json.loads(self.body)

    @property
    def ids(self) -> list[str]:
        """The ids of a page of entries, or of the array of quick capture."""
        value = self.json
        return [entry["id"] for entry in (value["results"] if isinstance(value, dict) else value)]

    @property
    def contents(self) -> list[str]:
        """The contents of a page of entries, or of the array of quick capture."""
        value = self.json
        return [entry["content"] for entry in (value["results"] if isinstance(value, dict) else value)]

    def names(self) -> list[str]:
        """What the `errors` of a problem document name, in order."""
        return [error.get("pointer", error.get("parameter")) for error in self.json.get("errors", [])]


class ApiClient:
    """`api.post("todos", {"content": "x"})`: paths below /api/v1/, or from the root if they begin with a slash."""

    def __init__(self, **environ: Any) -> None:
        self.client = Client(HTTP_HOST="localhost", raise_request_exception=False, **environ)

    def request(self, method: str, path: str, body: Any = UNSET, params: Any = None, **headers: str) -> Answer:
        """Send a request; header names are written with underscores: If_Match='"1"'."""
        path = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        sent: dict[str, Any] = {"headers": {name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not UNSET:
            sent["data"] = body if isinstance(body, bytes) else json.dumps(body)
            sent["content_type"] = sent["headers"].pop("Content-Type", "application/json")
        if params is not None:
            sent["query_params"] = params
        WATCH.forbid(
            *of_request(path, sent["headers"], sent.get("data", b"")),
            params,
            self.client.defaults.get("HTTP_AUTHORIZATION"),
        )
        # Not `client.post`, which would send an empty form where there is no body.
        return Answer(self.client.generic(method.upper(), path.removeprefix("http://localhost"), **sent))

    def get(self, path: str, **options: Any) -> Answer:
        """Send a GET."""
        return self.request("get", path, **options)

    def post(self, path: str, body: Any = UNSET, **options: Any) -> Answer:
        """Send a POST."""
        return self.request("post", path, body, **options)

    def put(self, path: str, body: Any = UNSET, **options: Any) -> Answer:
        """Send a PUT."""
        return self.request("put", path, body, **options)

    def patch(self, path: str, body: Any = UNSET, **options: Any) -> Answer:
        """Send a PATCH."""
        return self.request("patch", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        """Send a DELETE."""
        return self.request("delete", path, **options)
