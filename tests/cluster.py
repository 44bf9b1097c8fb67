"""A throwaway cluster of the installed PostgreSQL that a test may stop and start."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.servers import free_port


def programs() -> Path | None:
    """Return the folder of the newest server that is installed."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    return max((folder for folder in folders if (folder / "pg_ctl").exists()), default=None)


class Cluster:
    """A cluster on loopback, durable as in production."""

    def __init__(self, bin_folder: Path) -> None:
        self._bin, self._folder = bin_folder, Path(tempfile.mkdtemp(prefix="todo-cluster-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = "postgres" if "postgres" in {entry.pw_name for entry in pwd.getpwall()} else "nobody"
            self._as = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
            shutil.chown(self._folder, user)
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start, and return when it answers."""
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self._folder}"
        self._run("pg_ctl", "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop: `fast` ends connections in good order, `immediate` is a crash."""
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def destroy(self) -> None:
        """Stop, and remove all."""
        subprocess.run(self._words("pg_ctl", "-m", "immediate", "stop"), check=False, capture_output=True, **self._as)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _words(self, program: str, *words: str) -> list[str]:
        return [str(self._bin / program), "-D", str(self._folder / "data"), *words]

    def _run(self, program: str, *words: str) -> None:
        # Not a pipe for the output, which the server would hold open.
        with (self._folder / "output").open("ab") as output:
            subprocess.run(self._words(program, *words), check=True, cwd="/", stdout=output, stderr=output, **self._as)
