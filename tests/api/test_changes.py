"""The change feed and the fingerprint over HTTP: whoever follows it knows all, and can prove it."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import rfc8785
from django.utils import timezone

from tests.client import ApiClient
from todos.models import Ledger, TodoEntry, Tombstone
from todos.purge import purge

Make = Callable[..., Any]
DAY = timedelta(days=1)
# The contract's words, on purpose not those of the source.
FINGERPRINTED = "id content notes tags priority due position completed_at created_at deleted_at extra"


def follow(api: ApiClient, since: int = 0, limit: int = 500) -> tuple[list[dict[str, Any]], int]:
    """Read the feed to its end; return the changes and the next `since`."""
    found: list[dict[str, Any]] = []
    page = api.get("changes", params={"since": since, "limit": limit}).json
    while True:
        assert len(page["changes"]) <= limit
        found += page["changes"]
        if page["next"] is None:
            return found, page["revision"]
        page = api.get(page["next"]).json


def fingerprint_of(entries: list[dict[str, Any]]) -> str:
    """Compute the fingerprint from answers of the API, by the words of the contract."""
    lines = []
    for entry in sorted(entries, key=lambda entry: entry["id"]):
        digest = hashlib.sha256(rfc8785.dumps({name: entry[name] for name in FINGERPRINTED.split()})).hexdigest()
        lines.append(f"{entry['id']} {digest}\n")
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


def test_feed_of_a_new_owner_is_empty(api: ApiClient) -> None:
    assert api.get("changes").json == {"changes": [], "revision": 0, "next": None}
    assert api.get("fingerprint").json == {"revision": 0, "count": 0, "fingerprint": fingerprint_of([])}


def test_feed_shows_each_entry_once_as_it_is_now_by_revision(api: ApiClient, make: Make) -> None:
    first, second = make("a"), make("b")
    api.patch(f"todos/{first.uuid}", {"notes": "n"})
    api.delete(f"todos/{second.uuid}")
    changes, revision = follow(api)
    assert [(change["content"], change["revision"]) for change in changes] == [("a", 3), ("b", 4)]
    assert changes == [api.get(f"todos/{change['id']}").json for change in changes]
    assert revision == 4


def test_feed_from_a_revision_shows_what_came_after_it(api: ApiClient, make: Make) -> None:
    make("a")
    _, since = follow(api)
    assert follow(api, since) == ([], since)
    make("b")
    assert [change["content"] for change in follow(api, since)[0]] == ["b"]


def test_one_revision_fills_many_pages(api: ApiClient) -> None:
    api.post("batch", {"operations": [{"op": "create", "entry": {"content": str(n)}} for n in range(23)]})
    for limit in (1, 2, 7, 22, 23, 24):
        changes, revision = follow(api, limit=limit)
        ids = [change["id"] for change in changes]
        assert (len(ids), ids, revision) == (23, sorted(ids), 1)


def test_write_between_two_pages_is_neither_lost_nor_read_twice_as_new(api: ApiClient, make: Make) -> None:
    entries = [make(str(number)) for number in range(4)]
    page = api.get("changes", params={"limit": 2}).json
    api.patch(f"todos/{entries[0].uuid}", {"content": "read already, changed since"})
    api.patch(f"todos/{entries[3].uuid}", {"content": "not read yet"})
    make("new")
    seen = [change["content"] for change in page["changes"]]
    while page["next"]:
        page = api.get(page["next"]).json
        seen += [change["content"] for change in page["changes"]]
    assert seen == ["0", "1", "2", "read already, changed since", "not read yet", "new"]
    assert page["revision"] == 7


def test_tombstones_stand_in_the_feed_among_the_entries(api: ApiClient, make: Make) -> None:
    gone, other = make("gone"), make("other")
    api.delete(f"todos/{gone.uuid}")
    purge(now=timezone.now() + 31 * DAY)
    api.patch(f"todos/{other.uuid}", {"notes": "later"})
    for limit in (1, 2, 3):
        changes, _ = follow(api, limit=limit)
        assert changes[0] == {"id": str(gone.uuid), "purged": True, "revision": 4}
        assert [change["revision"] for change in changes] == [4, 5]


def test_entry_that_comes_back_under_its_id_is_no_tombstone_any_more(api: ApiClient, make: Make) -> None:
    entry = make("gone")
    entry.delete()
    purge(now=timezone.now() + 31 * DAY)
    assert api.put(f"todos/{entry.uuid}", {"content": "back"}).status == 201
    assert [change["content"] for change in follow(api)[0]] == ["back"]
    entry = TodoEntry.objects.get()
    entry.delete()
    purge(now=timezone.now() + 62 * DAY)
    assert follow(api)[0] == [{"id": str(entry.uuid), "purged": True, "revision": 6}]


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"since": "1"}, "since"),
        ({"since": "-1"}, "since"),
        ({"since": "x"}, "since"),
        ({"since": ""}, "since"),
        ({"since": "0.0"}, "since"),
        ({"since": "٠"}, "since"),
        ({"since": "99999999999999999999"}, "since"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "all"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"page": "2"}, "page"),
        ({"since": ["0", "0"]}, "since"),
    ],
)
def test_malformed_parameter_is_400_and_named(api: ApiClient, params: dict[str, Any], named: str) -> None:
    answer = api.get("changes", params=params)
    assert (answer.status, answer.names()) == (400, [named])


def test_since_above_the_revision_says_which_it_is(api: ApiClient, make: Make) -> None:
    make()
    assert api.get("changes", params={"since": 1}).status == 200
    answer = api.get("changes", params={"since": 2})
    assert answer.status == 400
    assert "revision 1" in answer.json["errors"][0]["detail"]


def test_limit_of_1000_is_taken(api: ApiClient) -> None:
    assert api.get("changes", params={"limit": 1000}).status == 200


def test_cursor_belongs_to_its_since_and_its_address(api: ApiClient, make: Make) -> None:
    for _ in range(3):
        make()
    cursor = api.get("changes", params={"limit": 1}).json["next"].partition("cursor=")[2]
    assert api.get(f"changes?limit=2&cursor={cursor}").status == 200
    assert api.get(f"changes?since=1&cursor={cursor}").names() == ["cursor"]
    assert api.get(f"todos?cursor={cursor}").names() == ["cursor"]


def test_since_below_the_horizon_is_410_and_0_always_works(api: ApiClient, make: Make) -> None:
    gone, kept = make("gone"), make("kept")
    gone.delete()
    purge(now=timezone.now() + 31 * DAY)
    since = follow(api)[1]
    purge(now=timezone.now() + 400 * DAY)
    assert Ledger.objects.get().horizon == since == 4
    answer = api.get("changes", params={"since": since - 1})
    assert (answer.status, answer.json["code"], answer.json["type"]) == (
        410,
        "sync-expired",
        "/docs/errors/sync-expired",
    )
    assert follow(api, since) == ([], since)
    assert [change["id"] for change in follow(api)[0]] == [str(kept.uuid)]


def test_reading_that_a_purge_overtakes_is_410_and_not_silently_short(api: ApiClient, make: Make) -> None:
    gone, _, _ = make("gone"), make(), make()
    page = api.get("changes", params={"limit": 1}).json
    assert page["changes"][0]["content"] == "gone"
    gone.delete()
    purge(now=timezone.now() + 31 * DAY)
    purge(now=timezone.now() + 400 * DAY)
    # The reader holds an entry whose tombstone is forgotten; nothing later in the feed would tell it.
    assert api.get(page["next"]).status == 410


def test_reading_from_0_that_began_after_the_horizon_goes_on(api: ApiClient, make: Make) -> None:
    gone = make("gone")
    make("a"), make("b")
    gone.delete()
    purge(now=timezone.now() + 31 * DAY)
    purge(now=timezone.now() + 400 * DAY)
    assert [change["content"] for change in follow(api, limit=1)[0]] == ["a", "b"]


def test_fingerprint_is_what_the_contract_says(api: ApiClient, make: Make) -> None:
    make("Ärger 💡", notes="n", tags=["ö", "a/b"], priority=9, position=-(2**53) + 1)
    entry = make("due", due=timezone.now(), completed=True, extra={"ö": [1.5, -0.0, None, True], "a": {"\ue000": 1e21}})
    api.patch(f"todos/{entry.uuid}", {"due": "2026-12-01"})
    make("trashed").delete()
    purged = make("purged")
    purged.delete()
    Tombstone.objects.create(owner=purged.owner, uuid=uuid4(), revision=1, purged_at=timezone.now())
    entries = [change for change in follow(api)[0] if "purged" not in change]
    found = api.get("fingerprint").json
    assert found == {"revision": follow(api)[1], "count": 4, "fingerprint": fingerprint_of(entries)}


@pytest.mark.parametrize(
    "change",
    [
        {"content": "b"}, {"notes": "b"}, {"tags": ["b"]}, {"priority": 1}, {"due": "2026-12-01"}, {"position": 1},
        {"completed": True}, {"completed_at": "2026-12-01T00:00:00Z"}, {"extra": {"b": 1}},
    ],
)  # fmt: skip
def test_fingerprint_changes_with_every_field(api: ApiClient, make: Make, change: dict[str, Any]) -> None:
    entry = make("a")
    before = api.get("fingerprint").json["fingerprint"]
    assert api.patch(f"todos/{entry.uuid}", change).status == 200
    assert api.get("fingerprint").json["fingerprint"] != before


def test_fingerprint_of_the_same_content_is_the_same_whatever_the_way(api: ApiClient, make: Make) -> None:
    entry = make("a")
    before = api.get("fingerprint").json
    api.patch(f"todos/{entry.uuid}", {"content": "b"})
    api.patch(f"todos/{entry.uuid}", {"content": "a"})
    after = api.get("fingerprint").json
    assert after["fingerprint"] == before["fingerprint"]
    assert after["revision"] == before["revision"] + 2


def test_feed_and_fingerprint_leave_others_out(api: ApiClient, make: Make, other: Any) -> None:
    make("secret", owner=other)
    assert follow(api) == ([], 0)
    assert api.get("fingerprint").json["count"] == 0
