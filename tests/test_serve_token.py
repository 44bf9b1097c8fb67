"""`manage.py serve` in token mode, as a real server: it says how to make a token, and lets nobody in without."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers import ROOT, Server

ENVIRONMENT = {
    "TODO_APP_ACCESS": "token",
    "TODO_APP_SECRET_KEY": "Zk3v9Qw1Lr8Ty5Ub2Nx7Mc4Pd6Hg0JfSaEoIiRtYuWqXzVbK-_",
    "TODO_APP_ALLOWED_HOSTS": "todo.example.org,127.0.0.1",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for this file."""
    found = Server(tmp_path_factory.mktemp("token") / "server", ENVIRONMENT)
    try:
        found.start()
        yield found
    finally:
        found.destroy()


def new_secret(server: Server, *options: str) -> str:
    """Make a token beside the running server, as its first lines say."""
    ended = server.manage("token", "create", "phone", *options)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_start_says_how_to_make_a_token_and_all_that_it_says_otherwise(server: Server) -> None:
    said = server.log.read_text()

    assert "`manage.py token create NAME`" in said
    assert re.search(r"^The admin's user is local, the password \w{20}$", said, re.MULTILINE)
    for address in ("/api/v1/todos/", "/todo/", "/docs", "/admin/"):
        assert f"{server.url}{address}" in said
    assert "todos.W00" not in said.replace("todos.W008", "")
    assert not (server.folder / "data" / "secret_key").exists()


def test_token_opens_the_api_and_a_revoked_one_nothing_in_any_process(server: Server) -> None:
    secret = new_secret(server)
    with server.client() as client:
        refused = client.get("/api/v1/todos/")
        created = client.post("/api/v1/todos/", json={"content": "milk"}, headers=bearer(secret))
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert created.status_code == 201
    [number] = re.findall(
        r"^ *(\d+) +write +usable +used 20.*phone$", server.manage("token", "list").stdout, re.MULTILINE
    )
    assert server.manage("token", "revoke", number).returncode == 0

    # A connection each, so that both workers are asked.
    asked = [
        httpx.get(f"{server.url}/api/v1/todos/", headers=bearer(secret), timeout=30).status_code for _ in range(10)
    ]

    assert asked == [401] * 10
    assert secret not in server.log.read_text()


def test_token_of_scope_read_changes_nothing(server: Server) -> None:
    secret = new_secret(server, "--scope", "read")
    with server.client(headers=bearer(secret)) as client:
        assert client.get("/todo/").status_code == 200
        assert client.post("/todo/", json={"content": "x"}).status_code == 403


def test_api_is_never_redirected_and_the_admin_always_to_https(server: Server) -> None:
    with server.client(headers={"Host": "todo.example.org"}) as client:
        assert client.get("/api/v1/todos/").status_code == 401
        for path in ("/admin/login/", "/docs"):
            page = client.get(path)
            assert (page.status_code, page.headers["Location"]) == (301, f"https://todo.example.org{path}")
            assert client.get(path, headers={"X-Forwarded-Proto": "https"}).status_code == 200


def test_reading_does_not_wait_for_a_writer_to_note_its_use(server: Server) -> None:
    file = server.folder / "data" / "todo.sqlite3"
    if not file.exists():
        pytest.skip("PostgreSQL locks rows, not the database")
    secret = new_secret(server)
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        # Less than the time that a writer waits for its turn.
        with server.client(headers=bearer(secret), timeout=4) as client:
            assert client.get("/api/v1/todos/").status_code == 200
            assert client.get("/todo/").status_code == 200
    finally:
        connection.close()
    with server.client(headers=bearer(secret)) as client:
        assert client.post("/todo/", json={"content": "x"}).status_code == 200
    assert "used never" not in server.manage("token", "list").stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"TODO_APP_SECRET_KEY": ""}, "TODO_APP_SECRET_KEY is not set; in token mode set it to 50 random"),
        (
            {"TODO_APP_SECRET_KEY": "k" * 31},
            "TODO_APP_SECRET_KEY holds a key of 31 characters; it must have at least 32",
        ),
        ({"TODO_APP_SECRET_KEY_FILE": "/dev/null"}, "TODO_APP_SECRET_KEY and TODO_APP_SECRET_KEY_FILE are both set"),
        ({"TODO_APP_SECRET_KEY": "change" * 8}, r"\(todos.E002\) TODO_APP_SECRET_KEY is made of a few characters"),
        ({"TODO_APP_ALLOWED_HOSTS": ".org"}, r"\(todos.E003\) TODO_APP_ALLOWED_HOSTS has \.org"),
        ({"TODO_APP_ALLOWED_HOSTS": "https://todo.example.org"}, "TODO_APP_ALLOWED_HOSTS holds 'https:"),
        ({"TODO_APP_ACCESS": "open"}, "TODO_APP_ACCESS is 'open'; it must be one of local, token"),
        ({"TODO_APP_ACCESS": "local"}, r"\(todos.E001\) In local mode .*TODO_APP_ALLOWED_HOSTS has others"),
        ({"TODO_APP_ACCESS": "local", "TODO_APP_BIND": "0.0.0.0:1"}, "TODO_APP_BIND is 0.0.0.0:1, but in local mode"),
    ],
)
def test_unsafe_start_is_refused_with_what_to_set(tmp_path: Path, given: dict[str, str], said: str) -> None:
    server = Server(tmp_path / "server", {**ENVIRONMENT, "DATABASE_URL": "", **given})
    ended = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env={**os.environ, **server.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert ended.returncode == 1
    assert re.search(said, ended.stderr), ended.stderr
    assert "Traceback" not in ended.stderr
    assert not [path for path in (tmp_path / "server").rglob("todo.sqlite3*") if b"CREATE TABLE" in path.read_bytes()]
