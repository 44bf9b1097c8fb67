"""Questions below the doors, and the ways to write that Django gives: by owner, in order, through the ledger."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from todos.models import Ledger, Tag, TodoEntry
from todos.querysets import ORDERINGS, Ordering
from todos.writer import writing

Make = Callable[..., Any]
MOMENT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def contents(entries: Any) -> list[str]:
    """Return the contents, oldest first."""
    return list(entries.order_by("created_at").values_list("content", flat=True))


def revision(owner: Any) -> int:
    """Return the owner's revision."""
    return Ledger.objects.get(pk=owner.pk).revision


def test_every_question_keeps_to_its_owner(owner: Any, other: Any, make: Make) -> None:
    make("mine", tags=["home"])
    make("theirs", owner=other, tags=["home"])
    mine = TodoEntry.objects.owned_by(owner.pk)

    for entries in (
        mine,
        mine.live(),
        mine.completed(False),
        mine.tagged("home"),
        mine.untagged(False),
        mine.search("#home"),
        mine.containing("home"),
        mine.overdue(False),
    ):
        assert contents(entries) == ["mine"]
    assert mine.search("theirs").count() == 0
    assert [row["content"] for row in mine.in_order(ORDERINGS["created_at"])] == ["mine"]
    assert [tag.name for tag in Tag.objects.owned_by(owner.pk)] == ["home"]


def test_trash_and_live_are_all(owner: Any, make: Make) -> None:
    make("live")
    make("trashed").delete()

    assert contents(TodoEntry.objects.live()) == ["live"]
    assert contents(TodoEntry.objects.trashed()) == ["trashed"]


def test_completed_and_open_are_all(owner: Any, make: Make) -> None:
    make("done", completed=True)
    make("open")

    assert contents(TodoEntry.objects.completed()) == ["done"]
    assert contents(TodoEntry.objects.completed(False)) == ["open"]


def test_due_before_and_due_after_part_what_is_due(owner: Any, make: Make) -> None:
    for number in range(-2, 3):
        make(f"day {number}", due=(MOMENT + timedelta(days=number)).date())
        make(f"hour {number}", due=MOMENT + timedelta(hours=number))
    make("not due")

    before, after = TodoEntry.objects.due_before(MOMENT), TodoEntry.objects.due_after(MOMENT)
    assert contents(before) == ["day -2", "hour -2", "day -1", "hour -1", "day 0"]
    assert contents(after) == ["hour 0", "day 1", "hour 1", "day 2", "hour 2"]


def walk(entries: Any, ordering: Ordering, after: Any, direction: int) -> list[int]:
    """Return the ids that pages of one row show, from a place on."""
    shown = []
    while rows := entries.page(ordering, after, 1, direction):
        shown.append(rows[0]["id"])
        after = rows[0][ordering.column], rows[0]["id"]
    return shown


@pytest.mark.parametrize("name", ORDERINGS)
def test_pages_of_one_row_are_the_whole_order_either_way(owner: Any, make: Make, name: str) -> None:
    for day in (2, None, 1, 2, None, 1):
        moment = day and MOMENT.replace(day=day)
        make(f"{day}", priority=day or 0, position=day or 0, due=moment, completed_at=moment)
    entries, ordering = TodoEntry.objects.owned_by(owner.pk), ORDERINGS[name]
    whole = entries.page(ordering, None, 10)
    ids, last = [row["id"] for row in whole], whole[-1]

    assert len(set(ids)) == 6
    assert walk(entries, ordering, None, 1) == ids
    assert walk(entries, ordering, (last[ordering.column], last["id"]), -1) == ids[-2::-1]


def test_an_order_of_no_column_that_can_be_empty_has_one_stretch() -> None:
    assert len(list(Ordering("priority").segments(None))) == 1
    assert len(list(Ordering("due_at", nullable=True).segments(None))) == 2


def test_in_order_reads_by_short_queries(owner: Any) -> None:
    with writing(owner.pk) as writer:
        for number in range(25):
            writer.create({"content": str(number)})
    entries = TodoEntry.objects.owned_by(owner.pk)

    with CaptureQueriesContext(connection) as captured:
        rows = list(entries.in_order(ORDERINGS["created_at"], chunk=10))

    assert [row["content"] for row in rows] == [str(number) for number in range(25)]
    assert len(captured) == 5


def test_in_order_shows_what_stays_once_while_others_come_and_go(owner: Any, make: Make) -> None:
    made = [make(str(number)) for number in range(10)]
    rows = TodoEntry.objects.owned_by(owner.pk).live().in_order(ORDERINGS["created_at"], chunk=3)

    shown = [next(rows)["content"]]
    made[0].delete()
    made[8].delete()
    make("new")
    shown += [row["content"] for row in rows]

    assert shown == ["0", "1", "2", "3", "4", "5", "6", "7", "9", "new"]


def test_update_is_one_revision_an_owner(owner: Any, other: Any, make: Make) -> None:
    for who in (owner, owner, other):
        make("before", owner=who)
    before = revision(owner), revision(other)

    assert TodoEntry.objects.update(content="Äfter", priority=3) == 3

    assert (revision(owner), revision(other)) == (before[0] + 1, before[1] + 1)
    for entry in TodoEntry.objects.all():
        assert (entry.content_key, entry.priority) == ("after", 3)
        assert entry.folded.startswith("after\x1f")
        assert entry.revision == revision(entry.owner)


def test_update_of_nothing_leaves_no_revision(owner: Any, make: Make) -> None:
    make()

    assert TodoEntry.objects.filter(content="nothing").update(priority=3) == 0
    assert revision(owner) == 1


def test_delete_moves_to_the_trash_and_spares_what_is_there(owner: Any, make: Make) -> None:
    make("first").delete()
    trashed = TodoEntry.objects.get()
    make("second")

    assert TodoEntry.objects.all().delete() == (1, {"todos.TodoEntry": 1})
    assert TodoEntry.objects.trashed().count() == 2
    again = TodoEntry.objects.get(pk=trashed.pk)
    assert (again.deleted_at, again.revision) == (trashed.deleted_at, trashed.revision)


def test_bulk_create_gives_every_entry_a_moment_of_its_own(owner: Any, other: Any) -> None:
    TodoEntry.objects.bulk_create(
        [TodoEntry(owner=who, content=f"{number}") for number, who in enumerate([owner, other] * 3)]
    )

    for who in (owner, other):
        moments = list(TodoEntry.objects.owned_by(who.pk).order_by("pk").values_list("created_at", flat=True))
        assert all(earlier < later for earlier, later in pairwise(moments))
        assert revision(who) == 1


def test_tags_are_found_by_any_spelling_and_by_what_is_inside(owner: Any, make: Make) -> None:
    make(tags=["Café", "home/garden", "home", "homework"])
    tags = Tag.objects.owned_by(owner.pk)

    assert [tag.name for tag in tags.named("CAFE")] == ["Café"]
    assert [tag.name for tag in tags.inside("Home")] == ["home/garden"]
    assert list(tags.inside("home/garden")) == []


def test_counts_of_tags_leave_the_trash_out(owner: Any, make: Make) -> None:
    make(tags=["a"])
    make(tags=["a", "b"], completed=True)
    make(tags=["a", "c"]).delete()

    counts = {tag.name: (tag.open, tag.total) for tag in Tag.objects.owned_by(owner.pk)}
    assert counts == {"a": (1, 2), "b": (0, 1), "c": (0, 0)}


@pytest.mark.parametrize("prefix", ["8", "8b12", "8B122755", "8b122755-530e", "8b122755530e43c7ae84362c17a37fc5"])
def test_an_id_is_found_by_its_beginning(owner: Any, prefix: str) -> None:
    TodoEntry(owner=owner, content="x", uuid="8b122755-530e-43c7-ae84-362c17a37fc5").save()
    TodoEntry(owner=owner, content="y", uuid="9b122755-530e-43c7-ae84-362c17a37fc5").save()

    assert contents(TodoEntry.objects.id_starts_with(prefix)) == ["x"]


@pytest.mark.parametrize("prefix", ["", "-", "x", "8b%", "8" * 33])
def test_what_begins_no_id_is_refused(db: None, prefix: str) -> None:
    with pytest.raises(ValueError, match="is no beginning of an id"):
        TodoEntry.objects.id_starts_with(prefix)
