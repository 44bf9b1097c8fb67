"""Every command that writes passes the gate; a new one fails until it is named here."""

import pkgutil
from argparse import ArgumentParser
from collections.abc import Callable

import pytest
from django.core.management import call_command

from tests.gate import State, World, build_world, check, through_the_gate
from todos.management import commands
from todos.management.verbs import add_verbs
from todos.models import TodoEntry

Words = Callable[[World], list[str]]
WRITING: dict[str, Words] = {
    "demo": lambda world: ["demo", "--entries", "3"],
    "purge": lambda world: ["purge", "--older-than", "0d"],
    "todo add": lambda world: ["todo", "add", "new", "--tag", "home"],
    "todo delete": lambda world: ["todo", "delete", str(world.milk.uuid)],
    "todo done": lambda world: ["todo", "done", str(world.milk.uuid)],
    "todo reopen": lambda world: ["todo", "reopen", str(world.trashed.uuid)],
    "todo restore": lambda world: ["todo", "restore", str(world.trashed.uuid)],
    "todo tag": lambda world: ["todo", "tag", str(world.milk.uuid), "new"],
    "todo untag": lambda world: ["todo", "untag", str(world.milk.uuid), "home"],
}
# They write no entry, or only what has fallen out of step with others (below).
OTHERS = {"doctor", "serve", "todo list", "todo search", "todo show", "token"}


def names() -> set[str]:
    """Return every command of the app, those of `todo` by verb."""
    found = {module.name for module in pkgutil.iter_modules(commands.__path__)} - {"todo"}
    parser = ArgumentParser()
    add_verbs(parser)
    (verbs,) = (action.choices for action in parser._actions if action.dest == "verb")
    return found | {f"todo {verb}" for verb in verbs or ()}


@pytest.fixture
def world(db: None) -> World:
    """The owner with entries in every state."""
    return build_world()


def test_commands_are_all_known() -> None:
    assert names() == WRITING.keys() | OTHERS


@pytest.mark.parametrize("name", WRITING)
def test_command_that_writes_passes_the_gate(world: World, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with through_the_gate(world.owner.pk):
        call_command(*WRITING[name](world))


def test_doctor_that_mends_tag_names_passes_the_gate(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    before = State.of(world.owner.pk)
    TodoEntry.tags.through.objects.filter(tag=world.home)._raw_delete("default")
    call_command("doctor")
    check(before, State.of(world.owner.pk))
