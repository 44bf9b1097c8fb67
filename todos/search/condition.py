"""A tree as a condition on the columns of an entry, the same on both databases."""

from datetime import UTC, datetime

from django.db.models import Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from todos.search.folding import fold, tag_patterns
from todos.search.tree import And, Flag, Node, Not, Or, Priority, Span, Tagged, Text

DONE = Q(completed_at__isnull=False)


def condition(tree: Node, now: datetime) -> Q:
    """Return the condition that holds for what the tree finds; `now` is the moment of the question in the time zone."""
    match tree:
        case And(terms):
            return Q(*(condition(term, now) for term in terms))
        case Or(terms):
            return Q(*(condition(term, now) for term in terms), _connector=Q.OR)
        case Not(term):
            return ~condition(term, now)
        case Text(text):
            return holds(fold(text))
        case Tagged(name):
            exact, inside = tag_patterns(name)
            return holds(exact) | holds(inside)
        case Priority(low, high):
            return Q(priority=low) if low == high else Q(priority__range=(low, high))
        case Flag("is", "overdue"):
            return overdue(now)
        case Flag(key, value):
            return _FLAGS[key, value]
        case Span():
            return _lies_in(tree, now)


def holds(text: str) -> Q:
    """The folded text holds `text`. LIKE would refuse a long pattern on SQLite, and tempt PostgreSQL off the order."""
    return Q(GreaterThan(StrIndex("folded", Value(text)), 0))


_FLAGS = {
    ("is", "open"): ~DONE,
    ("is", "done"): DONE,
    ("has", "due"): Q(due_at__isnull=False),
    ("has", "notes"): ~Q(notes=""),
    ("has", "tags"): ~Q(tag_names=[]),
}


def overdue(now: datetime) -> Q:
    """The entry is open, and its day or moment is past; by the second, like the entity tag of such an answer."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    timed, dated = Q(due_has_time=True), Q(due_has_time=False)
    return ~DONE & (due_before(now.replace(microsecond=0)) & timed | due_before(today) & dated)


def due_before(moment: datetime) -> Q:
    """A time is compared as a moment, a day (stored as midnight UTC) by the clock on the wall of the time zone."""
    wall = moment.replace(tzinfo=UTC)
    by_kind = Q(due_has_time=True, due_at__lt=moment) | Q(due_has_time=False, due_at__lt=wall)
    return Q(due_at__lt=max(moment, wall)) & by_kind


def due_after(moment: datetime) -> Q:
    """The entry is due at the moment or after it."""
    wall = moment.replace(tzinfo=UTC)
    by_kind = Q(due_has_time=True, due_at__gte=moment) | Q(due_has_time=False, due_at__gte=wall)
    return Q(due_at__gte=min(moment, wall)) & by_kind


def _lies_in(span: Span, now: datetime) -> Q:
    low, high = span.bounds(now)
    if span.field == "due":
        return Q(*([due_after(low)] if low else []), *([due_before(high)] if high else []), due_at__isnull=False)
    name = f"{span.field}_at"
    bounds = {f"{name}__gte": low, f"{name}__lt": high}
    return Q(**{f"{name}__isnull": False}, **{lookup: bound for lookup, bound in bounds.items() if bound})
