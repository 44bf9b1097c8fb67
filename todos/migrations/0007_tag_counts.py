"""Triggers count the entries of each tag, whoever writes, so that a list of tags reads the tags and nothing else.

`total` are the entries that have the tag and are not in the trash, `open` those of them that are not done. An entry
is written before its links, and so is a tag. No check keeps the numbers above zero: a wrong one may stop no write.
"""

from django.db import migrations, models

from todos.migrations import run

COLUMNS = [
    "ALTER TABLE todos_tag ADD COLUMN open bigint DEFAULT 0 NOT NULL",
    "ALTER TABLE todos_tag ADD COLUMN total bigint DEFAULT 0 NOT NULL",
]
NO_COLUMNS = ["ALTER TABLE todos_tag DROP COLUMN total", "ALTER TABLE todos_tag DROP COLUMN open"]
# After the triggers: on PostgreSQL nobody else writes links from then on.
FILL = """UPDATE todos_tag SET (total, open) = (
    SELECT COUNT(*), COUNT(*) - COUNT(entry.completed_at)
    FROM todos_todoentry_tags AS link CROSS JOIN todos_todoentry AS entry
    WHERE link.tag_id = todos_tag.id AND entry.id = link.todoentry_id AND entry.deleted_at IS NULL
)"""

# A link counts while its entry is there, so it does not matter which of the two is deleted first.
LINK = """UPDATE todos_tag SET total = total {sign} 1, open = open {sign} (entry.completed_at IS NULL)
FROM todos_todoentry AS entry
WHERE todos_tag.id = {row}.tag_id AND entry.id = {row}.todoentry_id AND entry.deleted_at IS NULL;"""
ADDED, TAKEN = LINK.format(sign="+", row="NEW"), LINK.format(sign="-", row="OLD")
ITS_TAGS = "id IN (SELECT tag_id FROM todos_todoentry_tags WHERE todoentry_id = OLD.id)"

SQLITE = {
    "up": [
        *COLUMNS,
        f"CREATE TRIGGER todos_link_insert_count AFTER INSERT ON todos_todoentry_tags BEGIN {ADDED} END",
        f"CREATE TRIGGER todos_link_delete_count AFTER DELETE ON todos_todoentry_tags BEGIN {TAKEN} END",
        f"""CREATE TRIGGER todos_link_update_count AFTER UPDATE OF todoentry_id, tag_id ON todos_todoentry_tags
        BEGIN {TAKEN} {ADDED} END""",
        f"""CREATE TRIGGER todos_entry_update_count AFTER UPDATE OF completed_at, deleted_at ON todos_todoentry
        WHEN (NEW.completed_at IS NULL) <> (OLD.completed_at IS NULL)
        OR (NEW.deleted_at IS NULL) <> (OLD.deleted_at IS NULL)
        BEGIN
            UPDATE todos_tag SET
            total = total + (NEW.deleted_at IS NULL) - (OLD.deleted_at IS NULL),
            open = open + (NEW.deleted_at IS NULL AND NEW.completed_at IS NULL)
            - (OLD.deleted_at IS NULL AND OLD.completed_at IS NULL)
            WHERE {ITS_TAGS};
        END""",
        f"""CREATE TRIGGER todos_entry_delete_count AFTER DELETE ON todos_todoentry WHEN OLD.deleted_at IS NULL
        BEGIN
            UPDATE todos_tag SET total = total - 1, open = open - (OLD.completed_at IS NULL) WHERE {ITS_TAGS};
        END""",
        # Django writes a row whole: what it read of the counts may be old.
        """CREATE TRIGGER todos_tag_insert_count AFTER INSERT ON todos_tag WHEN NEW.open <> 0 OR NEW.total <> 0
        BEGIN UPDATE todos_tag SET open = 0, total = 0 WHERE id = NEW.id; END""",
        """CREATE TRIGGER todos_tag_update_count AFTER UPDATE OF name, folded, owner_id ON todos_tag
        WHEN NEW.open <> OLD.open OR NEW.total <> OLD.total
        BEGIN UPDATE todos_tag SET open = OLD.open, total = OLD.total WHERE id = NEW.id; END""",
        FILL,
    ],
    "down": [
        "DROP TRIGGER todos_tag_update_count",
        "DROP TRIGGER todos_tag_insert_count",
        "DROP TRIGGER todos_entry_delete_count",
        "DROP TRIGGER todos_entry_update_count",
        "DROP TRIGGER todos_link_update_count",
        "DROP TRIGGER todos_link_delete_count",
        "DROP TRIGGER todos_link_insert_count",
        *NO_COLUMNS,
    ],
}

# Once a statement, so that a batch writes each tag once. A connection keeps the plan that it makes at its first call,
# maybe before there are rows: none may read a whole table. OFFSET keeps an inner question from becoming a join, and
# `deleted_at` out of it: of an empty table a whole index of live entries looks cheaper than the primary key.
LINKS = """FOR counted IN
    SELECT tag_id, COUNT(*) AS total, COUNT(*) FILTER (WHERE completed_at IS NULL) AS open
    FROM {rows} CROSS JOIN LATERAL (
        SELECT completed_at, deleted_at FROM todos_todoentry WHERE id = todoentry_id OFFSET 0
    ) AS entry WHERE deleted_at IS NULL GROUP BY tag_id
LOOP
    UPDATE todos_tag SET total = total {sign} counted.total, open = open {sign} counted.open WHERE id = counted.tag_id;
END LOOP;"""
ENTRIES = """FOR counted IN
    SELECT tag_id, SUM(total) AS total, SUM(open) AS open FROM (
        SELECT id, SUM(total) AS total, SUM(open) AS open FROM ({states}) AS states
        GROUP BY id HAVING SUM(total) <> 0 OR SUM(open) <> 0
    ) AS changed CROSS JOIN LATERAL (
        SELECT tag_id FROM todos_todoentry_tags WHERE todoentry_id = changed.id OFFSET 0
    ) AS link GROUP BY tag_id
LOOP
    UPDATE todos_tag SET total = total + counted.total, open = open + counted.open WHERE id = counted.tag_id;
END LOOP;"""
STATE = """SELECT id, {sign} (deleted_at IS NULL)::int AS total,
{sign} (deleted_at IS NULL AND completed_at IS NULL)::int AS open FROM {rows}"""
BEFORE, AFTER = STATE.format(sign="-", rows="old_rows"), STATE.format(sign="+", rows="new_rows")
SEEN = {"INSERT": "NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows"}
SEEN["UPDATE"] = " ".join(SEEN.values())


def counting(name, event, table, body):
    """Return the statements that make a trigger of PostgreSQL and its function, which sees the rows of a statement."""
    return [
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
        DECLARE counted record;
        BEGIN {body} RETURN NULL; END $$""",
        f"""CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {SEEN[event]}
        FOR EACH STATEMENT EXECUTE FUNCTION {name}()""",
    ]


ADDED, TAKEN = LINKS.format(sign="+", rows="new_rows"), LINKS.format(sign="-", rows="old_rows")
POSTGRESQL = {
    "up": [
        *COLUMNS,
        *counting("todos_link_insert_count", "INSERT", "todos_todoentry_tags", ADDED),
        *counting("todos_link_delete_count", "DELETE", "todos_todoentry_tags", TAKEN),
        *counting("todos_link_update_count", "UPDATE", "todos_todoentry_tags", TAKEN + ADDED),
        *counting(
            "todos_entry_update_count",
            "UPDATE",
            "todos_todoentry",
            ENTRIES.format(states=f"{BEFORE} UNION ALL {AFTER}"),
        ),
        *counting("todos_entry_delete_count", "DELETE", "todos_todoentry", ENTRIES.format(states=BEFORE)),
        """CREATE FUNCTION todos_tag_count() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                NEW.open = 0; NEW.total = 0;
            ELSE
                NEW.open = OLD.open; NEW.total = OLD.total;
            END IF;
            RETURN NEW;
        END $$""",
        """CREATE TRIGGER todos_tag_insert_count BEFORE INSERT ON todos_tag
        FOR EACH ROW WHEN (NEW.open <> 0 OR NEW.total <> 0) EXECUTE FUNCTION todos_tag_count()""",
        """CREATE TRIGGER todos_tag_update_count BEFORE UPDATE OF name, folded, owner_id ON todos_tag
        FOR EACH ROW WHEN (NEW.open <> OLD.open OR NEW.total <> OLD.total) EXECUTE FUNCTION todos_tag_count()""",
        FILL,
    ],
    "down": [
        "DROP FUNCTION todos_tag_count() CASCADE",
        "DROP FUNCTION todos_entry_delete_count() CASCADE",
        "DROP FUNCTION todos_entry_update_count() CASCADE",
        "DROP FUNCTION todos_link_update_count() CASCADE",
        "DROP FUNCTION todos_link_delete_count() CASCADE",
        "DROP FUNCTION todos_link_insert_count() CASCADE",
        *NO_COLUMNS,
    ],
}


class Migration(migrations.Migration):
    dependencies = [("todos", "0006_tokens")]

    operations = [
        # By hand: Django would make the table of SQLite anew, and lose its triggers.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(run(SQLITE, POSTGRESQL, "up"), run(SQLITE, POSTGRESQL, "down"))],
            state_operations=[
                migrations.AddField("tag", name, models.BigIntegerField(db_default=0, default=0, editable=False))
                for name in ("open", "total")
            ],
        )
    ]
