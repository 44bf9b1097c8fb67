"""deploy/backup.py: a backup under load is whole and can be restored; what is no good is said, and costs no old one."""

import fcntl
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.cluster import programs
from tests.drills.load import Journal, create, feed, together
from tests.servers import ROOT, Server

WRITERS, WRITES = 4, 400
OLD = [f"todo-2020-01-0{day}T02-30-00Z" for day in (1, 2, 3)]
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's file")


def back_up(server: Server, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program as the unit does."""
    words = [sys.executable, "-m", "deploy.backup", str(server.folder / "backups"), *options]
    env = {**server.environment, **environment}
    return subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)


def backups(server: Server) -> list[str]:
    """Return the names of all that lies in the folder, but for the lock."""
    return sorted(path.name for path in (server.folder / "backups").iterdir() if path.name != ".lock")


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Server]:
    """A database with all its tables, and no server."""
    found = Server(tmp_path / "storage", {})
    assert found.manage("migrate").returncode == 0
    yield found
    found.destroy()


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[Callable[[Path], Server]]:
    """Start a server on a backup, restored as docs/deployment.md says."""
    found = Server(tmp_path / "restored", {})

    def restore(backup: Path) -> Server:
        if url := found.environment.get("DATABASE_URL"):
            folder = programs()
            words = [str(folder / "pg_restore") if folder else "pg_restore", "--exit-on-error", "--single-transaction"]
            subprocess.run([*words, "--no-owner", f"--dbname={url}", str(backup)], check=True, timeout=60)
        else:
            (found.folder / "data").mkdir()
            shutil.copy(backup, found.folder / "data/todo.sqlite3")
        found.start()
        return found

    yield restore
    found.destroy()


def test_backup_under_load_has_all_that_was_acknowledged_before(
    start_server: Callable[..., Server], restored: Callable[[Path], Server]
) -> None:
    server, journal, end = start_server(), Journal(), threading.Event()

    def act(number: int) -> tuple[set[str], str]:
        if number == WRITERS:
            try:
                journal.wait_for(WRITES)
                before = {what for _, what in journal.notes}
                ended = back_up(server)
            finally:
                end.set()
            assert ended.returncode == 0, ended.stderr
            return before, ended.stdout
        with server.client() as client:
            while not end.is_set():
                journal.note("created", create(client, f"by {number}", tags=["home/garden"])["id"])
        return set(), ""

    acknowledged, said = together(WRITERS + 1, act)[-1]

    [name] = backups(server)
    file = server.folder / "backups" / name
    assert said.startswith(f"{file} ({file.stat().st_size} bytes)")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    copy = restored(file)
    with copy.client() as client:
        kept = {entry["id"] for entry in feed(client)}
        assert create(client, "after the restore")["revision"] == len(kept) + 1
    assert acknowledged <= kept <= {what for _, what in journal.notes}
    doctor = copy.manage("doctor", "--dry-run")
    assert doctor.returncode == 0, doctor.stdout


def test_only_the_newest_are_kept(storage: Server) -> None:
    suffix = ".sqlite3" if connection.vendor == "sqlite" else ".dump"
    (storage.folder / "backups").mkdir()
    for name in OLD:
        (storage.folder / "backups" / f"{name}{suffix}").touch()
    (storage.folder / "backups" / "todo-of-a-friend.txt").touch()

    ended = back_up(storage, "--keep", "2")

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("; 2 older removed\n")
    older, newest, friend = backups(storage)
    assert (older, friend) == (f"{OLD[2]}{suffix}", "todo-of-a-friend.txt")
    assert newest > older


def refusal(storage: Server, *options: str, **environment: str) -> str:
    """Let a backup fail beside an old one; return what it says."""
    folder = storage.folder / "backups"
    folder.mkdir()
    for suffix in (".sqlite3", ".dump"):
        (folder / f"{OLD[0]}{suffix}").touch()

    ended = back_up(storage, "--keep", "1", *options, **environment)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("error: No backup was made: ")
    assert "Traceback" not in ended.stderr
    assert backups(storage) == [f"{OLD[0]}.dump", f"{OLD[0]}.sqlite3"]
    return ended.stderr


@on_sqlite
@pytest.mark.parametrize("part", [0.1, 0.9])
def test_damaged_file_is_no_backup(storage: Server, part: float) -> None:
    """Where nothing can be read any more, and where only a look at each page finds it."""
    file = storage.folder / "data/todo.sqlite3"
    size = file.stat().st_size
    with file.open("r+b") as database:
        database.seek(int(size * part))
        database.write(b"\xff" * (size // 20))

    said = refusal(storage)

    assert str(file) in said
    assert "malformed" in said or "damaged" in said


@on_sqlite
def test_folder_without_a_database_is_no_backup(storage: Server) -> None:
    (storage.folder / "data/todo.sqlite3").unlink()

    assert "TODOAPP_STORAGE_DIR names its folder" in refusal(storage)


@on_sqlite
def test_disk_without_room_is_not_filled(storage: Server) -> None:
    folder = storage.folder / "backups"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk, and not everywhere")
    try:
        ended = back_up(storage)
        assert "bytes free; twice the " in ended.stderr
        assert (ended.returncode, backups(storage)) == (1, [])
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_second_backup_at_the_same_time_is_refused(storage: Server) -> None:
    (storage.folder / "backups").mkdir()
    with (storage.folder / "backups/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = back_up(storage)
    assert (ended.returncode, backups(storage)) == (1, [])
    assert "another one is being made" in ended.stderr


def test_postgres_that_is_away_is_no_backup(storage: Server) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("PostgreSQL's client is not installed")
    said = refusal(storage, DATABASE_URL="postgres://todo:a-secret@127.0.0.1:1/todo")
    assert "pg_dump failed: " in said
    assert "a-secret" not in said


@pytest.mark.parametrize(
    ("url", "place", "password"),
    [
        (
            "postgres://todo:a-%40-secret@db.example.org:5433/store?sslmode=require",
            "postgresql://todo@db.example.org:5433/store?sslmode=require",
            "a-@-secret",
        ),
        ("postgres:///todo", "postgresql:///todo?", ""),
        ("postgresql://todo@%2Frun%2Fpostgresql/todo", "postgresql://todo@%2Frun%2Fpostgresql/todo?", ""),
    ],
)
def test_password_stands_in_no_list_of_processes(tmp_path: Path, url: str, place: str, password: str) -> None:
    program = tmp_path / "bin/pg_dump"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/words\necho "$PGPASSWORD" >{tmp_path}/password\nexit 1\n')
    program.chmod(0o755)
    storage = Server(tmp_path / "storage", {"DATABASE_URL": ""})

    refusal(storage, DATABASE_URL=url, PATH=f"{program.parent}:{os.environ['PATH']}")

    assert (tmp_path / "words").read_text().split()[0] == f"--dbname={place}"
    assert "secret" not in (tmp_path / "words").read_text()
    assert (tmp_path / "password").read_text() == f"{password}\n"
