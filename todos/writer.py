"""One write transaction of one owner: load what is named, apply operations in memory, then write all at once.

Every door writes through here, so a request is a batch of one: the number of queries does not depend on how many
operations there are, and a change that changes nothing leaves no revision behind.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError

from todos import ledger
from todos.fields import dump, validate_tags
from todos.models import Tag, TodoEntry, Tombstone
from todos.rows import insert_values
from todos.search import fold

DEFAULTS: Mapping[str, Any] = {
    "notes": "", "tags": [], "priority": 0, "due": None, "position": 0, "completed_at": None, "extra": {},
}  # fmt: skip
PLAIN = frozenset({"content", "notes", "priority", "due", "position", "extra"})


class EntryExistsError(Exception):
    """An entry with the chosen id exists."""


class Writer:
    """The entries of one write transaction, and what has been done to them so far."""

    def __init__(self, write: ledger.Write, ids: Iterable[UUID] = ()) -> None:
        self.write = write
        wanted = set(ids)
        named = TodoEntry.objects.owned_by(write.owner_id).filter(uuid__in=wanted) if wanted else ()
        self.entries: dict[UUID, TodoEntry] = {entry.uuid: entry for entry in named}
        self._created: dict[UUID, TodoEntry] = {}
        self._changed: dict[UUID, TodoEntry] = {}
        self._tags_before: dict[UUID, list[str]] = {}
        self._chosen: set[UUID] = set()

    def get(self, entry_id: UUID) -> TodoEntry:
        """Return an entry that was named or created in this transaction, or raise TodoEntry.DoesNotExist."""
        try:
            return self.entries[entry_id]
        except KeyError:
            raise TodoEntry.DoesNotExist(f"There is no entry {entry_id}.") from None

    def create(self, fields: Mapping[str, Any], entry_id: UUID | None = None) -> TodoEntry:
        """Add an entry. A client's id must be among the ids of this transaction; EntryExistsError if it is taken."""
        if entry_id in self.entries:
            raise EntryExistsError(f"There is an entry {entry_id} already.")
        entry = TodoEntry(uuid=entry_id or uuid4(), owner_id=self.write.owner_id)
        self._apply(entry, {"content": "", **fields})
        if entry_id:
            self._chosen.add(entry_id)
        self.entries[entry.uuid] = self._created[entry.uuid] = entry
        self._tags_before[entry.uuid] = []
        return entry

    def change(self, entry: TodoEntry, changes: Mapping[str, Any]) -> TodoEntry:
        """Change what is named and nothing else; `extra` is merged as RFC 7396 says."""
        if "extra" in changes:
            changes = {**changes, "extra": merge_patch(entry.extra, changes["extra"])}
        return self._set(entry, changes)

    def replace(self, entry: TodoEntry, fields: Mapping[str, Any]) -> TodoEntry:
        """Set every field: what is not named gets its default."""
        defaults = dict(DEFAULTS)
        if "completed" in fields:
            del defaults["completed_at"]
        return self._set(entry, {**defaults, **fields})

    def tag(self, entry: TodoEntry, name: str) -> TodoEntry:
        """Put a tag on an entry that may have it already, in any spelling."""
        if fold(name) in map(fold, entry.tag_names):
            validate_tags([name])
            return entry
        return self._set(entry, {"tags": [*entry.tag_names, name]})

    def untag(self, entry: TodoEntry, name: str) -> TodoEntry:
        """Take a tag off an entry that may not have it."""
        return self._set(entry, {"tags": [other for other in entry.tag_names if fold(other) != fold(name)]})

    def trash(self, entry: TodoEntry) -> TodoEntry:
        """Move an entry to the trash; one that is there stays as it is."""
        return self._set(entry, {"deleted_at": entry.deleted_at or self.write.now})

    def restore(self, entry: TodoEntry) -> TodoEntry:
        """Take an entry out of the trash."""
        return self._set(entry, {"deleted_at": None})

    def _set(self, entry: TodoEntry, values: Mapping[str, Any]) -> TodoEntry:
        # On a copy, so that a refused change leaves no trace for the other operations of a batch.
        changed = copy.copy(entry)
        self._apply(changed, values)
        # As text: in Python 1 equals True and 1.0, in `extra` they differ.
        if dump(changed.as_dict()) != dump(entry.as_dict()):
            self._tags_before.setdefault(entry.uuid, entry.tag_names)
            entry.__dict__.update(changed.__dict__)
            if entry.uuid not in self._created:
                self._changed[entry.uuid] = entry
        return entry

    def _apply(self, entry: TodoEntry, values: Mapping[str, Any]) -> None:
        for name in values.keys() & PLAIN:
            setattr(entry, name, values[name])
        if "deleted_at" in values:
            entry.deleted_at = values["deleted_at"]
        if "tags" in values:
            validate_tag_list(values["tags"])
            known = {fold(name): name for name in entry.tag_names}
            entry.tag_names = sorted(known.get(fold(name), name) if known else name for name in values["tags"])
        entry.set_completed(values, self.write.now)
        entry.clean_row(values)

    def flush(self) -> None:
        """Write everything: one statement a table and kind, whatever the number of operations."""
        retagged = [
            entry
            for entry in (*self._created.values(), *self._changed.values())
            if entry.tag_names != self._tags_before.get(entry.uuid, entry.tag_names)
        ]
        tags = self._tags(retagged)
        for entry in retagged:
            entry.tag_names = sorted({tags[name].name for name in entry.tag_names})
        if self._created:
            TodoEntry.objects.insert(list(self._created.values()))
        if self._changed:
            TodoEntry.objects.overwrite(list(self._changed.values()))
        if self._chosen:
            # An entry that comes back after its purge is an entry again.
            Tombstone.objects.owned_by(self.write.owner_id).filter(uuid__in=self._chosen).delete()
        self._link(retagged, tags)

    def _tags(self, retagged: list[TodoEntry]) -> dict[str, Tag]:
        """Return the tags by every spelling in use; those that are new are made in their first spelling."""
        keys = {name: fold(name) for name in dict.fromkeys(name for entry in retagged for name in entry.tag_names)}
        if not keys:
            return {}
        owner_id = self.write.owner_id
        tags = Tag.objects.with_keys(owner_id, set(keys.values()))
        first = {key: name for name, key in reversed(keys.items())}
        fresh = [Tag(owner_id=owner_id, name=first[key], folded=key) for key in first if key not in tags]
        tags |= {tag.folded: tag for tag in Tag.objects.bulk_create(fresh)}
        return {tag.name: tag for tag in tags.values()} | {name: tags[key] for name, key in keys.items()}

    def _link(self, retagged: list[TodoEntry], tags: dict[str, Tag]) -> None:
        through = TodoEntry.tags.through
        if stale := [entry.pk for entry in retagged if self._tags_before[entry.uuid]]:
            through.objects.filter(todoentry_id__in=stale).delete()
        columns = [through._meta.get_field(name) for name in ("todoentry", "tag")]
        insert_values(through, columns, [[entry.pk, tags[name].pk] for entry in retagged for name in entry.tag_names])


@contextmanager
def writing(owner_id: int, ids: Iterable[UUID] = ()) -> Iterator[Writer]:
    """Open a write transaction with the entries of these ids at hand; what was done is written at its end."""
    with ledger.write(owner_id) as write:
        writer = Writer(write, ids)
        yield writer
        writer.flush()


def validate_tag_list(names: list[str]) -> None:
    """Raise what is wrong with a list of tags under the contract's name of the field."""
    try:
        validate_tags(names)
    except ValidationError as error:
        raise ValidationError({"tags": error}) from None


def merge_patch(target: Any, patch: Any) -> Any:
    """Return `target` changed by `patch` as RFC 7396, 2 says: null removes, objects merge, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
