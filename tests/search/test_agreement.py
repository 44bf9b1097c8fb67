"""The database finds what the tree means in plain Python, in the same order: 2,000 examples, or SEARCH_EXAMPLES."""

import os
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models, transaction
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.search.worlds import World, make_world
from todos.ledger import Ledger
from todos.models import TodoEntry
from todos.querysets import ORDERINGS, Ordering
from todos.relevance import Relevance
from todos.search import And, Node, Or, Text, fold, matches

EXAMPLES = int(os.environ.get("SEARCH_EXAMPLES", "2000"))
TAPE = 350  # bytes: enough for all but one example in a thousand


def wanted(tree: Node) -> Iterator[str]:
    """Yield the words and phrases that an entry should have, folded."""
    match tree:
        case And(terms) | Or(terms):
            for term in terms:
                yield from wanted(term)
        case Text(text):
            yield fold(text)


def is_joined(left: str, right: str) -> bool:
    """Return whether two characters, each perhaps missing, stand in one word: letters, digits and their marks."""
    return all(char and unicodedata.category(char)[0] in "LMN" for char in (left, right))


def grade(word: str, row: TodoEntry) -> int:
    """Return the rank of one word as the contract says: whole content, whole word, start of a word, inside a word."""
    if fold(row.content) == word:
        return 0
    ranks = [12]
    for rank, text in [(0, row.content), *((1, name) for name in row.tag_names), (2, row.notes)]:
        part = fold(text)
        for at in range(len(part)):
            if part.startswith(word, at):
                end = at + len(word)
                begins = not is_joined(part[at - 1 : at] if at else "", word[0])
                ends = not is_joined(word[-1], part[end : end + 1])
                ranks.append(rank + (3 if begins and ends else 6 if begins else 9))
    return min(ranks)


def in_order(ordering: Ordering, rows: list[TodoEntry], ids: list[int]) -> list[int]:
    """Return ids in an order of the list: no value comes last either way, ties by creation order."""
    values = {row.pk: getattr(row, ordering.column) for row in rows}
    tied = sorted(ids, reverse=ordering.ties < 0)
    some = sorted((pk for pk in tied if values[pk] is not None), key=values.__getitem__, reverse=ordering.step < 0)
    return some + [pk for pk in tied if values[pk] is None]


def check(world: World, owner: Any, other: Any) -> None:
    """Compare the answers of the database with the meaning of the question."""
    rows = world.rows(owner.pk)
    models.QuerySet(TodoEntry).bulk_create([*rows, *world.rows(other.pk)])
    live = [row for row in rows if row.deleted_at is None]
    newest = sorted(live, key=lambda row: (row.created_at, row.pk), reverse=True)
    owned = TodoEntry.objects.owned_by(owner.pk).live()

    expected = [row.pk for row in newest if matches(world.tree, row.__dict__, world.now)]
    found = owned.found_by(world.tree)
    ordering = ORDERINGS[world.ordering]
    assert [row["id"] for row in found.in_order(ordering, world.page)] == in_order(ordering, rows, expected)
    assert sorted(found.by_index().values_list("pk", flat=True)) == sorted(expected)

    ranks = {row.pk: sum(grade(word, row) for word in wanted(world.tree)) for row in live}
    ranked = [row["id"] for row in Relevance().page(found, None, 50)]
    assert ranked == sorted(expected, key=ranks.__getitem__)

    literal, oldest = fold(world.literal), newest[::-1]
    captured = [row.pk for row in oldest if literal in fold(row.content) or literal in map(fold, row.tag_names)]
    contained = owned.containing(world.literal)
    assert [row["id"] for row in contained.in_order(ORDERINGS["created_at"], world.page)] == captured


@pytest.mark.django_db
def test_database_finds_what_the_tree_means(owner: Any, other: Any) -> None:
    Ledger.objects.bulk_create([Ledger(owner=user, revision=1) for user in (owner, other)])

    @settings(
        max_examples=EXAMPLES,
        derandomize="SEARCH_EXAMPLES" not in os.environ,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.binary(min_size=TAPE, max_size=TAPE))
    def agree(tape: bytes) -> None:
        world = make_world(tape)
        note(repr(world))
        with world.here(), transaction.atomic():
            check(world, owner, other)
            transaction.set_rollback(True)

    agree()
