"""`manage.py serve`: one command from nothing to a server, and one sentence where that is impossible."""

import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import ROOT, Server
from todos.management.commands import serve

PASSWORD = re.compile(r"^The admin's user is local, the password (\w+)$", re.MULTILINE)


def can_log_in(server: Server, password: str) -> bool:
    with server.client() as client:
        client.get("/admin/login/")
        form = {"username": "local", "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        return client.post("/admin/login/?next=/admin/", data=form).status_code == 302


def end(server: Server, number: int) -> int:
    """Send a signal to the process that was started, as a terminal or a supervisor does; return the exit code."""
    process, server.process = server.process, None
    assert process is not None
    process.send_signal(number)
    return process.wait(30)


def refusal(server: Server) -> str:
    """Start a server that must refuse; return the one sentence that it says."""
    ended = subprocess.run(
        server.words, cwd=ROOT, env=server.environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1), ended
    return ended.stderr


def test_first_start_says_where_things_are_and_the_password_once(start_server: Callable[..., Server]) -> None:
    server = start_server()
    said = server.log.read_text()
    for address in ("/api/v1/todos/", "/todo/", "/docs", "/admin/"):
        assert f"{server.url}{address}" in said
    assert re.search(r"todo store \d+\.\d+\.\d+ serves on 127\.0\.0\.1:\d+", said)
    [password] = PASSWORD.findall(said)
    assert can_log_in(server, password)
    assert end(server, signal.SIGINT) == 0

    server.start()
    assert PASSWORD.findall(server.log.read_text()) == [password]
    assert can_log_in(server, password)
    assert end(server, signal.SIGTERM) == 0
    assert "Traceback" not in server.log.read_text()


def test_two_that_start_at_once_on_an_empty_folder_both_serve(tmp_path: Path) -> None:
    one, two = Server(tmp_path / "one", {}), Server(tmp_path / "two", {})
    two.environment = {**one.environment, "TODO_APP_BIND": f"127.0.0.1:{two.port}"}
    try:
        with one.log.open("ab") as log:
            one.process = subprocess.Popen(
                one.words, cwd=ROOT, env=one.environment, stdout=log, stderr=log, start_new_session=True
            )
        two.start()
        with one.client() as first, two.client() as second:
            created = first.post("/todo/", json={"content": "shared"}).json()
            assert [entry["id"] for entry in second.get("/todo/").json()] == [created]
        said = one.log.read_text() + two.log.read_text()
        assert len(PASSWORD.findall(said)) == 1
        assert "Traceback" not in said
    finally:
        two.destroy()
        one.destroy()


def test_server_starts_from_any_folder_and_a_relative_storage_folder_means_that_one(tmp_path: Path) -> None:
    server = Server(tmp_path / "server", {"TODOAPP_STORAGE_DIR": "here", "WEB_CONCURRENCY": ""})  # empty: not set
    command = shlex.join([sys.executable, str(ROOT / "manage.py"), "serve"])
    server.words = ("sh", "-c", f"cd {shlex.quote(str(tmp_path))} && exec {command}")
    try:
        server.start()
        with server.client() as client:
            assert client.post("/todo/", json={"content": "x"}).status_code == 200
        assert (tmp_path / "here" / "secret_key").exists()
    finally:
        server.destroy()


def test_taken_port_is_said_before_anything_is_written(tmp_path: Path) -> None:
    server = Server(tmp_path / "server", {"DATABASE_URL": ""})
    with socket.create_server(("127.0.0.1", server.port)):
        said = refusal(server)
    assert f"Port {server.port} of 127.0.0.1 is taken" in said
    assert "TODO_APP_BIND" in said
    assert not list((tmp_path / "server" / "data").glob("*.sqlite3"))


@pytest.mark.parametrize(
    ("url", "reason"),
    [("postgres://me:hunter2@127.0.0.1:1/todo", "Connection refused"), ("", "not a database")],
)
def test_database_that_cannot_be_used_is_named(url: str, reason: str, tmp_path: Path) -> None:
    server = Server(tmp_path / "server", {"DATABASE_URL": ""})
    server.environment["DATABASE_URL"] = url
    (tmp_path / "server" / "data").mkdir(mode=0o700)
    (tmp_path / "server" / "data" / "todo.sqlite3").write_text("this is no database at all " * 100)
    said = refusal(server)
    assert re.search(rf"^error: The database .*todo.* cannot be used: .*{reason}", said)
    assert "hunter2" not in said


def test_listener_sends_small_answers_at_once_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "PORT", 0)
    with serve.listen() as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
