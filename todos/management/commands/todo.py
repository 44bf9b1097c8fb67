"""`manage.py todo`: enter, find and change entries from a shell."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from todos.fields import dump
from todos.management.table import Entry, lines, sheet, table
from todos.management.verbs import CHANGES, TAGGING, add_verbs
from todos.models import TodoEntry, represent
from todos.owners import UnknownOwnerError, owner_named
from todos.querysets import DEFAULT_ORDERING, ORDERINGS, TodoEntryQuerySet
from todos.writer import writing

SCREEN = 50  # entries shown on a terminal if no limit is given
CANDIDATES = 10  # shown of an id that fits several entries


class Command(BaseCommand):
    """Enter, find and change entries."""

    help = (
        "Enter, find and change entries. An ID may be shortened to its first digits, as long as they fit one entry. "
        "Shows a table on a terminal, a line an entry elsewhere, and JSON with --json."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the verbs."""
        add_verbs(parser)

    def handle(self, *, verb: str, owner: str, json: bool, limit: int | None = None, **words: Any) -> None:
        """Do what the verb says, and print the entries concerned."""
        try:
            owner_id: int = owner_named(owner).pk
            self._print(_entries(owner_id, verb, **words), verb, json, limit)
        except ValidationError as error:
            raise CommandError(_sentences(error)) from None
        except (ValueError, TodoEntry.DoesNotExist, UnknownOwnerError) as error:
            raise CommandError(str(error)) from None

    def _print(self, entries: Iterator[Entry], verb: str, json: bool, limit: int | None) -> None:
        terminal = self.stdout.isatty() and not json
        screen = terminal and limit is None and verb in ("list", "search")
        shown = islice(entries, SCREEN if screen else limit)
        written: Iterable[str]
        if json:
            written = map(dump, shown)
        elif verb == "show":
            written = map(sheet, shown)
        else:
            written = [table(shown)] if terminal else lines(shown)
        for text in written:
            self.stdout.write(text)
        if screen and next(entries, None):
            self.stdout.write(f"Only the first {SCREEN} are shown; --limit shows more.")


def _entries(owner_id: int, verb: str, ids: Iterable[str] = (), **words: Any) -> Iterator[Entry]:
    """Do what the verb says; yield the entries concerned."""
    owned = TodoEntry.objects.owned_by(owner_id)
    match verb:
        case "add":
            return iter([_add(owner_id, words)])
        case "list":
            return _list(owned, words)
        case "search":
            return _in_order(owned.live().search(" ".join(words["query"])))
    found = [_whole_id(owned, prefix) for prefix in ids]
    if verb == "show":
        return (owned.get(uuid=entry_id).as_dict() for entry_id in found)
    with writing(owner_id, found) as writer:
        entries = [writer.get(entry_id) for entry_id in found]
        for entry in entries:
            if verb in CHANGES:
                CHANGES[verb][1](writer, entry)
            else:
                TAGGING[verb][1](writer, entry, words["name"])
    return (entry.as_dict() for entry in entries)


def _add(owner_id: int, words: dict[str, Any]) -> Entry:
    fields = {name: words[name] for name in ("content", "due", "priority", "notes")}
    with writing(owner_id) as writer:
        entry = writer.create({**fields, "tags": words["tag"]})
    return entry.as_dict()


def _list(owned: TodoEntryQuerySet, words: dict[str, Any]) -> Iterator[Entry]:
    if words["trash"]:
        return _in_order(owned.trashed())
    return _in_order(owned.live() if words["all"] else owned.live().completed(words["done"]))


def _in_order(entries: TodoEntryQuerySet) -> Iterator[Entry]:
    return map(represent, entries.in_order(ORDERINGS[DEFAULT_ORDERING]))


def _whole_id(owned: TodoEntryQuerySet, prefix: str) -> UUID:
    """Return the one id that begins so."""
    found = list(owned.id_starts_with(prefix).values_list("uuid", "content")[: CANDIDATES + 1])
    if len(found) > 1:
        shown = "".join(f"\n  {entry_id}  {content[:60]}" for entry_id, content in found[:CANDIDATES])
        raise CommandError(f"The id {prefix} fits several entries; write more digits of one of them:{shown}")
    if not found:
        raise CommandError(f"There is no entry whose id begins with {prefix}.")
    return found[0][0]


def _sentences(error: ValidationError) -> str:
    """Return what is wrong, each with the field's name."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())
