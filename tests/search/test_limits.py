"""The largest queries that are understood are answered, in time and to the letter, on both databases."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests.client import ApiClient
from todos.models import TodoEntry
from todos.search import matches, parse
from todos.search.index import candidate_ids

Make = Callable[..., Any]


def nested(inner: str, depth: int, *operators: str) -> str:
    """Put a term into groups, each beside a term of its own."""
    for number in range(depth):
        inner = f"w{number:02} {operators[number % len(operators)]} ({inner})".replace("  ", " ")
    return inner


LARGEST = {
    "groups in turns": nested("w00", 29, "or", ""),
    "groups of or": nested("w00", 29, "or"),
    "groups of and": nested("w00", 29, ""),
    "nothing but groups": f"{'(' * 30}w00{')' * 30}",
    "negations": f"{'-' * 30}w00",
    "30 words": " ".join(f"w{number:02}" for number in range(30)),
    "30 words, or": " or ".join(f"w{number:02}" for number in range(30)),
    "30 words, not": " ".join(f"-x{number:02}" for number in range(30)),
    "30 long words": " ".join(f"w{number:02}-long-word" for number in range(30)),
    "30 tags": " ".join(f"#t{number:02}" for number in range(30)),
    "30 tags, or": " or ".join(f"#t{number:02}/inside" for number in range(30)),
    "30 times": " or ".join(["due:today"] * 30),
    "one word": "w" * 500,
    "one phrase": f'"{" ".join(["long"] * 99)}"',
    "ligatures of 18 letters": "\ufdfa" * 500,
    "what LIKE knows": "\\\\%_" * 125,
    "quotes": '\\"' * 250,
    "tags of 100 letters": f"#{'t' * 100} #{'u' * 100}",
}


@pytest.fixture
def entry(make: Make) -> Any:
    """An entry that nearly all of the queries find, and one that none but the negations does."""
    words = " ".join(f"w{number:02}-long-word" for number in range(30))
    notes = " ".join(["w" * 500, " ".join(["long"] * 99), "\ufdfa" * 500, "\\%_" * 125, '"' * 250])
    make("tea")
    return make(words, notes=notes, tags=[*(f"t{number:02}" for number in range(30)), "t" * 100, "u" * 100])


@pytest.mark.parametrize("name", LARGEST)
def test_largest_query_is_answered_as_it_is_meant(api: ApiClient, entry: Any, name: str) -> None:
    query = LARGEST[name]
    tree, now = parse(query), timezone.localtime()
    expected = [row for row in TodoEntry.objects.order_by("-pk").values() if matches(tree, row, now)]
    answer = api.get("todos", params={"search": query})
    candidates = candidate_ids(entry.owner_id, tree, 10)

    assert (answer.status, answer.ids) == (200, [str(row["uuid"]) for row in expected])
    assert candidates is None or {row["id"] for row in expected} <= set(candidates)


def test_nearly_all_of_these_queries_find_something(api: ApiClient, entry: Any) -> None:
    nothing = [name for name, query in LARGEST.items() if not api.get("todos", params={"search": query}).ids]

    assert nothing == ["30 tags, or", "30 times"]
