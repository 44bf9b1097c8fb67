"""A full disk: writes say so, reads go on, nothing acknowledged is lost, and all is well once there is room."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from django.db import connection

from tests.servers import ROOT, Server

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's file")
MEBIBYTE = 1024 * 1024
NOTES = "what one can write in twenty thousand characters " * 400


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 12 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=12m,mode=0700", "tmpfs", str(folder)]
    try:
        mounted = os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("only root can mount a small disk, and not everywhere")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def create(client: httpx.Client, content: str) -> httpx.Response:
    return client.post("/api/v1/todos/", json={"content": content, "notes": NOTES})


def test_full_disk_is_507_for_writes_only_and_heals_without_a_restart(
    small_disk: Path, start_server: Callable[..., Server]
) -> None:
    server = start_server(TODOAPP_STORAGE_DIR=str(small_disk), DATABASE_URL="")
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 4 * MEBIBYTE)
    with server.client() as client:
        acknowledged = []
        while (answer := create(client, f"entry {len(acknowledged)}")).status_code == 201:
            acknowledged.append(answer.json()["id"])
            assert len(acknowledged) < 1000, "the disk does not fill up"

        assert answer.status_code == 507
        assert (answer.json()["code"], int(answer.headers["Retry-After"]) > 0) == ("disk-full", True)
        assert create(client, "again").status_code == 507
        assert client.get(f"/api/v1/todos/{acknowledged[-1]}/").status_code == 200
        assert client.get("/api/v1/todos/?search=entry&count=true").json()["count"] == len(acknowledged)
        ready = client.get("/readyz")
        assert (ready.status_code, [error["check"] for error in ready.json()["errors"]]) == (503, ["disk"])

        ballast.unlink()
        answer = create(client, "there is room again")
        assert answer.status_code == 201
        acknowledged.append(answer.json()["id"])
        listed = client.get("/todo/").json()
    assert [entry["id"] for entry in listed] == acknowledged
    assert "Traceback" not in server.log.read_text()


def test_read_only_folder_is_refused_at_the_start_in_one_sentence(small_disk: Path, tmp_path: Path) -> None:
    server = Server(tmp_path / "server", {"TODOAPP_STORAGE_DIR": str(small_disk), "DATABASE_URL": ""})
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    ended = subprocess.run(
        server.words, cwd=ROOT, env=server.environment, capture_output=True, text=True, check=False, timeout=30
    )

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1), ended
    assert ended.stderr.startswith(f"error: TODOAPP_STORAGE_DIR: the folder {str(small_disk)!r} cannot be written")
