"""The OpenAPI document: headers and failures that belong to a kind of operation, and shapes that no serializer says."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from todos.api.errors import KINDS, MAX_ERRORS
from todos.api.values import CONTENT, ENTITY_TAGS, KEY_TEXT, TAG_NAME, TEXT, UUID_TEXT, Schema

UNSAFE = frozenset({"post", "put", "patch", "delete"})
ENTRIES, ENTRY = "/api/v1/todos/", "/api/v1/todos/{id}/"
PROBLEM_JSON = "application/problem+json"


def _sent(name: str, schema: Schema, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.HEADER, description=description)


def _given(name: str, description: str, *codes: int) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description, response=list(codes))


KEY = _sent(
    "Idempotency-Key", KEY_TEXT, "1 to 255 visible ASCII characters of your choice; makes a retry safe for 7 days."
)
REPLAYED = _given("Idempotency-Replayed", "`true` if this is the kept answer to an earlier request.", 200, 201, 204)
IF_MATCH = _sent("If-Match", ENTITY_TAGS, "The `ETag` of the version meant; 412 if the entry has changed since.")
CREATE_ONLY = _sent("If-None-Match", ENTITY_TAGS, "`*` creates only; 412 if the entry exists.")
IF_NONE_MATCH = _sent(
    "If-None-Match", ENTITY_TAGS, "The `ETag` of the version at hand; 304 if it is still the current one."
)
ETAG = _given("ETag", "The version; strong.", 200, 201)
LOCATION = _given("Location", "The address of the new entry.", 201)
LINK = _given("Link", "The next and the previous page (RFC 8288).", 200)


class Operation(AutoSchema):
    """An operation with the headers of its kind, so that no view has to name them."""

    def get_override_parameters(self) -> list[Any]:
        """Return the headers that every operation of this kind takes and gives."""
        method, found = self.method.lower(), []
        if method in UNSAFE:
            found += [KEY, REPLAYED]
        if self.path.startswith(ENTRIES):
            found += [ETAG, LOCATION, *self._conditions(method)]
        if hasattr(self.view, "pagination_class") and self._is_list_view():
            found.append(LINK)
        return found

    def _conditions(self, method: str) -> Iterator[OpenApiParameter]:
        if method == "get":
            yield IF_NONE_MATCH
        elif self.path != ENTRIES:
            yield IF_MATCH
            if method == "put" and self.path == ENTRY:
                yield CREATE_ONLY


class LocalMode(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Local mode asks for no credentials, so there is nothing to describe."""

    target_class = "todos.api.authentication.LocalAuthentication"
    name: list[str] = []

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        """Require nothing."""
        return []

    def get_security_definition(self, auto_schema: AutoSchema) -> list[Schema]:
        """Define nothing."""
        return []


class TokenMode(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Token mode asks for a token (RFC 6750)."""

    target_class = "todos.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:
        """Define the header."""
        return {"type": "http", "scheme": "bearer", "description": "A token made by `manage.py token create`."}


def ref(name: str, section: str = "schemas") -> Schema:
    """Return a reference to a component."""
    return {"$ref": f"#/components/{section}/{name}"}


def exactly(**members: Schema) -> Schema:
    """Return the schema of an object with just these members."""
    return {"type": "object", "required": list(members), "properties": members, "additionalProperties": False}


# What is refused before it is read.
UNREAD = {
    414: "The address has more than 8,190 bytes.",
    431: "There are more than 64 headers, or one has more than 8,190 bytes.",
}
# What the serializers' own rules leave open.
VALUES: dict[str, Schema] = {"content": CONTENT, "notes": TEXT, "tags": {"items": TAG_NAME, "uniqueItems": True}}


def _operation(*ops: str, **members: Schema) -> Schema:
    return exactly(op={"type": "string", "enum": list(ops)}, **members)


_UPDATE = _operation("update", id=UUID_TEXT, changes=ref("PatchedEntryRequest"))
_UPDATE["properties"]["if_match"] = {"type": "string", "description": "The `ETag` of the version meant."}
OPERATION: Schema = {
    "oneOf": [
        _operation("create", entry=ref("EntryRequest")),
        _UPDATE,
        _operation("delete", "restore", id=UUID_TEXT),
        _operation("tag", "untag", id=UUID_TEXT, tag=TAG_NAME),
    ]
}
_STATUS: Schema = {"type": "integer", "description": "What the operation would have answered by itself."}
RESULT: Schema = {
    "oneOf": [exactly(status=_STATUS, entry=ref("Entry")), exactly(status=_STATUS, problem=ref("Problem"))]
}
BATCH_FAILED: Schema = {
    "allOf": [
        ref("Problem"),
        {
            "type": "object",
            "properties": {
                "results": {"type": "array", "items": {"oneOf": [*RESULT["oneOf"], exactly(status=_STATUS)]}}
            },
        },
    ]
}
CHANGE: Schema = {
    "oneOf": [
        ref("Entry"),
        exactly(id=UUID_TEXT, purged={"type": "boolean", "const": True}, revision={"type": "integer"}),
    ]
}
NEW_NAME = exactly(name=TAG_NAME)

_WRONG = {
    "type": "object",
    "required": ["detail", "code"],
    "properties": {
        "pointer": {"type": "string", "description": "Where in the body (RFC 6901)."},
        "parameter": {"type": "string", "description": "Which query parameter."},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "position": {"type": "integer", "description": "Where in a query it does not parse."},
        "expected": {"type": "string", "description": "What a query would go on with there."},
    },
}
PROBLEM: Schema = {
    "type": "object",
    "description": "A failure (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "A page about this kind of failure."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong here, and what would be right."},
        "code": {"type": "string", "enum": list(KINDS)},
        "request_id": {"type": "string", "description": "As in `X-Request-Id` and the server's log."},
        "errors": {"type": "array", "maxItems": MAX_ERRORS, "items": _WRONG},
    },
}


def complete(result: Schema, **_: Any) -> Schema:
    """Add the failures to every operation, and to the entry what a serializer cannot say of itself."""
    schemas = result["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    _describe_entry(schemas)
    by_status: dict[int, list[str]] = {}
    for code, kind in KINDS.items():
        by_status.setdefault(kind.status, []).append(f"`{code}`: {kind.title}. {kind.advice}")
    result["components"]["responses"] = {
        f"Problem{status}": {"description": "\n\n".join(texts), "content": {PROBLEM_JSON: {"schema": ref("Problem")}}}
        for status, texts in by_status.items()
    } | {f"Problem{status}": _of_the_server(text) for status, text in UNREAD.items()}
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            _describe_request(method, operation)
            if method == "get" and "If-None-Match" in _headers(operation):
                operation["responses"]["304"] = {"description": "What the client has is the current version."}
            for status in _failures(path, method, operation):
                operation["responses"].setdefault(str(status), ref(f"Problem{status}", "responses"))
    return result


def _of_the_server(text: str) -> Schema:
    return {
        "description": f"{text} The server itself says so.",
        "content": {"text/html": {"schema": {"type": "string"}}},
    }


def _describe_entry(schemas: Schema) -> None:
    """An answer has every member; a request has no unknown ones, and takes read-only ones that are as stored."""
    members = schemas["Entry"]["properties"]
    for name in ("Entry", "Captured"):
        schemas[name]["required"] = list(schemas[name]["properties"])
    for name in ("EntryRequest", "PatchedEntryRequest"):
        read_only = {name: member for name, member in members.items() if member.get("readOnly")}
        schemas[name]["properties"] |= read_only
    for name in ("EntryRequest", "PatchedEntryRequest", "CapturedRequest", "BatchRequest"):
        schemas[name]["additionalProperties"] = False
    for name in ("Entry", "EntryRequest", "PatchedEntryRequest", "Captured", "CapturedRequest"):
        for member in schemas[name]["properties"].keys() & VALUES.keys():
            schemas[name]["properties"][member] |= VALUES[member]


def _describe_request(method: str, operation: Schema) -> None:
    """A body that is read is needed; a tag that is put on an entry has a name that a tag can have."""
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    for parameter in operation.get("parameters", []):
        if method == "put" and parameter["name"] == "name":
            parameter["schema"] = TAG_NAME


def _failures(path: str, method: str, operation: Schema) -> Iterator[int]:
    """Yield the statuses of the failures that an operation can end in."""
    headers = _headers(operation)
    yield from (400, 401, 403, *UNREAD, 429, 500, 503)
    if "{" in path:
        yield 404
    if path.endswith("/changes/"):
        yield 410
    if method in UNSAFE:
        yield from (409, 411, 413, 415, 422, 507)
    if method in UNSAFE and headers & {"If-Match", "If-None-Match"}:
        yield 412


def _headers(operation: Schema) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "header"}
