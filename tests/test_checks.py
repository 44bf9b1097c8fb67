"""System checks: what an operator has set unsafely is named, with what to set; each has its line in the documents."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
POSTGRES = {"ENGINE": "django.db.backends.postgresql", "NAME": "todo"}
DESCRIBED = re.findall(r"^\| `(\w+\.[EWI]\d{3})` \|", PAGE, re.MULTILINE)
LOCAL = {"ACCESS": "local", "ALLOWED_HOSTS": ["localhost"]}
RANDOM = "Zk3v9Qw1Lr8Ty5Ub2Nx7Mc4Pd6Hg0JfSaEoIiRtYuWqXzVbK-_"


def found() -> dict[str, CheckMessage]:
    """Return what the checks of this app find, by id."""
    return {str(message.id): message for message in run_checks() if str(message.id).startswith("todos.")}


@pytest.fixture
def safe(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set what a safe server in token mode has, but for what is given."""

    def set_up(database: dict[str, Any] | None = None, **given: Any) -> None:
        values = {"ACCESS": "token", "ALLOWED_HOSTS": ["todo.example.org"], "BIND_HOST": "127.0.0.1", "CACHE_URL": ""}
        for name, value in {**values, "SECRET_KEY": RANDOM, "SQLITE_IS_SAFE": True, **given}.items():
            setattr(settings, name, value)
        if database:
            monkeypatch.setitem(settings.DATABASES, "default", database)

    return set_up


SAFE: list[dict[str, Any]] = [
    {},
    {"ACCESS": "local", "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"]},
    {"ALLOWED_HOSTS": [".example.org", "localhost"]},
    {"SECRET_KEY": "0123456789abcdef" * 2},
    {"BIND_HOST": "::1"},
    {"CACHE_URL": "redis://127.0.0.1:6379/0"},
    {"CACHE_URL": "rediss://:secret@cache.example.org:6379/0"},
    *({"database": {**POSTGRES, "HOST": host}} for host in ("", "/run/postgresql", "localhost", "127.0.0.1", "::1")),
    *(
        {"database": {**POSTGRES, "HOST": "db.example.org", "OPTIONS": {"sslmode": mode}}}
        for mode in ("require", "verify-ca", "verify-full")
    ),
]
UNSAFE: list[tuple[str, str, dict[str, Any]]] = [
    ("todos.E001", "TODO_APP_ACCESS", {"ACCESS": "local"}),
    ("todos.E001", "TODO_APP_ALLOWED_HOSTS", {"ACCESS": "local", "ALLOWED_HOSTS": ["localhost", "192.168.1.5"]}),
    ("todos.E002", "secrets.token_urlsafe", {"SECRET_KEY": "change" * 8}),
    ("todos.E002", "50 random", {"SECRET_KEY": "a" * 50}),
    ("todos.E003", "example.org", {"ALLOWED_HOSTS": ["*"]}),
    ("todos.E003", ".example.org", {"ALLOWED_HOSTS": ["todo.example.org", ".org"]}),
    ("todos.W001", "pysqlite3", {"SQLITE_IS_SAFE": False, "database": {"ENGINE": "django.db.backends.sqlite3"}}),
    ("todos.W002", "TODO_APP_ALLOWED_HOSTS", {"ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"]}),
    ("todos.W005", "sslmode=verify-full", {"database": {**POSTGRES, "HOST": "db.example.org"}}),
    ("todos.W005", "DATABASE_URL", {**LOCAL, "database": {**POSTGRES, "HOST": "10.0.0.2"}}),
    *(
        ("todos.W005", "DATABASE_URL", {"database": {**POSTGRES, "HOST": "10.0.0.2", "OPTIONS": {"sslmode": mode}}})
        for mode in ("disable", "allow", "prefer")
    ),
    *(("todos.W006", "TODO_APP_BIND", {"BIND_HOST": host}) for host in ("0.0.0.0", "::", "192.168.1.5")),
    ("todos.W007", "rediss://", {"CACHE_URL": "redis://:secret@cache.example.org:6379/0"}),
]  # fmt: skip


@pytest.mark.parametrize("given", SAFE, ids=str)
def test_safe_settings_are_not_complained_of(safe: Callable[..., None], given: dict[str, Any]) -> None:
    safe(**given)

    assert found() == {}


@pytest.mark.parametrize(("check_id", "hint", "given"), UNSAFE, ids=[f"{row[0]} {row[2]}" for row in UNSAFE])
def test_unsafe_settings_are_named_with_what_to_set(
    safe: Callable[..., None], check_id: str, hint: str, given: dict[str, Any]
) -> None:
    safe(**given)

    messages = found()
    assert list(messages) == [check_id]
    assert hint in messages[check_id].hint
    assert "secret@" not in str(messages[check_id])
    assert messages[check_id].is_serious() == (check_id[6] == "E")


@pytest.mark.parametrize("access", ["local", "token"])
@pytest.mark.parametrize("mode", [0o701, 0o710, 0o704, 0o755, 0o770])
def test_storage_folder_that_others_can_enter_is_named(
    safe: Callable[..., None], tmp_path: Path, access: str, mode: int
) -> None:
    safe(STORAGE_DIR=tmp_path, **(LOCAL if access == "local" else {}))
    tmp_path.chmod(0o700)
    assert found() == {}
    tmp_path.chmod(mode)

    assert list(found()) == ["todos.W003"]
    assert str(tmp_path) in found()["todos.W003"].msg


@pytest.mark.django_db
@pytest.mark.skipif("postgresql" not in connection.settings_dict["ENGINE"], reason="it is PostgreSQL's matter")
def test_role_that_may_do_anything_is_named_in_token_mode_only(safe: Callable[..., None]) -> None:
    def of_database() -> list[str | None]:
        return [message.id for message in run_checks(tags=["database"], databases=["default"])]

    safe()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE todo_tests_modest")
        assert of_database() == ["todos.W008"], "the tests run as a superuser of the cluster"
        cursor.execute("SET LOCAL ROLE todo_tests_modest")
        assert of_database() == []
        cursor.execute("RESET ROLE")
    safe(**LOCAL)
    assert of_database() == []


def check(storage: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the check of a deployment as an operator does."""
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={
            **os.environ,
            "TODOAPP_STORAGE_DIR": str(storage / "data"),
            "TODO_APP_ACCESS": "token",
            "TODO_APP_SECRET_KEY": RANDOM,
            "TODO_APP_ALLOWED_HOSTS": "todo.example.org",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_deployment_in_token_mode_is_clean(tmp_path: Path) -> None:
    ended = check(tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "no issues" in ended.stdout


def test_deployment_with_an_unsafe_setting_fails_the_check(tmp_path: Path) -> None:
    ended = check(tmp_path, TODO_APP_BIND="0.0.0.0:8080", DATABASE_URL="postgres://me:hunter2@db.example.org/todo")

    assert ended.returncode == 1
    assert set(re.findall(r"\(([\w.]+)\)", ended.stderr)) == {"todos.W005", "todos.W006"}
    assert "hunter2" not in ended.stderr


def test_every_check_is_described_and_no_other() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "todos").rglob("*.py")]
    ids = {found for text in sources for found in re.findall(r'id="(\w+\.[EWI]\d{3})"', text)}

    assert len(ids) > 10
    assert sorted(ids) == DESCRIBED


def test_every_check_of_the_settings_is_shown_to_find_something() -> None:
    asked_of_the_database = {"todos.W004", "todos.W008"}

    assert {row[0] for row in UNSAFE} | {"todos.W003"} | asked_of_the_database == set(DESCRIBED)
