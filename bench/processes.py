"""Start and stop a server; its memory, and how long it takes to answer."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx

from bench.contestants import ROOT
from bench.drive import Request

START_SECONDS, STOP_SECONDS = 60, 30


class Running:
    """A server in a process group of its own: started on entry, gone on exit."""

    def __init__(self, command: list[str], environment: dict[str, str], port: int, log: Path) -> None:
        self._command, self._environment, self._log = command, environment, log
        self.url = f"http://127.0.0.1:{port}"
        self.seconds_to_start = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._first = Request("GET", "/")

    def start(self, first: Request) -> None:
        """Start, and return when the first request is answered without an error."""
        self._first = first
        began = time.perf_counter()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        with httpx.Client(base_url=self.url, timeout=START_SECONDS, verify=False) as client:
            while True:
                error = False
                with contextlib.suppress(httpx.TransportError):
                    error = client.request(first.method, first.path, headers=first.headers).is_error
                    if not error:
                        break
                if error or self._process.poll() is not None or time.perf_counter() - began > START_SECONDS:
                    raise RuntimeError(
                        f"{self._command} did not start:\n{self._log.read_text(errors='replace')[-5000:]}"
                    )
                time.sleep(0.005)
        self.seconds_to_start = time.perf_counter() - began

    def restart(self) -> None:
        """Stop and start, on the data as it is."""
        self.stop()
        self.start(self._first)

    def stop(self) -> None:
        """Stop in good order."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def megabytes(self) -> tuple[float, float]:
        """Return the resident memory of a worker (RSS), and its share of it (PSS): the largest there is."""
        assert self._process is not None
        pid = self._process.pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split() or [str(pid)]
        return max(_memory(worker) for worker in workers)


def _memory(pid: str) -> tuple[float, float]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines[1:]}
    return sizes["Rss"], sizes["Pss"]


def say(text: str) -> None:
    """Say how far it is."""
    print(text, file=sys.stderr, flush=True)
