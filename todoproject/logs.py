"""The log: one record a line, readable or JSON, and never a value that somebody sent or stored.

A message may be kept for years and read by many, so it holds names, numbers and places in the code; not what stands in
an entry, a query, a header or a parameter. Tracebacks show no local variables, and of an exception only what is known
to be free of values.
"""

import logging
import re
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, NamedTuple

# What no line of this log says, so that it need not be found out for each.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
logging._srcfile = None  # Python's "Optimization" of logging: no search for the caller

_access = logging.getLogger("access")
# The id of the request that this thread is working on; every line carries it.
request_id: ContextVar[str] = ContextVar("request_id", default="")

_SECRET = re.compile(r"todo_[0-9A-Za-z]{40}")
# Where a message begins to quote; an apostrophe inside of a word is none. A value may hold quotation marks itself, so
# all that follows is left out.
_QUOTE = re.compile(r"""(?<!\w)(b|bytearray\(b)?'|["[?]""")
_DATABASES = ("django.db.", "psycopg", "sqlite3", "pysqlite3")
# SQLSTATE classes whose messages quote tables, columns and constraints, but no value; a syntax error quotes the text.
_QUOTES_NAMES = re.compile("23|42(?!601)")
_CONNECTING = ("connection", "consuming input failed", "the connection")
_QUOTES_BARE = re.compile("fts5|MATCH|special query")  # SQLite's index of trigrams, without quotation marks
_FRAMES = 40  # the innermost
_SAYS_NAMES = {"AttributeError", "EnvError", "ImportError", "ImproperlyConfigured", "NameError", "RecursionError"}


class Answered(NamedTuple):
    """The message of the access log: one request and its answer."""

    method: str
    path: str
    status: int
    ms: float
    bytes: int
    owner: int | None
    complete: bool = True

    def __str__(self) -> str:
        broken = "" if self.complete else " broken off"
        owner = "" if self.owner is None else f" owner {self.owner}"
        return f"{self.method} {self.path} {self.status}{broken} {self.ms} ms {self.bytes} bytes{owner}"

    def members(self) -> str:
        """Return it as members of a JSON object; `json.dumps` takes three times as long, for each request."""
        owner = "null" if self.owner is None else self.owner
        complete = "true" if self.complete else "false"
        return (
            f'"method": {_quoted(self.method)}, "path": {_quoted(self.path)}, "status": {self.status}, '
            f'"ms": {self.ms}, "bytes": {self.bytes}, "owner": {owner}, "complete": {complete}'
        )


class Console(logging.StreamHandler[Any]):
    """Standard error, which keeps no line back: there is nothing to flush after each."""

    def flush(self) -> None:
        """Do nothing."""


def note(answered: Answered) -> None:
    """Log a request, without what `Logger.info` finds out for its record: the lines of the program that called it."""
    if _access.isEnabledFor(logging.INFO):
        _access.handle(logging.LogRecord(_access.name, logging.INFO, "", 0, answered, None, None))


class LineFormatter(logging.Formatter):
    """One readable line a record, for a terminal; a traceback follows it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text, in local time."""
        moment = datetime.fromtimestamp(record.created).astimezone().isoformat(" ", "milliseconds")
        line = f"{moment} {record.levelname} {record.name}: {_one_line(message(record))}"
        if current := request_id.get():
            line += f" [{current}]"
        if failure := trace(record):
            line += f"\n{failure}"
        return hidden(line)


class JSONFormatter(logging.Formatter):
    """One JSON object a record, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as an object in one line, its time in UTC."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = f'"time": "{moment}", "level": "{record.levelname}", "logger": {_quoted(record.name)}, '
        line += f'"message": {_quoted(message(record))}'
        if current := request_id.get():
            line += f', "request_id": {_quoted(current)}'
        if isinstance(record.msg, Answered):
            line += f", {record.msg.members()}"
        if failure := trace(record):
            line += f', "traceback": {_quoted(failure)}'
        return hidden(f"{{{line}}}")


def message(record: logging.LogRecord) -> str:
    """Return what a record says, without what Django and gunicorn repeat of the request."""
    if not record.name.startswith(("django.", "gunicorn.")):
        return record.getMessage()
    if record.name.startswith("django.") and isinstance(record.args, tuple) and str(record.msg).endswith(": %s"):
        # The path, which the access log has in a form without names of tags.
        return _unquoted(str(record.msg).removesuffix(": %s") % record.args[:-1])
    text = record.getMessage()
    return "Error handling request" if text.startswith("Error handling request") else _unquoted(text)


def trace(record: logging.LogRecord) -> str:
    """Return the traceback of a record, the cause first; empty if there is none."""
    error = record.exc_info[1] if record.exc_info else None
    return "".join(_story(error)).rstrip("\n") if error else ""


def reason(error: BaseException) -> str:
    """Return what may be told of an exception: its type, and its message as far as that holds no value."""
    kind = type(error)
    if isinstance(error, OSError):
        return f"{kind.__name__}: {error.strerror}" if error.strerror else kind.__name__
    if kind.__module__.startswith(_DATABASES):
        return _database_reason(error)
    return f"{kind.__name__}: {error}" if _SAYS_NAMES & {each.__name__ for each in kind.__mro__} else kind.__name__


def hidden(line: str) -> str:
    """Return a line without tokens; nothing should write one, so this is the second lock on the door."""
    return _SECRET.sub("todo_…", line) if "todo_" in line else line


def _database_reason(error: BaseException) -> str:
    """PostgreSQL tells values in further lines (DETAIL, LINE 1) and, in some classes of errors, in the first one."""
    name, text = type(error).__name__, str(error).partition("\n")[0]
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None) or ""
    if _QUOTES_BARE.search(text):
        text = "…"
    elif not _QUOTES_NAMES.match(state) and not text.startswith(_CONNECTING):
        text = _unquoted(text)
    return f"{name}: {text} ({state})" if state else f"{name}: {text}"


def _unquoted(text: str) -> str:
    quote = _QUOTE.search(text)
    return f"{text[: quote.start()]}…" if quote else text


def _one_line(text: str) -> str:
    """Return text in which nothing can pass for a line of its own, or move the cursor of a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _story(error: BaseException | None) -> Iterator[str]:
    """Yield the lines of a traceback, what happened first at the top."""
    told: list[BaseException] = []
    while error is not None and error not in told:
        told.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for error in reversed(told):
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__, limit=-_FRAMES)
        yield f"{reason(error)}\n"
