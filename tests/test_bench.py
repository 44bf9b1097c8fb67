"""The benchmark compares like with like: a contestant that answers anything else than the entries say is found out."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from bench.contestants import Data, Entry, Pickles
from bench.drive import DriveError
from bench.equality import DifferenceError, check
from bench.report import AIMS
from bench.shipped import check_answer
from bench.speed import PEERS
from bench.works import ALL, unchanged
from todos.demo import demo_entries

ROOT = Path(__file__).resolve().parent.parent
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def made_up(number: int, fields: dict[str, Any]) -> Entry:
    """Return an entry as `bench.fill` writes it down."""
    empty = {"notes": "", "priority": 0, "position": 0, "due": None}
    created = (FIRST + timedelta(seconds=number)).isoformat()
    done = fields.get("completed_at")
    times = {"due": f"{fields['due']:%Y-%m-%d}" if "due" in fields else None, "completed_at": done and done.isoformat()}
    return {**empty, **fields, **times, "number": number, "id": str(UUID(int=number)), "created_at": created}


DATA = Data(
    [made_up(number, fields) for number, fields in enumerate(islice(demo_entries(1, date(2026, 1, 1)), 300))], []
)


class Answers:
    """A contestant in memory: right, but for what `spoil` does to the entries of an answer."""

    def __init__(self, spoil: Callable[[list[Entry]], list[Entry]]) -> None:
        self._spoil, self._entries = spoil, [dict(entry) for entry in DATA.entries]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            entry = made_up(len(self._entries), {}) | json.loads(request.content)
            self._entries.append(entry)
            return httpx.Response(201, json=self._spoil([entry])[0])
        if name := request.url.path.removeprefix("/todo/"):
            found = [entry for entry in self._entries if entry["id"] == name]
            return httpx.Response(200, json=self._spoil(found)[0])
        found, asked = self._entries, request.url.params
        for word in asked.get("search", "").lower().split():
            found = [entry for entry in found if word in f"{entry['content']} {entry['notes']}".lower()]
        if before := asked.get("created_before"):
            found = [entry for entry in found if entry["created_at"] < before]
        return httpx.Response(200, json=self._spoil(found[-50:][::-1]))


def checked(spoil: Callable[[list[Entry]], list[Entry]]) -> int:
    """Check a contestant in memory."""
    transport = httpx.MockTransport(Answers(spoil))
    with httpx.Client(base_url="http://peer", transport=transport, verify=False) as client:
        return check(Pickles(), DATA, client)


def test_right_answers_pass() -> None:
    assert checked(lambda entries: entries) > 100


@pytest.mark.parametrize(
    "spoil",
    [
        lambda entries: entries[:-1] if len(entries) > 1 else entries,
        lambda entries: [*entries[-2:], *entries[:-2]],
        lambda entries: [{**entry, "tags": entry["tags"][1:]} for entry in entries],
        lambda entries: [{**entry, "content": entry["content"].replace("milk", "Milk")} for entry in entries],
        lambda entries: [{**entry, "completed_at": None} for entry in entries],
    ],
    ids=["one is missing", "another order", "a tag is missing", "another content", "nothing is done"],
)
def test_wrong_answer_is_found(spoil: Callable[[list[Entry]], list[Entry]]) -> None:
    with pytest.raises(DifferenceError, match="is answered with"):
        checked(spoil)


def test_aims_are_of_what_is_measured() -> None:
    assert {work for work, _, _ in AIMS} <= set(ALL)
    assert {other for _, other, _ in AIMS} < set(PEERS)


def test_peers_have_the_database_of_the_store() -> None:
    pins = [
        dict(re.findall(r"^(pysqlite3|psycopg\[.*?)(?:,pool)?\]?==([\d.]+)", path.read_text(), re.MULTILINE))
        for path in (ROOT / "requirements.txt", ROOT / "bench" / "requirements.txt")
    ]
    assert pins[0] == pins[1]
    assert len(pins[0]) == 2


def test_answer_that_is_not_the_one_entry_ends_the_comparison_as_shipped() -> None:
    entry = {"content": "buy milk", "tags": ["home", "shop"]}
    check_answer(Pickles(), [{"content": "buy milk", "tags": ["shop", "home"]}], entry)
    for answered in ([], [{"content": "buy milk", "tags": []}], [entry, entry]):
        with pytest.raises(DifferenceError):
            check_answer(Pickles(), answered, entry)


def test_server_that_answers_in_full_what_has_not_changed_is_found_out() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, headers={"ETag": '"1"'}, json={}))
    with (
        httpx.Client(base_url="http://peer", transport=transport) as client,
        pytest.raises(DriveError, match="answered 200"),
    ):
        unchanged(Pickles(), DATA, client)
