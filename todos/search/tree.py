"""The tree of a query: frozen, comparable, and printed so that parsing the text again gives the same tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from todos.moments import start_of
from todos.search.folding import fold

# The words that stand before a colon, and what may stand behind `is:` and `has:`.
FLAGS = {"is": ("open", "done", "overdue"), "has": ("due", "notes", "tags")}
TIMES = ("due", "created", "updated", "completed")
KEY = re.compile(rf"({'|'.join([*FLAGS, 'priority', *TIMES])}):", re.IGNORECASE | re.ASCII)
OPERATORS = frozenset({"or", "not"})
_BARE = re.compile(r'[^\s"()\\#-][^\s"()\\]*')


@dataclass(frozen=True)
class Text:
    """A word or a phrase that content, notes or a tag's name contains, folded."""

    text: str

    def __str__(self) -> str:
        bare = _BARE.fullmatch(self.text) and self.text.lower() not in OPERATORS and not KEY.match(self.text)
        return self.text if bare else _quoted(self.text)


@dataclass(frozen=True)
class Tagged:
    """A tag, or one inside it."""

    name: str

    def __str__(self) -> str:
        return f"#{self.name if _BARE.fullmatch(f'.{self.name}') else _quoted(self.name)}"


@dataclass(frozen=True)
class Flag:
    """A state: `is:open`, `has:due`."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"{self.key}:{self.value}"


@dataclass(frozen=True)
class Priority:
    """A priority from `low` to `high`, both included."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"priority:{self.low}" if self.low == self.high else f"priority:{self.low}..{self.high}"


@dataclass(frozen=True)
class Today:
    """The day of the question, or so many days after it."""

    days: int = 0

    def __str__(self) -> str:
        return f"today{self.days:+}d" if self.days else "today"


When = date | datetime | Today


@dataclass(frozen=True)
class Span:
    """A time that lies before, after, in, or from `first` to the end of `last`; a day lasts until the next begins."""

    field: str
    sign: str
    first: When
    last: When

    def __str__(self) -> str:
        last = "" if self.first == self.last else f"..{_time(self.last)}"
        return f"{self.field}:{self.sign}{_time(self.first)}{last}"

    def bounds(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """Return the moments from which (included) and to which (excluded) the time lies; None is no bound.

        `now` is the moment of the question in the owner's time zone, whose days are meant.
        """
        low, high = _moment(self.first, now), _moment(self.last, now, end=True)
        return {
            "": (low, high),
            "<": (None, low),
            "<=": (None, high),
            ">": (high or datetime.max.replace(tzinfo=UTC), None),
            ">=": (low, None),
        }[self.sign]


@dataclass(frozen=True)
class Not:
    """All that the term does not find."""

    term: "Node"

    def __str__(self) -> str:
        return f"-{_grouped(self.term, And, Or)}"


@dataclass(frozen=True)
class And:
    """What every term finds; without terms, everything."""

    terms: tuple["Node", ...]

    def __str__(self) -> str:
        return " ".join(_grouped(term, And, Or) for term in self.terms)


@dataclass(frozen=True)
class Or:
    """What any of the terms finds."""

    terms: tuple["Node", ...]

    def __str__(self) -> str:
        return " or ".join(_grouped(term, Or) for term in self.terms)


Node = Text | Tagged | Flag | Priority | Span | Not | And | Or


def leaves(tree: Node) -> Iterator[Node]:
    """Yield the terms of a tree, from left to right."""
    match tree:
        case And(terms) | Or(terms):
            for term in terms:
                yield from leaves(term)
        case Not(term):
            yield from leaves(term)
        case _:
            yield tree


def depends_on_time(tree: Node) -> bool:
    """Return whether the answer changes while the entries stay the same."""
    return any(
        leaf == Flag("is", "overdue") or (isinstance(leaf, Span) and Today in (type(leaf.first), type(leaf.last)))
        for leaf in leaves(tree)
    )


def outline(tree: Node, now: datetime) -> dict[str, Any]:
    """Return a tree as JSON: what was understood, words folded, times as the moments that they stand for at `now`."""
    match tree:
        case And(terms) | Or(terms):
            return {type(tree).__name__.lower(): [outline(term, now) for term in terms]}
        case Not(term):
            return {"not": outline(term, now)}
        case Text(text):
            return {"text": text, "folded": fold(text)}
        case Tagged(name):
            return {"tag": name, "folded": fold(name)}
        case Flag(key, value):
            return {key: value}
        case Priority(low, high):
            return {"priority": {"from": low, "to": high}}
        case Span():
            first, end = (bound and bound.isoformat() for bound in tree.bounds(now))
            return {tree.field: {"from": first, "before": end}}


def _grouped(node: Node, *kinds: type) -> str:
    return f"({node})" if isinstance(node, kinds) else str(node)


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _time(when: When) -> str:
    if isinstance(when, datetime):
        return when.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(when)


def _moment(when: When, now: datetime, end: bool = False) -> datetime | None:
    """Return the first moment of a day or moment, or the first one after it (None after the end of the calendar)."""
    step = timedelta(days=1)
    if isinstance(when, datetime):
        step = timedelta(microseconds=1)
    elif isinstance(when, Today):
        when = now.date() + timedelta(days=when.days)
    try:
        return start_of(when + step if end else when, now.tzinfo or UTC)
    except OverflowError:
        return None
