"""Every way that Django has to write passes the gate; a way that this file does not know fails it."""

import inspect
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from tests.gate import State, World, build_world, check, shut_gate, through_the_gate
from todos.models import Ledger, Tag, TodoEntry
from todos.purge import purge
from todos.querysets import OwnedQuerySet, TagQuerySet, TodoEntryQuerySet

Call = tuple[list[Any], dict[str, Any]]


def call(*args: Any, **options: Any) -> Call:
    """Return the arguments of a call."""
    return list(args), options


def unsaved(world: World, **fields: Any) -> TodoEntry:
    """Return an entry that is not written yet."""
    return TodoEntry(owner_id=world.owner.pk, content="new", **fields)


def changed(row: Any, **fields: Any) -> Any:
    """Return a row with other values, not written yet."""
    for name, value in fields.items():
        setattr(row, name, value)
    return row


# What is written to, and how to get hold of it.
SUBJECTS: dict[str, Callable[[World], Any]] = {
    "entry": lambda world: changed(world.milk, priority=5),
    "entries": lambda world: TodoEntry.objects.filter(owner=world.owner),
    "TodoEntry.objects": lambda world: TodoEntry.objects,
    "tag.entries": lambda world: world.home.entries,
    "user.entries": lambda world: world.owner.entries,
    "tag": lambda world: changed(world.home, name="house"),
    "tags": lambda world: Tag.objects.filter(folded="home"),
    "Tag.objects": lambda world: Tag.objects,
    "entry.tags": lambda world: world.milk.tags,
    "user.tags": lambda world: world.owner.tags,
}
ENTRY_WAYS: dict[str, Callable[[World], Call]] = {
    "create": lambda world: call(owner=world.owner, content="new"),
    "get_or_create": lambda world: call(owner=world.owner, content="new"),
    "update_or_create": lambda world: call(owner=world.owner, uuid=world.milk.uuid, defaults={"content": "oat milk"}),
    "bulk_create": lambda world: call([unsaved(world), unsaved(world)]),
    "bulk_update": lambda world: call(
        [changed(world.milk, content="a"), changed(world.bread, content="b")], ["content"]
    ),
    "update": lambda world: call(notes="n"),
    "delete": lambda world: call(),
    "insert": lambda world: call([unsaved(world), unsaved(world)]),
    "overwrite": lambda world: call([changed(world.milk, priority=2)]),
    "add": lambda world: call(world.trashed),
    "remove": lambda world: call(world.milk),
    "set": lambda world: call([world.trashed]),
    "clear": lambda world: call(),
    "save": lambda world: call(),
    "save_base": lambda world: call(),
}
TAG_WAYS: dict[str, Callable[[World], Call]] = {
    "create": lambda world: call(owner=world.owner, name="new"),
    "get_or_create": lambda world: call(owner=world.owner, name="new"),
    "update_or_create": lambda world: call(owner=world.owner, folded="home", defaults={"name": "HOME"}),
    "bulk_create": lambda world: call([Tag(owner=world.owner, name="New")]),
    "bulk_update": lambda world: call([changed(world.home, name="house")], ["name"]),
    "update": lambda world: call(name="house"),
    "delete": lambda world: call(),
    "add": lambda world: call(world.work),
    "remove": lambda world: call(world.home),
    "set": lambda world: call([world.work]),
    "clear": lambda world: call(),
    "save": lambda world: call(),
    "save_base": lambda world: call(),
}
SPECIAL: dict[tuple[str, str], Callable[[World], Call]] = {
    ("user.tags", "add"): lambda world: call(world.foreign),
    ("user.tags", "set"): lambda world: call([world.foreign]),
}
# These end in an error of the database, so nothing escapes: Django writes past every model here, or the values clash.
REFUSED = {
    ("entry", "save_base"),
    ("user.entries", "add"),
    ("user.entries", "set"),
    ("Tag.objects", "update"),
    ("entry.tags", "update"),
    ("user.tags", "update"),
    ("user.tags", "add"),
    ("user.tags", "set"),
}
# Shown by a test of their own below, or not called but by `save` (and by loaddata, which a trigger refuses entries).
MENDING = ("recount", "rederive", "retag")
APART = {(subject, name) for subject in SUBJECTS for name in ("erase", *MENDING)} | {("tag", "save_base")}


CLASSES = {
    "entry": TodoEntry,
    "entries": type(TodoEntry.objects.all()),
    "TodoEntry.objects": type(TodoEntry.objects),
    "tag.entries": type(Tag(pk=1).entries),
    "user.entries": type(get_user_model()(pk=1).entries),
    "tag": Tag,
    "tags": type(Tag.objects.all()),
    "Tag.objects": type(Tag.objects),
    "entry.tags": type(TodoEntry(pk=1).tags),
    "user.tags": type(get_user_model()(pk=1).tags),
}


def ways() -> list[tuple[str, str]]:
    """Return all public methods of each subject that Django, or this project, marks as altering data."""
    return [
        (subject, name)
        for subject, of in CLASSES.items()
        for name in dir(of)
        if not name.startswith("_") and getattr(inspect.getattr_static(of, name), "alters_data", False)
    ]


@pytest.fixture
def world(db: None) -> World:
    """The owner with entries in every state."""
    return build_world()


def test_ways_that_are_found_are_many() -> None:
    assert len(ways()) > 120
    assert {("entry", "save"), ("entries", "abulk_update"), ("entry.tags", "aclear"), ("tag.entries", "set")} <= {
        *ways()
    }


@pytest.mark.parametrize(("subject", "name"), [way for way in ways() if way not in APART])
def test_way_to_write_passes_the_gate_or_is_refused(world: World, subject: str, name: str) -> None:
    target = SUBJECTS[subject](world)
    plain = name[1:] if name[1:] in {**ENTRY_WAYS, **TAG_WAYS} else name
    table = (
        ENTRY_WAYS if subject in ("entry", "entries", "TodoEntry.objects", "tag.entries", "user.entries") else TAG_WAYS
    )
    arguments, options = SPECIAL.get((subject, plain), table[plain])(world)
    if (subject, plain) in REFUSED:
        with shut_gate(world.owner.pk), pytest.raises(IntegrityError), transaction.atomic():
            run(getattr(target, name), arguments, options)
    else:
        with through_the_gate(world.owner.pk):
            run(getattr(target, name), arguments, options)


def run(method: Callable[..., Any], arguments: list[Any], options: dict[str, Any]) -> None:
    """Call a method; await it if it is asynchronous (Django's managers do not say so)."""

    async def call_and_await() -> None:
        answer = method(*arguments, **options)
        if inspect.isawaitable(answer):
            await answer

    if method.__name__.startswith("a") and method.__name__ != "add":
        async_to_sync(call_and_await)()
    else:
        method(*arguments, **options)


def test_retag_of_entries_out_of_step_passes_the_gate(world: World) -> None:
    # As after a crash of code that wrote the links alone.
    before = State.of(world.owner.pk)
    TodoEntry.tags.through.objects.filter(tag=world.home)._raw_delete("default")
    TodoEntry.objects.retag()
    check(before, State.of(world.owner.pk))


def test_rederive_mends_derived_text_in_a_revision_of_its_own(world: World) -> None:
    models.QuerySet.update(TodoEntry.objects.filter(pk=world.milk.pk), folded="wrong")
    before = State.of(world.owner.pk)
    assert TodoEntry.objects.all().rederive() == 1
    after = State.of(world.owner.pk)
    # No entry has changed, but what a search finds has: who kept an answer of the revision before asks anew.
    assert (after.contents(), after.revisions) == (before.contents(), before.revisions)
    assert after.ledger == before.ledger + 1
    assert TodoEntry.objects.get(pk=world.milk.pk).folded.startswith("milk")
    with shut_gate(world.owner.pk):
        assert TodoEntry.objects.all().rederive() == 0


def test_erase_below_a_purge_passes_the_gate(world: World) -> None:
    with through_the_gate(world.owner.pk):
        purge(timedelta(0), now=timezone.now() + timedelta(seconds=1))
    assert world.trashed.uuid not in State.of(world.owner.pk).entries


def test_bulk_create_that_overwrites_tags_passes_the_gate(world: World) -> None:
    world.home.name = "house"
    with through_the_gate(world.owner.pk):
        Tag.objects.bulk_create(
            [world.home], update_conflicts=True, unique_fields=["id"], update_fields=["name", "folded"]
        )


def test_link_across_owners_is_refused(world: World) -> None:
    with shut_gate(world.owner.pk), pytest.raises(ValueError, match="one owner"), transaction.atomic():
        world.milk.tags.add(world.foreign)
    with shut_gate(world.owner.pk), pytest.raises(ValueError, match="one owner"), transaction.atomic():
        world.foreign.entries.add(world.milk)


def test_user_deletion_removes_all_that_the_user_owns(world: World) -> None:
    world.owner.delete()
    assert not TodoEntry.objects.exists()
    assert list(Tag.objects.values_list("name", flat=True)) == ["foreign"]
    assert not Ledger.objects.filter(pk=world.owner.pk).exists()


def test_deletion_of_users_by_queryset_removes_all_that_they_own(world: World) -> None:
    get_user_model().objects.all().delete()
    assert not TodoEntry.objects.exists()
    assert not Tag.objects.exists()


def test_method_of_ours_that_writes_is_marked_as_altering_data() -> None:
    writes = re.compile(r"ledger\.|\.(a?update|a?delete|a?save|bulk_\w+|_raw_delete|overwrite|retag|erase|rederive)\(")
    unmarked = [
        f"{of.__name__}.{name}"
        for of in (OwnedQuerySet, TodoEntryQuerySet, TagQuerySet)
        for name, method in vars(of).items()
        if inspect.isfunction(method) and not name.startswith("_") and writes.search(inspect.getsource(method))
        if not getattr(method, "alters_data", False)
    ]
    assert unmarked == []
