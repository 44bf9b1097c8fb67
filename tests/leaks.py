"""No log line holds a secret or a text of somebody's: every line that the suite makes is looked through.

Lines of the application in this process are looked at as they are written, in both forms; those of real servers when
the server is removed. What must not be there: tokens, generated passwords, and every text of eight characters and more
that a test has sent or stored, as value, parameter, header or name of a tag.
"""

import contextlib
import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

from todoproject.logs import JSONFormatter, LineFormatter

SECRET = re.compile(r"todo_[0-9A-Za-z]{40}")
PASSWORD = re.compile(r"^The admin's user is local, the password (\w+)$", re.MULTILINE)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME = re.compile(r"^\d{4}-\d\d-\d\d \S+ ")
_LOGGED = frozenset({"x-request-id", "host", "content-type", "content-length", "accept", "accept-encoding"})
LEAST, MOST = 8, 500


class Watch(logging.Handler):
    """What may not be logged in the running test, and what was logged nevertheless."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self.leaks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record of this process, as it is written in local and in token mode."""
        if record.name.startswith(("httpx", "httpcore")):  # the tests' own client
            return
        for formatter in (LineFormatter(), JSONFormatter()):
            self.leaks += leaks_of(formatter.format(record), self.texts)

    def forbid(self, *values: Any) -> None:
        """Remember the texts in values."""
        remember(self.texts, *values)

    def take(self) -> list[str]:
        """Return what was found, and begin anew."""
        found, self.leaks = self.leaks, []
        self.texts = set()
        return found


WATCH = Watch()


def remember(texts: set[str], *values: Any) -> None:
    """Add the texts in values, up to a number that keeps the looking cheap."""
    for text in _texts(values):
        if len(texts) < MOST and len(text) >= LEAST and not _UUID.fullmatch(text):
            texts.add(text)


def of_request(url: str, headers: dict[str, str], body: bytes) -> Iterator[Any]:
    """Yield the values of a request that may not be logged."""
    path, _, query = url.partition("?")
    yield [value for _, value in parse_qsl(query)]
    yield [unquote(step) for step in path.partition("/tags/")[2].split("/")]
    yield [value for name, value in headers.items() if name.lower() not in _LOGGED]
    with contextlib.suppress(ValueError, RecursionError):
        yield json.loads(body)


def leaks_of(line: str, texts: set[str]) -> list[str]:
    """Return the line if it holds a secret or one of the texts."""
    # The time of the line is nobody's text, though a test may have sent the date of today.
    if line.startswith("{"):
        line = " ".join(str(value) for name, value in json.loads(line).items() if name != "time")
    line = _TIME.sub("", line)
    line += unquote(line) if "%" in line else ""
    return [line] if SECRET.search(line) or any(text in line for text in texts) else []


def leaks_of_server(log: str, texts: set[str]) -> list[str]:
    """Return the lines of a server's log that hold what they should not; its password may be told once."""
    told = set(PASSWORD.findall(log))
    lines = [line for line in PASSWORD.sub("", log).splitlines() if line]
    return [leak for line in lines for leak in leaks_of(line, texts | told)]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
