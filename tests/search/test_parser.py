"""A query is understood as the contract's table says, or refused with the place and what was expected there."""

from datetime import UTC, date, datetime

import pytest

from todos.search import And, Flag, Node, Not, Or, Priority, QueryError, Span, Tagged, Text, parse
from todos.search.tree import Today

A, B, C = Text("a"), Text("b"), Text("c")
DAY, LAST_DAY = date(2026, 12, 1), date(2026, 12, 31)
FIVE = datetime(2026, 12, 1, 17, tzinfo=UTC)

UNDERSTOOD: dict[str, Node] = {
    # Every form of the contract's table.
    "milk": Text("milk"),
    '"oat milk"': Text("oat milk"),
    "#home": Tagged("home"),
    "#home/garden": Tagged("home/garden"),
    '#"two words"': Tagged("two words"),
    **{f"is:{state}": Flag("is", state) for state in ("open", "done", "overdue")},
    **{f"has:{part}": Flag("has", part) for part in ("due", "notes", "tags")},
    "priority:1": Priority(1, 1),
    "priority:1..3": Priority(1, 3),
    "due:2026-12-01": Span("due", "", DAY, DAY),
    "due:<2026-12-01": Span("due", "<", DAY, DAY),
    "due:<=2026-12-01": Span("due", "<=", DAY, DAY),
    "due:>2026-12-01": Span("due", ">", DAY, DAY),
    "due:>=2026-12-01": Span("due", ">=", DAY, DAY),
    "due:2026-12-01..2026-12-31": Span("due", "", DAY, LAST_DAY),
    "due:2026-12-01T17:00:00Z": Span("due", "", FIVE, FIVE),
    "due:2026-12-01T18:00+01:00": Span("due", "", FIVE, FIVE),
    "due:today": Span("due", "", Today(), Today()),
    "due:<today+7d": Span("due", "<", Today(7), Today(7)),
    "due:today-1d..2026-12-01": Span("due", "", Today(-1), DAY),
    **{f"{key}:2026-12-01": Span(key, "", DAY, DAY) for key in ("created", "updated", "completed")},
    "a b": And((A, B)),
    "a or b": Or((A, B)),
    "-a": Not(A),
    "not a": Not(A),
    "(a)": A,
    "": And(()),
    " \t\u3000\n": And(()),
    # What binds stronger.
    "a b or c": Or((And((A, B)), C)),
    "a or b c": Or((A, And((B, C)))),
    "a (b or c)": And((A, Or((B, C)))),
    "(a b) c": And((And((A, B)), C)),
    "a or b or c": Or((A, B, C)),
    "a or (b or c)": Or((A, Or((B, C)))),
    "-a b": And((Not(A), B)),
    "not a or b": Or((Not(A), B)),
    "-(a b)": Not(And((A, B))),
    "not not a": Not(Not(A)),
    "--a": Not(Not(A)),
    "not -a": Not(Not(A)),
    "-#home": Not(Tagged("home")),
    "-is:done": Not(Flag("is", "done")),
    # Case, and space of any script.
    "a OR b": Or((A, B)),
    "NOT a": Not(A),
    "a or\u3000b": Or((A, B)),
    "not\u00a0a": Not(A),
    "a\u3000b": And((A, B)),
    "IS:Open": Flag("is", "open"),
    "Due:TODAY": Span("due", "", Today(), Today()),
    # What is a word although it looks like more.
    '"or"': Text("or"),
    '"not" a': And((Text("not"), A)),
    "\\or": Text("or"),
    "orange": Text("orange"),
    "nothing": Text("nothing"),
    "a-b": Text("a-b"),
    "a#b": Text("a#b"),
    "\\-a": Text("-a"),
    "\\#home": Text("#home"),
    '"-a"': Text("-a"),
    '"is:open"': Text("is:open"),
    "is\\:open": Text("is:open"),
    "http://example.org": Text("http://example.org"),
    "\u0131s:open": Text("\u0131s:open"),
    "i\u017f:open": Text("i\u017f:open"),
    '\\"': Text('"'),
    '"a\\"b"': Text('a"b'),
    "\\\\": Text("\\"),
    "\\(a\\)": Text("(a)"),
    '"a\\b"': Text("ab"),
    "a\\ b": Text("a b"),
    # What needs no space.
    '"a"b': And((A, B)),
    '"a""b"': And((A, B)),
    "(a)(b)": And((A, B)),
    "a(b)": And((A, B)),
    '"a"or"b"': Or((A, B)),
    "(a)or(b)": Or((A, B)),
    "not(a)": Not(A),
    '-"a b"': Not(Text("a b")),
}

TERM, TIME, TAG = "a word", "a day such as", "a tag's name"
# Where a query stops being understood, and how what was expected there begins.
REFUSED: dict[str, tuple[int, str]] = {
    "(": (1, TERM),
    ")": (0, TERM),
    "()": (1, TERM),
    "(a": (2, "a closing )"),
    "a)": (1, "the end"),
    "a or": (4, TERM),
    "or a": (0, TERM),
    "a or or b": (5, TERM),
    "not": (3, TERM),
    "not or a": (4, TERM),
    "-": (1, "the term that - excludes"),
    "- a": (1, "the term that - excludes"),
    "-)": (1, TERM),
    'a "b': (4, 'a closing "'),
    '""': (1, "a phrase"),
    "a\\": (2, "the character"),
    '"a\\': (3, "the character"),
    "#": (1, TAG),
    "# a": (1, TAG),
    '#""': (2, "a phrase"),
    "#a,b": (1, TAG),
    "##a": (1, TAG),
    f"#{'a' * 101}": (1, TAG),
    "a \u0301": (2, "a letter"),
    "is:": (3, "one of open, done, overdue"),
    "a is:late": (5, "one of open, done, overdue"),
    'is:"open"': (3, "one of open, done, overdue"),
    "has:x": (4, "one of due, notes, tags"),
    "priority:": (9, "a priority"),
    "priority:10": (9, "a priority"),
    "priority:3..1": (9, "a priority"),
    "priority:<3": (9, "a priority"),
    "priority:\u0661": (9, "a priority"),
    "due:": (4, TIME),
    "due:soon": (4, TIME),
    "due:2026-02-30": (4, TIME),
    "due:2026-12-01T17:00": (4, TIME),
    "due:today+7": (4, TIME),
    "due:today+100000d": (4, TIME),
    "due:<": (4, TIME),
    "due:..": (4, TIME),
    "due:2026-12-01..": (4, TIME),
    "due:<2026-12-01..2026-12-31": (4, TIME),
    "due:2026-12-31..2026-12-01": (4, "the earlier time"),
    "due:today..today-1d": (4, "the earlier time"),
    "a\x00b": (1, "a character that an entry can hold"),
    "a\ud800": (1, "a character that an entry can hold"),
    "x" * 501: (500, "the end: a query has up to 500 characters"),
    "x " * 31: (60, "the end: a query has up to 30 terms"),
    f"{'-' * 31}x": (30, "a term: groups and negations are up to 30 deep"),
    f"{'(' * 31}x": (30, "a term: groups and negations are up to 30 deep"),
}


@pytest.mark.parametrize(("query", "tree"), UNDERSTOOD.items())
def test_query_is_understood(query: str, tree: Node) -> None:
    assert parse(query) == tree


@pytest.mark.parametrize("query", ["x" * 500, "x " * 30, f"{'-' * 30}x", f"{'(' * 30}x{')' * 30}", f"#{'a' * 100}"])
def test_query_at_a_limit_is_understood(query: str) -> None:
    parse(query)


@pytest.mark.parametrize(("query", "place"), REFUSED.items(), ids=lambda value: ascii(value)[:30])
def test_query_is_refused_where_it_stops_being_understood(query: str, place: tuple[int, str]) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)

    position, expected = place
    assert caught.value.position == position
    assert caught.value.expected.startswith(expected)
    assert f"position {position}: expected {expected}" in str(caught.value)
