"""The database itself refuses an entry that is written past the gate."""

from typing import Any
from uuid import uuid4

import pytest
from django.core import serializers
from django.db import IntegrityError, connection, transaction

from tests.gate import World, build_world, shut_gate
from todos.models import TodoEntry

COUNTS = {
    "todos_link_insert_count",
    "todos_link_update_count",
    "todos_link_delete_count",
    "todos_entry_update_count",
    "todos_entry_delete_count",
    "todos_tag_insert_count",
    "todos_tag_update_count",
}
GUARDS = {
    "sqlite": COUNTS
    | {
        "todos_entry_insert_guard",
        "todos_entry_update_guard",
        "todos_entry_identity_guard",
        "todos_tag_identity_guard",
        "todos_search_insert",
        "todos_search_update",
        "todos_search_delete",
    },
    "postgresql": COUNTS | {"todos_entry_guard", "todos_entry_identity_guard", "todos_tag_identity_guard"},
}
TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'todos%%'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'todos%%'",
}
GUARDED = [field.column for field in TodoEntry._meta.concrete_fields if field.name not in ("id", *TodoEntry.DERIVED)]
# What no row holds yet, so that each column really changes; text where the type takes anything.
OTHER = {
    "owner_id": "(SELECT max(id) FROM auth_user)", "priority": "8", "position": "77", "due_has_time": "true",
    "extra": """'{"a":1}'""", "tag_names": """'["a"]'""",
}  # fmt: skip


def sql(statement: str, *values: Any) -> list[Any]:
    """Run a statement past Django's models; return its rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@transaction.atomic
def load(fixture: str) -> None:
    """Write the rows of a fixture as `loaddata` does."""
    for row in serializers.deserialize("json", fixture):
        row.save()


@pytest.fixture
def world(db: None) -> World:
    """The owner with entries in every state."""
    return build_world()


def test_triggers_outlive_all_migrations(db: None) -> None:
    # A migration that remakes the table (SQLite's way to alter a column) drops its triggers: make them again in it.
    assert {name for (name,) in sql(TRIGGERS[connection.vendor])} >= GUARDS[connection.vendor]


@pytest.mark.parametrize("column", [name for name in GUARDED if name != "revision"])
def test_update_of_a_column_without_a_new_revision_is_refused(world: World, column: str) -> None:
    value = f"'{uuid4()}'" if column == "uuid" else OTHER.get(column, "'2031-01-01 00:00:00+00:00'")
    with shut_gate(world.owner.pk), pytest.raises(IntegrityError, match=r"entry (is written through|keeps)"):
        sql(f"UPDATE todos_todoentry SET {column} = {value} WHERE id = %s", world.milk.pk)


@pytest.mark.parametrize("revision", ["revision", "revision - 1", "revision + 1", "revision + 1000"])
def test_update_with_another_revision_than_the_ledger_is_refused(world: World, revision: str) -> None:
    with shut_gate(world.owner.pk), pytest.raises(IntegrityError, match="entry is written through the ledger"):
        sql(f"UPDATE todos_todoentry SET priority = 3, revision = {revision} WHERE id = %s", world.milk.pk)


def test_update_of_the_revision_alone_is_refused(world: World) -> None:
    with shut_gate(world.owner.pk), pytest.raises(IntegrityError, match="entry is written through the ledger"):
        sql("UPDATE todos_todoentry SET revision = revision + 1000 WHERE id = %s", world.milk.pk)


def test_second_update_under_one_revision_is_refused(world: World) -> None:
    # A reader may have seen the first one already.
    update = "UPDATE todos_todoentry SET priority = %s, revision = %s WHERE id = %s"
    revision = TodoEntry.objects.get(pk=world.milk.pk).revision
    sql("UPDATE todos_ledger SET revision = revision + 1 WHERE owner_id = %s", world.owner.pk)
    sql(update, 3, revision + 1, world.milk.pk)
    with pytest.raises(IntegrityError, match="entry is written through the ledger"):
        sql(update, 4, revision + 1, world.milk.pk)


def test_insert_past_the_ledger_is_refused(world: World) -> None:
    columns = [column for column in GUARDED if column not in ("uuid", "revision")] + list(TodoEntry.DERIVED)
    names, old = ", ".join(columns), "revision - 1"
    with shut_gate(world.owner.pk), pytest.raises(IntegrityError, match="entry is written through the ledger"):
        sql(
            f"INSERT INTO todos_todoentry (uuid, revision, {names}) SELECT %s, {old}, {names} FROM todos_todoentry",
            uuid4().hex,
        )


def test_fixture_that_knows_nothing_of_the_ledger_is_refused(world: World) -> None:
    fixture = serializers.serialize("json", [world.milk]).replace('"milk"', '"oat milk"')
    with shut_gate(world.owner.pk), pytest.raises(IntegrityError, match="entry is written through the ledger"):
        load(fixture)


def test_entry_keeps_its_owner_and_its_id(world: World) -> None:
    for name, value in (("owner_id", world.foreign.owner_id), ("uuid", uuid4())):
        entry = TodoEntry.objects.get(pk=world.milk.pk)
        setattr(entry, name, value)
        with pytest.raises(IntegrityError, match="keeps its id and its owner"), transaction.atomic():
            entry.save()


def test_tag_keeps_its_owner(world: World) -> None:
    world.home.owner_id = world.foreign.owner_id
    with shut_gate(world.owner.pk), pytest.raises(IntegrityError, match="a tag its owner"), transaction.atomic():
        world.home.save()
