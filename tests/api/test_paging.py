"""Pages: every entry that does not change is shown exactly once, in order, whatever is written meanwhile."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Answer, ApiClient
from todos.models import TodoEntry
from todos.querysets import ORDERINGS
from todos.writer import writing

MOMENT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def entries(owner: Any, stamp: Callable[..., None]) -> list[Any]:
    """More than 300 entries that are equal in whatever they are ordered by, and a few before, beyond, and without."""
    same = {"content": "same", "priority": 5, "position": 5, "due": MOMENT, "completed_at": MOMENT}
    less = {"content": "less", "priority": 1, "position": -1}
    others: list[dict[str, Any]] = []
    for number in range(1, 6):
        moment = MOMENT + timedelta(days=number - 3)
        others.append({"content": f"z{number}", "priority": number, "due": moment, "completed_at": moment})
    with writing(owner.pk) as writer:
        made = [writer.create(fields) for fields in (*[less] * 10, *[same] * 150, *others, *[same] * 150, *[less] * 10)]
    stamp(made, created_at=MOMENT, updated_at=MOMENT)
    stamp(made[160:165], created_at=MOMENT - timedelta(days=1), updated_at=MOMENT + timedelta(days=1))
    return made


def sorted_ids(entries: list[Any], ordering: str) -> list[str]:
    """Return the ids in the order that the contract asks for, by a way that shares nothing with the program."""
    column = {"due": "due_at"}.get(ordering.lstrip("-"), ordering.lstrip("-"))
    stored = TodoEntry.objects.in_bulk([entry.pk for entry in entries])
    rows = [stored[entry.pk] for entry in entries]
    present = [row for row in rows if getattr(row, column) is not None]
    absent = [row for row in rows if getattr(row, column) is None]
    if ordering == "-created_at":
        # The list newest first: what was created last comes first.
        present.reverse()
    present.sort(key=lambda row: getattr(row, column), reverse=ordering.startswith("-"))
    return [str(row.uuid) for row in present + absent]


def walk(api: ApiClient, url: str | None, link: str = "next") -> Iterator[Answer]:
    """Yield the pages from an address on."""
    while url is not None:
        page = api.get(url)
        assert page.status == 200, page.json
        yield page
        url = page.json[link]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_pages_forward_and_back_show_every_entry_once_in_order(
    api: ApiClient, entries: list[Any], ordering: str
) -> None:
    expected = sorted_ids(entries, ordering)

    forward = list(walk(api, f"todos?limit=47&ordering={ordering}"))
    assert [entry_id for page in forward for entry_id in page.ids] == expected
    assert [len(page.ids) for page in forward] == [47] * 6 + [43]

    # The last page is read once more, at the end of the way back to the first.
    back = list(walk(api, forward[-1].json["previous"], "previous"))
    assert [page.ids for page in back] == [page.ids for page in forward[-2::-1]]


@pytest.mark.parametrize("direction", ["next", "previous"])
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_pages_while_entries_come_go_and_change_show_the_others_once(
    api: ApiClient, entries: list[Any], ordering: str, direction: str
) -> None:
    expected = sorted_ids(entries, ordering)
    url = f"todos?limit=100&ordering={ordering}"
    if direction == "previous":
        *_, last = walk(api, url)
        expected, url = expected[: -len(last.ids)][::-1], last.json["previous"]
    shown: list[str] = []
    touched: set[str] = set()
    for page in walk(api, url, direction):
        shown += page.ids if direction == "next" else page.ids[::-1]
        touched |= disturb(api, seen=page.ids, unseen=expected[-5 - len(touched)])

    stable = [entry_id for entry_id in expected if entry_id not in touched]
    assert len(stable) > 200
    assert [entry_id for entry_id in shown if entry_id in stable] == stable


def disturb(api: ApiClient, seen: list[str], unseen: str) -> set[str]:
    """Create, trash and move entries on both sides of the reader; return the ids of those that were there before."""
    for fields in ({"content": "a"}, {"content": "same", "priority": 5, "due": "2026-05-01T12:00:00Z"}):
        assert api.post("todos", fields).status == 201
    # The edges of the page are what its cursors were made of.
    for entry_id in (seen[0], seen[-1], unseen):
        assert api.delete(f"todos/{entry_id}").status == 204
    moved = {"content": "zz", "priority": 9, "position": 9, "due": None, "completed": False}
    assert api.patch(f"todos/{seen[len(seen) // 2]}", moved).status == 200
    return {seen[0], seen[-1], seen[len(seen) // 2], unseen}


def test_links_stand_in_the_body_and_in_the_link_header(api: ApiClient, entries: list[Any]) -> None:
    first = api.get("todos?limit=100")
    second = api.get(first.json["next"])

    assert first.json["previous"] is None
    assert first.headers["Link"] == f'<{first.json["next"]}>; rel="next"'
    assert second.headers["Link"] == f'<{second.json["next"]}>; rel="next", <{second.json["previous"]}>; rel="prev"'
    assert first.json["next"].startswith("http://localhost/api/v1/todos/?limit=100&cursor=")


def test_a_page_that_holds_everything_has_no_links(api: ApiClient, make: Callable[..., Any]) -> None:
    make()

    answer = api.get("todos?limit=1")

    assert (answer.json["next"], answer.json["previous"]) == (None, None)
    assert "Link" not in answer.headers


def test_links_keep_the_other_parameters(api: ApiClient, entries: list[Any]) -> None:
    first = api.get("todos?limit=2&priority=5&ordering=-due&count=true&search=same")
    second = api.get(first.json["next"])

    assert first.json["count"] == second.json["count"] == 300
    assert {entry["priority"] for entry in second.json["results"]} == {5}
    assert len(second.ids) == 2


def test_limit_may_change_on_the_way(api: ApiClient, entries: list[Any]) -> None:
    whole = api.get("todos?limit=200").ids
    first = api.get("todos?limit=10")

    assert api.get(first.json["next"].replace("limit=10", "limit=30")).ids == whole[10:40]


def test_limit_is_50_where_it_is_not_given(api: ApiClient, entries: list[Any]) -> None:
    assert len(api.get("todos").ids) == 50
    assert len(api.get("todos?limit=1").ids) == 1
    assert len(api.get("todos?limit=200").ids) == 200


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "1e2", "", "ten", "+5", " 5", "\u0665", "9" * 5000])
def test_a_limit_out_of_range_is_400(api: ApiClient, limit: str) -> None:
    assert api.get("todos", params={"limit": limit}).names() == ["limit"]
