"""Every question asked of the tables, and the indexes that answer them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Count, F, Index, Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import LessThan
from django.utils import timezone

from todos import ledger, rows
from todos.prepared import Prepared, read
from todos.search import PART, And, Node, Tagged, Text, fold, parse, tag_patterns
from todos.search.condition import condition, due_after, due_before, holds, overdue
from todos.search.index import candidate_ids, few_ids

if TYPE_CHECKING:
    from todos.models import Tag, TodoEntry  # names the rows of the querysets below

M = TypeVar("M", bound=models.Model)
Row = dict[str, Any]
Position = tuple[Any, Any]
Columns = tuple[str, ...]
CHUNK = 1000
EARLIEST = datetime.min.replace(tzinfo=UTC)
# Entries that are looked up at once, where the index can tell at once that there are no more.
FEW = 100
# A word is looked for in so many of the nearest entries and then, if as many as the second number hold it, in more.
WINDOWS = ((1000, 5), (10_000, 0))
# Else in the index, which is asked for no more entries than can be looked up faster than all are read in order.
CANDIDATES = 1500


@dataclass(frozen=True)
class Ordering:
    """An order of rows: a column, its direction, and the direction among equal values (`id` is creation order)."""

    column: str
    step: int = 1
    ties: int = 1
    nullable: bool = False
    tie: str = "id"

    def order(self, direction: int = 1) -> tuple[str, str]:
        """Return the two names for `order_by`; -1 is the order backward."""
        return _signed(self.column, self.step * direction), _signed(self.tie, self.ties * direction)

    def position(self, row: Row) -> list[Any]:
        """Return the place of a row in this order, as JSON can hold it."""
        value = row[self.column]
        return [value.isoformat() if isinstance(value, datetime) else value, row[self.tie]]

    def after(self, position: Sequence[Any]) -> Position:
        """Return the place that `position` gave."""
        value, tie = position
        return datetime.fromisoformat(value) if value and self.column.endswith("_at") else value, tie

    def page(self, rows: "OwnedQuerySet[Any]", after: Position | None, size: int, direction: int = 1) -> list[Row]:
        """Return up to `size` rows that follow a place, as dictionaries of columns."""
        return rows.page(self, after, size, direction)

    def segments(self, after: Position | None, direction: int = 1) -> Iterator[tuple[Q, tuple[str, ...]]]:
        """Yield the condition and the order of the stretches that follow a position, each one range of one index.

        No value sorts last either way, so an order is: the rest of the equal values, the values beyond, the nulls.
        """
        value, tie = after or (None, None)
        is_null, order = Q(**{f"{self.column}__isnull": True}), self.order(direction)
        if after:
            beyond = Q(**{f"{self.tie}__{'gt' if self.ties * direction > 0 else 'lt'}": tie})
            # Nulls too are ordered by the column: PostgreSQL would read all owners' rows by id otherwise.
            yield (is_null & beyond, order) if value is None else (Q(**{self.column: value}) & beyond, order[1:])
        if after and value is not None:
            yield Q(**{f"{self.column}__{'gt' if self.step * direction > 0 else 'lt'}": value}), order
        if not after or (value is None and direction < 0):
            # A bound, where "is not null" would make SQLite read all of the nulls first.
            yield Q(**{f"{self.column}__gte": EARLIEST}) if self.nullable else Q(), order
        if self.nullable and direction > 0 and not (after and value is None):
            yield is_null, order


def _signed(name: str, sign: int) -> str:
    return name if sign > 0 else f"-{name}"


def _both(name: str, column: str, nullable: bool = False) -> dict[str, Ordering]:
    return {name: Ordering(column, nullable=nullable), f"-{name}": Ordering(column, step=-1, nullable=nullable)}


DEFAULT_ORDERING = "-created_at"
ORDERINGS: Mapping[str, Ordering] = {
    "created_at": Ordering("created_at"),
    # The exact reverse, so that it shares the index: creation order is what it reverses.
    "-created_at": Ordering("created_at", step=-1, ties=-1),
    **_both("updated_at", "updated_at"),
    **_both("due", "due_at", nullable=True),
    **_both("priority", "priority"),
    **_both("position", "position"),
    **_both("completed_at", "completed_at", nullable=True),
    **_both("content", "content_key"),
}

LIVE = Q(deleted_at__isnull=True)
# One index an ordering, with just its columns, over the entries that are not in the trash.
ENTRY_INDEXES = [
    Index(fields=["owner", *ordering.order()], name=f"entry_{ordering.column}_{'up' if ordering.step > 0 else 'down'}",
          condition=LIVE)
    for name, ordering in ORDERINGS.items()
    if name != "-created_at"
] + [
    Index(fields=["owner", "created_at", "id"], name="entry_trash", condition=~LIVE),
    Index(fields=["owner", "revision", "uuid"], name="entry_revision"),
]  # fmt: skip


class OwnedQuerySet(models.QuerySet[M]):
    """Rows that belong to an owner; every question starts here."""

    owner_id: int | None = None

    def owned_by(self, owner_id: int) -> Self:
        """Return the owner's rows."""
        owned = self.filter(owner_id=owner_id)
        owned.owner_id = owner_id
        return owned

    def page(
        self, ordering: Ordering, after: Position | None, size: int, direction: int = 1, columns: Columns = ()
    ) -> list[Row]:
        """Return up to `size` rows that follow a position, as dictionaries of these columns or the model's own."""
        rows: list[Row] = []
        for stretch, order in ordering.segments(after, direction):
            rows += self.first_rows(stretch, order, size - len(rows), columns)
            if len(rows) == size:
                break
        return rows

    def first_rows(self, stretch: Q, order: tuple[str, ...], size: int, columns: Columns = ()) -> list[Row]:
        """Return the first rows of a stretch in an order, as dictionaries of columns."""
        columns = columns or self.model.COLUMNS  # type: ignore[attr-defined] # each owned model names them
        return read(self.filter(stretch).order_by(*order).values(*columns)[:size])


class TodoEntryQuerySet(OwnedQuerySet["TodoEntry"]):
    """Questions about entries, and Django's own ways to write them, led through the ledger."""

    # What was asked before the first search, and the trees of all searches.
    scope: Self | None = None
    tree = And(())

    def read(self, owner_id: int, entry_id: UUID) -> Row:
        """Return the columns of one entry of an owner; DoesNotExist if there is none."""
        for row in _with_id(owner_id=owner_id, uuid=entry_id):
            return row
        raise self.model.DoesNotExist

    def id_starts_with(self, prefix: str) -> Self:
        """Return the entries whose id begins with these hexadecimal digits, hyphens aside; ValueError for others."""
        digits = prefix.replace("-", "").lower()
        if not 1 <= len(digits) <= 32 or set(digits) - set("0123456789abcdef"):
            raise ValueError(f"{prefix[:60]!r} is no beginning of an id, such as 8b122755 of 8b122755-530e-….")
        # As a range, which the index of ids answers on both databases.
        return self.filter(uuid__range=(UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))))

    def live(self) -> Self:
        """Return the entries that are not in the trash."""
        return self.filter(LIVE)

    def trashed(self) -> Self:
        """Return the entries in the trash."""
        return self.exclude(LIVE)

    def completed(self, completed: bool = True) -> Self:
        """Return the entries that are done, or those that are not."""
        return self.filter(completed_at__isnull=not completed)

    def overdue(self, late: bool = True) -> Self:
        """Return the open entries whose day or moment is past (or, with False, all others)."""
        condition = overdue(timezone.localtime())
        return self.filter(condition if late else ~condition)

    def due_before(self, moment: datetime) -> Self:
        """Return the entries due before a moment."""
        return self.filter(due_before(moment))

    def due_after(self, moment: datetime) -> Self:
        """Return the entries due at or after a moment."""
        return self.filter(due_after(moment))

    def tagged(self, name: str) -> Self:
        """Return the entries that have the tag or one inside it."""
        return self.found_by(Tagged(name))

    def untagged(self, untagged: bool = True) -> Self:
        """Return the entries without a tag, or those with one."""
        return self.filter(tag_names=[]) if untagged else self.exclude(tag_names=[])

    def search(self, query: str) -> Self:
        """Return what a query finds; QueryError if it does not parse."""
        return self.found_by(parse(query))

    def found_by(self, tree: Node) -> Self:
        """Return what the tree of a query finds."""
        return self._narrowed(condition(tree, timezone.localtime()), tree)

    def containing(self, text: str) -> Self:
        """Return the entries whose content contains `text` or one of whose tags equals it (quick capture)."""
        word, (exact, _) = fold(text), tag_patterns(text)
        if not word:
            return self
        in_content = LessThan(StrIndex("folded", Value(word)), StrIndex("folded", Value(PART)))
        return self._narrowed(holds(word) & Q(in_content) | holds(exact), Text(text))

    def _narrowed(self, found: Q, tree: Node) -> Self:
        """Filter by a condition that holds only where the tree does, whose words the index of trigrams knows."""
        narrowed = self.filter(found)
        narrowed.scope = self if self.scope is None else self.scope  # not by `or`, which would read all rows
        narrowed.tree = And((*self.tree.terms, tree))
        return narrowed

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc] # Django's own hook for what a queryset carries along
        clone.owner_id, clone.scope, clone.tree = self.owner_id, self.scope, self.tree
        return clone

    def by_index(self) -> Self:
        """Return the same entries, looked up in the index of trigrams where it knows that they are few."""
        if self.scope is None:
            return self
        ids = candidate_ids(self.owner_id, self.tree, CANDIDATES)
        return self if ids is None else self.filter(pk__in=ids)

    def count(self) -> int:
        """Return how many entries there are."""
        return super(TodoEntryQuerySet, self.by_index()).count()

    def first_rows(self, stretch: Q, order: tuple[str, ...], size: int, columns: Columns = ()) -> list[Row]:
        """Return the first rows: those nearest where the words are common, else by the index of trigrams."""
        nearest = super().first_rows
        if self.scope is None:
            return nearest(stretch, order, size, columns)
        ids = few_ids(self.owner_id, self.tree, FEW)
        if ids is not None:
            return super(TodoEntryQuerySet, self.filter(pk__in=ids)).first_rows(stretch, order, size, columns)
        for window, enough in WINDOWS:
            edge = self.scope._edge(stretch, order, window)
            rows = nearest(stretch & edge, order, size, columns)
            if len(rows) == size or not edge:
                return rows
            if len(rows) < enough:
                break
        return super(TodoEntryQuerySet, self.by_index()).first_rows(stretch, order, size, columns)

    def _edge(self, stretch: Q, order: tuple[str, ...], rows: int) -> Q:
        """Return the condition that keeps the first rows of a stretch, an empty one if there are no more than these."""
        names = [name.removeprefix("-") for name in order]
        found = read(self.filter(stretch).order_by(*order).values(*names)[rows : rows + 1])
        if not found:
            return Q()
        edge = tuple(found[0].values())
        if edge[0] is None:
            names, order, edge = names[1:], order[1:], edge[1:]
        ahead = ["gt" if name.startswith("-") else "lt" for name in order]
        within = Q(**{f"{names[0]}__{ahead[0]}e": edge[0]})
        if len(names) == 1:
            return within
        behind = "lt" if ahead[1] == "gt" else "gt"
        return within & ~Q(**{names[0]: edge[0], f"{names[1]}__{behind}": edge[1]})

    def created_between(self, first: datetime | None, last: datetime | None) -> Self:
        """Return the entries created from `first` to `last`, both included; None is no bound."""
        bounds = {"created_at__gte": first, "created_at__lte": last}
        return self.filter(**{lookup: moment for lookup, moment in bounds.items() if moment})

    def with_ids(self, ids: Iterable[int]) -> Iterable[Row]:
        """Return the rows with these primary keys, in any order, as dictionaries of columns."""
        rows: Iterable[Row] = self.model.objects.filter(pk__in=list(ids)).values(*self.model.COLUMNS)
        return rows

    def in_order(self, ordering: Ordering, chunk: int = CHUNK) -> Iterator[Row]:
        """Yield all rows with flat memory: short reads by position, so a slow reader holds no transaction open."""
        after: Position | None = None
        while rows := self.page(ordering, after, chunk):
            yield from rows
            if len(rows) < chunk:
                return
            after = rows[-1][ordering.column], rows[-1]["id"]

    def owner_ids(self) -> list[int]:
        """Return whose rows they are."""
        return list(self.order_by().values_list("owner_id", flat=True).distinct())

    def update(self, **changes: Any) -> int:
        """Change the rows of each owner in one write transaction; derived text follows."""
        count = 0
        with ledger.write_all(self.owner_ids()) as writes:
            for owner_id, write in writes.items():
                changed = super().filter(owner_id=owner_id)
                write.number(changed.order_by().values_list("revision", flat=True).distinct() if write.changed else ())
                stamp = {"revision": write.revision, "updated_at": write.now}
                ids = list(changed.values_list("pk", flat=True)) if self.model.SOURCES & changes.keys() else []
                count += super(TodoEntryQuerySet, changed).update(**{**changes, **stamp})
                self.model.objects.filter(pk__in=ids).rederive()
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def rederive(self) -> int:
        """Bring derived columns in step with what they are derived from; return how many entries were out of step."""
        with ledger.write_all(self.owner_ids()) as writes:
            stale = [entry for entry in self.iterator(CHUNK) if entry.derive()]
            for entry in stale:
                # No entry changes, but what a search finds does: answers that are kept are of the revision before.
                writes[entry.owner_id].number(())
                values = {name: getattr(entry, name) for name in self.model.DERIVED}
                models.QuerySet.update(self.model.objects.filter(pk=entry.pk), **values)
        return len(stale)

    rederive.alters_data = True  # type: ignore[attr-defined]

    def retag(self) -> int:
        """Bring the entries' tag names in step with their tags; return how many entries changed."""
        count = 0
        with ledger.write_all(self.owner_ids()):
            ids = list(self.order_by("pk").values_list("pk", flat=True))
            for start in range(0, len(ids), CHUNK):
                changed = []
                for entry in self.model.objects.filter(pk__in=ids[start : start + CHUNK]).prefetch_related("tags"):
                    names = sorted(tag.name for tag in entry.tags.all())
                    if entry.tag_names != names:
                        entry.tag_names = names
                        changed.append(entry)
                self.model.objects.overwrite(changed)
                count += len(changed)
        return count

    retag.alters_data = True  # type: ignore[attr-defined]

    def insert(self, entries: list["TodoEntry"]) -> None:
        """Insert entries in one statement, and give them their keys."""
        if entries:
            with self._stamped(entries):
                rows.insert(entries)

    insert.alters_data = True  # type: ignore[attr-defined]

    def overwrite(self, entries: list["TodoEntry"]) -> None:
        """Write all columns of existing entries in one statement, however many there are."""
        if entries:
            with self._stamped(entries):
                rows.overwrite(entries)

    overwrite.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        """Move the entries to the trash; those that are there stay as they are."""
        count = self.live().update(deleted_at=timezone.now())
        return count, {self.model._meta.label: count}

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def erase(self) -> int:
        """Remove trashed entries for good; the caller has left tombstones in the same write transaction."""
        self.model.tags.through.objects.filter(todoentry__in=self).delete()
        return self._raw_delete(self.db)

    erase.alters_data = True  # type: ignore[attr-defined]

    @contextmanager
    def _stamped(self, entries: list["TodoEntry"]) -> Iterator[None]:
        """Open one write transaction an owner, and number and derive the entries that it will write."""
        with ledger.write_all(entry.owner_id for entry in entries) as writes:
            for owner_id, write in writes.items():
                write.number({entry.revision for entry in entries if entry.owner_id == owner_id})
            for entry in entries:
                entry.stamp(writes[entry.owner_id])
            yield

    def bulk_create(self, objs: Iterable["TodoEntry"], *args: Any, **options: Any) -> list["TodoEntry"]:
        """Insert entries, or write changed ones (`update_conflicts`), in one write transaction an owner."""
        entries = list(objs)
        with self._stamped(entries):
            return super().bulk_create(entries, *args, **options)

    def bulk_update(self, objs: Iterable["TodoEntry"], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Write the named fields of entries in one write transaction an owner."""
        entries = list(objs)
        with ledger.write_all(entry.owner_id for entry in entries):
            return super().bulk_update(entries, fields, batch_size)


class TagQuerySet(OwnedQuerySet["Tag"]):
    """Questions about tags."""

    def named(self, name: str) -> Self:
        """Return the tag of that name in any case (none or one an owner)."""
        return self.filter(folded=fold(name))

    def with_keys(self, owner_id: int, keys: set[str]) -> dict[str, "Tag"]:
        """Return those of an owner's tags that have these folded names, by them."""
        wanted = sorted(keys)
        # In steps of powers of two, so that there are few forms of the question.
        wanted += wanted[-1:] * ((1 << (len(wanted) - 1).bit_length()) - len(wanted) if len(wanted) <= CHUNK else 0)
        rows = _with_keys(len(wanted))(owner_id=owner_id, **{f"key{n}": key for n, key in enumerate(wanted)})
        return {row["folded"]: self.model(owner_id=owner_id, **row) for row in rows}

    def inside(self, name: str) -> Self:
        """Return the tags inside a tag: `home/garden` is inside `home`."""
        return self.filter(folded__startswith=f"{fold(name)}/")

    def update(self, **changes: Any) -> int:
        """Change tags; a new name reaches the entries that have them."""
        with self._write(self.order_by().values_list("owner_id", flat=True)):
            if isinstance(changes.get("name"), str):
                changes["folded"] = fold(changes["name"])
            ids = list(self.values_list("pk", flat=True))
            count = super().update(**changes)
            self.entries_of(ids).retag()
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable["Tag"], *args: Any, **options: Any) -> list["Tag"]:
        """Insert tags; with `update_conflicts` a new name reaches the entries that have them."""
        tags = list(objs)
        if not tags:
            return tags
        with self._write(tag.owner_id for tag in tags):
            for tag in tags:
                tag.folded = fold(tag.name)
            made = super().bulk_create(tags, *args, **options)
            if options.get("update_conflicts"):
                self.entries_of([tag.pk for tag in made]).retag()
        return made

    bulk_create.alters_data = True  # type: ignore[attr-defined]

    def bulk_update(self, objs: Iterable["Tag"], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Write the named fields of tags; a new name reaches the entries that have them."""
        tags = list(objs)
        for tag in tags:
            tag.folded = fold(tag.name)
        return super().bulk_update(tags, {*fields, "folded"}, batch_size)

    bulk_update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        """Take the tags off every entry, then delete them."""
        with self._write(self.order_by().values_list("owner_id", flat=True)):
            entries = list(self.entries_of(list(self.values_list("pk", flat=True))).values_list("pk", flat=True))
            result = super().delete()
            self._entries().filter(pk__in=entries).retag()
        return result

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    @contextmanager
    def _write(self, owner_ids: Iterable[int]) -> Iterator[None]:
        with ledger.write_all(owner_ids) as writes:
            for write in writes.values():
                # Also where no entry has the tag: the list of tags changes.
                write.number(())
            yield

    def _entries(self) -> TodoEntryQuerySet:
        return cast("TodoEntryQuerySet", self.model._meta.get_field("entries").related_model._default_manager.all())

    def entries_of(self, ids: list[int]) -> TodoEntryQuerySet:
        """Return the entries that have one of the tags, each once."""
        through = self.model.entries.through
        return self._entries().filter(pk__in=through.objects.filter(tag_id__in=ids).values("todoentry_id"))

    def miscounted(self) -> Self:
        """Return the tags whose counts are not those of their entries; all of their links are read."""
        linked = Q(entries__deleted_at__isnull=True)
        still_open = Count("entries", filter=linked & Q(entries__completed_at__isnull=True))
        counted: Self = self.order_by().annotate(linked_open=still_open, linked=Count("entries", filter=linked))
        return counted.exclude(open=F("linked_open"), total=F("linked"))

    def recount(self) -> int:
        """Count the entries of each tag anew; return how many counts were wrong."""
        with self._write(self.miscounted().values_list("owner_id", flat=True)):
            wrong = list(self.miscounted().values_list("pk", "linked_open", "linked"))  # type: ignore[misc] # annotated
            for pk, still_open, total in wrong:
                models.QuerySet.update(self.model.objects.filter(pk=pk), open=still_open, total=total)
        return len(wrong)

    recount.alters_data = True  # type: ignore[attr-defined]


def _ask_with_id(owner_id: Any, uuid: Any) -> Any:
    model = apps.get_model("todos", "TodoEntry")
    return model.objects.owned_by(owner_id).filter(uuid=uuid).order_by().values(*model.COLUMNS)


_with_id = Prepared(_ask_with_id, owner_id=None, uuid=models.UUIDField())


@lru_cache(maxsize=32)
def _with_keys(number: int) -> Prepared:
    def ask(owner_id: Any, **keys: Any) -> Any:
        tags = apps.get_model("todos", "Tag").objects.owned_by(owner_id)
        return tags.filter(folded__in=list(keys.values())).order_by().values("id", "name", "folded")

    return Prepared(ask, owner_id=None, **{f"key{n}": None for n in range(number)})
