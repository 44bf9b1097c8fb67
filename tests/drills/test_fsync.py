"""A commit is acknowledged when it is on the disk: seen from outside, by the system calls of the server."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.drills.load import create
from tests.servers import Server

COMMITS = 100
# The server stops for the calls that are looked at, not for all others.
STRACE = ("strace", "-f", "--seccomp-bpf", "-e", "trace=fsync,fdatasync")
pytestmark = pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="PostgreSQL syncs its own log")


class TracedServer(Server):
    """A server whose calls of fsync and fdatasync, with the names of the files, go to `trace`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {})
        self.trace = folder / "trace"
        self.words = (*STRACE, "-y", "-o", str(self.trace), *self.words)

    def syncs(self) -> int:
        """Return how many calls for the database and its log have succeeded so far."""
        lines = self.trace.read_text().splitlines()
        return sum(1 for line in lines if "todo.sqlite3" in line and line.endswith("= 0"))


def test_every_commit_is_synced(tmp_path: Path) -> None:
    """100 entries created one after the other make 100 commits, and at least as many calls of fsync."""
    refused = why_not_traced()
    if refused:
        pytest.skip(refused)
    server = TracedServer(tmp_path / "server")
    try:
        server.start()
        with server.client() as client:
            create(client, "the first request of a process opens its connection")
            before = server.syncs()
            for number in range(COMMITS):
                create(client, f"commit {number}")
            synced = server.syncs() - before
    finally:
        server.destroy()

    print(f"\n{COMMITS} commits: {synced} calls of fsync")
    assert synced >= COMMITS


def why_not_traced() -> str:
    """Return why system calls cannot be seen here, or nothing."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run([*STRACE, "true"], capture_output=True, text=True, check=False)
    return f"strace may not trace: {tried.stderr.strip()}" if tried.returncode else ""
