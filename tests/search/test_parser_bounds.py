"""No text breaks the parser, keeps it busy, or means something else when it is printed and parsed again."""

import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.search.trees import any_text, any_tree
from todos.search import Node, QueryError, parse

many = settings(max_examples=1000, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(any_tree)
def test_tree_that_is_printed_and_parsed_again_is_the_same(tree: Node) -> None:
    assert parse(str(tree)) == tree


@many
@given(any_text)
def test_text_is_understood_or_refused_with_a_place(text: str) -> None:
    found = understand(text)
    if isinstance(found, QueryError):
        assert 0 <= found.position <= len(text)
        assert found.expected
    elif len(str(found)) <= 500:
        assert parse(str(found)) == found


def understand(text: str) -> Node | QueryError:
    """Return the tree of a query, or why there is none."""
    try:
        return parse(text)
    except QueryError as error:
        return error


def calls(text: str) -> int:
    """Return how many calls, of Python and of C, understanding a query takes."""
    count = 0

    def tally(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tally)
    try:
        understand(text)
    finally:
        sys.setprofile(before)
    return count


WORST = [
    "x" * 500,
    "\\x" * 250,
    "(" * 30 + "x" * 440 + ")" * 30,
    "x " * 250,
    "-" * 500,
    "(" * 500,
    " " * 500,
    "or " * 166,
]
WORST += [
    '"' + "\\" * 498 + '"',
    '"' * 500,
    "#" * 500,
    "x or " * 29 + "x" * 355,
    "not " * 125,
    "\u0301" * 500,
    "ﷺ" * 500,
]
WORST += [
    "due:" + "9" * 496,
    "due:today+" + "9" * 490,
    "priority:" + "1" * 491,
    "due:" + ".." * 248,
    ("a" * 16 + "(") * 29,
]


@pytest.mark.parametrize("query", WORST, ids=lambda query: ascii(query[:6]))
def test_work_of_the_parser_is_bounded(query: str) -> None:
    assert len(query) <= 500
    # Ten a character, each well below ten microseconds: a few milliseconds in all.
    assert calls(query) < 10 * 500
