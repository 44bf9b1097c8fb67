"""What time removes: trash, tombstones, kept answers; in small steps, so that writers wait for none of them long."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from todos import ledger
from todos.ledger import Ledger
from todos.models import IdempotentAnswer, TodoEntry, Tombstone
from todos.querysets import OwnedQuerySet

TRASH_KEPT = timedelta(days=30)
TOMBSTONES_KEPT = timedelta(days=365)
ANSWERS_KEPT = timedelta(days=7)
STEP = 500


@dataclass
class Purged:
    """How many of each were removed, or would be."""

    entries: int = 0
    tombstones: int = 0
    answers: int = 0


def purge(older_than: timedelta = TRASH_KEPT, dry_run: bool = False, now: datetime | None = None) -> Purged:
    """Remove what is old: entries from the trash (leaving tombstones), tombstones (raising the horizon), answers."""
    now = now or timezone.now()
    trash = TodoEntry.objects.trashed().filter(deleted_at__lt=now - older_than)
    tombstones = Tombstone.objects.filter(purged_at__lt=now - TOMBSTONES_KEPT)
    answers = IdempotentAnswer.objects.filter(created_at__lt=now - ANSWERS_KEPT)
    if dry_run:
        return Purged(trash.count(), tombstones.count(), answers.count())
    purged = Purged()
    for owner_id in _owners(trash):
        while count := _purge_entries(owner_id, now - older_than, now):
            purged.entries += count
    for owner_id in _owners(tombstones):
        purged.tombstones += _drop_tombstones(owner_id, now - TOMBSTONES_KEPT)
    purged.answers = answers.delete()[0]
    return purged


def _owners(rows: OwnedQuerySet[Any]) -> Iterator[int]:
    yield from rows.order_by("owner_id").values_list("owner_id", flat=True).distinct()


def _purge_entries(owner_id: int, before: datetime, now: datetime) -> int:
    with ledger.write(owner_id) as write:
        # Read under the lock: an entry restored a moment ago stays.
        old = TodoEntry.objects.owned_by(owner_id).trashed().filter(deleted_at__lt=before)
        found = dict(old.order_by("deleted_at").values_list("pk", "uuid")[:STEP])
        if found:
            write.number(())
            stones = [
                Tombstone(owner_id=owner_id, uuid=uuid, revision=write.revision, purged_at=now)
                for uuid in found.values()
            ]
            # One may lie there already: an entry can come back under its id below the writer, which takes it away.
            Tombstone.objects.bulk_create(
                stones,
                update_conflicts=True,
                unique_fields=["owner", "uuid"],
                update_fields=["revision", "purged_at"],
            )
            TodoEntry.objects.filter(pk__in=found).erase()
    return len(found)


def _drop_tombstones(owner_id: int, before: datetime) -> int:
    with ledger.write(owner_id):
        old = Tombstone.objects.owned_by(owner_id).filter(purged_at__lt=before)
        horizon = old.aggregate(highest=Max("revision"))["highest"]
        if horizon is None:
            return 0
        # All up to the horizon go, so that what the feed still tells is whole from there on.
        Ledger.objects.filter(pk=owner_id, horizon__lt=horizon).update(horizon=horizon)
        return Tombstone.objects.owned_by(owner_id).filter(revision__lte=horizon).delete()[0]
