"""The trigram index of folded text: which entries can match at all, without reading the others.

SQLite: the FTS5 table `todos_search`, kept by triggers. PostgreSQL: a GIN index over owner and folded text.
"""

from collections.abc import Callable, Iterable
from itertools import chain

from django.db import connection, transaction

from todos.search.folding import fold, tag_patterns
from todos.search.tree import And, Node, Or, Tagged, Text

# A text with gaps, and what stands in these.
Question = tuple[str, tuple[str | int, ...]]

SHORTEST = 3  # characters; what is shorter has no trigram
# An owner is one trigram of SQLite's index: three digits to the base of 4,096, as private letters from U+F0000 on.
_BASE, _ZERO = 4096, 0xF0000
_TRIGRAMS = 12  # of a long word or phrase that SQLite is asked for


def candidate_ids(owner_id: int | None, tree: Node, limit: int) -> list[int] | None:
    """Return the ids of all of the owner's entries that can match, or None: they are too many, or the index cannot say.

    An entry that is returned may still not match; one that is not returned does not. Without an owner, of all owners.
    """
    question = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    asked = question(owner_id, tree)
    if asked is None:
        return None
    statement, parameters = asked
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} LIMIT {limit + 1:d}", parameters)
        ids = [pk for (pk,) in cursor.fetchall()]
    return ids if len(ids) <= limit else None


def few_ids(owner_id: int | None, tree: Node, limit: int) -> list[int] | None:
    """Return what `candidate_ids` does where it is cheap to learn that they are too many: not on PostgreSQL.

    SQLite stops at the limit; PostgreSQL collects all that its index knows before it gives the first one.
    """
    return None if connection.vendor == "postgresql" else candidate_ids(owner_id, tree, limit)


def _on_sqlite(owner_id: int | None, tree: Node) -> Question | None:
    found = _necessary(tree, lambda text: (_trigrams(text), ()))
    if found is None:
        return None
    owner = "" if owner_id is None else f"{_trigrams(_owner_trigram(owner_id))} AND "
    return "SELECT rowid FROM todos_search WHERE todos_search MATCH %s", (owner + found[0],)


def _owner_trigram(owner_id: int) -> str:
    digits = (owner_id % _BASE, owner_id // _BASE % _BASE, owner_id // _BASE**2)
    return "".join(chr(_ZERO + digit) for digit in digits)


def _trigrams(text: str) -> str:
    """Return the question for the trigrams side by side in a text; those between would cost more than they tell."""
    last = len(text) - SHORTEST
    starts = sorted({*range(0, last, SHORTEST), last})
    quoted = (text[start : start + SHORTEST].replace('"', '""') for start in starts[:_TRIGRAMS])
    return "(" + " AND ".join(f'"{trigram}"' for trigram in quoted) + ")"


def _on_postgresql(owner_id: int | None, tree: Node) -> Question | None:
    found = _necessary(tree, _like)
    if found is None:
        return None
    match, parameters = found
    if owner_id is not None:
        match, parameters = f"{match} AND owner_id = %s", (*parameters, owner_id)
    # A plan for all rows: one for the first few would rather read the whole table and hope. Words are parameters.
    rows = f"SELECT id FROM todos_todoentry WHERE {match}"  # noqa: S608
    return f"WITH found AS MATERIALIZED ({rows}) SELECT id FROM found", parameters  # noqa: S608


def _like(text: str) -> Question:
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return "folded LIKE %s", (f"%{text}%",)


def _necessary(tree: Node, word: Callable[[str], Question]) -> Question | None:
    """Return a condition that holds wherever the tree does, None if no word is long enough to say anything."""
    match tree:
        case Text(text) if len(fold(text)) >= SHORTEST:
            return word(fold(text))
        case Tagged(name):
            return _joined(" OR ", map(word, tag_patterns(name)))
        case And(terms):
            found = [part for part in (_necessary(term, word) for term in terms) if part]
            return _joined(" AND ", found) if found else None
        case Or(terms):
            parts = [part for part in (_necessary(term, word) for term in terms) if part]
            return _joined(" OR ", parts) if len(parts) == len(terms) else None
        case _:
            return None


def _joined(operator: str, parts: Iterable[Question]) -> Question:
    texts, parameters = zip(*parts, strict=True)
    return f"({operator.join(texts)})", tuple(chain(*parameters))


def unindexed() -> int:
    """Return how many entries SQLite's index misses, and how many it holds that are gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT COUNT(*) FROM todos_todoentry WHERE id NOT IN (SELECT id FROM todos_search_docsize)) +"
            "(SELECT COUNT(*) FROM todos_search_docsize WHERE id NOT IN (SELECT id FROM todos_todoentry))"
        )
        count: int = cursor.fetchone()[0]
    return count


def rebuild_index() -> None:
    """Fill SQLite's index anew, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO todos_search (todos_search) VALUES ('delete-all')")
        cursor.execute("SELECT DISTINCT owner_id FROM todos_todoentry")
        cursor.executemany(
            "INSERT INTO todos_search (rowid, text) SELECT id, %s || folded FROM todos_todoentry WHERE owner_id = %s",
            [(_owner_trigram(owner_id), owner_id) for (owner_id,) in cursor.fetchall()],
        )
