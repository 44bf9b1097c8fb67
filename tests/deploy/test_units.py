"""The units as systemd reads them: without a word of complaint, and with little left open to what they run."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers import ROOT

SERVICES = ["todo-server.service", "todo-backup.service", "todo-purge.service"]
TIMERS = ["todo-backup.timer", "todo-purge.timer"]
# Of 10; what is left are the network, sockets and /proc that a server needs.
EXPOSURE = 2.0


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder with the units in place, and programs where they look for them."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree("/usr/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
    (root / "lib").symlink_to("usr/lib")
    shutil.copytree(ROOT / "deploy/systemd", root / "etc/systemd/system")
    for program in ("opt/todo/.venv/bin/python", "bin/kill"):
        (root / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", root / program)
    return root


def analyze(system: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", words[0], f"--root={system}", *words[1:]]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_systemd_understands_every_line(system: Path) -> None:
    ended = analyze(system, "verify", "--man=no", "--recursive-errors=yes", *SERVICES, *TIMERS)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("service", SERVICES)
def test_sandbox_leaves_little_open(system: Path, service: str) -> None:
    ended = analyze(system, "security", "--offline=yes", f"--threshold={EXPOSURE * 10:.0f}", "--no-pager", service)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "NoNewPrivileges" in ended.stdout, "nothing was judged"
