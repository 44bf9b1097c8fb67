"""A bad environment variable stops the start with one sentence that names it; an empty one counts as not set."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from todoproject import env
from todoproject.env import EnvError

ROOT = Path(__file__).resolve().parent.parent
NAME = "TODO_APP_X"
Reader = Callable[[], Any]


def access() -> str:
    return env.choice(NAME, "local", ("local", "token"))


def number() -> int:
    return env.whole_number(NAME, 2, 1, 1024)


def bind() -> tuple[str, int]:
    return env.bind(NAME, "127.0.0.1:8080")


def hosts() -> list[str]:
    return env.hosts(NAME, ["localhost"])


def level() -> str:
    return env.log_level(NAME)


def zone() -> str:
    return env.time_zone(NAME)


def database() -> dict[str, object]:
    return env.database(NAME, {"ENGINE": "default"})


def redis() -> str:
    return env.redis(NAME)


def key() -> str:
    return env.secret_key(NAME, Path("/nonexistent"))


def folder() -> Path:
    return env.storage_folder(NAME, Path("/nonexistent"))


GOOD: list[tuple[Reader, str, Any]] = [
    (access, "", "local"),
    (access, "token", "token"),
    (number, "", 2),
    (number, " 8 ", 8),
    (number, "1024", 1024),
    (bind, "", ("127.0.0.1", 8080)),
    (bind, "[::1]:80", ("::1", 80)),
    (bind, "localhost:65535", ("localhost", 65535)),
    (hosts, "", ["localhost"]),
    (
        hosts,
        "todo.example.org, .example.net,[::1],10.0.0.1,",
        ["todo.example.org", ".example.net", "[::1]", "10.0.0.1"],
    ),
    (level, "", "INFO"),
    (level, "debug", "DEBUG"),
    (zone, "", "UTC"),
    (zone, "Europe/Berlin", "Europe/Berlin"),
    (database, "", {"ENGINE": "default"}),
    (redis, "", ""),
    (redis, "redis://:secret@cache.example:6380/1", "redis://:secret@cache.example:6380/1"),
    (redis, "rediss://cache.example", "rediss://cache.example"),
    (key, "k" * 32, "k" * 32),
]
BAD: list[tuple[Reader, str]] = [
    (access, "open"),
    (access, "LOCAL"),
    *[(number, value) for value in ("0", "-1", "1025", "two", "1.5", "٣", "9" * 5000)],
    *[(bind, value) for value in ("8080", "127.0.0.1", "127.0.0.1:", ":8080", "a:0", "a:65536", "a:x", "a:٣")],
    (bind, "a:" + "9" * 5000),
    *[(hosts, value) for value in ("https://a.example", "a.example:80", "a b", "*", "a,b/", "-")],
    *[(level, value) for value in ("LOUD", "10", "INFO,DEBUG", "NOTSET", "WARN")],
    *[(zone, value) for value in ("Berlin", "UTC+1", "../UTC", "/etc/localtime")],
    *[(database, value) for value in ("x", "sqlite:///x", "mysql://h/x", "postgres://h:port/x", "postgres://", "postgres://h")],
    *[(database, f"postgres://h/x?{option}") for option in ("options=-csearch_path%3Dy", "connect_timeout=9")],
    *[(redis, value) for value in ("x", "memcache://h", "redis://", "redis:///0", "redis://h:port", "redis://h/todo")],
    *[(key, value) for value in ("short", "k" * 31)],
    (folder, "/dev/null"),
    (folder, "/dev/null/data"),
    (folder, "/proc/data"),
]  # fmt: skip


def test_log_levels_are_those_of_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    for word in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        monkeypatch.setenv(NAME, word)
        assert level() == word


@pytest.mark.parametrize(("reader", "value", "meaning"), GOOD)
def test_good_value_is_read(reader: Reader, value: str, meaning: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, value)
    assert reader() == meaning


@pytest.mark.parametrize(("reader", "value"), BAD, ids=lambda value: getattr(value, "__name__", str(value)[:20]))
def test_bad_value_is_refused_in_one_sentence(reader: Reader, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(EnvError, match=f"^{NAME}.+[.)]$") as refusal:
        reader()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("reader", [database, redis])
def test_password_in_a_url_is_never_repeated(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "mysql://user:hunter2@host/x")
    with pytest.raises(EnvError) as refusal:
        reader()
    assert "hunter2" not in str(refusal.value)


def test_database_url_names_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "postgres://me:p%40ss@db.example:5433/todo?sslmode=require")
    found = database()
    parts = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    assert [found[part] for part in parts] == [
        "django.db.backends.postgresql", "todo", "me", "p@ss", "db.example", 5433, {"sslmode": "require"},
    ]  # fmt: skip


def test_secret_is_read_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "key"))
    assert key() == "k" * 40


def test_secret_named_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(NAME, "k" * 40)
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "key"))
    with pytest.raises(EnvError, match="both set"):
        key()


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_secret_file_that_cannot_be_read_is_refused(
    content: bytes | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if content:
        (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "key"))
    with pytest.raises(EnvError, match=f"^{NAME}_FILE names .*key"):
        key()


def test_generated_key_is_kept_and_private(tmp_path: Path) -> None:
    first = env.secret_key(NAME, tmp_path)
    assert len(first) >= 50
    assert env.secret_key(NAME, tmp_path) == first
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_key_is_never_made_up_where_there_is_no_folder_for_it() -> None:
    with pytest.raises(EnvError, match=f"^{NAME} is not set; in token mode set it"):
        env.secret_key(NAME, None)


def test_damaged_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("half")
    with pytest.raises(EnvError, match=r"secret_key.* 4 characters"):
        env.secret_key(NAME, tmp_path)


def test_storage_folder_is_made_for_its_user_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(NAME, str(tmp_path / "a" / "b"))
    assert folder() == tmp_path / "a" / "b"
    assert folder().stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("command", "variable", "value"),
    [
        ("serve", "TODO_APP_LOG_LEVEL", "LOUD"),
        ("serve", "TODO_APP_BIND", "0.0.0.0:8080"),
        ("serve", "TODO_APP_ACCESS", "open"),
        ("serve", "TODO_APP_RATE_LIMIT", "-1"),
        ("serve", "TODOAPP_STORAGE_DIR", "/dev/null/data"),
        ("check", "DATABASE_URL", "mysql://h/x"),
        ("check", "CACHE_URL", "memcache://h"),
        ("check", "WEB_CONCURRENCY", "many"),
    ],
)
def test_command_refuses_to_start(command: str, variable: str, value: str) -> None:
    ended = subprocess.run(
        [sys.executable, ROOT / "manage.py", command],
        env={**os.environ, variable: value},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {variable}")
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""
