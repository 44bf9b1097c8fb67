"""The trigram index of folded text: which entries can match at all, without reading the others.

SQLite: the FTS5 table `todos_search`, kept by triggers. PostgreSQL: a GIN index over owner and folded text.
"""

from collections.abc import Callable

from django.db import connection, transaction

from todos.search.folding import fold, tag_patterns
from todos.search.tree import And, Node, Or, Tagged, Text

SHORTEST = 3  # characters; what is shorter has no trigram
# An owner is one trigram of SQLite's index: three digits to the base of 4,096, as private letters from U+F0000 on.
_BASE, _ZERO = 4096, 0xF0000
_TRIGRAMS = 12  # of a long word or phrase that SQLite is asked for


def candidate_ids(owner_id: int | None, tree: Node, limit: int) -> list[int] | None:
    """Return the ids of all of the owner's entries that can match, or None: they are too many, or the index cannot say.

    An entry that is returned may still not match; one that is not returned does not. Without an owner, of all owners.
    """
    question = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    statement, parameters = question(owner_id, tree)
    if statement is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} LIMIT {limit + 1:d}", parameters)
        ids = [pk for (pk,) in cursor.fetchall()]
    return ids if len(ids) <= limit else None


def _on_sqlite(owner_id: int | None, tree: Node) -> tuple[str | None, list[str | int]]:
    match = _necessary(tree, _trigrams)
    if match is None:
        return None, []
    if owner_id is not None:
        match = f"{_trigrams(_owner_trigram(owner_id))} AND {match}"
    return "SELECT rowid FROM todos_search WHERE todos_search MATCH %s", [match]


def _owner_trigram(owner_id: int) -> str:
    digits = (owner_id % _BASE, owner_id // _BASE % _BASE, owner_id // _BASE**2)
    return "".join(chr(_ZERO + digit) for digit in digits)


def _trigrams(text: str) -> str:
    """Return the question for the trigrams side by side in a text; those between would cost more than they tell."""
    last = len(text) - SHORTEST
    starts = sorted({*range(0, last, SHORTEST), last})
    quoted = (text[start : start + SHORTEST].replace('"', '""') for start in starts[:_TRIGRAMS])
    return "(" + " AND ".join(f'"{trigram}"' for trigram in quoted) + ")"


def _on_postgresql(owner_id: int | None, tree: Node) -> tuple[str | None, list[str | int]]:
    parameters: list[str | int] = []

    def like(text: str) -> str:
        for special in "\\%_":
            text = text.replace(special, f"\\{special}")
        parameters.append(f"%{text}%")
        return "folded LIKE %s"

    match = _necessary(tree, like)
    if match is None:
        return None, []
    if owner_id is not None:
        match = f"{match} AND owner_id = %s"
        parameters.append(owner_id)
    # A plan for all rows: one for the first few would rather read the whole table and hope. Words are parameters.
    found = f"SELECT id FROM todos_todoentry WHERE {match}"  # noqa: S608
    return f"WITH found AS MATERIALIZED ({found}) SELECT id FROM found", parameters  # noqa: S608


def _necessary(tree: Node, word: Callable[[str], str]) -> str | None:
    """Return an expression that holds wherever the tree does, None if no word is long enough to say anything."""
    match tree:
        case Text(text) if len(fold(text)) >= SHORTEST:
            return word(fold(text))
        case Tagged(name):
            return f"({' OR '.join(word(pattern) for pattern in tag_patterns(name))})"
        case And(terms):
            found = [part for part in (_necessary(term, word) for term in terms) if part]
            return f"({' AND '.join(found)})" if found else None
        case Or(terms):
            parts = [_necessary(term, word) for term in terms]
            return None if None in parts else f"({' OR '.join(filter(None, parts))})"
        case _:
            return None


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
