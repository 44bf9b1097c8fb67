"""A damaged SQLite file: 503 and `/readyz` red in every process, until the file is whole again."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from django.db import connection

from tests.servers import Server

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's file")
NOTES = "what one can write in twenty thousand characters " * 400


def fill(client: httpx.Client) -> None:
    """Store more than the connections of a server keep in memory."""
    for number in range(6):
        operations = [
            {"op": "create", "entry": {"content": f"entry {number} {place}", "notes": NOTES}} for place in range(40)
        ]
        assert client.post("/api/v1/batch/", json={"operations": operations}).status_code == 200


def overwrite(path: Path) -> bytes:
    """Write nonsense over the middle of the file, which no probe reads; return what it was."""
    with closing(sqlite3.connect(path)) as database:
        [(busy, _, _)] = database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert not busy
    whole = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(len(whole) // 5)
        file.write(b"\xa5" * (len(whole) * 2 // 5))
    return whole


def ready(client: httpx.Client) -> tuple[int, list[str]]:
    answer = client.get("/readyz")
    return answer.status_code, [error["check"] for error in answer.json().get("errors", [])]


def test_damaged_file_is_503_and_red_until_it_is_whole(start_server: Callable[..., Server]) -> None:
    server = start_server(GUNICORN_CMD_ARGS="--threads 1")
    path = Path(server.environment["TODOAPP_STORAGE_DIR"]) / "todo.sqlite3"
    with server.client(headers={"Connection": "close"}) as client:
        fill(client)
        assert ready(client) == (200, [])
        whole = overwrite(path)

        answers = [client.get("/api/v1/todos/?limit=200&ordering=created_at") for _ in range(4)]
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["code"] for answer in answers} == {"unavailable"}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        assert {tuple(ready(client)[1]) for _ in range(8)} == {("file",)}
        assert client.get("/livez").status_code == 200

        path.write_bytes(whole)
        assert ready(client) == (200, [])
        assert client.get("/api/v1/todos/?count=true&limit=1").json()["count"] == 240
    log = server.log.read_text()
    assert "malformed" in log
    assert "Traceback" not in log
