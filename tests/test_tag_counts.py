"""The database counts the entries of each tag, whoever writes: also SQL that knows nothing of counts."""

import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import serializers
from django.db import connection
from django.db.models import QuerySet

from tests.client import ApiClient
from tests.gate import World, build_world, check_counts
from tests.test_gate_triggers import sql
from tests.test_plans import plan
from todos import ledger
from todos.models import Tag, TodoEntry
from todos.writer import writing

Make = Callable[..., Any]
THROUGH = TodoEntry.tags.through


@pytest.fixture
def world(db: None) -> World:
    """The owner with entries in every state."""
    return build_world()


def check(world: World) -> None:
    """Fail unless all tags are counted right."""
    for owner in (world.owner, world.foreign.owner):
        check_counts(owner.pk, TodoEntry.objects.owned_by(owner.pk).prefetch_related("tags"))


def links_of(*entries: TodoEntry) -> QuerySet[Any]:
    """Return the links of entries."""
    return THROUGH.objects.filter(todoentry__in=entries).order_by("pk")


def test_what_django_read_of_counts_is_not_written_back(world: World) -> None:
    old, again = Tag.objects.get(pk=world.home.pk), serializers.serialize("json", [world.home])
    TodoEntry.objects.filter(pk=world.milk.pk).update(completed_at=world.milk.created_at)
    old.name = "house"

    old.save()
    check(world)
    Tag.objects.bulk_update([old], ["name", "open", "total"])
    check(world)
    for row in serializers.deserialize("json", again):
        row.save()
    check(world)
    assert Tag.objects.get(pk=world.home.pk).total == 2


def test_a_new_tag_begins_with_nothing(world: World) -> None:
    new = Tag.objects.create(owner=world.owner, name="new", open=3, total=7)
    Tag.objects.bulk_create([Tag(owner=world.owner, name="newer", open=3, total=7)])
    check(world)

    world.milk.tags.add(new)
    check(world)
    assert Tag.objects.get(name="new").total == 1


def test_links_that_are_moved_are_counted_where_they_go(world: World) -> None:
    links_of(world.milk).filter(tag=world.home).update(tag=world.work)
    check(world)
    links_of(world.bread).filter(tag=world.work).update(todoentry=world.trashed.pk, tag=world.home.pk)
    check(world)
    assert [Tag.objects.get(pk=tag.pk).total for tag in (world.home, world.work)] == [1, 1]


@pytest.mark.parametrize("first", ["entries", "links"])
def test_it_does_not_matter_which_is_deleted_first(world: World, first: str) -> None:
    gone = [world.milk.pk, world.trashed.pk]
    both = [TodoEntry.objects.filter(pk__in=gone), THROUGH.objects.filter(todoentry_id__in=gone)]
    for rows in both if first == "entries" else reversed(both):
        rows._raw_delete("default")
        assert Tag.objects.get(pk=world.home.pk).total == 1
    check(world)


def step(dice: random.Random, owner: Any) -> None:
    """Write by SQL, past everything that Django does."""
    entries = list(TodoEntry.objects.owned_by(owner.pk).values_list("pk", flat=True))
    tags = list(Tag.objects.owned_by(owner.pk).values_list("pk", flat=True))
    some = tuple(dice.sample(entries, dice.randint(1, len(entries))))
    several = f"IN ({', '.join(map(str, some))})"
    moment = dice.choice(["NULL", "'2031-01-01 00:00:00+00:00'"])
    column = dice.choice(["completed_at", "deleted_at"])
    link = f"VALUES ({dice.choice(entries)}, {dice.choice(tags)}), ({dice.choice(entries)}, {dice.choice(tags)})"
    with ledger.write(owner.pk) as write:
        write.changed = True
        sql(
            dice.choice(
                [
                    f"INSERT INTO todos_todoentry_tags (todoentry_id, tag_id) {link} ON CONFLICT DO NOTHING",
                    f"UPDATE todos_todoentry SET {column} = {moment}, revision = {write.revision} WHERE id {several}",
                    f"DELETE FROM todos_todoentry_tags WHERE todoentry_id {several}",
                    f"DELETE FROM todos_todoentry_tags WHERE tag_id = {dice.choice(tags)}",
                    f"UPDATE todos_todoentry_tags SET tag_id = {dice.choice(tags)} WHERE id = (SELECT max(id) FROM "
                    f"todos_todoentry_tags AS link WHERE NOT EXISTS (SELECT 1 FROM todos_todoentry_tags AS other "
                    f"WHERE other.todoentry_id = link.todoentry_id AND other.id <> link.id))",
                ]
            )
        )


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_right_after_any_sequence_of_sql(world: World, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(30):
        step(dice, world.owner)
        check(world)


def test_a_list_of_tags_reads_the_tags_alone_and_by_an_index(api: ApiClient, make: Make) -> None:
    for letter in "abcdef":
        make(tags=[f"{letter}{number}" for number in range(50)])
    asked: list[tuple[str, str]] = []

    def explain(execute: Any, text: str, params: Any, many: bool, context: Any) -> Any:
        if text.startswith("SELECT") and ("todos_tag" in text or "todos_todoentry" in text):
            asked.append((text, plan(text, params)))
        return execute(text, params, many, context)

    if connection.vendor == "postgresql":
        sql("ANALYZE todos_tag")
    with connection.execute_wrapper(explain):
        page = api.get("tags?limit=2")
        api.get(page.json["next"])

    assert len(asked) == 3
    for statement, steps in asked:
        assert "todos_todoentry" not in statement
        assert "owner_id" in steps, steps
        assert "SCAN" not in steps, steps


def test_a_batch_writes_each_tag_once(owner: Any) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite changes a row where it stands, and has no triggers of statements")
    with writing(owner.pk) as writer:
        made = [writer.create({"content": str(number), "tags": ["a"]}) for number in range(50)]
    before = written()
    with writing(owner.pk, [entry.uuid for entry in made]) as writer:
        for entry in made:
            writer.change(writer.get(entry.uuid), {"completed": True})

    assert written() == before + 1
    assert (Tag.objects.get().open, Tag.objects.get().total) == (0, 50)


def written() -> int:
    """Return how many rows of tags this transaction has written."""
    return int(sql("SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'todos_tag'")[0][0])


@pytest.mark.parametrize("noun", ["link", "entry"])
def test_triggers_of_postgresql_keep_no_plan_of_an_empty_table_that_reads_all_of_a_full_one(
    db: None, noun: str
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite makes its plans without regard to how many rows there are")
    sql("TRUNCATE todos_todoentry, todos_todoentry_tags")
    sql("SET LOCAL enable_seqscan = off")
    for rows in ("old_rows", "new_rows"):
        sql(f"CREATE TEMPORARY TABLE {rows} (LIKE {'todos_todoentry_tags' if noun == 'link' else 'todos_todoentry'})")

    functions = sql("SELECT prosrc FROM pg_proc WHERE proname LIKE %s", f"todos_{noun}_%_count")
    questions = [asked for (text,) in functions for asked in re.findall(r"FOR counted IN(.*?)LOOP", text, re.DOTALL)]
    assert len(questions) == (4 if noun == "link" else 2)
    for asked in questions:
        steps = plan(asked, ())
        condition = "todos_todoentry_pkey ((id = " if noun == "link" else "((todoentry_id = "
        assert condition in steps, steps


def test_triggers_of_sqlite_find_what_they_write_by_keys(db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps plans of its own; its triggers forbid those that read a whole table")
    triggers = sql("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'todos%%count'")
    updates = [update for (text,) in triggers for update in re.findall(r"UPDATE todos_tag SET\s.*?;", text, re.DOTALL)]
    assert len(updates) == 8
    for update in updates:
        plan = [row[3] for row in sql(f"EXPLAIN QUERY PLAN {re.sub(r'(NEW|OLD)[.][a-z_]+', '1', update)}")]
        for line in plan:
            assert "SCAN" not in line, plan
