"""Quick capture: the two operations of `/todo/`, for shell scripts."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from todos.api.authentication import owner_id
from todos.api.errors import Problem, bad_parameter
from todos.api.fields import StrictCharField, TagListField
from todos.api.filters import check_parameters
from todos.api.idempotency import idempotent
from todos.api.kept import as_json, kept
from todos.api.serializers import EntrySerializer
from todos.api.values import TEXT
from todos.fields import dump, validate_text
from todos.models import TodoEntry
from todos.querysets import ORDERINGS
from todos.writer import writing

AT_ONCE = 200  # entries


class CapturedSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """An entry as quick capture shows it."""

    id = serializers.UUIDField(read_only=True)
    content = StrictCharField(max_length=2000)
    tags = TagListField(required=False, max_length=50)


class CaptureViewSet(ViewSet):
    """The whole list as one array, and an entry from one line."""

    @extend_schema(
        parameters=[
            OpenApiParameter("search", {**TEXT, "maxLength": 2000}, description="The content has it or a tag is it.")
        ],
        responses=CapturedSerializer(many=True),
    )
    @kept
    def list(self, request: Request) -> HttpResponseBase:
        """Answer the entries that are not in the trash, oldest first, complete; streamed if they are many."""
        check_parameters(request, {"search"})
        entries = TodoEntry.objects.owned_by(owner_id(request)).live().containing(_literal(request))
        rows = entries.in_order(ORDERINGS["created_at"])
        # The first rows are read now, so that a failure is still an error and not a torn answer.
        first = list(islice(rows, AT_ONCE))
        if len(first) < AT_ONCE:
            return as_json([_item(row) for row in first])
        return StreamingHttpResponse(_array(first, rows), content_type="application/json")

    @extend_schema(request=CapturedSerializer, responses={200: OpenApiTypes.UUID})
    @idempotent
    def create(self, request: Request) -> Response:
        """Create an entry and answer its id."""
        check_parameters(request, set())
        serializer = EntrySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        if other := fields.keys() - {"content", "tags"}:
            raise Problem("invalid", errors=[_unknown(name) for name in sorted(other)])
        with writing(owner_id(request)) as writer:
            entry = writer.create(fields)
        return Response(str(entry.uuid))


def _literal(request: Request) -> str:
    text = request.query_params.get("search", "")
    if len(text) > 2000:
        raise bad_parameter("search", "This has up to 2,000 characters.", "max_length")
    try:
        validate_text(text)
    except ValidationError as error:
        raise bad_parameter("search", error.messages[0], "character") from None
    return text


def _unknown(name: str) -> dict[str, str]:
    detail = "Quick capture takes content and tags; /api/v1/todos/ takes all fields."
    return {"pointer": f"/{name}", "detail": detail, "code": "unknown"}


def _array(first: list[dict[str, Any]], rest: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield dump([_item(row) for row in first])[:-1]
    while chunk := list(islice(rest, AT_ONCE)):
        yield f",{dump([_item(row) for row in chunk])[1:-1]}"
    yield "]"


def _item(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": str(row["uuid"]), "content": row["content"], "tags": row["tag_names"]}
