"""The query language of search: text -> tree -> condition, and what the tree means in plain Python."""

from todos.search.folding import PART, TAG, fold, folded_text, tag_patterns
from todos.search.meaning import matches, relevance
from todos.search.parser import QueryError, parse
from todos.search.tree import And, Flag, Node, Not, Or, Priority, Span, Tagged, Text, depends_on_time, outline

__all__ = [
    "PART", "TAG", "And", "Flag", "Node", "Not", "Or", "Priority", "QueryError", "Span", "Tagged", "Text",
    "depends_on_time", "fold", "folded_text", "matches", "outline", "parse", "relevance", "tag_patterns",
]  # fmt: skip
