"""The trigram index of folded text: a FTS5 table kept by triggers on SQLite, a GIN index on PostgreSQL."""

from django.db import migrations

from todos.migrations import run

# The owner as one trigram, as todos/search/index.py spells it, before the folded text.
TEXT = """char(983040 + {0}owner_id % 4096, 983040 + {0}owner_id / 4096 % 4096, 983040 + {0}owner_id / 16777216)
|| {0}folded"""
ADD = f"INSERT INTO todos_search (rowid, text) VALUES (NEW.id, {TEXT.format('NEW.')});"
REMOVE = f"INSERT INTO todos_search (todos_search, rowid, text) VALUES ('delete', OLD.id, {TEXT.format('OLD.')});"

SQLITE = {
    "up": [
        # Without content, which stands in the entry already, and without positions, which would make it five times
        # as large: the index says which entries can match, the condition on them says which do.
        """CREATE VIRTUAL TABLE todos_search
        USING fts5(text, content='', detail=none, tokenize='trigram case_sensitive 1')""",
        f"CREATE TRIGGER todos_search_insert AFTER INSERT ON todos_todoentry BEGIN {ADD} END",
        f"CREATE TRIGGER todos_search_delete AFTER DELETE ON todos_todoentry BEGIN {REMOVE} END",
        f"""CREATE TRIGGER todos_search_update AFTER UPDATE OF folded, owner_id ON todos_todoentry
        WHEN NEW.folded IS NOT OLD.folded OR NEW.owner_id IS NOT OLD.owner_id BEGIN {REMOVE} {ADD} END""",
        f"INSERT INTO todos_search (rowid, text) SELECT id, {TEXT.format('')} FROM todos_todoentry",
    ],
    "down": [
        "DROP TRIGGER todos_search_update",
        "DROP TRIGGER todos_search_delete",
        "DROP TRIGGER todos_search_insert",
        "DROP TABLE todos_search",
    ],
}
POSTGRESQL = {
    "up": [
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "CREATE EXTENSION IF NOT EXISTS btree_gin",
        # New entries wait in a list that every search reads through: a short one, 256 kB.
        """CREATE INDEX todos_search ON todos_todoentry USING gin (owner_id, folded gin_trgm_ops)
        WITH (gin_pending_list_limit = 256)""",
    ],
    # The extensions stay: something else may use them.
    "down": ["DROP INDEX todos_search"],
}


class Migration(migrations.Migration):
    dependencies = [("todos", "0003_revision_guard")]

    operations = [migrations.RunPython(run(SQLITE, POSTGRESQL, "up"), run(SQLITE, POSTGRESQL, "down"))]
