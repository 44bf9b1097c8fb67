"""Many operations in one request: read each, apply it, and word its result."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from todos.api.authentication import owner_id
from todos.api.conditions import entry_etag, named_tags
from todos.api.errors import KINDS, MAX_ERRORS, Problem, as_problem, document
from todos.api.fields import StrictBooleanField, StrictIntegerField, StrictUUIDField
from todos.api.filters import check_parameters
from todos.api.idempotency import idempotent
from todos.api.schema import BATCH_FAILED, OPERATION, PROBLEM_JSON, RESULT
from todos.api.serializers import EntrySerializer
from todos.models import TodoEntry
from todos.writer import Writer, writing

MAX_OPERATIONS = 500
Result = dict[str, Any]
_ID = StrictUUIDField()


@extend_schema_field(OPERATION)
class OperationField(serializers.DictField):
    """One operation."""


@extend_schema_field(RESULT)
class ResultField(serializers.DictField):
    """What became of an operation."""


class BatchSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Up to 500 operations, in order."""

    operations = serializers.ListField(child=OperationField(), max_length=MAX_OPERATIONS)
    atomic = StrictBooleanField(required=False, help_text="true (the default): all or none, and one revision.")


class BatchAnswerSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A result an operation, in order."""

    results = serializers.ListField(child=ResultField())
    revision = StrictIntegerField(help_text="The owner's revision after the batch.")


class Batch:
    """The operations of one request on one writer; the serializers are made once and used for all."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.whole = EntrySerializer(context={})
        self.stored: dict[str, Any] = {}
        self.partial = EntrySerializer(partial=True, context=self.stored)

    def result(self, writer: Writer, operation: Any) -> tuple[int, TodoEntry | Problem]:
        """Apply one operation; a failure is returned, and has changed nothing."""
        try:
            return self._apply(writer, operation)
        except Exception as error:
            problem = as_problem(error)
            if problem is None or KINDS[problem.kind].status >= 500:
                raise
            # Without the frames that it came through, which hold the whole batch.
            problem.__context__ = None
            return KINDS[problem.kind].status, problem.with_traceback(None)

    def _apply(self, writer: Writer, operation: Any) -> tuple[int, TodoEntry]:
        if not isinstance(operation, dict) or not isinstance(operation.get("op"), str):
            raise _invalid(
                "/op", "An operation is an object whose op is create, update, delete, restore, tag or untag."
            )
        if operation["op"] == "create":
            _members(operation, {"entry"})
            fields = self.whole.to_internal_value(operation["entry"])
            return status.HTTP_201_CREATED, writer.create(fields, fields.pop("id", None))
        return status.HTTP_200_OK, self._change(writer, operation)

    def _change(self, writer: Writer, operation: dict[str, Any]) -> TodoEntry:
        match operation["op"]:
            case "update":
                _members(operation, {"id", "changes"}, {"if_match"})
                return self._update(writer, operation)
            case "tag" | "untag" as op:
                _members(operation, {"id", "tag"})
                change: Callable[[TodoEntry, str], TodoEntry] = getattr(writer, op)
                return change(writer.get(_uuid(operation["id"])), _text(operation["tag"], "/tag"))
            case "delete":
                _members(operation, {"id"})
                return writer.trash(writer.get(_uuid(operation["id"])))
            case "restore":
                _members(operation, {"id"})
                return writer.restore(writer.get(_uuid(operation["id"])))
        raise _invalid("/op", "There is no such operation; there are create, update, delete, restore, tag, untag.")

    def _update(self, writer: Writer, operation: dict[str, Any]) -> TodoEntry:
        entry = writer.get(_uuid(operation["id"]))
        if "if_match" in operation:
            self._check_version(entry, _text(operation["if_match"], "/if_match"))
        self.stored["stored"] = entry.as_dict()
        return writer.change(entry, self.partial.to_internal_value(operation["changes"]))

    def _check_version(self, entry: TodoEntry, if_match: str) -> None:
        if not {"*", entry_etag(entry.revision)} & set(named_tags(if_match, "if_match")):
            raise Problem(
                "precondition-failed", f"if_match names another version; it is {entry_etag(entry.revision)} now."
            )

    def word(self, code: int, outcome: TodoEntry | Problem, errors: int = MAX_ERRORS) -> Result:
        """Return a result as the contract shows it, with up to so many errors."""
        if isinstance(outcome, TodoEntry):
            return {"status": code, "entry": outcome.as_dict()}
        return {
            "status": code,
            "problem": document(self.request, outcome.kind, outcome.text, errors=outcome.errors[:errors]),
        }


class BatchViewSet(ViewSet):
    """Up to 500 operations in one request and one transaction."""

    @extend_schema(request=BatchSerializer, responses={200: BatchAnswerSerializer, (409, PROBLEM_JSON): BATCH_FAILED})
    @idempotent
    def create(self, request: Request) -> Response:
        """Run a batch of operations.

        Atomic: all or none under one revision; if one fails, 409 with the results in order. Otherwise each stands or
        fails by itself, and the answer is 200.
        """
        check_parameters(request, set())
        operations, atomic = _read(request.data)
        batch = Batch(request)
        with writing(owner_id(request), _ids(operations)) as writer:
            outcomes = [batch.result(writer, operation) for operation in operations]
            if atomic and any(isinstance(outcome, Problem) for _, outcome in outcomes):
                # Leaves the transaction as an exception, so nothing is written.
                raise _failed(batch, outcomes)
        revision = writer.write.revision - (not writer.write.changed)
        return Response({"results": [batch.word(*outcome) for outcome in outcomes], "revision": revision})


def _failed(batch: Batch, outcomes: list[tuple[int, TodoEntry | Problem]]) -> Problem:
    """Return the failure of an atomic batch: the first failures in full, of further ones the status."""
    results: list[Result] = [{"status": code if isinstance(found, Problem) else 409} for code, found in outcomes]
    bad = [number for number, (_, found) in enumerate(outcomes) if isinstance(found, Problem)]
    undone = document(batch.request, "conflict", "Undone, since another failed.")
    for number in sorted(set(range(len(outcomes))).difference(bad))[:MAX_ERRORS]:
        results[number]["problem"] = undone
    errors, left = [], MAX_ERRORS
    for number in bad[:MAX_ERRORS]:
        results[number] = batch.word(*outcomes[number], left)
        told = results[number]["problem"]
        left -= len(told.get("errors", []))
        errors.append({"pointer": f"/operations/{number}", "detail": told["detail"], "code": "failed"})
    detail = f"{len(bad)} of {len(outcomes)} operations failed, so none was done."
    return Problem("conflict", detail, errors, results=results)


def _read(data: Any) -> tuple[list[Any], bool]:
    if not isinstance(data, dict) or not isinstance(data.get("operations"), list):
        raise _invalid("/operations", "A batch is an object with an array of operations.")
    if unknown := data.keys() - {"operations", "atomic"}:
        raise _invalid(f"/{sorted(unknown)[0]}", "A batch has operations and atomic, nothing else.")
    if not isinstance(data.get("atomic", True), bool):
        raise _invalid("/atomic", "This is true or false.")
    if len(data["operations"]) > MAX_OPERATIONS:
        raise _invalid("/operations", f"A batch has up to {MAX_OPERATIONS} operations, not {len(data['operations'])}.")
    return data["operations"], data.get("atomic", True)


def _ids(operations: list[Any]) -> list[UUID]:
    """Return the ids named anywhere, so that all entries are read at once; malformed ones are refused later."""
    ids = []
    for operation in operations:
        if isinstance(operation, dict):
            entry = operation.get("entry")
            for named in (operation.get("id"), entry.get("id") if isinstance(entry, dict) else None):
                if named is not None:
                    with suppress(Problem):
                        ids.append(_uuid(named))
    return ids


def _members(operation: Mapping[str, Any], needed: set[str], optional: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    for name in sorted(needed - operation.keys()):
        raise _invalid(f"/{name}", f"The operation {operation['op']} needs {name}.")
    for name in sorted(operation.keys() - needed - optional - {"op"}):
        raise _invalid(f"/{name}", f"The operation {operation['op']} has no {name[:100]}.")


def _uuid(value: Any) -> UUID:
    try:
        return UUID(str(_ID.run_validation(value)))
    except serializers.ValidationError:
        raise _invalid("/id", "This is a UUID, as 8b122755-530e-43c7-ae84-362c17a37fc5.") from None


def _text(value: Any, pointer: str) -> str:
    if not isinstance(value, str):
        raise _invalid(pointer, "This is a JSON string.")
    return value


def _invalid(pointer: str, detail: str) -> Problem:
    return Problem("invalid", errors=[{"pointer": pointer, "detail": detail, "code": "invalid"}])
