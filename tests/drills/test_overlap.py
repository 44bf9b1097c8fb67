"""Two transactions of one owner that overlap, on PostgreSQL: whoever follows the change feed misses neither."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from tests.client import ApiClient
from todos.writer import writing

PATIENCE = 30


class HeldWrite(threading.Thread):
    """A write transaction on a connection of its own that stays open, with its entry written, until it is released."""

    def __init__(self, owner_id: int, content: str) -> None:
        super().__init__()
        self.owner_id, self.content = owner_id, content
        self.written, self.released = threading.Event(), threading.Event()

    def run(self) -> None:
        """Create the entry, and commit when released."""
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
                with writing(self.owner_id) as writer:
                    writer.create({"content": self.content})
                self.written.set()
                self.released.wait(PATIENCE)
        finally:
            connection.close()

    def commit(self) -> None:
        """Release the transaction, and return when it is over."""
        self.released.set()
        self.join(PATIENCE)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time anyway")
def test_overlapping_writes_are_told_in_the_order_of_their_revisions(owner: Any, api: ApiClient) -> None:
    """The second writer waits for the first, so a reader in between never sees the later revision first."""
    first, second = HeldWrite(owner.pk, "first"), HeldWrite(owner.pk, "second")
    try:
        first.start()
        assert first.written.wait(PATIENCE)
        second.start()
        until(someone_waits_for_a_lock)
        assert not second.written.is_set()
        before = api.get("changes", params={"since": 0}).json

        first.commit()
        assert second.written.wait(PATIENCE)
        between = api.get("changes", params={"since": before["revision"]}).json

        second.commit()
        after = api.get("changes", params={"since": between["revision"]}).json
    finally:
        for held in (first, second):
            held.released.set()

    told = [[change["content"] for change in page["changes"]] for page in (before, between, after)]
    assert told == [[], ["first"], ["second"]]
    assert before["revision"] < between["revision"] < after["revision"]


def someone_waits_for_a_lock() -> bool:
    """Return whether a statement of this database waits for a lock that another transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{condition.__name__} did not come true"
        time.sleep(0.01)
