"""`/todo/` streams: a list of any length costs the server no memory."""

from collections.abc import Callable
from pathlib import Path

from tests.servers import Server

ENTRIES = 100_000
MEBIBYTE = 1024 * 1024

# Within the server's own database, past the doors: a request for each would take minutes. One entry is made by Django,
# the others are its copies.
FILL = f"""
from django.db import connection
from todos import ledger
from todos.models import TodoEntry
from todos.owners import owner_named
owner = owner_named("local")
names = [field.column for field in TodoEntry._meta.concrete_fields if field.column not in ("id", "uuid")]
with ledger.write(owner.pk) as write, connection.cursor() as cursor:
    TodoEntry.objects.bulk_create([TodoEntry(owner=owner, content="x" * 200)])
    fresh = "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    cursor.execute(
        "WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ENTRIES}) "
        f"INSERT INTO todos_todoentry (uuid, {{', '.join(names)}}) "
        f"SELECT {{fresh}}, {{', '.join(names)}} FROM todos_todoentry, numbers"
    )
"""


def memory(pid: int, name: str) -> int:
    """Return a figure of a process in bytes: `VmRSS` is what it holds now, `VmHWM` the most that it ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def worker_of(server: Server) -> int:
    """Return the process id of the only worker."""
    assert server.process is not None
    (child,) = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return int(child)


def test_100_000_entries_are_streamed_with_flat_memory(start_server: Callable[..., Server]) -> None:
    server = start_server(WEB_CONCURRENCY="1")
    filled = server.manage("shell", "-v", "0", "-c", FILL)
    assert filled.returncode == 0, filled.stderr
    with server.client() as client:
        assert client.get("/api/v1/todos/?limit=200").status_code == 200
        worker = worker_of(server)
        before, size, count = memory(worker, "VmRSS"), 0, 0
        with client.stream("GET", "/todo/") as answer:
            for chunk in answer.iter_bytes():
                size, count = size + len(chunk), count + chunk.count(b'"tags":')

    # A name may be cut by the edge of two chunks, a hundred of them not.
    assert size > ENTRIES * 250
    assert ENTRIES - 1000 < count <= ENTRIES
    assert worker_of(server) == worker
    assert memory(worker, "VmHWM") - before < 20 * MEBIBYTE
