"""The mirror of `examples/`, against a real server: it is documentation, so it has to work as it stands."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.mirror import Mirror
from tests.servers import ROOT, Server


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests here; each counts with what the ones before it have left."""
    server = Server(tmp_path_factory.mktemp("mirror") / "server", {})
    server.start()
    yield server
    server.destroy()


@pytest.fixture
def mirror(shared: Server) -> Iterator[Mirror]:
    """A mirror that begins empty."""
    with shared.client() as client:
        mirror = Mirror(client, page_size=2)
        yield mirror
        mirror.database.close()


@pytest.fixture
def writer(shared: Server) -> Iterator[httpx.Client]:
    """Somebody else who writes."""
    with shared.client() as client:
        yield client


def test_mirror_follows_all_that_others_do(mirror: Mirror, writer: httpx.Client) -> None:
    ids = [writer.post("/api/v1/todos/", json={"content": str(n), "tags": ["a"]}).json()["id"] for n in range(5)]
    assert mirror.is_equal()
    writer.patch(f"/api/v1/todos/{ids[0]}/", json={"completed": True, "extra": {"ö": 1.5}})
    writer.delete(f"/api/v1/todos/{ids[1]}/")
    writer.patch("/api/v1/tags/a/", json={"name": "b"})
    assert mirror.is_equal()
    copies = mirror.entries()
    assert (copies[ids[0]]["completed"], copies[ids[1]]["deleted_at"] is None) == (True, False)
    assert {copies[key]["tags"][0] for key in ids} == {"b"}
    assert copies[ids[2]] == writer.get(f"/api/v1/todos/{ids[2]}/").json()


def test_mirror_that_missed_a_change_says_so(mirror: Mirror, writer: httpx.Client) -> None:
    key = writer.post("/api/v1/todos/", json={"content": "a"}).json()["id"]
    mirror.pull()
    mirror.database.execute("DELETE FROM entry WHERE id = ?", [key])
    assert not mirror.is_equal()


def test_mirror_goes_on_where_it_was_after_a_stop(shared: Server, writer: httpx.Client, tmp_path: Path) -> None:
    for number in range(3):
        writer.post("/api/v1/todos/", json={"content": str(number)})
    path = str(tmp_path / "copy.sqlite3")
    first = Mirror(writer, path, page_size=1)
    assert first.pull_page()
    first.database.close()
    again = Mirror(writer, path, page_size=1)
    assert len(again.entries()) == 1
    assert again.is_equal()
    again.database.close()


def test_mirror_learns_of_what_was_purged(mirror: Mirror, shared: Server, writer: httpx.Client) -> None:
    key = writer.post("/api/v1/todos/", json={"content": "gone"}).json()["id"]
    writer.delete(f"/api/v1/todos/{key}/")
    mirror.pull()
    assert key in mirror.entries()
    assert shared.manage("purge", "--older-than", "0d").returncode == 0
    assert mirror.is_equal()
    assert key not in mirror.entries()


def test_mirror_begins_again_when_the_feed_has_forgotten(mirror: Mirror, shared: Server, writer: httpx.Client) -> None:
    gone, last = (writer.post("/api/v1/todos/", json={"content": "a"}).json()["id"] for _ in "ab")
    mirror.pull()
    writer.delete(f"/api/v1/todos/{gone}/")
    shared.manage("purge", "--older-than", "0d")
    code = (
        "from datetime import timedelta; from django.utils.timezone import now; from todos.purge import purge;"
        "purge(now=now() + timedelta(days=366))"
    )
    assert shared.manage("shell", "-c", code).returncode == 0
    (since,) = mirror.database.execute("SELECT revision FROM place").fetchone()
    assert writer.get(f"/api/v1/changes/?since={since}").status_code == 410
    assert mirror.is_equal()
    assert gone not in mirror.entries()
    assert last in mirror.entries()


def test_mirror_begins_again_when_an_older_backup_was_restored(mirror: Mirror) -> None:
    mirror.pull()
    mirror.database.execute("UPDATE place SET revision = revision + 100")
    assert mirror.is_equal()


def test_change_of_what_somebody_changed_meanwhile_keeps_both(mirror: Mirror, writer: httpx.Client) -> None:
    key = mirror.add("milk", tags=["shop"])
    mirror.pull()
    writer.patch(f"/api/v1/todos/{key}/", json={"notes": "two litres"})
    seen: list[str] = []

    def add_to_notes(entry: dict[str, Any]) -> dict[str, Any]:
        seen.append(entry["notes"])
        return {"notes": f"{entry['notes']}, oat".strip(", ")}

    mirror.change(key, add_to_notes)
    assert seen == ["", "two litres"]
    assert writer.get(f"/api/v1/todos/{key}/").json()["notes"] == "two litres, oat"


def test_write_whose_answer_was_lost_happens_once(shared: Server, writer: httpx.Client) -> None:
    lost = ["the first answer"]

    def drop_first(response: httpx.Response) -> None:
        if response.request.method == "POST" and lost:
            lost.clear()
            raise httpx.ReadError("the answer is lost")

    with shared.client(event_hooks={"response": [drop_first]}) as client:
        mirror = Mirror(client)
        answer = mirror.write("POST", "todos/", {"content": "only once"})
        mirror.database.close()
    assert answer.headers["Idempotency-Replayed"] == "true"
    found = writer.get("/api/v1/todos/", params={"search": '"only once"'}).json()["results"]
    assert [entry["id"] for entry in found] == [answer.json()["id"]]


def test_command_line_pulls_adds_and_completes(shared: Server, tmp_path: Path, writer: httpx.Client) -> None:
    def run(*words: str) -> list[str]:
        command = [sys.executable, "examples/mirror.py", shared.url, str(tmp_path / "copy.sqlite3"), *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()

    key, said = run("add", "buy milk")
    assert said.endswith("equal to the store")
    assert run("done", key)[0].endswith("equal to the store")
    assert writer.get(f"/api/v1/todos/{key}/").json()["completed"] is True
