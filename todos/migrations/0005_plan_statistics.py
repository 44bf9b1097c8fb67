"""What SQLite's planner should take for granted: an owner may have half a million entries.

SQLite never counts by itself, and without a count it takes an owner for someone with ten entries, whom it would rather
read whole than look up a few by their ids. `ANALYZE` replaces these figures by those of the moment.
"""

from django.db import migrations

from todos.migrations import run

# For each index: rows in all, rows of one owner, rows that also share the next column (most have no due day, say, or
# the same priority: to sort all of these would cost more than to walk the order that was asked for), rows of one entry.
SQLITE = {
    "up": [
        "ANALYZE sqlite_schema",
        "DELETE FROM sqlite_stat1 WHERE tbl = 'todos_todoentry'",
        """INSERT INTO sqlite_stat1 (tbl, idx, stat)
        SELECT 'todos_todoentry', indexes.name, CASE
            WHEN COUNT(*) = 2 THEN '1000000 500000 1'
            WHEN MAX(columns.name IN ('completed_at', 'due_at', 'priority', 'position')) THEN '1000000 500000 200000 1'
            ELSE '1000000 500000 1000 1' END
        FROM pragma_index_list('todos_todoentry') AS indexes, pragma_index_info(indexes.name) AS columns
        GROUP BY indexes.name""",
        # The connection reads them anew; others read them as they begin.
        "ANALYZE sqlite_schema",
    ],
    "down": ["DELETE FROM sqlite_stat1 WHERE tbl = 'todos_todoentry'"],
}
POSTGRESQL: dict[str, list[str]] = {"up": [], "down": []}


class Migration(migrations.Migration):
    dependencies = [("todos", "0004_search_index")]

    operations = [migrations.RunPython(run(SQLITE, POSTGRESQL, "up"), run(SQLITE, POSTGRESQL, "down"))]
