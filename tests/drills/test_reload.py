"""SIGHUP under load: new workers for old ones, over and over, without an error and without a lost write."""

import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from uuid import uuid4

import httpx
import pytest

from tests.drills.load import API, LONG, Journal, feed, together
from tests.servers import Server

pytestmark = pytest.mark.deploy
CLIENTS = 8
REQUESTS, RELOADS = (30_000, 30) if LONG else (2_000, 3)
INTERVAL = 2  # seconds


def test_reload_under_load_costs_no_request_and_no_write(server: Server) -> None:
    """Half of the clients keep their connection, half make one for each request; all create, read, change and list."""
    assert server.process is not None
    master, journal, end = server.process.pid, Journal(), threading.Event()
    reloads: list[float] = []

    def act(number: int) -> list[str]:
        if number == CLIENTS:
            reload_until(end, master, reloads)
            return []
        with server.client(headers={"Connection": "close"} if number % 2 else {}) as client:
            return work_until(end, client, journal, number, lambda: len(reloads) >= RELOADS)

    began = time.monotonic()
    errors = [error for errors in together(CLIENTS + 1, act) for error in errors]
    seconds = time.monotonic() - began

    with server.client() as client:
        stored = {entry["id"]: entry for entry in feed(client)}
    created = dict(what for subject, what in journal.notes if subject == "created")
    lost = [content for entry_id, content in created.items() if stored.get(entry_id, {}).get("content") != content]
    doubled = [content for content, times in Counter(e["content"] for e in stored.values()).items() if times > 1]
    workers = len(re.findall("Booting worker", server.log.read_text()))
    print(f"\n{len(journal.notes)} requests in {seconds:.0f} s, {len(reloads)} reloads, {workers} workers: "
          f"{len(errors)} errors; {len(created)} created: {len(lost)} lost, {len(doubled)} doubled")  # fmt: skip
    assert errors == []
    assert lost == doubled == []
    assert len(stored) == len(created) >= len(journal.notes) // 5
    assert len(reloads) >= RELOADS
    assert workers >= 2 * len(reloads), "the workers were not replaced"
    assert server.process.poll() is None


def reload_until(end: threading.Event, master: int, reloads: list[float]) -> None:
    """Send SIGHUP every two seconds, and note when."""
    while not end.wait(INTERVAL):
        os.kill(master, signal.SIGHUP)
        reloads.append(time.monotonic())


def work_until(
    end: threading.Event, client: httpx.Client, journal: Journal, number: int, reloaded: Callable[[], bool]
) -> list[str]:
    """Send one request after the other, until all clients together have sent enough; return what went wrong."""
    errors: list[str] = []
    entry_id = ""
    for turn in count():
        content = f"client {number} turn {turn}"
        fresh = str(uuid4())
        entry = f"{API}/todos/{entry_id}/"
        requests: tuple[tuple[str, str, dict[str, object] | None], ...] = (
            ("PUT", f"{API}/todos/{fresh}/", {"content": content}),
            ("GET", entry, None),
            ("PATCH", entry, {"position": turn}),
            ("GET", f"{API}/todos/?limit=5", None),
        )
        method, path, body = requests[turn % 4]
        try:
            answer = client.request(method, path, json=body)
        except httpx.TransportError as error:
            errors.append(f"{method} turn {turn} of client {number}: {error!r}")
        else:
            if answer.status_code != (201 if method == "PUT" else 200):
                errors.append(f"{method} turn {turn} of client {number}: {answer.status_code} {answer.text}")
            elif method == "PUT":
                entry_id = fresh
                journal.note("created", (entry_id, content))
            else:
                journal.note("answered", None)
        if (len(journal.notes) >= REQUESTS and reloaded()) or len(errors) > 9:
            end.set()
        if end.is_set():
            return errors
    raise AssertionError("unreachable")
