"""Entries as text for people: a table on a terminal, plain lines for other programs, all fields of one."""

import io
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from todos.fields import dump

Entry = Mapping[str, Any]
# C0 and C1 controls, and what turns the direction of the rest of a line.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SHORT = 8  # digits of an id, as many as git shows


def table(entries: Iterable[Entry]) -> str:
    """Return a table as wide as the terminal."""
    grid = Table(box=box.SIMPLE_HEAD)
    for name in ("id", "state", "content", "tags", "due"):
        grid.add_column(name, overflow="fold", no_wrap=name in ("id", "state"))
    grid.add_column("priority", justify="right", no_wrap=True)
    for entry in entries:
        cells = (entry["id"][:_SHORT], _state(entry), entry["content"], _tags(entry), _due(entry), _priority(entry))
        style = "" if _state(entry) == "open" else "dim"
        grid.add_row(*[Text(_printable(cell)) for cell in cells], style=style)
    output = io.StringIO()
    Console(file=output, force_terminal=True, width=shutil.get_terminal_size().columns).print(grid)
    return output.getvalue()


def lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield a line an entry: id, state, priority, due day or time, content and tags, in columns."""
    for entry in entries:
        text = _printable(f"{entry['content']} {_tags(entry)}").strip()
        yield f"{entry['id']}  {_state(entry):5}  {_priority(entry) or '-'}  {_due(entry) or '-':16}  {text}"


def sheet(entry: Entry) -> str:
    """Return every field of an entry, a line each, and an empty line."""
    values = {**entry, "tags": _tags(entry), "extra": dump(entry["extra"])}
    words = {name: _printable(_word(value)) for name, value in values.items()}
    return "\n".join(f"{name:13} {word}".rstrip() for name, word in words.items()) + "\n"


def _word(value: Any) -> str:
    return {None: "", True: "yes", False: "no"}[value] if value is None or isinstance(value, bool) else str(value)


def _state(entry: Entry) -> str:
    return "trash" if entry["deleted_at"] else "done" if entry["completed"] else "open"


def _tags(entry: Entry) -> str:
    return " ".join(f"#{name}" for name in entry["tags"])


def _priority(entry: Entry) -> str:
    return str(entry["priority"] or "")


def _due(entry: Entry) -> str:
    """Return the day, or the minute in UTC: 2026-12-01 or 2026-12-01 17:00Z."""
    due: str = entry["due"] or ""
    return f"{due[:10]} {due[11:16]}Z" if "T" in due else due


def _printable(text: str) -> str:
    """Return text that cannot steer a terminal: line ends become spaces, other controls a mark."""
    return _STEERING.sub(lambda found: " " if found[0].isspace() else "\ufffd", text)
