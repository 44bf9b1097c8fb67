"""Many rows into one table in one statement, without what Django does for every value of every row.

A batch of 500 creations takes a quarter less time than with `bulk_create`, which spends it on placeholders.
"""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

Fields = Sequence[Any]  # of models.Field
MOST_PARAMETERS = 32_000  # of one statement; SQLite takes 32,766


def insert(objects: Sequence[models.Model]) -> None:
    """Insert objects of one model, and give them their keys."""
    fields = [field for field in objects[0]._meta.concrete_fields if not field.primary_key]
    keys = insert_values(type(objects[0]), fields, _values(objects, fields), "RETURNING id")
    for obj, (key,) in zip(objects, keys, strict=True):
        obj.pk, obj._state.adding, obj._state.db = key, False, DEFAULT_DB_ALIAS


def overwrite(objects: Sequence[models.Model]) -> None:
    """Write all columns of objects of one model that are stored already."""
    fields = objects[0]._meta.concrete_fields
    changes = ", ".join(f"{field.column} = excluded.{field.column}" for field in fields if not field.primary_key)
    insert_values(type(objects[0]), fields, _values(objects, fields), f"ON CONFLICT (id) DO UPDATE SET {changes}")


def insert_values(model: type[models.Model], fields: Fields, rows: list[list[Any]], ending: str = "") -> list[Any]:
    """Insert rows of values, as the database stores them, and return what the `ending` of the statement gives back."""
    connection = connections[DEFAULT_DB_ALIAS]
    step = len(rows) if connection.vendor == "postgresql" else MOST_PARAMETERS // len(fields)
    into = f"INSERT INTO {model._meta.db_table} ({', '.join(str(field.column) for field in fields)})"
    found: list[Any] = []
    with connection.cursor() as cursor:
        for start in range(0, len(rows), step or 1):
            source, parameters = _source(connection, fields, rows[start : start + step])
            cursor.execute(f"{into} {source} {ending}", parameters)
            found += cursor.fetchall() if ending.startswith("RETURNING") else []
    return found


def _source(connection: Any, fields: Fields, rows: list[list[Any]]) -> tuple[str, list[Any]]:
    """Return what follows INSERT INTO, and its parameters; on PostgreSQL a whole column is one of them."""
    if connection.vendor == "postgresql":
        types = [str(field.db_type(connection)).partition("(")[0] for field in fields]
        columns = [list(column) for column in zip(*rows, strict=True)]
        return f"SELECT * FROM unnest({', '.join(f'%s::{name}[]' for name in types)})", columns  # noqa: S608
    row = f"({', '.join(['%s'] * len(fields))})"
    return f"VALUES {', '.join([row] * len(rows))}", [value for row in rows for value in row]


def _values(objects: Sequence[models.Model], fields: Fields) -> list[list[Any]]:
    connection = connections[DEFAULT_DB_ALIAS]

    def stored(value: Any, field: Any) -> Any:
        plain = value is None or isinstance(value, str | int)
        return value if plain else field.get_db_prep_save(value, connection)

    named = [(field.attname, field) for field in fields]
    return [[stored(getattr(obj, name), field) for name, field in named] for obj in objects]
