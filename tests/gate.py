"""The gate, watched from outside: whatever writes, what changed carries the new revision of its owner's ledger."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model

from todos.models import Ledger, Tag, TodoEntry, Tombstone
from todos.writer import writing

# What changes with every write, and is no content.
BOOKKEEPING = {"revision", "updated_at"}


@dataclass
class World:
    """An owner with entries in every state, their tags, and a tag of somebody else."""

    owner: Any
    milk: TodoEntry
    bread: TodoEntry
    done: TodoEntry
    trashed: TodoEntry
    home: Tag
    work: Tag
    foreign: Tag


def build_world() -> World:
    """Make the world of the owner `local`."""
    owner = get_user_model().objects.create_user("local")
    with writing(owner.pk) as writer:
        milk = writer.create({"content": "milk", "tags": ["home", "home/kitchen"]})
        bread = writer.create({"content": "bread", "tags": ["home", "work"], "due": None})
        done = writer.create({"content": "call", "completed": True})
        trashed = writer.create({"content": "old", "tags": ["work"], "completed": True})
        writer.trash(trashed)
    foreign = Tag.objects.create(owner=get_user_model().objects.create_user("other"), name="foreign")
    owned = Tag.objects.owned_by(owner.pk)
    return World(owner, milk, bread, done, trashed, owned.get(name="home"), owned.get(name="work"), foreign)


@dataclass
class State:
    """What an owner has: entries without their bookkeeping, their revisions, tags and tombstones."""

    ledger: int
    entries: dict[UUID, dict[str, Any]]
    revisions: dict[UUID, int]
    tags: list[str]
    tombstones: dict[UUID, int]

    @classmethod
    def of(cls, owner_id: int) -> "State":
        """Read it."""
        rows = list(TodoEntry.objects.owned_by(owner_id).prefetch_related("tags"))
        check_counts(owner_id, rows)
        shown = {
            row.uuid: {name: value for name, value in row.as_dict().items() if name not in BOOKKEEPING} for row in rows
        }
        for row in rows:
            linked = sorted(tag.name for tag in row.tags.all())
            assert shown[row.uuid]["tags"] == linked, f"{row}: the tags are {linked}, the entry says otherwise"
        return cls(
            Ledger.objects.filter(pk=owner_id).values_list("revision", flat=True).first() or 0,
            shown,
            {row.uuid: row.revision for row in rows},
            sorted(Tag.objects.owned_by(owner_id).values_list("name", flat=True)),
            dict(Tombstone.objects.owned_by(owner_id).values_list("uuid", "revision")),
        )

    def contents(self) -> tuple[Any, ...]:
        """Return all that a reader of the API could tell apart."""
        return self.entries, self.tags, self.tombstones


def check_counts(owner_id: int, rows: Iterable[TodoEntry]) -> None:
    """Fail unless each tag of an owner has the counts of the owner's entries."""
    live = [row for row in rows if row.deleted_at is None]
    total = Counter(tag.pk for row in live for tag in row.tags.all())
    still_open = Counter(tag.pk for row in live if row.completed_at is None for tag in row.tags.all())
    for tag in Tag.objects.owned_by(owner_id):
        assert (tag.open, tag.total) == (still_open[tag.pk], total[tag.pk]), f"{tag} is counted wrong"


@contextmanager
def through_the_gate(owner_id: int) -> Iterator[None]:
    """Fail unless the block changes something, under a new revision that everything changed carries."""
    before = State.of(owner_id)
    yield
    check(before, State.of(owner_id))


@contextmanager
def shut_gate(owner_id: int) -> Iterator[None]:
    """Fail if the block changes anything."""
    before = State.of(owner_id)
    yield
    assert State.of(owner_id) == before, "this was to be refused, and has changed something"


def check(before: State, after: State) -> None:
    """Fail unless what differs between two states carries the ledger's new revision."""
    assert before.contents() != after.contents(), "nothing was written, so nothing is shown"
    assert after.ledger > before.ledger, "something changed under the old revision"
    risen = range(before.ledger + 1, after.ledger + 1)
    for key, entry in after.entries.items():
        if entry != before.entries.get(key):
            assert after.revisions[key] in risen, f"{entry} changed under an old revision, or one to come"
    for key in before.entries.keys() - after.entries.keys():
        assert after.tombstones.get(key) in risen, f"{before.entries[key]} is gone without a tombstone"
    changed = {after.revisions[key] for key in after.entries if after.entries[key] != before.entries.get(key)}
    assert after.ledger in changed or not changed, "the ledger rose without a change of its own"
