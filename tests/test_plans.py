"""Every list is answered by an index that begins with the owner: no full scan, no sort, on either database."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from tests.client import Answer, ApiClient
from todos.api.kept import answers
from todos.models import TodoEntry
from todos.querysets import ORDERINGS

pytestmark = pytest.mark.django_db

ROWS = {"local": 6000, "other": 6000, "small": 300}
EPOCH = datetime(2026, 5, 1, tzinfo=UTC)
FILTERS = [
    "untagged=true",
    "untagged=false",
    "completed=true",
    "completed=false",
    "priority=1",
    "due_after=2026-05-10",
    "due_before=2026-05-10",
    "overdue=true",
    "overdue=false",
    "created_after=2020-01-01",
    "created_before=2100-01-01",
    "updated_after=2020-01-01",
    "updated_before=2100-01-01",
    "trashed=true",
]


@pytest.fixture(scope="module")
def api(django_db_setup: None, django_db_blocker: Any) -> Iterator[ApiClient]:
    """A client for the owner of some thousand entries, beside others who have as many together."""
    with django_db_blocker.unblock(), transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # What other tests have rolled back is still in the table's pages, of which plans are made.
                cursor.execute("TRUNCATE todos_todoentry CASCADE")
        for name, rows in ROWS.items():
            owner = get_user_model().objects.create_user(name)
            for start in range(0, rows, 100):
                TodoEntry.objects.bulk_create(fill(owner.pk, number) for number in range(start, start + 100))
            TodoEntry.objects.filter(owner=owner, priority=9).delete()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # Of two indexes it may take the one that leaves a few equal values to be sorted, and be as fast. The
                # tests ask whether there is one that leaves nothing to sort.
                cursor.execute("SET LOCAL enable_incremental_sort = off")
                cursor.execute("SET LOCAL enable_sort = off")
                cursor.execute("ANALYZE todos_todoentry")
        yield ApiClient()
        transaction.set_rollback(True)


def fill(owner_id: int, number: int) -> TodoEntry:
    """Return an entry unlike its neighbors: each filter keeps about half of them, evenly spread."""
    moment = EPOCH + timedelta(minutes=number * 997 % 20_000)
    return TodoEntry(
        owner_id=owner_id,
        content=f"{number * 7919 % 1009} entry",
        tag_names=["home"] if number % 2 else [],
        priority=(0, 1, 1, 9)[number // 2 % 4],
        position=number * 31 % 101,
        due_at=moment if number // 3 % 3 else None,
        due_has_time=bool(number % 2),
        completed_at=moment if number // 5 % 2 else None,
    )


def plans(ask: Callable[[], Answer]) -> list[str]:
    """Return the plan of each statement that reads entries while something is asked for the first time."""
    answers.clear()
    found: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and "todos_todoentry" in sql:
            found.append(plan(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        assert ask().status == 200
    assert found
    return found


def plan(sql: str, params: Any) -> str:
    """Return the steps of a statement, one a line."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return "\n".join(row[3] for row in cursor.fetchall())
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        steps = cursor.fetchone()[0]
        return "\n".join(nodes((steps if isinstance(steps, list) else json.loads(steps))[0]["Plan"]))


def nodes(node: dict[str, Any]) -> Iterator[str]:
    """Yield the steps of a plan of PostgreSQL in the words that `assert_by_index` knows."""
    name = node.get("Index Name") or node.get("Relation Name") or ""
    yield f"{node['Node Type']} {name} ({node.get('Index Cond', '')})"
    for inner in node.get("Plans", []):
        yield from nodes(inner)


def assert_by_index(found: list[str], index: str = "entry_") -> None:
    """Check that each statement goes through an index of entries by its owner, and sorts nothing."""
    for text in found:
        by_owner = [line for line in text.splitlines() if index in line and "owner_id" in line]
        assert by_owner, text
        for word in ("SCAN", "Seq Scan", "TEMP B-TREE", "Sort"):
            assert word not in text, text


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_an_order_reads_its_own_index_on_every_page_either_way(api: ApiClient, ordering: str) -> None:
    index = f"entry_{ORDERINGS[ordering].column}"
    first = api.get(f"todos?ordering={ordering}")
    second = api.get(first.json["next"])

    assert_by_index(plans(lambda: api.get(f"todos?ordering={ordering}")), index)
    assert_by_index(plans(lambda: api.get(first.json["next"])), index)
    assert_by_index(plans(lambda: api.get(second.json["previous"])), index)


@pytest.mark.parametrize("ordering", ["due", "-due", "completed_at", "-completed_at"])
def test_the_entries_without_a_value_are_read_by_the_same_index(api: ApiClient, ordering: str) -> None:
    index = f"entry_{ORDERINGS[ordering].column}"
    url = f"todos?ordering={ordering}&limit=200"
    while (page := api.get(url)).json["results"][-1][ordering.lstrip("-")] is not None:
        url = page.json["next"]
    among = api.get(page.json["next"])

    assert_by_index(plans(lambda: api.get(url)), index)
    assert_by_index(plans(lambda: api.get(page.json["next"])), index)
    assert_by_index(plans(lambda: api.get(among.json["previous"])), index)


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_in_the_default_order_is_answered_by_an_index(api: ApiClient, query: str) -> None:
    first = api.get(f"todos?{query}")
    assert first.json["next"], "the filter should keep more than a page"

    assert_by_index(plans(lambda: api.get(f"todos?{query}")))
    assert_by_index(plans(lambda: api.get(first.json["next"])))


def test_a_count_is_taken_from_an_index(api: ApiClient, settings: Any) -> None:
    # Of half of all entries PostgreSQL reads the table itself, and is right to.
    settings.LOCAL_OWNER = "small"

    assert_by_index(plans(lambda: api.get("todos?count=true")))


def test_quick_capture_reads_by_an_index(api: ApiClient) -> None:
    found = plans(lambda: api.get("/todo/"))

    assert len(found) > 1
    assert_by_index(found, "entry_created_at")


def test_one_entry_is_read_by_its_id(api: ApiClient) -> None:
    entry_id = api.get("todos?limit=1").ids[0]

    assert_by_index(plans(lambda: api.get(f"todos/{entry_id}")), "uuid")


def test_the_change_feed_reads_by_revision(api: ApiClient) -> None:
    # A page ends within the hundred entries of a revision.
    first = api.get("changes?limit=150")

    assert_by_index(plans(lambda: api.get("changes?limit=150")), "entry_revision")
    assert_by_index(plans(lambda: api.get(first.json["next"])), "entry_revision")


def test_the_trash_is_read_by_an_index_of_its_own(api: ApiClient) -> None:
    assert_by_index(plans(lambda: api.get("todos?trashed=true")), "entry_trash")
