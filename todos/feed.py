"""The change feed of an owner, and the fingerprint by which two copies are compared."""

import hashlib
import heapq
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import rfc8785

from todos.ledger import Ledger
from todos.models import TodoEntry, Tombstone, represent
from todos.querysets import Ordering, Row

BY_REVISION = Ordering("revision", tie="uuid")
FINGERPRINTED = (
    "id", "content", "notes", "tags", "priority", "due", "position", "completed", "created_at", "deleted_at", "extra",
)  # fmt: skip

Place = tuple[int, UUID]


class SyncExpiredError(Exception):
    """Tombstones that the caller has not seen are gone: it has to begin again from 0."""


class FutureRevisionError(Exception):
    """The caller names a revision that the owner has not reached."""


@dataclass(frozen=True)
class Changes:
    """A page of the feed; `revision` is the next `since` once `more` is false."""

    rows: list[dict[str, Any]]
    revision: int
    more: bool
    place: Place | None


def changes(owner_id: int, since: int, limit: int, after: Place | None = None) -> Changes:
    """Return up to `limit` entries and tombstones changed after revision `since`, by revision, then id."""
    # The ledger first: what is committed later carries a higher revision and is seen again from `revision` on.
    ledger = Ledger.objects.filter(pk=owner_id).first() or Ledger(pk=owner_id)
    if since > ledger.revision:
        raise FutureRevisionError(f"The owner is at revision {ledger.revision}; there is nothing after {since}.")
    if 0 < since < ledger.horizon:
        raise SyncExpiredError(f"What was purged up to revision {ledger.horizon} is forgotten; begin with since=0.")
    # Entries before tombstones: one that is purged in between is seen twice, never not at all.
    pages = [
        model.objects.owned_by(owner_id).filter(revision__gt=since).page(BY_REVISION, after, limit + 1)
        for model in (TodoEntry, Tombstone)
    ]
    rows = list(heapq.merge(*pages, key=_place))
    kept = rows[:limit]
    return Changes(
        [_shown(row) for row in kept], ledger.revision, len(rows) > limit, _place(kept[-1]) if kept else None
    )


def _place(row: Row) -> Place:
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
