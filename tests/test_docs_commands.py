"""docs/commands.md has every command of the app with its verbs and options, and no other."""

import argparse
import re
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.core.management.base import BaseCommand

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
SECTIONS = {part.split("\n")[0]: part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]}
COMMANDS = sorted(path.stem for path in (ROOT / "todos/management/commands").glob("[a-z]*.py"))
DJANGO = set(BaseCommand().create_parser("manage.py", "x")._option_string_actions)


def parsers(command: str) -> dict[str, argparse.ArgumentParser]:
    """Return the parser of a command under the empty name, and those of its verbs by theirs."""
    parser = load_command_class("todos", command).create_parser("manage.py", command)
    verbs = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return {"": parser} | {name: found for action in verbs for name, found in action.choices.items()}


def options(command: str) -> set[str]:
    """Return the options of a command and its verbs, without Django's own."""
    return {option for parser in parsers(command).values() for option in parser._option_string_actions} - DJANGO


def test_every_command_has_a_section_and_no_other() -> None:
    assert sorted(SECTIONS.keys() - {"Django's own"}) == COMMANDS
    assert "todo" in COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_described_and_no_other(command: str) -> None:
    described = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", SECTIONS[command]))
    assert described == options(command)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_verb_is_described_and_no_other(command: str) -> None:
    described = set(re.findall(r"^\| `([a-z]+)\b", SECTIONS[command], re.MULTILINE))
    assert described == parsers(command).keys() - {""}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_has_help(command: str) -> None:
    for verb, parser in parsers(command).items():
        unexplained = [action.dest for action in parser._actions if action.option_strings and not action.help]
        assert unexplained == [], f"{command} {verb}"
