"""What is committed while a page of the feed is being read is neither skipped nor forgotten."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from todos.feed import FutureRevisionError, SyncExpiredError, changes
from todos.models import Ledger, TodoEntry
from todos.purge import purge

Make = Callable[..., Any]
DAY = timedelta(days=1)


@contextmanager
def meanwhile(table: str, act: Callable[[], object]) -> Iterator[None]:
    """Let others write just before the first statement that reads a table."""
    waiting = [act]

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if waiting and sql.startswith("SELECT") and f'FROM "{table}"' in sql:
            waiting.pop()()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(run):
        yield
    assert not waiting, f"nothing has read {table}"


def contents(owner: Any, since: int, limit: int) -> list[str]:
    """Read the feed to its end; return contents, and `purged` for tombstones."""
    seen, page = [], changes(owner.pk, since, limit)
    seen += page.rows
    while page.place:
        page = changes(owner.pk, since, limit, page.place)
        seen += page.rows
    return [row.get("content", "purged") for row in seen]


def trash(entry: Any, days: int) -> None:
    """Move an entry to the trash, long ago."""
    TodoEntry.objects.filter(pk=entry.pk).update(deleted_at=timezone.now() - days * DAY)


def test_entry_committed_before_a_tombstone_while_a_page_is_read_is_not_skipped(owner: Any, make: Make) -> None:
    first, second = make("first"), make("second")
    trash(first, 40)
    trash(second, 39)
    since = Ledger.objects.get().revision

    def write() -> None:
        make("new")
        purge(39.5 * DAY)
        purge(38.5 * DAY)

    with meanwhile("todos_tombstone", write):
        page = changes(owner.pk, since, 1)
    # The page knows nothing of all that; had it shown the tombstones, its place would lie beyond the new entry.
    assert (page.rows, page.revision, page.place) == ([], since, None)
    assert contents(owner, page.revision, 1) == ["new", "purged", "purged"]


def test_entry_purged_while_a_page_is_read_comes_with_its_tombstone_later(owner: Any, make: Make) -> None:
    trash(make("old"), 40)
    with meanwhile("todos_tombstone", purge):
        page = changes(owner.pk, 0, 10)
    assert [row["content"] for row in page.rows] == ["old"]
    assert contents(owner, page.revision, 10) == ["purged"]


def test_entry_changed_between_two_pages_moves_behind(owner: Any, make: Make) -> None:
    entries = [make(str(number)) for number in range(3)]
    page = changes(owner.pk, 0, 1)
    TodoEntry.objects.filter(pk=entries[1].pk).update(content="one")
    rest = changes(owner.pk, 0, 10, page.place)
    assert [row["content"] for row in page.rows + rest.rows] == ["0", "2", "one"]


def test_tombstones_dropped_while_a_page_is_read_are_noticed(owner: Any, make: Make) -> None:
    make("kept")
    trash(make("old"), 40)
    since = Ledger.objects.get().revision
    purge()
    with (
        meanwhile("todos_tombstone", lambda: purge(now=timezone.now() + 366 * DAY)),
        pytest.raises(SyncExpiredError, match="since=0"),
    ):
        changes(owner.pk, since, 10)


def test_revision_to_come_is_refused(owner: Any, make: Make) -> None:
    make()
    with pytest.raises(FutureRevisionError, match="revision 1"):
        changes(owner.pk, 2, 10)
