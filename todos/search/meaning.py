"""What a tree means, in plain Python: the judge of what the databases answer, and the order of relevance."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from todos.search.folding import PART, fold, folded_text
from todos.search.tree import And, Flag, Node, Not, Or, Priority, Span, Tagged, Text

WORST = 12
FEW = 16


def matches(tree: Node, row: Mapping[str, Any], now: datetime) -> bool:
    """Return whether the entry with these columns is found; `now` is the moment of the question in the time zone."""
    match tree:
        case And(terms):
            return all(matches(term, row, now) for term in terms)
        case Or(terms):
            return any(matches(term, row, now) for term in terms)
        case Not(term):
            return not matches(term, row, now)
        case Text(text):
            return fold(text) in folded_text(row["content"], row["notes"], row["tag_names"])
        case Tagged(name):
            return any(f"{fold(tag)}/".startswith(f"{fold(name)}/") for tag in row["tag_names"])
        case Priority(low, high):
            return low <= int(row["priority"]) <= high
        case Flag(key, value):
            return _has_flag(key, value, row, now)
        case Span():
            return _lies_in(tree, row, now)


def _has_flag(key: str, value: str, row: Mapping[str, Any], now: datetime) -> bool:
    match key, value:
        case "is", "open":
            return row["completed_at"] is None
        case "is", "done":
            return row["completed_at"] is not None
        case "has", "notes":
            return bool(row["notes"])
        case "has", "tags":
            return bool(row["tag_names"])
        case "has", _:
            return row["due_at"] is not None
    if row["completed_at"] is not None or row["due_at"] is None:
        return False
    if row["due_has_time"]:
        return bool(row["due_at"] < now.replace(microsecond=0))
    return bool(row["due_at"].date() < now.date())


def _lies_in(span: Span, row: Mapping[str, Any], now: datetime) -> bool:
    value = row[f"{span.field}_at"]
    if value is None:
        return False
    low, high = span.bounds(now)
    if span.field == "due" and not row["due_has_time"]:
        # A day is compared by the clock on the wall: it begins when the day begins in the time zone.
        low, high = (bound and bound.replace(tzinfo=UTC) for bound in (low, high))
    return (low is None or low <= value) and (high is None or value < high)


def relevance(tree: Node, folded: str) -> int:
    """Return how far an entry with this folded text is from what was asked; the lower, the better.

    The sum over all words and phrases that are wanted: whole content 0, whole word, start of a word, inside a word;
    within each, content comes before tags before notes.
    """
    content, notes, tags = folded.split(PART, 2)
    parts = (content, tags, notes)
    return sum(min((_grade(word, parts), WORST)) for word in _wanted(tree))


def _wanted(tree: Node) -> Iterator[str]:
    match tree:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _wanted(term)
        case Text(text):
            yield fold(text)


def _grade(word: str, parts: tuple[str, str, str]) -> int:
    if parts[0] == word:
        return 0
    return min((3 * _place(word, part) + rank for rank, part in enumerate(parts) if word in part), default=WORST)


def _place(word: str, part: str) -> int:
    """Return 1 if the word stands alone somewhere in the part, 2 if something begins with it, 3 if it is inside."""
    best, at, looked = 3, part.find(word), 0
    while at >= 0 and best > 1:
        if looked >= FEW and all(map(_of_word, word)):
            return _place_among_words(word, part)
        end, looked = at + len(word), looked + 1
        if at == 0 or not (_of_word(part[at - 1]) and _of_word(word[0])):
            alone = end == len(part) or not (_of_word(part[end]) and _of_word(word[-1]))
            best = 1 if alone else 2
        at = part.find(word, at + 1)
    return best


def _place_among_words(word: str, part: str) -> int:
    """Return the same for a word of letters that stands at many places: at twenty thousand, say."""
    words = _words(part)
    first = words[bisect_left(words, word)] if word <= words[-1] else ""
    return 1 if first == word else 2 if first.startswith(word) else 3


@lru_cache(maxsize=4)
def _words(part: str) -> list[str]:
    """Return the words of a text, sorted."""
    # To `\w` the underscore is a letter, too.
    return sorted(set(re.findall(_letters(), part.replace("_", " "))))


@cache
def _letters() -> str:
    """Return a pattern of words: letters, digits, and marks, which `\\w` does not know."""
    codes = (*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0))  # where there are marks
    return f"[\\w{''.join(char for char in map(chr, codes) if unicodedata.category(char)[0] == 'M')}]+"


def _of_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNM"
