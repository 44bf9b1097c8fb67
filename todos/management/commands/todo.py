"""`manage.py todo`: enter, find and change entries from a shell."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from todos.fields import dump
from todos.management.table import Entry, lines, sheet, table
from todos.models import TodoEntry, represent
from todos.moments import parse_day_or_moment
from todos.owners import UnknownOwnerError, owner_named
from todos.querysets import DEFAULT_ORDERING, ORDERINGS, TodoEntryQuerySet
from todos.writer import Writer, writing

SCREEN = 50  # entries shown on a terminal if no limit is given
CANDIDATES = 10  # shown of an id that fits several entries

# What is done to one entry: a word, what it does, and how.
CHANGES: dict[str, tuple[str, Callable[[Writer, TodoEntry], TodoEntry]]] = {
    "done": ("complete entries", lambda writer, entry: writer.change(entry, {"completed": True})),
    "reopen": ("make completed entries open again", lambda writer, entry: writer.change(entry, {"completed": False})),
    "delete": ("move entries to the trash", Writer.trash),
    "restore": ("take entries out of the trash", Writer.restore),
}
TAGGING: dict[str, tuple[str, Callable[[Writer, TodoEntry, str], TodoEntry]]] = {
    "tag": ("put a tag on an entry", Writer.tag),
    "untag": ("take a tag off an entry", Writer.untag),
}


def due(text: str) -> date | datetime:
    """Return the day or the moment that `--due` names."""
    try:
        return parse_day_or_moment(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def positive(text: str) -> int:
    """Return the number of entries that `--limit` names."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"{text!r} is no number of entries, such as 20")
    return int(text)


class Command(BaseCommand):
    """Enter, find and change entries."""

    help = (
        "Enter, find and change entries. An ID may be shortened to its first digits, as long as they fit one entry. "
        "Shows a table on a terminal, a line an entry elsewhere, and JSON with --json."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the verbs; each has --owner and --json."""
        verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

        def verb(name: str, text: str, limited: bool = False) -> ArgumentParser:
            added: ArgumentParser = verbs.add_parser(name, help=text, description=f"{text.capitalize()}.")
            added.add_argument("--owner", default=settings.LOCAL_OWNER, help="whose entries (default: %(default)s)")
            added.add_argument("--json", action="store_true", help="print entries as the API shows them, a line each")
            if limited:
                added.add_argument("--limit", type=positive, help="show so many; default: 50 on a terminal, else all")
            return added

        add = verb("add", "enter an entry")
        add.add_argument("content", metavar="TEXT", help="what is to be done")
        add.add_argument("--tag", action="append", default=[], metavar="NAME", help="a tag; may be repeated")
        add.add_argument("--due", type=due, help="a day, or a time with offset such as 2026-12-01T17:00:00Z")
        add.add_argument("--priority", type=int, default=0, help="1 (highest) to 9 (lowest); 0 is none")
        add.add_argument("--notes", default="", metavar="TEXT", help="more text")
        listed = verb("list", "list open entries, newest first", limited=True).add_mutually_exclusive_group()
        listed.add_argument("--all", action="store_true", help="completed ones too")
        listed.add_argument("--done", action="store_true", help="only completed ones")
        listed.add_argument("--trash", action="store_true", help="only what is in the trash")
        search = verb("search", "list the entries that a query finds, newest first", limited=True)
        search.add_argument("query", nargs="+", metavar="QUERY", help="words; after -- they may begin with a hyphen")
        verb("show", "show every field of entries").add_argument("ids", nargs="+", metavar="ID")
        for name, (text, _) in CHANGES.items():
            verb(name, text).add_argument("ids", nargs="+", metavar="ID")
        for name, (text, _) in TAGGING.items():
            tagging = verb(name, text)
            tagging.add_argument("ids", nargs=1, metavar="ID")
            tagging.add_argument("name", metavar="NAME")

    def handle(self, *, verb: str, owner: str, json: bool, limit: int | None = None, **words: Any) -> None:
        """Do what the verb says, and print the entries concerned."""
        try:
            self.owner_id: int = owner_named(owner).pk
            entries = self._entries(verb, **words)
            self._print(entries, verb, json, limit)
        except ValidationError as error:
            raise CommandError(_sentences(error)) from None
        except (ValueError, TodoEntry.DoesNotExist, UnknownOwnerError) as error:
            raise CommandError(str(error)) from None

    def _entries(self, verb: str, ids: Iterable[str] = (), **words: Any) -> Iterator[Entry]:
        if verb == "add":
            return iter([self._add(**words)])
        if verb == "list":
            return self._list(**words)
        if verb == "search":
            return _in_order(self._owned().live().search(" ".join(words["query"])))
        found = [self._id(prefix) for prefix in ids]
        if verb == "show":
            return (entry.as_dict() for entry in self._owned().filter(uuid__in=found))
        with writing(self.owner_id, found) as writer:
            if verb in CHANGES:
                changed = [CHANGES[verb][1](writer, writer.get(entry_id)) for entry_id in found]
            else:
                changed = [TAGGING[verb][1](writer, writer.get(entry_id), words["name"]) for entry_id in found]
        return (entry.as_dict() for entry in changed)

    def _owned(self) -> TodoEntryQuerySet:
        return TodoEntry.objects.owned_by(self.owner_id)

    def _add(self, content: str, tag: list[str], **fields: Any) -> Entry:
        names = ("due", "priority", "notes")
        with writing(self.owner_id) as writer:
            entry = writer.create({"content": content, "tags": tag, **{name: fields[name] for name in names}})
        return entry.as_dict()

    def _list(self, done: bool, trash: bool, **others: Any) -> Iterator[Entry]:
        if trash:
            return _in_order(self._owned().trashed())
        live = self._owned().live()
        return _in_order(live if others["all"] else live.completed(done))

    def _id(self, prefix: str) -> UUID:
        found = list(self._owned().id_starts_with(prefix).values("uuid", "content")[: CANDIDATES + 1])
        if not found:
            raise CommandError(f"There is no entry whose id begins with {prefix}.")
        if len(found) > 1:
            shown = "".join(f"\n  {row['uuid']}  {row['content'][:60]}" for row in found[:CANDIDATES])
            raise CommandError(f"The id {prefix} fits several entries; write more digits of one of them:{shown}")
        entry_id: UUID = found[0]["uuid"]
        return entry_id

    def _print(self, entries: Iterator[Entry], verb: str, json: bool, limit: int | None) -> None:
        terminal = self.stdout.isatty()
        if limit is None and terminal and not json and verb in ("list", "search"):
            limit = SCREEN
        shown = islice(entries, limit)
        if json:
            for entry in shown:
                self.stdout.write(dump(entry))
        elif verb == "show":
            self.stdout.write("\n\n".join(map(sheet, shown)))
        elif terminal:
            self.stdout.write(table(shown))
        else:
            for line in lines(shown):
                self.stdout.write(line)
        if limit is not None and next(entries, None):
            self.stderr.write(f"Only the first {limit} are shown; --limit shows more.")


def _in_order(entries: TodoEntryQuerySet) -> Iterator[Entry]:
    return map(represent, entries.in_order(ORDERINGS[DEFAULT_ORDERING]))


def _sentences(error: ValidationError) -> str:
    """Return what is wrong, each with the field's name."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())
