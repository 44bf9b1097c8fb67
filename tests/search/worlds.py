"""Entries in many scripts, a moment in a time zone, and a query that is likely to find some of the entries.

All is made from a tape of bytes, one a choice: Hypothesis makes and shrinks the tape, much faster than it would make
the objects. A zero is the simplest choice.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import Any, TypeVar
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.utils import timezone

from todos import querysets
from todos.models import TodoEntry
from todos.search import And, Flag, Node, Not, Or, Priority, Span, Tagged, Text, fold
from todos.search.tree import FLAGS, TIMES, Today, When

T = TypeVar("T")
PIECES = [
    "milk", "Milky", "oat milk", "CAFÉ", "cafe\u0301", "Straße", "ﬁn", "ＡＢ", "İx", "Ёлка", "ТЕКСТ", "текстом", "οδός",
    "ΟΔΌΣ", "مَرْحَبًا", "ﷺ", "שָׁלוֹם", "क्षेत्र", "ภาษาไทย", "한국어", "\u1112\u1161\u11ab", "買牛乳", "牛", "ガ", "👩‍👩‍👧",
    "👍🏽", "50%", "_", "a_b", '"', "'", "\\", "\\%", "or", "not", "-", "(", ")", "#home", "is:open", "due:today", "*",
    "NEAR(", " ", "\n", "\u3000", "\x1f", "\x1d", "\ufffe", "\U000f0000\U000f0000\U000f0000", "\U0010ffff", "/", "a",
    "b", "\u0301",
]  # fmt: skip
TAGS = [
    "home", "Home/Garden", "home/garden/roses", "homework", "café", "работа", "買物", "a b%_", 'q"\\', "or", "x/-y",
    "مهم",
]  # fmt: skip
# Far from UTC, with minutes, with midnights that do not exist, and one that left out a whole day.
ZONES = ["UTC", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia"]
NOWS = [
    "2026-06-01T12:00:00.5",
    "2026-02-28T23:59:59.999999",
    "2018-11-04T03:00",
    "2018-11-03T22:30",
    "2011-12-31T10:00",
]
STEPS = [
    timedelta(),
    timedelta(seconds=1),
    timedelta(seconds=-1),
    timedelta(microseconds=1),
    timedelta(microseconds=-1),
]
SIGNS = ["", "<", "<=", ">", ">="]


class Tape:
    """Choices, one after the other."""

    def __init__(self, tape: bytes) -> None:
        self.left: Iterator[int] = iter(tape)

    def below(self, size: int) -> int:
        """Return a number from 0; 0 where the tape has ended."""
        return next(self.left, 0) % size

    def one(self, choices: Sequence[T]) -> T:
        """Return one of them."""
        return choices[self.below(len(choices))]


@dataclass(frozen=True)
class World:
    """What one example is about: `page`, `windows` and `candidates` are as small as the list of entries."""

    now: datetime
    entries: list[dict[str, Any]]
    tree: Node
    literal: str
    ordering: str
    page: int
    windows: tuple[tuple[int, int], ...]
    candidates: int

    @contextmanager
    def here(self) -> Iterator[None]:
        """Let it be that moment in that time zone, for a store with limits so small."""
        small = patch.multiple(querysets, WINDOWS=self.windows, CANDIDATES=self.candidates)
        with small, patch.object(timezone, "now", return_value=self.now), timezone.override(self.now.tzinfo):
            yield

    def rows(self, owner_id: int) -> list[TodoEntry]:
        """Return the entries as rows that an owner whose revision is 1 may have."""
        rows = [TodoEntry(owner_id=owner_id, revision=1, **fields) for fields in self.entries]
        for row in rows:
            row.derive()
        return rows


def make_world(tape: bytes) -> World:
    """Make everything of one example."""
    choose = Tape(tape)
    here = datetime.fromisoformat(choose.one(NOWS)).replace(tzinfo=UTC).astimezone(ZoneInfo(choose.one(ZONES)))
    entries = [_entry(choose, here) for _ in range(1 + choose.below(5))]
    return World(
        here,
        entries,
        tree=_tree(choose, here, entries, depth=3),
        literal=choose.one(["", "home", _word(choose, entries), _word(choose, entries)]),
        ordering=choose.one(["-created_at", "-created_at", *querysets.ORDERINGS]),
        page=choose.one([50, 2]),
        windows=choose.one([((1, 1), (2, 0)), ((2, 1), (4, 0)), querysets.WINDOWS]),
        candidates=choose.one([querysets.CANDIDATES, 1]),
    )


def _text(choose: Tape, length: int) -> str:
    """Join pieces, and now and then any character at all (no half of a surrogate pair, which nothing can store)."""
    found = []
    for _ in range(1 + choose.below(length)):
        code = choose.below(17) << 16 | choose.below(256) << 8 | choose.below(256)
        anything = chr(code or 0x61) if not 0xD800 <= code < 0xE000 else "?"
        found.append(anything if choose.below(8) == 7 else choose.one(PIECES))
    return "".join(found)


def _moment(choose: Tape, here: datetime) -> datetime:
    """Return a moment about now, or about the beginning of a day around it."""
    start = datetime.combine(here.date(), time(), here.tzinfo)
    base = choose.one([here, here.replace(microsecond=0), *(start + timedelta(days=day) for day in (-1, 0, 1, 2))])
    return base.astimezone(UTC) + choose.one(STEPS)


def _day(choose: Tape, here: datetime) -> date:
    """Return a day about today, or an end of the calendar."""
    return choose.one([*(here.date() + timedelta(days=day) for day in (0, 1, -1, 2, -2)), date.min, date.max])


def _entry(choose: Tape, here: datetime) -> dict[str, Any]:
    """Return the columns of an entry."""
    due: datetime | None = _moment(choose, here)
    kind = choose.below(3)
    if kind < 2:
        due = datetime.combine(_day(choose, here), time(tzinfo=UTC)) if kind else None
    tags = {fold(name): name for name in (choose.one(TAGS) for _ in range(choose.below(4)))}
    return {
        "content": _text(choose, 4).strip() or "x",
        "notes": choose.one(["", _text(choose, 3)]),
        "tag_names": sorted(tags.values()),
        "priority": choose.below(10),
        "due_at": due,
        "due_has_time": kind == 2,
        "completed_at": choose.one([None, None, _moment(choose, here)]),
        "created_at": _moment(choose, here),
        "updated_at": _moment(choose, here),
        "deleted_at": choose.one([None, None, None, here.astimezone(UTC)]),
    }


def _word(choose: Tape, entries: list[dict[str, Any]]) -> str:
    """Return a part of a text of an entry, often spelled in another way, or a text that may be in none."""
    entry = choose.one(entries)
    source = choose.one([entry["content"], entry["notes"] or "y", *entry["tag_names"], _text(choose, 2)])
    at = choose.below(len(source))
    part = source[at : at + choose.one([1, 2, 3, 4, 7, 40])]
    respelled = [part, part.upper(), part.swapcase(), fold(part), unicodedata.normalize("NFD", part), f"{part}\u0301"]
    word = choose.one(respelled)
    return word if fold(word) else "a"


def _tree(choose: Tape, here: datetime, entries: list[dict[str, Any]], depth: int) -> Node:
    """Return a query; what it asks for is likely to be near what the entries have."""
    kind = choose.below(12 if depth else 9)
    if kind >= 9:
        several = tuple(_tree(choose, here, entries, depth - 1) for _ in range(2 + choose.below(2)))
        return (Not(several[0]), And(several), Or(several))[kind - 9]
    match kind:
        case 5:
            return Tagged(choose.one([*TAGS, "HOME", "home/garden", "cafe", "hom"]))
        case 6:
            return choose.one([Flag("is", "overdue"), *(Flag(key, value) for key in FLAGS for value in FLAGS[key])])
        case 7:
            low = choose.below(10)
            return Priority(low, low + choose.below(10 - low))
        case 8:
            return _span(choose, here)
        case _:
            return Text(_word(choose, entries))


def _span(choose: Tape, here: datetime) -> Span:
    """Return a time as the parser would: of two that can be compared, the earlier one first."""
    whens: list[When] = [Today(choose.below(5) - 2), _day(choose, here), _moment(choose, here)]
    field, sign, first, last = choose.one(TIMES), choose.one(SIGNS), choose.one(whens), choose.one(whens)
    if sign:
        return Span(field, sign, first, first)
    if type(first) is type(last):
        key: Any = attrgetter("days") if isinstance(first, Today) else None
        first, last = sorted([first, last], key=key)  # type: ignore[type-var]
    return Span(field, "", first, last)
