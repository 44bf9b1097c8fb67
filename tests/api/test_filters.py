"""The filters of `GET todos/`: each keeps what it names, all of them together narrow."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.client import ApiClient

Make = Callable[..., Any]


def found(api: ApiClient, query: str) -> list[str]:
    """Return the contents of the entries that a query finds, oldest first."""
    answer = api.get(f"todos?ordering=created_at&{query}")
    assert answer.status == 200, answer.json
    return answer.contents


@pytest.fixture
def tagged(make: Make) -> None:
    """Entries with tags that look alike."""
    for tags in (["home"], ["home/garden"], ["home/garden/roses", "weekly"], ["homework"], ["Café", "weekly"], []):
        make(" ".join(tags) or "none", tags=tags)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tag=home", ["home", "home/garden", "home/garden/roses weekly"]),
        ("tag=HOME/Garden", ["home/garden", "home/garden/roses weekly"]),
        ("tag=home/garden/roses", ["home/garden/roses weekly"]),
        ("tag=hom", []),
        ("tag=garden", []),
        ("tag=cafe", ["Café weekly"]),
        ("tag=%25", []),
        ("tag=_ome", []),
        ("tag=home&tag=weekly", ["home/garden/roses weekly"]),
        ("tag=weekly&tag=cafe", ["Café weekly"]),
        ("tag=weekly&tag=homework", []),
        ("tag=home&tag=home", ["home", "home/garden", "home/garden/roses weekly"]),
        ("untagged=true", ["none"]),
        ("untagged=false&tag=home", ["home", "home/garden", "home/garden/roses weekly"]),
        ("untagged=true&tag=home", []),
    ],
)
@pytest.mark.usefixtures("tagged")
def test_tags_filter_with_what_is_inside_them(api: ApiClient, query: str, expected: list[str]) -> None:
    assert found(api, query) == expected


def test_untagged_false_keeps_what_has_a_tag(api: ApiClient, make: Make) -> None:
    make("with", tags=["home"])
    make("without")

    assert found(api, "untagged=false") == ["with"]


def test_completed_parts_done_from_open(api: ApiClient, make: Make) -> None:
    make("done", completed=True)
    make("open")

    assert found(api, "completed=true") == ["done"]
    assert found(api, "completed=false") == ["open"]


def test_priority_is_exact(api: ApiClient, make: Make) -> None:
    for priority in (0, 1, 9):
        make(f"priority {priority}", priority=priority)

    assert found(api, "priority=0") == ["priority 0"]
    assert found(api, "priority=9") == ["priority 9"]
    assert found(api, "priority=5") == []


@pytest.mark.parametrize("name", ["created", "updated"])
def test_after_includes_its_moment_and_before_does_not(
    api: ApiClient, make: Make, stamp: Callable[..., None], name: str
) -> None:
    moment = datetime(2026, 5, 1, 12, 0, 0, 123456, UTC)
    for content, offset in (("early", -1), ("exact", 0), ("late", 1)):
        stamp([make(content)], **{f"{name}_at": moment.replace(microsecond=moment.microsecond + offset)})

    assert found(api, f"{name}_after=2026-05-01T12:00:00.123456Z") == ["exact", "late"]
    assert found(api, f"{name}_before=2026-05-01T12:00:00.123456Z") == ["early"]
    assert found(api, f"{name}_after=2026-05-01T14:00:00.123456%2B02:00") == ["exact", "late"]
    assert found(api, f"{name}_after=2026-05-01") == ["early", "exact", "late"]
    assert found(api, f"{name}_before=2026-05-01") == []
    assert found(api, f"{name}_after=2026-05-02") == []


def test_a_day_as_a_bound_begins_in_the_time_zone(
    api: ApiClient, make: Make, stamp: Callable[..., None], settings: Any
) -> None:
    settings.TIME_ZONE = "America/New_York"
    for content, hour in (("before", 3), ("after", 4)):
        stamp([make(content)], created_at=datetime(2026, 5, 1, hour, tzinfo=UTC))

    assert found(api, "created_after=2026-05-01") == ["after"]
    assert found(api, "created_before=2026-05-01") == ["before"]


def test_trashed_shows_only_the_trash(api: ApiClient, make: Make) -> None:
    make("kept", tags=["home"])
    api.delete(f"todos/{make('trashed', tags=['home']).uuid}")

    assert found(api, "") == ["kept"]
    assert found(api, "trashed=false") == ["kept"]
    assert found(api, "trashed=true") == ["trashed"]
    assert found(api, "trashed=true&tag=home&completed=false") == ["trashed"]


def test_filters_narrow_each_other(api: ApiClient, make: Make) -> None:
    for content, fields in (
        ("all", {"priority": 1, "tags": ["home"], "due": date(2026, 5, 1)}),
        ("other priority", {"priority": 2, "tags": ["home"], "due": date(2026, 5, 1)}),
        ("other tag", {"priority": 1, "tags": ["work"], "due": date(2026, 5, 1)}),
        ("not due", {"priority": 1, "tags": ["home"]}),
        ("done", {"priority": 1, "tags": ["home"], "due": date(2026, 5, 1), "completed": True}),
    ):
        make(content, **fields)

    query = "priority=1&tag=home&due_before=2026-05-02&due_after=2026-05-01&completed=false&search=all"
    assert found(api, query) == ["all"]


def test_filters_show_nothing_of_another_owner(api: ApiClient, make: Make, other: Any) -> None:
    make("theirs", owner=other, tags=["home"], completed=True, due=date(2020, 1, 1))

    for query in ("", "tag=home", "completed=true", "due_before=2026-01-01", "search=theirs", "untagged=false"):
        assert found(api, query) == []


def test_count_is_of_all_pages_and_after_the_filters(api: ApiClient, make: Make) -> None:
    for number in range(5):
        make(f"entry {number}", priority=number % 2)

    assert api.get("todos?count=true&limit=2").json["count"] == 5
    assert api.get("todos?count=true&priority=1&limit=1").json["count"] == 2
    assert "count" not in api.get("todos?count=false").json
    assert "count" not in api.get("todos").json
