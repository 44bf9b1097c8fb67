"""Before anything is measured: all contestants answer the same, which is what the entries themselves say."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx

from bench.contestants import Contestant, Data, Entry
from bench.drive import Request
from bench.works import SEARCHED, bodies, moments, searches

PAGE_SIZE = 50
ASKED = 40  # of each kind

Row = tuple[Any, ...]


class DifferenceError(Exception):
    """A contestant answers something else than it should."""


def row(entry: Entry, name: Any) -> Row:
    """Return what has to be equal of an entry."""
    done = entry["completed_at"] and datetime.fromisoformat(entry["completed_at"]).timestamp()
    due = entry["due"] and entry["due"][:10]
    return (
        name, entry["content"], entry["notes"], sorted(entry["tags"]), entry["priority"], due, entry["position"], done
    )  # fmt: skip


def newest(entries: list[Entry]) -> list[Row]:
    """Return the first page of entries that stand in the order of their creation."""
    return [row(entry, entry["number"]) for entry in reversed(entries[-PAGE_SIZE:])]


def found(entries: list[Entry], search: str) -> list[Entry]:
    """Return the entries that contain every word."""
    words = search.lower().split()
    return [
        entry for entry in entries if all(word in f"{entry['content']}\n{entry['notes']}".lower() for word in words)
    ]


def questions(peer: Contestant, data: Data) -> Iterator[tuple[Request, list[Row]]]:
    """Yield requests that read, and the right answer to each."""
    step = max(1, len(data.entries) // ASKED)
    for number, entry in enumerate(data.entries[::step]):
        yield peer.read(data, number, entry), [row(entry, entry["number"])]
    yield peer.page(data, 0), newest(data.entries)
    for number, moment in enumerate(moments(data, ASKED)):
        before = datetime.fromisoformat(moment)
        older = [entry for entry in data.entries if datetime.fromisoformat(entry["created_at"]) < before]
        yield peer.page(data, number, before=moment), newest(older)
    for number, search in enumerate([SEARCHED, *searches(data, ASKED)]):
        yield peer.page(data, number, search=search), newest(found(data.entries, search))


def check(peer: Contestant, data: Data, client: httpx.Client) -> int:
    """Ask a contestant, and raise a DifferenceError at the first wrong answer; return how many were right."""
    names = {entry["id"]: entry["number"] for entry in data.entries}
    right = 0

    def answer(request: Request) -> list[Row]:
        body = request.body.encode() or None
        response = client.request(request.method, request.path, headers=request.headers, content=body)
        if response.is_error:
            raise DifferenceError(f"{peer.name}: {request.path} was answered {response.status_code}")
        value = response.json()
        entries = [value] if isinstance(value, dict) and "content" in value else peer.results(value)
        return [row(entry, names.get(entry["id"], entry["id"])) for entry in entries]

    for request, expected in questions(peer, data):
        compare(peer, request, answer(request), expected)
        right += 1
    for number, body in enumerate(bodies(data, ASKED)):
        request = peer.create(data, number, body)
        made = answer(request)
        expected = [row({"position": 0, "completed_at": None, **json.loads(body)}, made[0][0])]
        compare(peer, request, made, expected)
        compare(peer, peer.page(data, 0), answer(peer.page(data, 0))[:1], expected)
        right += 2
    return right


def compare(peer: Contestant, request: Request, answered: list[Row], expected: list[Row]) -> None:
    """Raise a DifferenceError that names the first difference."""
    if answered != expected:
        pairs = enumerate(zip(answered, expected, strict=False))
        place = next((place for place, (one, other) in pairs if one != other), None)
        what = f"{len(answered)} entries, and not {len(expected)}"
        if place is not None:
            what = f"{answered[place]}, and not {expected[place]}, as number {place + 1}"
        raise DifferenceError(f"{peer.name}: {request.method} {request.path} is answered with {what}")
