"""The verbs of `manage.py todo` and their arguments."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.conf import settings

from todos.models import TodoEntry
from todos.moments import parse_day_or_moment
from todos.writer import Writer

Change = Callable[..., TodoEntry]

# What is done to entries: what it says in the help, and how it is done to one of them.
CHANGES: dict[str, tuple[str, Change]] = {
    "done": ("complete entries", lambda writer, entry: writer.change(entry, {"completed": True})),
    "reopen": ("make completed entries open again", lambda writer, entry: writer.change(entry, {"completed": False})),
    "delete": ("move entries to the trash", Writer.trash),
    "restore": ("take entries out of the trash", Writer.restore),
}
TAGGING: dict[str, tuple[str, Change]] = {
    "tag": ("put a tag on an entry", Writer.tag),
    "untag": ("take a tag off an entry", Writer.untag),
}


def add_verbs(parser: ArgumentParser) -> None:
    """Add every verb with its arguments; each has --owner and --json."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, text: str) -> ArgumentParser:
        added: ArgumentParser = verbs.add_parser(name, help=text, description=f"{text.capitalize()}.")
        added.add_argument("--owner", default=settings.LOCAL_OWNER, help="whose entries (default: %(default)s)")
        added.add_argument("--json", action="store_true", help="print entries as the API shows them, a line each")
        return added

    _describe_entry(verb("add", "enter an entry"))
    _choose_state(_limited(verb("list", "list open entries, newest first")))
    search = _limited(verb("search", "list the entries that a query finds, newest first"))
    search.add_argument("query", nargs="+", metavar="QUERY", help="words; after -- they may begin with a hyphen")
    verb("show", "show every field of entries").add_argument("ids", nargs="+", metavar="ID")
    for name, (text, _) in CHANGES.items():
        verb(name, text).add_argument("ids", nargs="+", metavar="ID")
    for name, (text, _) in TAGGING.items():
        tagging = verb(name, text)
        tagging.add_argument("ids", nargs=1, metavar="ID")
        tagging.add_argument("name", metavar="NAME")


def _describe_entry(parser: ArgumentParser) -> None:
    parser.add_argument("content", metavar="TEXT", help="what is to be done")
    parser.add_argument("--tag", action="append", default=[], metavar="NAME", help="a tag; may be repeated")
    parser.add_argument("--due", type=_due, help="a day, or a time with offset such as 2026-12-01T17:00:00Z")
    parser.add_argument("--priority", type=int, default=0, metavar="N", help="1 (highest) to 9 (lowest); 0 is none")
    parser.add_argument("--notes", default="", metavar="TEXT", help="more text")


def _choose_state(parser: ArgumentParser) -> None:
    state: Any = parser.add_mutually_exclusive_group()
    state.add_argument("--all", action="store_true", help="completed ones too")
    state.add_argument("--done", action="store_true", help="only completed ones")
    state.add_argument("--trash", action="store_true", help="only what is in the trash")


def _limited(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument(
        "--limit", type=_positive, metavar="N", help="show so many; default: 50 on a terminal, elsewhere all"
    )
    return parser


def _due(text: str) -> date | datetime:
    try:
        return parse_day_or_moment(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"{text!r} is no number of entries, such as 20")
    return int(text)
