"""Pages by position: every entry that does not change is shown exactly once, whatever is written meanwhile."""

import hashlib
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from todos.api.authentication import owner_id
from todos.api.errors import bad_parameter
from todos.api.values import CURSOR, whole_number
from todos.fields import dump
from todos.querysets import DEFAULT_ORDERING, ORDERINGS, Ordering, Row
from todos.relevance import Relevance

MAX_LIMIT, DEFAULT_LIMIT = 200, 50
RELEVANCE = "relevance"  # an order of the list too, with `search`


class EntryPagination(BasePagination):
    """Keyset pages: a cursor is the signed position of a row in its order, tied to the other parameters."""

    PARAMETERS: tuple[str, ...] = ("ordering", "limit", "cursor", "count")
    ORDERINGS: Mapping[str, Ordering] = ORDERINGS
    DEFAULT_ORDERING = DEFAULT_ORDERING

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return the rows of the page; one more is read, to know whether another page follows."""
        counting, after = self.read(request)
        self.count = queryset.count() if counting else None
        rows: list[Row] = self.order.page(queryset, after, self.limit + 1, self.direction)
        self.more, rows = len(rows) > self.limit, rows[: self.limit]
        self.came_from = after is not None
        self.rows: list[Row] = rows if self.direction > 0 else rows[::-1]
        return self.rows

    def read(self, request: Request) -> tuple[bool, Any]:
        """Read the parameters of the page, or raise the Problem that one of them has; return `count` and the place."""
        self.request = request
        self.order = self._read_order(bool(request.query_params.get("search", "").strip()))
        self.limit = integer(request, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
        counting = one_of(request, "count", "false", ("true", "false")) == "true"
        self.direction, after = self._read_cursor()
        return counting, after

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with its links, in the body and as `Link` headers (RFC 8288)."""
        return Response(self.body(data), headers=self.link_header())

    def body(self, data: Any) -> dict[str, Any]:
        """Return the page as the contract shows it."""
        self.links = {"next": self._link(1), "previous": self._link(-1)}
        count = {} if self.count is None else {"count": self.count}
        return {**self.links, **count, "results": data}

    def link_header(self) -> dict[str, str]:
        """Return the `Link` header, if there is anything to link to."""
        parts = [f'<{url}>; rel="{"prev" if rel == "previous" else rel}"' for rel, url in self.links.items() if url]
        return {"Link": ", ".join(parts)} if parts else {}

    def _link(self, direction: int) -> str | None:
        # Where we came from there is a page, unless what it showed is gone; where we went, if one more row was found.
        exists = self.more if direction == self.direction else self.came_from
        if not exists or not self.rows:
            return None
        edge = self.rows[-1] if direction > 0 else self.rows[0]
        return link(self.request, [direction, *self.order.position(edge)])

    def _read_order(self, searching: bool) -> Any:
        names = [*self.ORDERINGS, *([RELEVANCE] if self.ORDERINGS is ORDERINGS else [])]
        name = one_of(self.request, "ordering", self.DEFAULT_ORDERING, names)
        if name == RELEVANCE and not searching:
            raise bad_parameter("ordering", "By relevance is what a search has found; give `search`, too.")
        return Relevance() if name == RELEVANCE else self.ORDERINGS[name]

    def _read_cursor(self) -> tuple[int, Any]:
        token = self.request.query_params.get("cursor")
        if token is None:
            return 1, None
        direction, *position = unsign(token, tied_to(self.request))
        return direction, self.order.after(position)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters for the OpenAPI document."""
        schemas = {
            "ordering": {
                "type": "string",
                "enum": [*self.ORDERINGS, *([RELEVANCE] if self.ORDERINGS is ORDERINGS else [])],
                "default": self.DEFAULT_ORDERING,
            },
            "limit": whole_number(1, MAX_LIMIT, DEFAULT_LIMIT),
            "cursor": CURSOR,
            "count": {"type": "boolean"},
        }
        words = {
            "ordering": "No value sorts last either way; ties by creation order.",
            "cursor": "From a link of another page; never built by hand.",
            "count": "`true` adds the number of all matches.",
        }
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": words.get(name, ""),
                "schema": schemas[name],
            }
            for name in self.PARAMETERS
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the page for the OpenAPI document."""
        link = {"type": ["string", "null"], "format": "uri"}
        count = {"count": {"type": "integer"}} if "count" in self.PARAMETERS else {}
        members = {"next": link, "previous": link, **count, "results": schema}
        return {"type": "object", "required": ["next", "previous", "results"], "properties": members}


class TagPagination(EntryPagination):
    """Pages of tags, by name."""

    PARAMETERS = ("limit", "cursor")
    ORDERINGS = {"name": Ordering("folded")}
    DEFAULT_ORDERING = "name"


def sign(token: Any) -> str:
    """Return a cursor that holds a JSON value and that nobody else can make."""
    return Signer(salt="todos.cursor").sign_object(token, compress=True)


def unsign(cursor: str, tied_to: str) -> list[Any]:
    """Return the value of a cursor without its last item, which must be what the cursor is tied to."""
    try:
        token: list[Any]
        *token, tied = Signer(salt="todos.cursor").unsign_object(cursor)
    except (BadSignature, ValueError, zlib.error):
        raise bad_parameter("cursor", "This is no cursor that this server gave; follow the links.") from None
    if tied != tied_to:
        raise bad_parameter("cursor", "This cursor belongs to other parameters; begin without one.")
    return token


def tied_to(request: Request, free: frozenset[str] = frozenset({"cursor", "limit", "count"})) -> str:
    """Return a digest of the owner, the address and the parameters that a cursor may not be taken away from."""
    tied = sorted((name, values) for name, values in request.query_params.lists() if name not in free)
    return hashlib.sha256(dump([owner_id(request), request.path, tied]).encode()).hexdigest()[:16]


def link(request: Request, token: list[Any]) -> str:
    """Return the address of this request with another cursor."""
    kept = [(name, text) for name, texts in request.query_params.lists() for text in texts if name != "cursor"]
    query = urlencode([*kept, ("cursor", sign([*token, tied_to(request)]))])
    return f"{request.build_absolute_uri(request.path)}?{query}"


def one_of(request: Request, name: str, default: str, choices: Any) -> str:
    """Return a parameter that is one of `choices`."""
    value = request.query_params.get(name, default)
    if value not in choices:
        raise bad_parameter(name, f"This is one of {', '.join(choices)}.")
    return value


def integer(request: Request, name: str, default: int, low: int, high: int) -> int:
    """Return a parameter that is a whole number from `low` to `high`."""
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
        raise bad_parameter(name, f"This is a whole number from {low} to {high}.")
    return int(text)
