"""The works that are measured: for each the requests that a contestant gets."""

import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import permutations

import httpx

from bench.contestants import Contestant, Data, Entry
from bench.drive import DriveError, Request
from todos.search import fold

SEARCHED = "milk"
MANY = 40_000  # requests that are all different
IN_USE = 1000  # entries that are read again and again; a tenth of all
UNCHANGED_ENTRIES = 200
NEW_SHARE = 10  # of the mix, one in so many creates

# In the order in which they are done: what writes comes last.
READ, NEW_READ, PAGE, NEW_PAGE, SEARCH, NEW_SEARCH, UNCHANGED, MIX, CREATE = (
    "read one", "read one of all", "page of 50", "page, never asked", "search", "search, never asked", "304",
    "mix 90/10", "create",
)  # fmt: skip
ALL = (READ, NEW_READ, PAGE, NEW_PAGE, SEARCH, NEW_SEARCH, UNCHANGED, MIX, CREATE)

Requests = list[Request]


def reading(peer: Contestant, data: Data, some: int = IN_USE) -> Requests:
    """Read one of the entries in use after the other, in no order."""
    entries = random.Random(2).sample(data.entries, min(some, len(data.entries)))
    return [peer.read(data, number, entry) for number, entry in enumerate(entries)]


def reading_all(peer: Contestant, data: Data) -> Requests:
    """Read one of all entries after the other: each comes again so late that nobody has kept it."""
    return reading(peer, data, len(data.entries))


def first_page(peer: Contestant, data: Data) -> Requests:
    """Read the first page again and again."""
    return [peer.page(data, number) for number in range(len(data.tokens))]


def moments(data: Data, count: int) -> list[str]:
    """Return different moments of the time in which the entries were made, but for the oldest 50; up to a number."""
    first, last = (datetime.fromisoformat(data.entries[place]["created_at"]) for place in (49, -1))
    span = (last - first) // timedelta(microseconds=1)
    chosen = random.Random(3).sample(range(1, span), min(count, span - 1))
    return [f"{first + timedelta(microseconds=gone):%Y-%m-%dT%H:%M:%S.%fZ}" for gone in chosen]


def new_pages(peer: Contestant, data: Data) -> Requests:
    """Read pages that nobody has asked for: each of another moment."""
    return [peer.page(data, number, before=moment) for number, moment in enumerate(moments(data, MANY))]


def repeated_search(peer: Contestant, data: Data) -> Requests:
    """Search for a common word again and again."""
    return [peer.page(data, number, search=SEARCHED) for number in range(len(data.tokens))]


def searches(data: Data, count: int) -> list[str]:
    """Return different searches of two words, of which the second may be cut short, as they are typed.

    Each finds something, and the same by all ways of comparing: words of ASCII that no tag and no word with an accent
    contains.
    """
    texts = [entry["content"] for entry in data.entries]
    odd = {fold(tag) for entry in data.entries for tag in entry["tags"]}
    for entry in data.entries:
        odd |= {fold(word) for word in f"{entry['content']} {entry['notes']}".split() if not word.isascii()}
    aside = " ".join(odd)
    found: dict[str, None] = {}
    for text in random.Random(4).sample(texts, len(texts)):
        words = [word for word in re.findall(r"[A-Za-z0-9]{3,}", text) if word.lower() not in aside]
        for first, second in permutations([word for word in words if word.lower() not in ("and", "not")], 2):
            found |= {f"{first} {second[:size]}": None for size in range(3, len(second) + 1)}
    clear = [search for search in found if search.split()[1].lower() not in aside]
    return random.Random(5).sample(clear, min(count, len(clear)))


def new_searches(peer: Contestant, data: Data) -> Requests:
    """Search for what nobody has searched for."""
    return [peer.page(data, number, search=search) for number, search in enumerate(searches(data, MANY))]


def bodies(data: Data, count: int) -> list[str]:
    """Return entries to create: everyday ones, of which no two have the same content, with tags that are there."""
    chosen = random.Random(6).choices(data.entries, k=count)
    return [json.dumps(_body(entry, number)) for number, entry in enumerate(chosen)]


def _body(entry: Entry, number: int) -> Entry:
    kept = {name: entry[name] for name in ("notes", "tags", "priority", "due")}
    return {"content": f"{entry['content']} ({number})", **kept}


def creating(peer: Contestant, data: Data) -> Requests:
    """Create entries."""
    return [peer.create(data, number, body) for number, body in enumerate(bodies(data, MANY))]


def mixed(peer: Contestant, data: Data) -> Requests:
    """Create one entry, read nine."""
    reads = reading(peer, data)
    created = iter(creating(peer, data))
    return [reads[number % len(reads)] if number % NEW_SHARE else next(created) for number in range(MANY)]


def unchanged(peer: Contestant, data: Data, client: httpx.Client) -> Requests:
    """Ask in turns for an entry and for the first page, which have not changed since they were answered."""

    def with_tag(request: Request) -> Request:
        answer = client.request(request.method, request.path, headers=request.headers).raise_for_status()
        again = replace(request, etag=answer.headers["ETag"])
        answer = client.request(again.method, again.path, headers=again.headers)
        if answer.status_code != HTTPStatus.NOT_MODIFIED or answer.content:
            raise DriveError(f"{peer.name}: {again.path} with its entity tag is answered {answer.status_code}")
        return again

    entries = [with_tag(request) for request in reading(peer, data)[:UNCHANGED_ENTRIES]]
    pages = [with_tag(request) for request in first_page(peer, data)]
    return [request for number, entry in enumerate(entries) for request in (entry, pages[number % len(pages)])]


def of_the_limit(work: str, data: Data) -> Requests:
    """Ask the bare function for what the store answers to a work."""
    path = path_of(work)
    if work == CREATE:
        return [Request("POST", path, body=body) for body in bodies(data, 1000)]
    if work == MIX:
        return [
            *[Request("GET", path_of(READ))] * (NEW_SHARE - 1),
            Request("POST", path_of(CREATE), body=bodies(data, 1)[0]),
        ]
    return [Request("GET", path)]


def path_of(work: str) -> str:
    """Return the path by which the bare function knows a work."""
    return "/" + re.sub(r"\W+", "-", work)


WORKS: dict[str, Callable[[Contestant, Data], Requests]] = {
    READ: reading,
    NEW_READ: reading_all,
    PAGE: first_page,
    NEW_PAGE: new_pages,
    SEARCH: repeated_search,
    NEW_SEARCH: new_searches,
    MIX: mixed,
    CREATE: creating,
}
# No request of these may come twice.
FRESH = frozenset({NEW_PAGE, NEW_SEARCH})
