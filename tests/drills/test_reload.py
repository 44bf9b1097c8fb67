"""SIGHUP under load: new workers for old ones, over and over, without an error and without a lost write."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.deploy.conftest import ENVIRONMENT as TOKEN_MODE
from tests.deploy.proxy import Proxy
from tests.drills.load import API, LONG, Journal, feed, together
from tests.servers import Server

pytestmark = pytest.mark.deploy
CLIENTS = 8
REQUESTS, RELOADS = (30_000, 30) if LONG else (2_000, 3)
INTERVAL = 2  # seconds
WORKERS = 2


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    """A real server in token mode, which counts no requests."""
    return start_server(**TOKEN_MODE, TODO_APP_RATE_LIMIT="0", WEB_CONCURRENCY=str(WORKERS))


@pytest.fixture
def clients(server: Server, tmp_path: Path) -> Iterator[list[httpx.Client]]:
    """Clients that come directly and through the shipped proxy; that keep their connection and that make new ones."""
    proxy = Proxy(tmp_path / "nginx", server.port)
    bearer = {"Authorization": f"Bearer {server.manage('token', 'create', 'phone').stdout.strip()}"}
    with ExitStack() as stack:
        proxy.start()
        stack.callback(proxy.stop)
        found = []
        for number in range(CLIENTS):
            headers = bearer | ({"Connection": "close"} if number % 2 else {})
            # To nginx each comes from an address of its own, as in life.
            transport = httpx.HTTPTransport(verify=False, local_address=f"127.0.1.{number + 1}")
            door = proxy.client if number % 4 > 1 else server.client
            found.append(stack.enter_context(door(headers=headers, transport=transport)))
        yield found


def test_reload_under_load_costs_no_request_and_no_write(server: Server, clients: list[httpx.Client]) -> None:
    """All clients create, read, change and list."""
    assert server.process is not None
    master, journal, end = server.process.pid, Journal(), threading.Event()

    def act(number: int) -> list[str]:
        if number == CLIENTS:
            reload_until(end, master)
            return []
        try:
            return work_until(end, clients[number], journal, number, lambda: reloads(server) >= RELOADS)
        finally:
            end.set()

    began = time.monotonic()
    errors = [error for errors in together(CLIENTS + 1, act) for error in errors]
    seconds = time.monotonic() - began

    stored = {entry["id"]: entry for entry in feed(clients[0])}
    created = dict(what for subject, what in journal.notes if subject == "created")
    lost = [content for entry_id, content in created.items() if stored.get(entry_id, {}).get("content") != content]
    doubled = [content for content, times in Counter(e["content"] for e in stored.values()).items() if times > 1]
    print(f"\n{len(journal.notes)} requests in {seconds:.0f} s, {reloads(server)} reloads: "
          f"{len(errors)} errors; {len(created)} created: {len(lost)} lost, {len(doubled)} doubled")  # fmt: skip
    assert errors == []
    assert lost == doubled == []
    assert len(stored) == len(created) >= len(journal.notes) // 5
    assert reloads(server) >= RELOADS
    assert server.process.poll() is None


def test_reload_reads_the_settings_again(start_server: Callable[..., Server], tmp_path: Path) -> None:
    file = tmp_path / "limit"
    file.write_text("100")
    server = start_server(**TOKEN_MODE, TODO_APP_RATE_LIMIT_FILE=str(file))
    assert server.process is not None
    secret = server.manage("token", "create", "phone").stdout.strip()
    headers = {"Authorization": f"Bearer {secret}", "Connection": "close"}

    file.write_text("200")
    os.kill(server.process.pid, signal.SIGHUP)

    with server.client(headers=headers) as client:
        deadline = time.monotonic() + 60
        while "q=200" not in client.get("/todo/").headers["RateLimit-Policy"]:
            assert time.monotonic() < deadline, "the new workers have the old settings"
            time.sleep(0.1)


def reload_until(end: threading.Event, master: int) -> None:
    """Send SIGHUP every two seconds; on a busy machine gunicorn may take several for one."""
    while not end.wait(INTERVAL):
        os.kill(master, signal.SIGHUP)


def reloads(server: Server) -> int:
    """Return how often all workers were replaced."""
    return server.log.read_bytes().count(b"Booting worker") // WORKERS - 1


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
        if len(errors) > 9 or (len(journal.notes) >= REQUESTS and turn % 10 == 0 and reloaded()):
            end.set()
        if end.is_set():
            return errors
    raise AssertionError("unreachable")
