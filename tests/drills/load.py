"""Many clients at once against a real server: start them together, keep a journal, read everything back."""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx

from tests.servers import Server

T = TypeVar("T")

# `make drill-kill` and `make soak` ask for the long forms.
LONG = os.environ.get("DRILL") == "long"
API = "/api/v1"
PATIENCE = 120
# A line for each of thousands of requests would cost more than it tells.
logging.getLogger("httpx").setLevel(logging.WARNING)


def together(count: int, work: Callable[[int], T]) -> list[T]:
    """Run `work(0)` to `work(count - 1)` in threads that begin at the same moment; return what each returned."""
    gate = threading.Barrier(count)

    def run(number: int) -> T:
        gate.wait(PATIENCE)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def create(client: httpx.Client, content: str, **fields: Any) -> dict[str, Any]:
    """Create an entry on a server that is up, and return it."""
    response = client.post(f"{API}/todos/", json={"content": content, **fields})
    assert response.status_code == 201, response.text
    return dict(response.json())


def feed(client: httpx.Client, since: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the whole change feed after a revision."""
    url: str | None = f"{API}/changes/?since={since}&limit=1000"
    while url:
        page = client.get(url).raise_for_status().json()
        yield from page["changes"]
        url = page["next"]


class Journal:
    """What the server has acknowledged to all clients together, in the order in which it was noted."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, Any]] = []
        self._noted = threading.Condition()

    def note(self, subject: str, what: Any) -> None:
        """Add a note; whoever waits for that many wakes up."""
        with self._noted:
            self.notes.append((subject, what))
            self._noted.notify_all()

    def wait_for(self, count: int) -> None:
        """Return when there are `count` notes."""
        with self._noted:
            assert self._noted.wait_for(lambda: len(self.notes) >= count, PATIENCE), f"no progress: {len(self.notes)}"


def answer(send: Callable[[], httpx.Response]) -> httpx.Response | None:
    """Return the answer, or None if the server died before it gave one."""
    try:
        return send()
    except httpx.TransportError:
        # Nobody may listen at the moment; without a pause this would take the processor from the start of the server.
        time.sleep(0.02)
        return None


def kill_and_start(server: Server, journal: Journal, kills: int, notes: int) -> list[float]:
    """Kill the server `kills` times while the journal grows to `notes`; return the seconds each restart took."""
    seconds = []
    for number in range(1, kills + 1):
        journal.wait_for(notes * number // (kills + 1))
        began = time.monotonic()
        server.kill()
        server.start()
        seconds.append(time.monotonic() - began)
    return seconds


def assert_file_is_whole(server: Server) -> None:
    """Let SQLite check the whole file of a server that uses one."""
    if not server.environment.get("DATABASE_URL"):
        connection = sqlite3.connect(server.folder / "data" / "todo.sqlite3")
        try:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        finally:
            connection.close()
