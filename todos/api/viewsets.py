"""Entries over HTTP: read the request, call the writer or the queryset, word the answer."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from todos.api.authentication import owner_id
from todos.api.conditions import check_preconditions, entry_etag, list_etag, not_modified
from todos.api.errors import Problem
from todos.api.filters import EntryFilterBackend, check_parameters
from todos.api.idempotency import idempotent
from todos.api.kept import as_json, kept, unchanged
from todos.api.pagination import EntryPagination
from todos.api.serializers import EntrySerializer
from todos.models import TodoEntry, represent
from todos.search import depends_on_time
from todos.writer import Writer, writing

UUID_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def entry_response(entry: TodoEntry, code: int = status.HTTP_200_OK) -> Response:
    """Return an entry with its `ETag`, and its `Location` where it is new."""
    headers = {"ETag": entry_etag(entry.revision)}
    if code == status.HTTP_201_CREATED:
        headers["Location"] = f"/api/v1/todos/{entry.uuid}/"
    return Response(entry.as_dict(), status=code, headers=headers)


class EntryViewSet(GenericViewSet[TodoEntry]):
    """Create, list, search and change entries."""

    serializer_class = EntrySerializer
    filter_backends = [EntryFilterBackend]
    pagination_class = EntryPagination
    lookup_field = "id"
    lookup_value_regex = UUID_PATTERN
    queryset = TodoEntry.objects.none()

    def get_queryset(self) -> Any:
        """Return the owner's entries."""
        return TodoEntry.objects.owned_by(owner_id(self.request))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse parameters and bodies where none are read."""
        super().initial(request, *args, **kwargs)
        # Where the method is not taken there is no action, and the answer is 405 whatever else is wrong.
        if self.action not in ("list", None):
            check_parameters(request, set())
        if self.action in ("destroy", "restore", "tag", "untag") and request.data:
            raise Problem("malformed", "This request takes no body; leave it out.")

    @kept
    def list(self, request: Request) -> HttpResponse:
        """List the entries of the owner, filtered and in pages."""
        entries: Any = self.filter_queryset(self.get_queryset())
        etag = list_etag(request, moving="overdue" in request.query_params or depends_on_time(entries.tree))
        if not_modified(request, etag):
            # What would be refused otherwise is refused here, too (RFC 9110, 13.2.1).
            EntryPagination().read(request)
            return unchanged(etag)
        page = cast("EntryPagination", self.paginator)
        rows = page.paginate_queryset(entries, request)
        return as_json(page.body([represent(row) for row in rows]), {"ETag": etag, **page.link_header()})

    @idempotent
    def create(self, request: Request) -> Response:
        """Create an entry."""
        fields = self._validated(request)
        entry_id = fields.pop("id", None)
        with writing(owner_id(request), filter(None, [entry_id])) as writer:
            entry = writer.create(fields, entry_id)
        return entry_response(entry, status.HTTP_201_CREATED)

    @kept
    def retrieve(self, request: Request, id: str) -> HttpResponse:  # noqa: A002 # the contract's name
        """Read an entry, one in the trash too."""
        row = TodoEntry.objects.read(owner_id(request), UUID(id))
        etag = entry_etag(row["revision"])
        return unchanged(etag) if not_modified(request, etag) else as_json(represent(row), {"ETag": etag})

    @extend_schema(responses={200: EntrySerializer, 201: EntrySerializer})
    @idempotent
    def update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Replace an entry, or create it under this id."""
        entry_id = UUID(id)
        with writing(owner_id(request), [entry_id]) as writer:
            entry = writer.entries.get(entry_id)
            check_preconditions(request, entry)
            fields = self._validated(request, entry)
            if entry is not None:
                code: int = status.HTTP_200_OK
                writer.replace(entry, fields)
            elif fields.pop("id", entry_id) != entry_id:
                raise Problem("invalid", errors=[_other_id()])
            else:
                code = status.HTTP_201_CREATED
                entry = writer.create(fields, entry_id)
        return entry_response(entry, code)

    @idempotent
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Change what is named and nothing else."""

        def change(writer: Writer, entry: TodoEntry) -> TodoEntry:
            return writer.change(entry, self._validated(request, entry, partial=True))

        return entry_response(self._write(request, id, change))

    @extend_schema(responses={204: None})
    @idempotent
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        """Move an entry to the trash."""
        self._write(request, id, Writer.trash)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    @idempotent
    def restore(self, request: Request, id: str) -> Response:  # noqa: A002
        """Take an entry out of the trash."""
        return entry_response(self._write(request, id, Writer.restore))

    @extend_schema(request=None)
    @action(detail=True, methods=["put"], url_path="tags/(?P<name>.+)")
    @idempotent
    def tag(self, request: Request, id: str, name: str) -> Response:  # noqa: A002
        """Put a tag on an entry."""
        return entry_response(self._write(request, id, lambda writer, entry: writer.tag(entry, name)))

    @extend_schema(request=None, responses={200: EntrySerializer})
    @tag.mapping.delete
    @idempotent
    def untag(self, request: Request, id: str, name: str) -> Response:  # noqa: A002
        """Take a tag off an entry."""
        return entry_response(self._write(request, id, lambda writer, entry: writer.untag(entry, name)))

    def _write(self, request: Request, id: str, change: Callable[[Writer, TodoEntry], TodoEntry]) -> TodoEntry:  # noqa: A002
        with writing(owner_id(request), [UUID(id)]) as writer:
            entry = writer.get(UUID(id))
            check_preconditions(request, entry)
            return change(writer, entry)

    def _validated(self, request: Request, entry: TodoEntry | None = None, partial: bool = False) -> dict[str, Any]:
        context = {"stored": entry.as_dict() if entry else None}
        serializer = self.get_serializer_class()(data=request.data, partial=partial, context=context)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


def _other_id() -> dict[str, str]:
    return {"pointer": "/id", "detail": "This is another id than the address names.", "code": "read_only"}
