"""What an operator asks when in doubt: is all that is derived in step with what it is derived from?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction

from todos import ledger
from todos.models import Tag, TodoEntry
from todos.querysets import CHUNK, TodoEntryQuerySet
from todos.search.index import rebuild_index, unindexed

# What migrations made beside the tables; whatever rebuilds a table loses it.
GUARDS = {
    "todos_entry_identity_guard", "todos_tag_identity_guard",
    "todos_link_insert_count", "todos_link_update_count", "todos_link_delete_count",
    "todos_entry_update_count", "todos_entry_delete_count", "todos_tag_insert_count", "todos_tag_update_count",
}  # fmt: skip
MADE = {
    "sqlite": GUARDS | {
        "todos_entry_insert_guard", "todos_entry_update_guard",
        "todos_search", "todos_search_insert", "todos_search_update", "todos_search_delete",
    },
    "postgresql": GUARDS | {"todos_entry_guard", "todos_search"},
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What was looked at, how much of it was wrong, and what to do if that cannot be mended here."""

    what: str
    wrong: int
    cure: str = ""


def examine(mend: bool) -> Iterator[Finding]:
    """Yield one finding a check. With `mend`, what can be derived again is, a thousand entries at a time."""
    if connection.vendor == "sqlite":
        yield Finding("pages of the database file", damaged_pages(), "The file is damaged: restore a backup.")
    cure = "A table was rebuilt by something else: make a fresh database with `manage.py migrate` and move into it."
    yield Finding("triggers and indexes of the migrations", len(missing_objects()), cure)
    yield Finding("entries: tag names as in the table of tags", _each(TodoEntryQuerySet.retag, mend))
    yield Finding("tags: counts as in the links", _miscounted(mend))
    yield Finding("entries: folded text as in content, notes and tags", _each(TodoEntryQuerySet.rederive, mend))
    if connection.vendor == "sqlite":
        wrong = unindexed()
        if wrong and mend:
            # With new revisions: what a search finds changes, and answers that are kept are of the ones before.
            with ledger.write_all(TodoEntry.objects.owner_ids()) as writes:
                rebuild_index()
                for write in writes.values():
                    write.number(())
        yield Finding("entries: listed in the index of trigrams", wrong)


def damaged_pages() -> int:
    """Return how many faults SQLite finds in its file, up to 100."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("PRAGMA integrity_check")
            faults = [line for (line,) in cursor.fetchall()]
        except DatabaseError as error:
            faults = [str(error)]
    return 0 if faults == ["ok"] else len(faults)


def missing_objects() -> set[str]:
    """Return the names of triggers and indexes that migrations made and that are not there."""
    statement = "SELECT name FROM sqlite_master"
    if connection.vendor == "postgresql":
        statement = (
            "SELECT tgname FROM pg_trigger UNION SELECT indexrelid::regclass::text FROM pg_index WHERE indisvalid"
        )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return MADE[connection.vendor] - {name for (name,) in cursor.fetchall()}


def _each(bring_in_step: Callable[[TodoEntryQuerySet], int], mend: bool) -> int:
    """Return how many entries were out of step; unless they are to be mended, each step is taken back."""
    wrong, last = 0, 0
    while ids := list(TodoEntry.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        last = ids[-1]
        with transaction.atomic():
            wrong += bring_in_step(TodoEntry.objects.filter(pk__in=ids))
            transaction.set_rollback(not mend)
    return wrong


def _miscounted(mend: bool) -> int:
    """Return how many tags had wrong counts; all links are read without a lock, and only what is mended is locked."""
    wrong = list(Tag.objects.miscounted().values_list("pk", flat=True))
    for start in range(0, len(wrong) if mend else 0, CHUNK):
        Tag.objects.filter(pk__in=wrong[start : start + CHUNK]).recount()
    return len(wrong)
