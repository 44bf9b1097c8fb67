"""Kill -9 of the whole server under load: what was acknowledged is there, and nothing is there twice."""

from collections import Counter, defaultdict
from itertools import count

import httpx

from tests.drills.load import API, LONG, Journal, answer, assert_file_is_whole, create, feed, kill_and_start, together
from tests.servers import Server

WRITERS = 8
WRITES, KILLS = (10_000, 12) if LONG else (500, 5)
CLIENTS, KEYS, KEY_KILLS = 6, 300, 3
RETRY = frozenset({409, 503})  # still running; the database is busy


def test_every_acknowledged_write_is_there_once(server: Server) -> None:
    """8 writers create entries and raise a number on one of their own; each new entry is sent once and never again.

    A write whose answer the kill swallowed may be there or not, but once at most.
    """
    journal = Journal()
    with server.client() as client:
        counters = [create(client, f"counter of writer {number}")["id"] for number in range(WRITERS)]

    def act(number: int) -> int | list[float]:
        if number == WRITERS:
            return kill_and_start(server, journal, KILLS, WRITES)
        with server.client() as client:
            return write_until_enough(client, journal, number, counters[number])

    *sent, restarts = together(WRITERS + 1, act)

    with server.client() as client:
        stored = {entry["id"]: entry for entry in feed(client)}
    created = dict(what for subject, what in journal.notes if subject == "created")
    lost = [content for entry_id, content in created.items() if stored.get(entry_id, {}).get("content") != content]
    doubled = [content for content, times in Counter(e["content"] for e in stored.values()).items() if times > 1]
    print(f"\n{len(journal.notes)} acknowledged writes ({len(created)} new entries), {KILLS} kills: "
          f"{len(lost)} lost, {len(doubled)} doubled; slowest restart {max(restarts):.1f} s")  # fmt: skip
    assert lost == []
    assert doubled == []
    for number, entry_id in enumerate(counters):
        acknowledged = [value for subject, value in journal.notes if subject == entry_id]
        assert max(acknowledged) <= stored[entry_id]["position"] <= sent[number]
    assert_file_is_whole(server)


def test_the_same_keys_from_many_clients_make_one_entry_each(server: Server) -> None:
    """6 clients send the same 300 creations with the same keys, each until it is acknowledged, across 3 kills."""
    journal = Journal()

    def act(number: int) -> list[float]:
        if number == CLIENTS:
            return kill_and_start(server, journal, KEY_KILLS, CLIENTS * KEYS)
        with server.client() as client:
            for key in range(KEYS):
                journal.note(f"key {key}", send_until_acknowledged(client, key))
        return []

    together(CLIENTS + 1, act)

    ids = defaultdict(set)
    for key, entry_id in journal.notes:
        ids[key].add(entry_id)
    with server.client() as client:
        stored = [entry["id"] for entry in feed(client)]
    print(f"\n{len(journal.notes)} acknowledged sendings of {KEYS} keys, {KEY_KILLS} kills: {len(stored)} entries")
    assert {len(found) for found in ids.values()} == {1}
    assert len(stored) == len(ids) == KEYS
    assert set(stored) == set.union(*ids.values())
    assert_file_is_whole(server)


def write_until_enough(client: httpx.Client, journal: Journal, number: int, counter: str) -> int:
    """Create entries, and every fourth time raise the counter; return the highest number sent to it."""
    for turn in count(1):
        content = f"writer {number} turn {turn}"
        if turn % 4:
            response = answer(lambda sent=content: client.post(f"{API}/todos/", json={"content": sent}))
        else:
            response = answer(lambda sent=turn: client.patch(f"{API}/todos/{counter}/", json={"position": sent}))
        if response is None or response.status_code == 503:
            continue
        assert response.is_success, response.text
        journal.note(*(("created", (response.json()["id"], content)) if turn % 4 else (counter, turn)))
        if len(journal.notes) >= WRITES:
            return turn
    raise AssertionError("unreachable")


def send_until_acknowledged(client: httpx.Client, key: int) -> str:
    """Send one creation with its key again and again; return the id of the entry."""
    url, body, headers = f"{API}/todos/", {"content": f"entry of key {key}"}, {"Idempotency-Key": f"key-{key}"}
    while True:
        response = answer(lambda: client.post(url, json=body, headers=headers))
        if response is not None and response.status_code not in RETRY:
            assert response.status_code == 201, response.text
            return str(response.json()["id"])
