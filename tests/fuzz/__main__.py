"""Let schemathesis try to make a real server break its own description: `python -m tests.fuzz --cases 600`.

All checks, also in sequences of requests, against an empty server in token mode, or in local mode, on SQLite or on the
PostgreSQL that DATABASE_URL names. Fails if a check fails, if the server logs an error, or if fewer cases were made.
"""

import argparse
import json
import math
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers import ROOT, Server

TOKEN_MODE = {
    "TODO_APP_ACCESS": "token",
    "TODO_APP_SECRET_KEY": secrets.token_urlsafe(50),
    "TODO_APP_RATE_LIMIT": "0",
}
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


def main() -> int:
    """Run, say how many cases there were, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=600, help="how many there have to be at least")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="of the random values")
    parser.add_argument("--access", choices=("token", "local"), default="token")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="todo-fuzz-") as name:
        folder = Path(name)
        server = Server(folder / "server", TOKEN_MODE if options.access == "token" else {})
        try:
            server.start()
            code = fuzz(server, folder, options)
            faults = [line for line in server.log.read_text(errors="replace").splitlines() if "Traceback" in line]
        finally:
            server.destroy()
        report = folder / "report.json"
        made = json.loads(report.read_text())["test_cases"]["generated"] if report.exists() else 0
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(f"{made:,} cases on {database} in {options.access} mode, with seed {options.seed}")
    if made < options.cases:
        print(f"error: {options.cases:,} cases were asked for.", file=sys.stderr)
    if faults:
        print(f"error: the server logged {len(faults)} tracebacks.", file=sys.stderr)
    return int(bool(code or faults) or made < options.cases)


def fuzz(server: Server, folder: Path, options: argparse.Namespace) -> int:
    """Run schemathesis; it writes its report into the folder."""
    with server.client() as client:
        paths = client.get("/api/schema/").raise_for_status().json()["paths"]
    words = [str(SCHEMATHESIS), "--config-file", str(CONFIGURATION), "run", f"{server.url}/api/schema/"]
    # With two workers Python 3.11 runs into a fault of its own compiler.
    words += ["--workers", "1", "--seed", str(options.seed), "--continue-on-failure", "--no-color"]
    # Some of what it makes it finds that it has made before.
    words += ["--max-examples", str(math.ceil(1.25 * options.cases / sum(map(len, paths.values()))))]
    words += ["--report", "json", "--report-json-path", str(folder / "report.json")]
    if options.access == "token":
        secret = server.manage("token", "create", "fuzz").stdout.strip()
        words += ["--header", f"Authorization: Bearer {secret}"]
    return subprocess.run(words, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
