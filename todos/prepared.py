"""Questions that nearly every request asks: Django words each in SQL once, and from then on only the values change.

To word one takes Django 0.5 ms, ten times what SQLite takes to answer it.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models

Row = dict[str, Any]


class Parameter(models.Expression):
    """The place of a value in a prepared question; `kind` is the field that gives the value its form, if any does."""

    def __init__(self, name: str, kind: Any) -> None:
        super().__init__(output_field=kind)
        self.name, self.kind = name, kind

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return the place, and itself as what stands there."""
        return "%s", [self]


class Wording(NamedTuple):
    """The SQL of a queryset of dictionaries, what stands in its places, and how rows become dictionaries."""

    sql: str
    places: Sequence[Any]
    names: tuple[str, ...]
    converters: list[tuple[str, Callable[..., Any], Any]]

    @classmethod
    def of(cls, queryset: Any, connection: Any) -> Self:
        """Word a queryset; EmptyResultSet if it can be seen that nothing will be found."""
        query = queryset.query
        compiler = query.get_compiler(connection=connection)
        sql, places = compiler.as_sql()
        names = tuple(query.selected)
        found = compiler.get_converters([column for column, *_ in compiler.select])
        converters = [
            (names[number], _plain(convert, connection), expression)
            for number, (chain, expression) in found.items()
            for convert in chain
        ]
        return cls(sql, places, names, converters)

    def rows(self, values: Sequence[Any], connection: Any) -> list[Row]:
        """Return what is found for values in the places."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            rows = [dict(zip(self.names, row, strict=True)) for row in cursor.fetchall()]
        for name, convert, expression in self.converters:
            for row in rows:
                if row[name] is not None:
                    row[name] = convert(row[name], expression, connection)
        return rows


def read(queryset: Any) -> list[Row]:
    """Return the rows of a queryset of dictionaries; in two thirds of the time that Django takes to convert them."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        wording = Wording.of(queryset, connection)
    except EmptyResultSet:
        return []
    return wording.rows(wording.places, connection)


def _plain(convert: Callable[..., Any], connection: Any) -> Callable[..., Any]:
    """Return a converter, or in place of SQLite's for moments one that knows that they are in UTC."""
    by_django = getattr(connection.ops, "convert_datetimefield_value", None)
    return _in_utc if convert == by_django and connection.timezone is UTC else convert


def _in_utc(value: datetime, *_: Any) -> datetime:
    return value.replace(tzinfo=UTC)


class Prepared:
    """A question that `ask` builds as a queryset of dictionaries (`values`), from a Parameter for each of its names.

    Of numbers and texts the kind is None: they are given to the database as they are.
    """

    def __init__(self, ask: Callable[..., Any], **kinds: Any) -> None:
        self._ask, self._kinds = ask, kinds
        self._formed = [(name, kind) for name, kind in kinds.items() if kind]
        self._worded: dict[str, Wording] = {}

    def __call__(self, **values: Any) -> list[Row]:
        """Return the rows that are found for these values."""
        connection = connections[DEFAULT_DB_ALIAS]
        wording = self._worded.get(connection.vendor)
        if wording is None:
            parameters = {name: Parameter(name, kind) for name, kind in self._kinds.items()}
            wording = self._worded[connection.vendor] = Wording.of(self._ask(**parameters), connection)
        for name, kind in self._formed:
            values[name] = kind.get_db_prep_value(values[name], connection)
        given = [values[each.name] if isinstance(each, Parameter) else each for each in wording.places]
        return wording.rows(given, connection)
