"""Questions that nearly every request asks: Django words each in SQL once, and from then on only the values change.

To word one takes Django 0.5 ms, ten times what SQLite takes to answer it.
"""

from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

Row = dict[str, Any]


class Parameter(models.Expression):
    """The place of a value in a prepared question."""

    def __init__(self, name: str, kind: Any) -> None:
        super().__init__(output_field=kind)
        self.name, self.kind = name, kind

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return the place, and itself as what stands there."""
        return "%s", [self]


class Prepared:
    """A question that `ask` builds as a queryset of dictionaries (`values`), with a Parameter for each of its kinds."""

    def __init__(self, ask: Callable[..., Any], **kinds: Any) -> None:
        self._ask, self._kinds = ask, kinds
        self._worded: dict[str, Any] = {}

    def __call__(self, **values: Any) -> list[Row]:
        """Return the rows that are found for these values."""
        connection = connections[DEFAULT_DB_ALIAS]
        worded = self._worded.get(connection.vendor)
        if worded is None:
            worded = self._worded[connection.vendor] = self._word(connection)
        sql, places, names, converters = worded
        given = [
            place.kind.get_db_prep_value(values[place.name], connection) if isinstance(place, Parameter) else place
            for place in places
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            rows = [list(row) for row in cursor.fetchall()]
        for number, chain, expression in converters:
            for row in rows:
                for convert in chain:
                    row[number] = convert(row[number], expression, connection)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _word(self, connection: Any) -> tuple[str, tuple[Any, ...], tuple[str, ...], list[Any]]:
        query = self._ask(**{name: Parameter(name, kind) for name, kind in self._kinds.items()}).query
        compiler = query.get_compiler(connection=connection)
        sql, places = compiler.as_sql()
        converters = compiler.get_converters([column for column, _, _ in compiler.select])
        names = (*query.values_select, *query.annotation_select)
        return sql, places, names, [(number, *each) for number, each in converters.items()]
