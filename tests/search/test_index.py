"""The index of trigrams: it is asked where words are rare, it follows every change, and it stays small."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from tests.test_plans import plan
from todos.demo import demo_entries
from todos.doctor import missing_objects
from todos.models import Tag, TodoEntry
from todos.querysets import CANDIDATES, ORDERINGS
from todos.search import parse
from todos.search.index import candidate_ids, unindexed
from todos.tags import rename_tag
from todos.writer import writing

Make = Callable[..., Any]
NEWEST = ORDERINGS["-created_at"]


@pytest.fixture(scope="module")
def big(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """The id of the owner of some thousand entries."""
    with django_db_blocker.unblock(), transaction.atomic():
        owner = get_user_model().objects.create_user("big")
        with writing(owner.pk) as writer:
            for number, entry in enumerate(islice(demo_entries(1, date(2026, 1, 1)), 12_000)):
                mark = " zeppelin" if number % 4000 == 100 else ""
                writer.create({**entry, "content": f"{entry['content']} please{mark}"})
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # As autovacuum does within a minute: what was just written waits in a list beside the index.
                cursor.execute("SELECT gin_clean_pending_list('todos_search')")
                cursor.execute("ANALYZE todos_todoentry")
        yield owner.pk
        transaction.set_rollback(True)


def statements(owner_id: int, query: str) -> list[tuple[str, str]]:
    """Return the statements that read the first page of a search, with their plans."""
    found: list[tuple[str, str]] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith("EXPLAIN"):
            found.append((sql, plan(sql, params)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        TodoEntry.objects.owned_by(owner_id).live().search(query).page(NEWEST, None, 51)
    return found


@pytest.mark.parametrize("query", ["zeppelin", "zeppelin please", "zeppelin or xylophone", "quetzal", "#no/such"])
def test_rare_words_are_looked_up_in_the_index(big: int, query: str) -> None:
    asked = [text for _, text in statements(big, query)]
    by_index = [
        text for text in asked if ("VIRTUAL TABLE" if connection.vendor == "sqlite" else "todos_search") in text
    ]
    assert len(by_index) == 1, asked


def test_what_the_index_names_is_read_by_its_key(big: int) -> None:
    text = statements(big, "zeppelin")[-1][1]
    assert ("INTEGER PRIMARY KEY" if connection.vendor == "sqlite" else "todos_todoentry_pkey") in text


def test_common_words_are_found_near_the_start_of_the_order(big: int) -> None:
    *first, (_, edge), (_, page) = statements(big, "please")
    # SQLite's index has said before that there are more than a few.
    assert ["LIMIT 101" in sql for sql, _ in first] == [True] * (connection.vendor == "sqlite")
    for text in (edge, page):
        assert "entry_created_at" in text
        assert "TEMP B-TREE" not in text
        assert "Sort" not in text
    # The edge bounds the page: a planner that is told "the first fifty" may read on to the end of the table.
    assert re.search(r"\(.*created_at *>", page), page


def test_index_says_so_when_it_cannot_help(big: int) -> None:
    assert candidate_ids(big, parse("please"), CANDIDATES) is None
    for query in ("-please", "pl", "is:open", "please or pl", ""):
        assert candidate_ids(big, parse(query), 100_000) is None
    assert len(candidate_ids(big, parse("zeppelin"), CANDIDATES) or []) == 3


def test_derived_text_and_index_cost_few_times_the_content(big: int) -> None:
    # At so few entries PostgreSQL needs more room for each, and more yet before the index is packed. How large both are
    # at a million entries, `make bench-search` measures: 4.4 times the content.
    index, length, limit = "pg_relation_size('todos_search')", "OCTET_LENGTH({})", 6
    if connection.vendor == "sqlite":
        index, length, limit = "(SELECT SUM(LENGTH(block)) FROM todos_search_data)", "LENGTH(CAST({} AS BLOB))", 5
    content, folded = (f"SUM({length.format(column)})" for column in ("content", "folded"))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("REINDEX INDEX todos_search")
        cursor.execute(f"SELECT {content}, {folded} + {index} FROM todos_todoentry")
        content_bytes, cost = map(float, cursor.fetchone())
    assert cost <= limit * content_bytes


def found(owner: Any, query: str) -> list[str]:
    """Return the contents that the index alone finds."""
    ids = candidate_ids(owner.pk, parse(query), 10)
    assert ids is not None
    return sorted(TodoEntry.objects.filter(pk__in=ids).values_list("content", flat=True))


def test_index_follows_every_change(owner: Any, make: Make) -> None:
    entry = make("buy oat milk", tags=["home"], notes="soon")
    assert found(owner, "milk") == found(owner, "#home") == found(owner, "soon") == ["buy oat milk"]
    entry.content = "buy bread"
    entry.save()
    assert (found(owner, "milk"), found(owner, "bread")) == ([], ["buy bread"])
    TodoEntry.objects.update(notes="later")
    assert (found(owner, "soon"), found(owner, "later")) == ([], ["buy bread"])
    rename_tag(owner.pk, "home", "house")
    assert (found(owner, "#home"), found(owner, "#house")) == ([], ["buy bread"])
    Tag.objects.all().delete()
    assert found(owner, "#house") == []
    TodoEntry.objects.all().erase()
    assert found(owner, "bread") == []
    if connection.vendor == "sqlite":
        assert unindexed() == 0


def test_index_lets_go_of_a_deleted_owner(owner: Any, other: Any, make: Make) -> None:
    make("milk")
    make("milk", owner=other)
    owner.delete()
    assert candidate_ids(None, parse("milk"), 10) == list(TodoEntry.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_migrations_leave_their_triggers_indexes_and_figures() -> None:
    assert missing_objects() == set()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM sqlite_stat1 WHERE tbl = 'todos_todoentry'")
            assert cursor.fetchone()[0] == 16


@pytest.mark.django_db
def test_a_search_is_put_together_without_a_question(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        TodoEntry.objects.owned_by(1).live().search("milk").tagged("home").containing("oat").completed()
