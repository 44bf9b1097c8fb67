"""What Hypothesis makes queries of: trees as the parser can give them, and text that looks like a query."""

from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any

from hypothesis import strategies as st

from todos.search import And, Flag, Node, Not, Or, Priority, Span, Tagged, Text, fold
from todos.search.parser import MAX_DEPTH, MAX_LENGTH, MAX_TERMS
from todos.search.tree import FLAGS, TIMES, Today, When, leaves

# What the language gives a meaning to, and what comes close.
PIECES = [
    "or", "OR", "not", "Not", "-", "--", "\\", '"', "(", ")", "#", ":", "..", "<", "<=", ">", ">=", " ", "\t", "\u3000",
    "is:", "IS:open", "has:notes", "has:x", "priority:", "1..3", "9", "due:", "created:", "updated:", "completed:",
    "today", "today+7d", "today-", "2026-12-01", "2026-02-30", "2026-12-01T17:00:00Z", "9999-12-31", "0001-01-01",
    "milk", "Ж", "ß", "한", "買", "ก", "क्ष", "שָׁ", "👩‍👩‍👧", "\u0301", "\x1f", "\x1d", "%", "_",
    "'", ",", "orange", "notes", "-5",
]  # fmt: skip
STORABLE = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join), st.text(STORABLE, min_size=1, max_size=8)
).filter(fold)
names = texts.filter(lambda name: not set(",#") & set(name))
days = st.dates() | st.dates(date(2025, 1, 1), date(2027, 12, 31))
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 # Hypothesis adds it
whens: st.SearchStrategy[When] = st.one_of(days, moments, st.integers(-99_999, 99_999).map(Today))
flags = st.sampled_from([Flag(key, value) for key, values in FLAGS.items() for value in values])
priorities = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: Priority(min(pair), max(pair)))


def _ranged(field: str, first: When, last: When) -> Span:
    """Put two times that can be compared into their order, as the parser demands."""
    key: Any = attrgetter("days") if isinstance(first, Today) else None
    return Span(field, "", *(sorted([first, last], key=key) if type(first) is type(last) else [first, last]))


fields, signs = st.sampled_from(TIMES), st.sampled_from(["", "<", "<=", ">", ">="])
spans = st.one_of(
    st.builds(lambda field, sign, when: Span(field, sign, when, when), fields, signs, whens),
    st.builds(_ranged, fields, whens, whens),
)


def trees(leaf: st.SearchStrategy[Any], size: int = MAX_TERMS) -> st.SearchStrategy[Node]:
    """Make trees as the parser can give them: 2 terms or more below `and` and `or`, within the limits of a query."""

    def grow(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(below, min_size=2, max_size=4).map(tuple)
        return st.one_of(below.map(Not), several.map(And), several.map(Or))

    return st.recursive(leaf, grow, max_leaves=size).filter(is_query)


def is_query(tree: Node) -> bool:
    """Return whether the tree, as text, keeps the limits of a query."""
    return len(list(leaves(tree))) <= MAX_TERMS and len(str(tree)) <= MAX_LENGTH and depth(tree) <= MAX_DEPTH


def depth(tree: Node) -> int:
    """Return how deep negations and groups stand in each other, at most (a group may print without parentheses)."""
    match tree:
        case And(terms) | Or(terms):
            return 1 + max(map(depth, terms))
        case Not(term):
            return 1 + depth(term)
    return 0


any_leaf: st.SearchStrategy[Any] = st.one_of(texts.map(Text), names.map(Tagged), flags, priorities, spans)
any_tree = trees(any_leaf)
any_text = st.one_of(
    st.text(max_size=600),
    st.text(st.characters(), max_size=30),  # halves of surrogate pairs and control characters too
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.lists(st.sampled_from([*PIECES, "\x00", "\ud800", "\n"]), max_size=40).map(" ".join),
    any_tree.map(str),
)
