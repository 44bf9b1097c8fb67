"""Writers at once: no change is lost, of two that contradict each other one wins, and nobody is told to come back."""

import random
import threading
from collections import Counter, deque
from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from typing import Any

import httpx

from tests.drills.load import API, LONG, create, feed, together
from tests.servers import Server

WRITERS, ADDITIONS, HELD = 8, 40, 6
READERS = 4
SECONDS = 30 if LONG else 8


def test_additions_to_one_entry_at_once_are_all_kept(shared_server: Server) -> None:
    """8 writers make 40 additions each, of 320 different tags, to one entry.

    An entry holds up to 50 tags, so a writer takes its oldest tag off before it holds a seventh: at most 48 are there
    at once. Every answer shows the entry and its revision. Replayed in the order of revisions, the operations have to
    give just the tags of every answer: an addition that another writer overwrote would be missing in the next one.
    """
    with shared_server.client() as client:
        entry = create(client, "one entry, eight writers")

    def write(number: int) -> list[tuple[str, str, dict[str, Any]]]:
        held: deque[str] = deque()
        done = []
        with shared_server.client() as client:
            for turn in range(ADDITIONS):
                if len(held) == HELD:
                    done.append(("untag", held[0], tag(client, "DELETE", entry["id"], held.popleft())))
                held.append(f"writer {number} tag {turn}")
                done.append(("tag", held[-1], tag(client, "PUT", entry["id"], held[-1])))
        return done

    operations = sorted(chain(*together(WRITERS, write)), key=lambda done: done[2]["revision"])

    revisions = [after["revision"] for _, _, after in operations]
    assert revisions == sorted(set(revisions))
    assert len([op for op, _, _ in operations if op == "tag"]) == WRITERS * ADDITIONS
    tags: set[str] = set()
    for op, name, after in operations:
        tags = tags | {name} if op == "tag" else tags - {name}
        assert set(after["tags"]) == tags
    with shared_server.client() as client:
        stored = client.get(f"{API}/todos/{entry['id']}/").json()
    assert stored == operations[-1][2]
    assert len(stored["tags"]) == WRITERS * HELD


def test_additions_of_every_writer_to_every_entry_are_all_kept(shared_server: Server) -> None:
    """The same 320 additions with nothing taken off: 8 entries get 40 tags each, 5 from each of 8 writers.

    All writers walk through the entries in the same order, so they meet on each of them.
    """
    with shared_server.client() as client:
        entries = [create(client, f"entry {number} of eight")["id"] for number in range(WRITERS)]

    def write(number: int) -> None:
        with shared_server.client() as client:
            for turn in range(ADDITIONS // len(entries)):
                for entry_id in entries:
                    tag(client, "PUT", entry_id, f"kept {number} {turn}")

    together(WRITERS, write)

    wanted = sorted(f"kept {number} {turn}" for number in range(WRITERS) for turn in range(5))
    with shared_server.client() as client:
        stored = [client.get(f"{API}/todos/{entry_id}/").json()["tags"] for entry_id in entries]
        counts = {row["name"]: row["total"] for row in client.get(f"{API}/tags/?limit=200").json()["results"]}
    assert stored == [wanted] * WRITERS
    assert {name: counts[name] for name in wanted} == dict.fromkeys(wanted, WRITERS)


def test_of_two_changes_of_one_version_one_wins(shared_server: Server) -> None:
    """Two clients that read the same version send their changes at once: 200 and 412, and the winner's text stays."""
    with shared_server.client() as first, shared_server.client() as second:
        entry = create(first, "version 0")
        for turn in range(20):
            answers = patch_at_once((first, second), entry, f"version {turn}")

            assert sorted(answer.status_code for answer in answers) == [200, 412]
            entry = first.get(f"{API}/todos/{entry['id']}/").json()
            assert entry == next(answer.json() for answer in answers if answer.status_code == 200)


def test_no_request_fails_among_writers_readers_and_a_purge(shared_server: Server) -> None:
    """8 writers, 4 readers and a purge that empties the trash over and over: no answer is an error."""
    end = threading.Event()
    statuses: Counter[int] = Counter()
    failures: list[str] = []
    slowest = timedelta()

    def watch(response: httpx.Response) -> None:
        nonlocal slowest
        response.read()
        statuses[response.status_code] += 1
        slowest = max(slowest, response.elapsed)
        if response.is_error:
            failures.append(f"{response.request.method} {response.url}: {response.status_code} {response.text}")

    def act(number: int) -> int:
        if number == WRITERS + READERS:
            return purge_until(end, shared_server)
        with shared_server.client(event_hooks={"response": [watch]}) as client:
            work = write_anything if number < WRITERS else read_anything
            return repeat_until(end, lambda turn: work(client, number, turn))

    timer = threading.Timer(SECONDS, end.set)
    timer.start()
    try:
        *turns, purged = together(WRITERS + READERS + 1, act)
    finally:
        end.set()
        timer.cancel()

    print(
        f"\n{SECONDS} s: answers by status {dict(statuses)}, slowest {slowest.total_seconds():.2f} s, "
        f"turns of each client {turns}, {purged} entries purged"
    )
    assert failures == []
    assert min(turns) > 0
    assert purged > 0


def tag(client: httpx.Client, method: str, entry_id: str, name: str) -> dict[str, Any]:
    """Put a tag on an entry or take it off, and return the entry."""
    response = client.request(method, f"{API}/todos/{entry_id}/tags/{name}/")
    assert response.status_code == 200, response.text
    return dict(response.json())


def patch_at_once(clients: tuple[httpx.Client, ...], entry: dict[str, Any], content: str) -> list[httpx.Response]:
    """Let every client change the version of the entry that all of them have read."""

    def change(number: int) -> httpx.Response:
        changes, headers = {"content": f"{content} by {number}"}, {"If-Match": f'"{entry["revision"]}"'}
        return clients[number].patch(f"{API}/todos/{entry['id']}/", json=changes, headers=headers)

    return together(len(clients), change)


def repeat_until(end: threading.Event, work: Callable[[int], None]) -> int:
    """Do one turn after the other until the end; return how many."""
    turn = 0
    while not end.is_set():
        work(turn)
        turn += 1
    return turn


def purge_until(end: threading.Event, server: Server) -> int:
    """Empty the trash over and over; return how many entries were purged."""
    purged = 0
    while not end.is_set():
        done = server.manage("purge", "--older-than", "0d")
        assert done.returncode == 0, done.stderr
        purged += int(done.stdout.split()[1])
        end.wait(0.5)
    return purged


def write_anything(client: httpx.Client, number: int, turn: int) -> None:
    """Lead an entry through its life, and write a batch beside it."""
    key = {"Idempotency-Key": f"writer-{number}-{turn}"}
    url = f"{API}/todos/{client.post(f'{API}/todos/', json={'content': f'milk {turn}'}, headers=key).json()['id']}/"
    client.patch(url, json={"notes": "oat", "due": "2026-12-01", "completed": turn % 2 == 0})
    client.put(f"{url}tags/shop {turn % 7}/")
    client.put(url, json={"content": f"bread {turn}", "tags": [f"shop {number}"]})
    client.delete(f"{url}tags/shop {number}/")
    operations = [{"op": "create", "entry": {"content": f"batch {turn}", "tags": ["batch"]}} for _ in range(5)]
    made = client.post(f"{API}/batch/", json={"operations": operations}).json()["results"]
    client.post(f"{API}/batch/", json={"operations": [{"op": "delete", "id": r["entry"]["id"]} for r in made]})
    if turn % 3:
        client.delete(url)


def read_anything(client: httpx.Client, number: int, turn: int) -> None:
    """Ask one of the questions of the contract."""
    question = random.Random(number * 1_000_000 + turn).randrange(6)
    if question == 0:
        list(feed(client))
    else:
        path = ("/api/v1/todos/?count=true", "/api/v1/todos/?search=milk&ordering=due", "/todo/?search=bread",
                "/api/v1/tags/", "/api/v1/fingerprint/")[question - 1]  # fmt: skip
        client.get(path)
