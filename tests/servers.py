"""Real servers for tests: `manage.py serve` in a process group of its own, on a free port and fresh storage."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx

from tests.leaks import WATCH, leaks_of_server, of_request, remember

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS, STOP_SECONDS = 120, 60


def free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


class Server:
    """A server that can be started, killed and started again on the same storage."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.words: tuple[str, ...] = (sys.executable, "manage.py", "serve")
        folder.mkdir(parents=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TODO_APP_", "TODOAPP_"))}
        self.environment = {
            **kept,
            "TODOAPP_STORAGE_DIR": str(folder / "data"),
            "TODO_APP_BIND": f"127.0.0.1:{self.port}",
            **environment,
        }
        self._sent: set[str] = set()
        self._database: str | None = None
        if self.environment.get("DATABASE_URL"):
            self._create_database()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.words,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                httpx.get(f"{self.url}/api/v1/todos/?limit=1", timeout=5, verify=False)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"the server did not start:\n{self.log.read_text(errors='replace')}")

    def kill(self) -> None:
        """Kill -9 the whole process group, as a power cut would, and return when the last of it has let go."""
        self._signal(signal.SIGKILL)
        deadline = time.monotonic() + STOP_SECONDS
        while not _is_free(self.port):
            assert time.monotonic() < deadline, "a worker that was killed still holds the port"
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop in good order."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            self.process.wait(STOP_SECONDS)
            self.process = None

    def client(self, **options: object) -> httpx.Client:
        """Return an HTTP client of this server; without certificates, which take longer to read than a request."""
        known = {"timeout": 30, "verify": False, "event_hooks": {"request": [self._note]}}
        return httpx.Client(base_url=self.url, **{**known, **options})  # type: ignore[arg-type]

    def _note(self, request: httpx.Request) -> None:
        remember(self._sent, *of_request(str(request.url), dict(request.headers), request.read()))

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a management command on the server's storage."""
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def destroy(self) -> None:
        """Stop, look through the log, and remove the database."""
        self.stop()
        WATCH.leaks += leaks_of_server(self.log.read_text(errors="replace"), self._sent) if self.log.exists() else []
        if self._database:
            self._on_cluster(f'DROP DATABASE IF EXISTS "{self._database}" WITH (FORCE)')

    def _create_database(self) -> None:
        self._database = f"todo_{uuid.uuid4().hex}"
        self._on_cluster(f'CREATE DATABASE "{self._database}"')
        self._cluster_url = self.environment["DATABASE_URL"]
        self.environment["DATABASE_URL"] = urlunsplit(urlsplit(self._cluster_url)._replace(path=f"/{self._database}"))

    def _on_cluster(self, statement: str) -> None:
        import psycopg

        url = getattr(self, "_cluster_url", self.environment["DATABASE_URL"])
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)
