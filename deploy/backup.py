"""Copy the database while the server goes on: `python -m deploy.backup FOLDER --keep 14`, from the project's folder.

The database is that of the settings: an SQLite file is copied as one, PostgreSQL is dumped by `pg_dump`. A backup has
its name only once it is whole, was read through and lies on the disk; only then are older ones than the newest removed.
"""

import argparse
import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from todoproject import env

import sqlite3  # isort: skip # after todoproject, which puts a current SQLite in the place of Python's

try:
    from todoproject import settings
except env.EnvError as error:
    sys.exit(f"error: {error}")

PART = ".todo-part"


class BackupError(Exception):
    """No backup was made; the message is for the operator."""


def main() -> None:
    """Make one backup, say where it is, and remove those that are too many."""
    parser = argparse.ArgumentParser(prog="python -m deploy.backup", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the backups lie; it is made if it is missing")
    parser.add_argument("--keep", type=int, default=14, metavar="N", help="how many stay, the newest; 14 if not given")
    given = parser.parse_args()
    if given.keep < 1:
        parser.error("--keep must be 1 or more")
    try:
        with alone(given.folder):
            made = back_up(given.folder)
            removed = remove_old(given.folder, made.suffix, given.keep)
    except (BackupError, OSError) as error:
        sys.exit(f"error: No backup was made: {error}")
    print(f"{made} ({made.stat().st_size} bytes); {removed} older removed")  # noqa: T201 # a program's output


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one backup at a time work in a folder, and none leave half of one behind."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupError(f"another one is being made in {folder}.") from None
        part = folder / PART
        part.unlink(missing_ok=True)  # of a run that was killed
        try:
            yield
        finally:
            part.unlink(missing_ok=True)


def back_up(folder: Path) -> Path:
    """Write a backup and return its file, which has the time in its name."""
    part, database = folder / PART, settings.DATABASES["default"]
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if database["ENGINE"] == "django.db.backends.postgresql":
        suffix = ".dump"
        dump_postgres(part)
    else:
        suffix, file = ".sqlite3", Path(database["NAME"])
        try:
            copy_sqlite(file, part)
        except sqlite3.Error as error:
            raise BackupError(f"{file}: {error}. `manage.py doctor` tells more.") from None
    done = folder / f"todo-{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}{suffix}"
    sync(part)
    part.rename(done)
    sync(folder)
    return done


def copy_sqlite(file: Path, part: Path) -> None:
    """Copy a file of SQLite in one step, as it was at one moment; writers need not wait for it."""
    if not file.exists():
        raise BackupError(f"there is no {file}; TODOAPP_STORAGE_DIR names its folder.")
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as source:
        (pages,), (size,) = (
            source.execute("PRAGMA page_count").fetchone(),
            source.execute("PRAGMA page_size").fetchone(),
        )
        free = shutil.disk_usage(part.parent).free
        # To the last byte, a copy would stop the server, which writes to the same disk.
        if free < 2 * pages * size:
            raise BackupError(
                f"{part.parent} has {free} bytes free; twice the {pages * size} of the database are needed."
            )
        with contextlib.closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupError(f"{file} is damaged: {found}. `manage.py doctor` tells more.")


def dump_postgres(part: Path) -> None:
    """Dump a database of PostgreSQL as it was at one moment, and read the whole dump once."""
    url = urlsplit(env.text("DATABASE_URL"))
    # Whoever may list the processes of the machine sees their words, but not their environment.
    password = {"PGPASSWORD": unquote(url.password)} if url.password else {}
    # Not `urlunsplit`, which would take the empty place of postgres:///todo for none.
    place = f"postgresql://{url.netloc.replace(f':{url.password}@', '@')}{url.path}?{url.query}"
    run("pg_dump", f"--dbname={place}", "--format=custom", f"--file={part}", environment=password)
    run("pg_restore", "--file=/dev/null", str(part), environment={})


def run(*words: str, environment: dict[str, str]) -> None:
    """Run a program of PostgreSQL; what it says is for the operator."""
    try:
        ended = subprocess.run(  # noqa: S603 # words of this file
            words, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True, errors="replace", check=False
        )
    except FileNotFoundError:
        raise BackupError(f"there is no {words[0]}; install PostgreSQL's client (postgresql-client).") from None
    if ended.returncode:
        raise BackupError(f"{words[0]} failed: {ended.stderr.strip()}")


def sync(path: Path) -> None:
    """Let the disk have a file, or the names in a folder."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def remove_old(folder: Path, suffix: str, keep: int) -> int:
    """Remove all backups of this database but the newest; return how many those were."""
    old = sorted(folder.glob(f"todo-*{suffix}"))[:-keep]
    for file in old:
        file.unlink()
    return len(old)


if __name__ == "__main__":
    main()
