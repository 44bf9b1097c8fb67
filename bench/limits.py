"""What the largest requests cost a real server: processor time, memory at its peak, size of the answer.

    python -m bench.limits

One worker on an empty database, SQLite or the PostgreSQL that DATABASE_URL names, is given a page of the largest
entries, then each request of `tests/limits.py` three times; the least time and the most memory are printed. What the
database works in a process of its own is not counted. Linux only.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests import limits
from tests.limits import LEGAL, QUESTIONS, REFUSED, Request
from tests.servers import Server

TIMES, LARGEST, MEBIBYTE = 3, 200, 1024 * 1024


class Worker:
    """The process that answers, seen from outside."""

    def __init__(self, server: Server) -> None:
        assert server.process is not None
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        self._folder = Path(f"/proc/{children[0]}")

    def processor_time(self) -> float:
        """Return the milliseconds for which its threads have kept a processor busy so far."""
        threads = [path.read_text().split()[0] for path in self._folder.glob("task/*/schedstat")]
        return sum(map(int, threads)) / 1e6

    def forget_peak(self) -> None:
        """Let the peak of its memory be what it holds now."""
        (self._folder / "clear_refs").write_text("5")

    def memory(self, name: str) -> float:
        """Return a figure in MiB: `VmRSS` is what it holds now, `VmHWM` the peak."""
        lines = (self._folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def measure(client: httpx.Client, worker: Worker, request: Request) -> tuple[float, float, httpx.Response]:
    """Return the least processor time of a few in ms, the most memory that it took beyond before in MiB, the answer."""
    path = request.path if request.path.startswith("/") else f"/api/v1/{request.path}"
    # A body that is refused unread ends the connection.
    headers = {"Content-Type": "application/json", "Connection": "close", **request.headers}
    times, held = [], worker.memory("VmRSS")
    worker.forget_peak()
    for _ in range(TIMES):
        # Lest an answer be given that was kept.
        client.post("/todo/", json={"content": "x"}).raise_for_status()
        began = worker.processor_time()
        answer = client.request(request.method, path, content=request.body, headers=headers)
        times.append(worker.processor_time() - began)
    return min(times), worker.memory("VmHWM") - held, answer


def report(client: httpx.Client, worker: Worker, requests: Mapping[str, Request]) -> None:
    """Print a line for each request."""
    for name, request in requests.items():
        took, grown, answer = measure(client, worker, request)
        print(f"{name:40} {answer.status_code} {took:8.1f} ms {grown:7.1f} MiB {len(answer.content):11,} bytes")


def main() -> None:
    """Measure, and print the table."""
    print(f"On {'PostgreSQL' if os.environ.get('DATABASE_URL') else 'SQLite'}:")
    print(f"{'request':40} {'':3} {'processor':>11} {'memory':>11} {'answer':>17}")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "server", {"WEB_CONCURRENCY": "1"})
        try:
            server.start()
            with httpx.Client(base_url=server.url, timeout=60) as client:
                for _ in range(LARGEST):
                    fields = limits.dumped({**limits.entry(), "due": None})
                    client.post("/api/v1/todos/", content=fields, headers={"Content-Type": "application/json"})
                for requests in (QUESTIONS, REFUSED, LEGAL):
                    report(client, Worker(server), requests)
        finally:
            server.destroy()


if __name__ == "__main__":
    main()
