"""Tags over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from todos.api.authentication import owner_id
from todos.api.fields import StrictCharField
from todos.api.filters import check_parameters
from todos.api.idempotency import idempotent
from todos.api.pagination import TagPagination
from todos.api.schema import NEW_NAME
from todos.models import Tag
from todos.tags import delete_tag, rename_tag


class TagSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A tag and how many entries have it, the trash left out."""

    name = StrictCharField(max_length=100)
    open = serializers.IntegerField(read_only=True, help_text="Entries that are not done.")
    total = serializers.IntegerField(read_only=True)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the new name; anything else is refused."""
        if not isinstance(data, dict) or data.keys() != {"name"}:
            raise serializers.ValidationError({"name": ["A tag is changed by an object with its new name, no more."]})
        return {"name": self._name(data["name"])}

    def _name(self, value: Any) -> str:
        try:
            return str(self.fields["name"].run_validation(value))
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"name": error.detail}) from None


class TagViewSet(GenericViewSet[Tag]):
    """List, rename, merge and delete tags."""

    serializer_class = TagSerializer
    pagination_class = TagPagination
    lookup_field = "name"
    lookup_value_regex = ".+"
    queryset = Tag.objects.none()

    def list(self, request: Request) -> Response:
        """List the tags by name, with counts."""
        check_parameters(request, {"limit", "cursor"})
        tags = Tag.objects.owned_by(owner_id(request))
        rows = self.paginate_queryset(tags)
        return self.get_paginated_response([_shown(row) for row in rows or []])

    @extend_schema(request={"application/json": NEW_NAME})
    @idempotent
    def partial_update(self, request: Request, name: str) -> Response:
        """Rename a tag and the tags inside it; where the new name exists, the two become one."""
        check_parameters(request, set())
        serializer = TagSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        new_name = serializer.validated_data["name"]
        rename_tag(owner_id(request), name, new_name)
        tag = Tag.objects.owned_by(owner_id(request)).named(new_name).values(*Tag.COLUMNS).get()
        return Response(_shown(tag))

    @extend_schema(responses={204: None})
    @idempotent
    def destroy(self, request: Request, name: str) -> Response:
        """Take a tag off every entry and delete it."""
        check_parameters(request, set())
        delete_tag(owner_id(request), name)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _shown(row: Any) -> dict[str, Any]:
    return {"name": row["name"], "open": row["open"], "total": row["total"]}
