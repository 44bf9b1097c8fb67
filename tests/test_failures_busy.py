"""A database that somebody else keeps busy: a write is refused in time, reads go on, and all is well afterwards."""

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.servers import Server

PATIENCE = 5  # seconds, as promised, of which a server waits 4
TRIES = 3  # of a machine that does something else at the moment


@contextmanager
def locked(server: Server) -> Iterator[None]:
    """Hold a lock that every write needs, from outside of the server."""
    if url := server.environment.get("DATABASE_URL"):
        with psycopg.connect(url) as database:
            database.execute("SELECT * FROM todos_ledger FOR UPDATE")
            yield
        return
    path = Path(server.environment["TODOAPP_STORAGE_DIR"]) / "todo.sqlite3"
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    yield
    database.execute("ROLLBACK")
    database.close()


def test_write_is_refused_in_time_and_reads_go_on(start_server: Callable[..., Server]) -> None:
    server = start_server(TODO_APP_ACCESS="token", TODO_APP_SECRET_KEY=secrets.token_urlsafe(50))
    token, fresh = (server.manage("token", "create", name).stdout.strip() for name in ("used", "never used"))
    with server.client(timeout=30, headers={"Authorization": f"Bearer {token}"}) as client:
        first = client.post("/api/v1/todos/", json={"content": "buy milk"})
        assert first.status_code == 201

        with locked(server):
            # The first use of a token is noted, which is no reason to wait twice.
            waits: list[float] = []
            while len(waits) < TRIES and min(waits, default=PATIENCE) >= PATIENCE:
                refused = client.post("/todo/", json={"content": "x"}, headers={"Authorization": f"Bearer {fresh}"})
                assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
                assert int(refused.headers["Retry-After"]) > 0
                waits.append(refused.elapsed.total_seconds())
            assert min(waits) < PATIENCE
            assert client.get(f"/api/v1/todos/{first.json()['id']}/").json() == first.json()
            assert client.get("/readyz").status_code == 200

        assert client.post("/todo/", json={"content": "x"}).status_code == 200
        assert [entry["content"] for entry in client.get("/todo/").json()] == ["buy milk", "x"]
    assert "Traceback" not in server.log.read_text()
