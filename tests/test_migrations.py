"""Every migration goes up and down, with data in the tables."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.test_gate_triggers import COUNTS, GUARDS, TRIGGERS, sql
from todos.feed import changes, fingerprint
from todos.models import Ledger, Tag, TodoEntry
from todos.purge import purge
from todos.writer import writing

FIRST, LEDGER, GUARD = "0001_entries_and_tags", "0002_ledger", "0003_revision_guard"
BEFORE_COUNTS = "0006_tokens"


def latest() -> str:
    """Return the name of the last migration of the app."""
    (name,) = [name for app, name in MigrationExecutor(connection).loader.graph.leaf_nodes("todos") if app == "todos"]
    return str(name)


def migrate(name: str | None) -> Any:
    """Migrate the app to a state, and return the models of that state."""
    executor = MigrationExecutor(connection)
    executor.migrate([("todos", name)])
    return MigrationExecutor(connection).loader.project_state([("todos", name)] if name else []).apps


def triggers() -> set[str]:
    """Return the names of the triggers that stand."""
    return {name for (name,) in sql(TRIGGERS[connection.vendor])}


def old_entries(apps: Any, count: int = 3) -> list[Any]:
    """Write entries as they were before there was a ledger, with a tag each."""
    now, owner = timezone.now(), apps.get_model("auth", "User").objects.create(username="early")
    entries = []
    for number in range(count):
        entry = apps.get_model("todos", "TodoEntry").objects.create(
            owner=owner, content=f"entry {number}", tag_names=[f"tag {number}"], created_at=now, updated_at=now
        )
        tag = apps.get_model("todos", "Tag").objects.create(owner=owner, name=f"tag {number}", folded=f"tag {number}")
        entry.tags.add(tag)
        entries.append(entry)
    return entries


@pytest.fixture
def _latest_at_the_end(transactional_db: None) -> Iterator[None]:
    try:
        yield
    finally:
        call_command("migrate", verbosity=0)


pytestmark = pytest.mark.usefixtures("_latest_at_the_end")


def test_entries_from_before_the_ledger_get_one_going_up() -> None:
    old = old_entries(migrate(FIRST))

    migrate(latest())

    owner_id = old[0].owner_id
    assert Ledger.objects.get(pk=owner_id).revision == 1
    assert {entry["id"] for entry in changes(owner_id, 0, 10).rows} == {str(entry.uuid) for entry in old}
    with writing(owner_id, [old[0].uuid]) as writer:
        writer.change(writer.get(old[0].uuid), {"content": "changed"})
    assert [entry["content"] for entry in changes(owner_id, 1, 10).rows] == ["changed"]


def test_ledger_opens_for_owners_with_entries_only() -> None:
    apps = migrate(FIRST)
    old_entries(apps)
    apps.get_model("auth", "User").objects.create(username="without")

    ledgers = migrate(LEDGER).get_model("todos", "Ledger").objects

    assert list(ledgers.values_list("owner__username", "revision", "horizon")) == [("early", 1, 0)]


def test_entries_survive_the_way_down_and_up_again() -> None:
    owner_id = old_entries(migrate(FIRST))[0].owner_id
    migrate(latest())
    with writing(owner_id) as writer:
        new = writer.create({"content": "new", "tags": ["a"], "due": timezone.now(), "extra": {"a": [1.0, None]}})
        writer.trash(writer.create({"content": "old"}))
    purge(now=timezone.now() + timedelta(days=31))
    whole = fingerprint(owner_id)["fingerprint"]

    for name in (GUARD, LEDGER, FIRST):
        apps = migrate(name)
    assert apps.get_model("todos", "TodoEntry").objects.get(uuid=new.uuid).tags.get().name == "a"
    migrate(latest())

    assert fingerprint(owner_id)["fingerprint"] == whole
    assert TodoEntry.objects.owned_by(owner_id).search("new").get().uuid == new.uuid


def test_tags_from_before_they_were_counted_are_counted_going_up() -> None:
    old = old_entries(migrate(FIRST))
    migrate(latest())
    with writing(old[0].owner_id, [entry.uuid for entry in old]) as writer:
        first, second, third = (writer.get(entry.uuid) for entry in old)
        writer.tag(first, "tag 1"), writer.tag(third, "tag 1")
        writer.change(second, {"completed": True})
        writer.trash(third)

    apps = migrate(BEFORE_COUNTS)
    assert triggers() & COUNTS == set()
    assert apps.get_model("todos", "Tag").objects.values_list("name").count() == 3
    migrate(latest())

    assert counts() == {"tag 0": (1, 1), "tag 1": (1, 2), "tag 2": (0, 0)}
    TodoEntry.objects.get(pk=first.pk).delete()
    assert counts() == {"tag 0": (0, 0), "tag 1": (0, 1), "tag 2": (0, 0)}


def counts() -> dict[str, tuple[int, int]]:
    """Return the counts of all tags."""
    return {tag.name: (tag.open, tag.total) for tag in Tag.objects.all()}


def test_guards_come_and_go_with_their_migration() -> None:
    entry = old_entries(migrate(LEDGER))[0]
    assert triggers() & GUARDS[connection.vendor] == set()
    sql("UPDATE todos_todoentry SET priority = 1 WHERE id = %s", entry.pk)

    migrate(GUARD)
    with pytest.raises(IntegrityError), transaction.atomic():
        sql("UPDATE todos_todoentry SET priority = 2 WHERE id = %s", entry.pk)

    migrate(latest())
    assert triggers() >= GUARDS[connection.vendor]


def test_all_goes_down_to_nothing_and_up_again() -> None:
    old_entries(migrate(FIRST))
    migrate(latest())

    migrate(None)
    assert [name for name in connection.introspection.table_names() if name.startswith("todos_")] == []
    migrate(latest())

    assert not TodoEntry.objects.exists()
    assert triggers() >= GUARDS[connection.vendor]
