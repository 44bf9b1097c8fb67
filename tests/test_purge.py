"""What time removes, and what it leaves behind."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.client import ApiClient
from todos.models import IdempotentAnswer, Ledger, TodoEntry, Tombstone
from todos.purge import Purged, purge
from todos.writer import writing

Make = Callable[..., Any]
DAY = timedelta(days=1)


def trashed(make: Make, days: float, **fields: Any) -> Any:
    """Make an entry that has been in the trash for some days."""
    entry = make(**fields)
    TodoEntry.objects.filter(pk=entry.pk).update(deleted_at=timezone.now() - days * DAY)
    return entry


def revision(owner: Any) -> int:
    """Return the revision of an owner."""
    return Ledger.objects.get(pk=owner.pk).revision


def test_purge_removes_what_has_been_in_the_trash_for_30_days(owner: Any, make: Make) -> None:
    old, young, live = trashed(make, 30.1, tags=["a"]), trashed(make, 29.9), make("live")
    before = revision(owner)
    assert purge() == Purged(entries=1)
    assert set(TodoEntry.objects.values_list("pk", flat=True)) == {young.pk, live.pk}
    stone = Tombstone.objects.get()
    assert (stone.uuid, stone.revision, revision(owner)) == (old.uuid, before + 1, before + 1)
    assert not TodoEntry.tags.through.objects.exists()


def test_purge_that_finds_nothing_leaves_no_revision(owner: Any, make: Make) -> None:
    trashed(make, 29)
    before = revision(owner)
    assert purge() == Purged()
    assert revision(owner) == before


def test_dry_run_counts_what_a_purge_would_remove_and_removes_nothing(owner: Any, make: Make, api: ApiClient) -> None:
    trashed(make, 31), trashed(make, 32), trashed(make, 1)
    Tombstone.objects.create(owner=owner, uuid=make().uuid, revision=1, purged_at=timezone.now() - 366 * DAY)
    api.post("todos", {"content": "a"}, Idempotency_Key="k")
    IdempotentAnswer.objects.update(created_at=timezone.now() - 8 * DAY)
    before = revision(owner)
    counted = purge(dry_run=True)
    assert counted == Purged(entries=2, tombstones=1, answers=1)
    assert (TodoEntry.objects.count(), Tombstone.objects.count(), revision(owner)) == (5, 1, before)
    assert purge() == counted


def test_purge_takes_the_trash_in_steps(owner: Any, make: Make) -> None:
    with writing(owner.pk) as writer:
        for number in range(1003):
            writer.trash(writer.create({"content": str(number)}))
    assert purge(timedelta(0), now=timezone.now() + DAY) == Purged(entries=1003)
    assert not TodoEntry.objects.exists()
    assert (Tombstone.objects.count(), revision(owner)) == (1003, 4)


def test_purge_serves_every_owner_under_their_own_revision(owner: Any, other: Any, make: Make) -> None:
    trashed(make, 31), trashed(make, 31, owner=other), make(owner=other)
    assert purge() == Purged(entries=2)
    assert sorted(Tombstone.objects.values_list("owner_id", "revision")) == [(owner.pk, 3), (other.pk, 4)]


def test_entry_restored_in_time_stays(owner: Any, make: Make, api: ApiClient) -> None:
    entry = trashed(make, 31)
    assert api.post(f"todos/{entry.uuid}/restore").status == 200
    assert purge() == Purged()


def test_tombstones_are_dropped_after_a_year_and_raise_the_horizon(owner: Any, make: Make) -> None:
    old, young = trashed(make, 31), trashed(make, 31)
    now = timezone.now()
    purge()
    highest = revision(owner)
    Tombstone.objects.filter(uuid=young.uuid).update(purged_at=now - 364 * DAY, revision=highest + 1)
    Tombstone.objects.filter(uuid=old.uuid).update(purged_at=now - 366 * DAY)
    assert purge() == Purged(tombstones=1)
    assert [stone.uuid for stone in Tombstone.objects.all()] == [young.uuid]
    assert Ledger.objects.get().horizon == highest


def test_horizon_drops_all_tombstones_up_to_it(owner: Any, make: Make) -> None:
    # A clock that was set back must not leave a gap below the horizon that looks whole.
    now = timezone.now()
    for number, days in ((1, 300), (2, 366)):
        Tombstone.objects.create(owner=owner, uuid=make().uuid, revision=number, purged_at=now - days * DAY)
    assert purge() == Purged(tombstones=2)
    assert Ledger.objects.get().horizon == 2


def test_horizon_never_falls(owner: Any, make: Make) -> None:
    entry = make()
    Ledger.objects.update(horizon=7)
    Tombstone.objects.create(owner=owner, uuid=entry.uuid, revision=1, purged_at=timezone.now() - 366 * DAY)
    purge()
    assert Ledger.objects.get().horizon == 7


@pytest.mark.parametrize(("days", "removed"), [(6.9, 0), (7.1, 1)])
def test_kept_answers_are_removed_after_7_days(api: ApiClient, days: float, removed: int) -> None:
    api.post("todos", {"content": "a"}, Idempotency_Key="k")
    IdempotentAnswer.objects.update(created_at=timezone.now() - days * DAY)
    assert purge() == Purged(answers=removed)
    assert IdempotentAnswer.objects.count() == 1 - removed


def test_entry_purged_again_after_it_came_back_below_the_writer(owner: Any, make: Make) -> None:
    entry = trashed(make, 31)
    purge()
    back = TodoEntry(owner=owner, uuid=entry.uuid, content="back")
    back.save()
    TodoEntry.objects.update(deleted_at=timezone.now() - 31 * DAY)
    assert purge() == Purged(entries=1)
    assert Tombstone.objects.get().revision == revision(owner)
