"""Drive a server with wrk: what to send, and what came of it."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("drive.lua")


@dataclass(frozen=True)
class Request:
    """A request; `authorization` is the header's value, `etag` what the client holds already."""

    method: str
    path: str
    authorization: str = ""
    etag: str = ""
    body: str = ""

    @property
    def line(self) -> str:
        """The line of the file that wrk reads."""
        return "\t".join([self.method, self.path, self.authorization.replace(" ", "~"), self.etag, self.body])

    @property
    def headers(self) -> dict[str, str]:
        """The headers that wrk sends for that line."""
        named = {"Authorization": self.authorization, "If-None-Match": self.etag}
        return {name: value for name, value in named.items() if value} | (
            {"Content-Type": "application/json"} if self.body else {}
        )


class DriveError(Exception):
    """The figures would mean nothing: requests failed, or were repeated where none may be."""


def require_wrk() -> None:
    """Raise if wrk is not installed."""
    if shutil.which("wrk") is None:
        raise DriveError("wrk, which sends the requests, is not installed (Debian: apt install wrk).")


def _wrk(url: str, script: Path, connections: int, seconds: int, first: int) -> dict[str, Any]:
    words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPT), url]
    done = subprocess.run([*words, "--", str(script), str(first)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise DriveError(f"wrk failed: {done.stderr or done.stdout}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@dataclass(frozen=True)
class Load:
    """How long, in seconds, and with how many connections: if several are named, those with which most is answered."""

    seconds: int
    warm_up: int
    connections: tuple[int, ...]


def drive(url: str, requests: list[Request], folder: Path, load: Load, fresh: bool) -> dict[str, Any]:
    """Send the requests in turn; return `rate` (a second), `p50` and `p99` (ms), `requests` (all that were sent).

    With `fresh` no request may have been sent twice. DriveError if that happened, or if an answer was 4xx or 5xx.
    """
    script = folder / "requests.txt"
    script.write_text("\n".join(request.line for request in requests) + "\n", encoding="utf-8")
    sent, tried = 0, {}
    for connections in load.connections:
        if load.warm_up:
            tried[connections] = _wrk(url, script, connections, load.warm_up, sent)["requests"]
            sent += tried[connections] + connections + 1  # some are on their way at the end
    connections = max(tried, key=lambda number: tried[number], default=load.connections[0])
    found = _wrk(url, script, connections, load.seconds, sent)
    sent += found["requests"] + connections + 1
    what = f"{requests[0].method} {requests[0].path}"
    if found["refused"] or found["broken"]:
        raise DriveError(
            f"{what}: of {found['requests']} requests {found['refused']} were refused and {found['broken']} broken off"
        )
    if not found["requests"]:
        raise DriveError(f"{what}: nothing was answered in {load.seconds} s; try more --seconds")
    if fresh and sent > len(requests):
        raise DriveError(f"{what}: {sent} requests were sent, but only {len(requests)} of them are different")
    return {
        "rate": found["requests"] / (found["microseconds"] / 1e6),
        "p50": found["p50"] / 1000,
        "p99": found["p99"] / 1000,
        "requests": sent,
        "connections": connections,
    }
