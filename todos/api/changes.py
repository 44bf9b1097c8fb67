"""The change feed and the fingerprint over HTTP."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from todos.api.authentication import owner_id
from todos.api.errors import Problem, bad_parameter
from todos.api.filters import check_parameters
from todos.api.pagination import integer, link, tied_to, unsign
from todos.api.schema import CHANGE
from todos.api.values import CURSOR, whole_number
from todos.feed import FutureRevisionError, Place, SyncExpiredError, changes, fingerprint
from todos.fields import MAX_INTEGER

DEFAULT_LIMIT, MAX_LIMIT = 500, 1000


@extend_schema_field(CHANGE)
class ChangeField(serializers.DictField):
    """An entry, or what remains of a purged one."""


class ChangesSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A page of the change feed."""

    changes = serializers.ListField(child=ChangeField(), help_text="Entries, and ids of purged ones.")
    revision = serializers.IntegerField(help_text="The next `since`, once `next` is null.")
    next = serializers.URLField(allow_null=True)


class FingerprintSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """What two equal copies have in common."""

    revision = serializers.IntegerField()
    count = serializers.IntegerField()
    fingerprint = serializers.CharField(help_text="`sha256:` and 64 hexadecimal digits.")


class ChangesView(APIView):
    """What has changed since a revision."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "since",
                whole_number(0, MAX_INTEGER, 0),
                description="The `revision` of the last feed that was read whole.",
            ),
            OpenApiParameter("limit", whole_number(1, MAX_LIMIT, DEFAULT_LIMIT)),
            OpenApiParameter("cursor", CURSOR, description="From `next`; never built by hand."),
        ],
        responses=ChangesSerializer,
    )
    def get(self, request: Request) -> Response:
        """List entries, trashed ones included, and tombstones by revision, then id; follow `next` until it is null."""
        check_parameters(request, {"since", "limit", "cursor"})
        since = integer(request, "since", 0, 0, MAX_INTEGER)
        limit = integer(request, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
        cursor = request.query_params.get("cursor")
        after = None
        if cursor is not None:
            revision, entry_id, floor = unsign(cursor, tied_to(request))
            after = Place(revision, UUID(entry_id), floor)
        try:
            found = changes(owner_id(request), since, limit, after)
        except FutureRevisionError as error:
            raise bad_parameter("since", str(error)) from None
        except SyncExpiredError as error:
            raise Problem("sync-expired", str(error)) from None
        place = found.place
        following = link(request, [place.revision, str(place.uuid), place.floor]) if place else None
        return Response({"changes": found.rows, "revision": found.revision, "next": following})


class FingerprintView(APIView):
    """One hash over all entries that are not purged."""

    @extend_schema(responses=FingerprintSerializer)
    def get(self, request: Request) -> Response:
        """Return the owner's revision, the number of entries and their fingerprint."""
        check_parameters(request, set())
        return Response(fingerprint(owner_id(request)))
