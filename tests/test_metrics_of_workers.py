"""`/metrics` adds up all processes, those that have ended included, and leaves nothing behind."""

import os
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.servers import Server

REQUESTS, CLIENTS = 20, 8
COUNT = re.compile(r'^todo_request_seconds_count\{method="GET",route="/livez",status="200"\} ([\d.]+)$', re.MULTILINE)


def folders(server: Server) -> set[Path]:
    """Return the folders in which the server's workers hold a seat."""
    assert server.process
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    files = []
    for child in children:
        # A worker may end, and a file be closed, while it is looked at.
        with suppress(FileNotFoundError):
            for link in Path(f"/proc/{child}/fd").iterdir():
                with suppress(FileNotFoundError):
                    files.append(Path(os.readlink(link)))
    return {file.parent for file in files if file.name.startswith("seat-")}


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the open files of processes")
def test_no_request_is_lost_or_counted_twice_as_workers_come_and_go(start_server: Callable[..., Server]) -> None:
    server = start_server(
        TODO_APP_METRICS="1", WEB_CONCURRENCY="2", GUNICORN_CMD_ARGS="--max-requests 30 --max-requests-jitter 0"
    )

    def ask(_: int) -> list[int]:
        # A connection for each request, so that it goes to whichever worker is free.
        with server.client(headers={"Connection": "close"}) as client:
            return [client.get("/livez").status_code for _ in range(REQUESTS)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [status for statuses in pool.map(ask, range(CLIENTS)) for status in statuses]
    with server.client() as client:
        [counted] = COUNT.findall(client.get("/metrics").text)
    [folder] = folders(server)
    there = folder.exists()
    server.stop()

    assert answers == [200] * REQUESTS * CLIENTS
    assert float(counted) == REQUESTS * CLIENTS
    assert server.log.read_text().count("Booting worker") >= 4
    assert (there, folder.exists()) == (True, False)
