"""A batch costs as many statements as it has kinds of operations, however many operations there are."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.client import ApiClient
from todos.models import TodoEntry

Make = Callable[..., Any]
Operation = dict[str, Any]


KINDS: dict[str, Callable[[Any, int], Operation]] = {
    "create": lambda entry, number: {
        "op": "create",
        "entry": {"content": "new", "tags": [f"tag {number}", "all"], "id": str(uuid4())},
    },
    "update": lambda entry, number: {
        "op": "update",
        "id": str(entry.uuid),
        "changes": {"content": "b", "tags": [f"tag {number}"]},
    },
    "delete": lambda entry, number: {"op": "delete", "id": str(entry.uuid)},
    "restore": lambda entry, number: {"op": "restore", "id": str(entry.uuid)},
    "tag": lambda entry, number: {"op": "tag", "id": str(entry.uuid), "tag": f"tag {number}"},
    "untag": lambda entry, number: {"op": "untag", "id": str(entry.uuid), "tag": "old"},
}


def queries_of(api: ApiClient, *operations: Operation) -> list[str]:
    """Return the statements that a batch runs."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert api.post("batch", {"operations": operations}).status == 200
    return [query["sql"].partition(" ")[0] for query in captured.captured_queries]


@pytest.mark.parametrize("kind", KINDS)
def test_number_of_queries_does_not_depend_on_that_of_operations(api: ApiClient, make: Make, kind: str) -> None:
    entries = [make(f"entry {number}", tags=["old"]) for number in range(52)]
    if kind == "restore":
        TodoEntry.objects.all().delete()
    two = queries_of(api, *[KINDS[kind](entry, number) for number, entry in enumerate(entries[:2])])
    fifty = queries_of(api, *[KINDS[kind](entry, number + 2) for number, entry in enumerate(entries[2:])])
    assert len(two) == len(fifty), (two, fifty)
