"""The change feed of an owner, and the fingerprint by which two copies are compared."""

import hashlib
import heapq
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import rfc8785

from todos.ledger import Ledger
from todos.models import TodoEntry, Tombstone, represent
from todos.querysets import Ordering, Row

BY_REVISION = Ordering("revision", tie="uuid")
FINGERPRINTED = (
    "id", "content", "notes", "tags", "priority", "due", "position",
    "completed_at", "created_at", "deleted_at", "extra",
)  # fmt: skip


class Place(NamedTuple):
    """Where a page of the feed ends, and the revision up to which its reader needs no tombstones."""

    revision: int
    uuid: UUID
    floor: int


class SyncExpiredError(Exception):
    """Tombstones that the caller has not seen are gone: it has to begin again from 0."""


class FutureRevisionError(Exception):
    """The caller names a revision that the owner has not reached."""


@dataclass(frozen=True)
class Changes:
    """A page of the feed; `revision` is the next `since` once there is no `place` from which to go on."""

    rows: list[dict[str, Any]]
    revision: int
    place: Place | None


def changes(owner_id: int, since: int, limit: int, after: Place | None = None) -> Changes:
    """Return up to `limit` entries and tombstones changed after revision `since`, by revision, then id."""
    ledger = _ledger(owner_id)
    if since > ledger.revision:
        raise FutureRevisionError(f"The owner is at revision {ledger.revision}; there is nothing after {since}.")
    # Only up to the revision just read: a row committed between these statements would move the place past others
    # that were committed before it. Entries before tombstones: one purged in between is seen twice, never not at all.
    pages = [
        model.objects.owned_by(owner_id)
        .filter(revision__gt=since, revision__lte=ledger.revision)
        .page(BY_REVISION, after and after[:2], limit + 1)
        for model in (TodoEntry, Tombstone)
    ]
    floor = after.floor if after else since or ledger.horizon
    # Asked last, so that tombstones dropped while the reader was on its way are noticed.
    if floor < (horizon := _ledger(owner_id).horizon):
        raise SyncExpiredError(f"What was purged up to revision {horizon} is forgotten; begin with since=0.")
    rows = list(heapq.merge(*pages, key=_order))
    kept, more = rows[:limit], len(rows) > limit
    return Changes([_shown(row) for row in kept], ledger.revision, Place(*_order(kept[-1]), floor) if more else None)


def _ledger(owner_id: int) -> Ledger:
    return Ledger.objects.filter(pk=owner_id).first() or Ledger(pk=owner_id)


def _order(row: Row) -> tuple[int, UUID]:
    return row["revision"], row["uuid"]


def _shown(row: Row) -> dict[str, Any]:
    if "content" in row:
        return represent(row)
    return {"id": str(row["uuid"]), "purged": True, "revision": row["revision"]}


def fingerprint(owner_id: int) -> dict[str, Any]:
    """Return revision, count and SHA-256 over `<id> <sha256 of the entry's RFC 8785 JSON>\\n` in order of ids.

    Two copies with the same fingerprint hold the same entries. One statement, so one state, read with flat memory.
    """
    entries = TodoEntry.objects.owned_by(owner_id).order_by("uuid")
    whole, count, revision = hashlib.sha256(), 0, None
    for row in entries.values(*TodoEntry.COLUMNS, "owner__ledger__revision").iterator(chunk_size=1000):
        revision, count = row["owner__ledger__revision"], count + 1
        whole.update(entry_line(represent(row)))
    if revision is None:
        revision = Ledger.objects.filter(pk=owner_id).values_list("revision", flat=True).first() or 0
    return {"revision": revision, "count": count, "fingerprint": f"sha256:{whole.hexdigest()}"}


def entry_line(entry: dict[str, Any]) -> bytes:
    """Return the line that an entry of the contract adds to the fingerprint."""
    digest = hashlib.sha256(rfc8785.dumps({name: entry[name] for name in FINGERPRINTED})).hexdigest()
    return f"{entry['id']} {digest}\n".encode()
