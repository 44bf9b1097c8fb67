"""Triggers refuse an entry that is written past the ledger: its revision must be the owner's current one, and rise.

They refuse a new id and another owner too, of which the change feed could not tell.
"""

from django.db import migrations

from todos.migrations import run

# Every column but `id` and the derived `folded` and `content_key`.
GUARDED = """
uuid, owner_id, revision, content, notes, tag_names, priority, due_at, due_has_time, position, completed_at, created_at,
updated_at, deleted_at, extra
"""
MESSAGE = "an entry is written through the ledger: its revision must rise to the current one of its owner"
KEPT = "an entry keeps its id and its owner, and a tag its owner"

SQLITE = {
    "up": [
        f"""CREATE TRIGGER todos_entry_insert_guard BEFORE INSERT ON todos_todoentry
        WHEN NEW.revision IS NOT (SELECT revision FROM todos_ledger WHERE owner_id = NEW.owner_id)
        BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
        f"""CREATE TRIGGER todos_entry_update_guard BEFORE UPDATE OF {GUARDED} ON todos_todoentry
        WHEN NEW.revision <= OLD.revision
        OR NEW.revision IS NOT (SELECT revision FROM todos_ledger WHERE owner_id = NEW.owner_id)
        BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
        f"""CREATE TRIGGER todos_entry_identity_guard BEFORE UPDATE OF uuid, owner_id ON todos_todoentry
        WHEN NEW.uuid IS NOT OLD.uuid OR NEW.owner_id IS NOT OLD.owner_id
        BEGIN SELECT RAISE(ABORT, '{KEPT}'); END""",
        f"""CREATE TRIGGER todos_tag_identity_guard BEFORE UPDATE OF owner_id ON todos_tag
        WHEN NEW.owner_id IS NOT OLD.owner_id
        BEGIN SELECT RAISE(ABORT, '{KEPT}'); END""",
    ],
    "down": [
        "DROP TRIGGER todos_tag_identity_guard",
        "DROP TRIGGER todos_entry_identity_guard",
        "DROP TRIGGER todos_entry_update_guard",
        "DROP TRIGGER todos_entry_insert_guard",
    ],
}
POSTGRESQL = {
    "up": [
        f"""CREATE FUNCTION todos_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND NEW.revision <= OLD.revision
            OR NEW.revision IS DISTINCT FROM (SELECT revision FROM todos_ledger WHERE owner_id = NEW.owner_id) THEN
                RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$""",
        f"""CREATE TRIGGER todos_entry_guard BEFORE INSERT OR UPDATE OF {GUARDED} ON todos_todoentry
        FOR EACH ROW EXECUTE FUNCTION todos_entry_guard()""",
        f"""CREATE FUNCTION todos_identity_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
        """CREATE TRIGGER todos_entry_identity_guard BEFORE UPDATE OF uuid, owner_id ON todos_todoentry
        FOR EACH ROW WHEN (NEW.uuid IS DISTINCT FROM OLD.uuid OR NEW.owner_id IS DISTINCT FROM OLD.owner_id)
        EXECUTE FUNCTION todos_identity_guard()""",
        """CREATE TRIGGER todos_tag_identity_guard BEFORE UPDATE OF owner_id ON todos_tag
        FOR EACH ROW WHEN (NEW.owner_id IS DISTINCT FROM OLD.owner_id)
        EXECUTE FUNCTION todos_identity_guard()""",
    ],
    "down": [
        "DROP TRIGGER todos_tag_identity_guard ON todos_tag",
        "DROP TRIGGER todos_entry_identity_guard ON todos_todoentry",
        "DROP FUNCTION todos_identity_guard()",
        "DROP TRIGGER todos_entry_guard ON todos_todoentry",
        "DROP FUNCTION todos_entry_guard()",
    ],
}


class Migration(migrations.Migration):
    dependencies = [("todos", "0002_ledger")]

    operations = [migrations.RunPython(run(SQLITE, POSTGRESQL, "up"), run(SQLITE, POSTGRESQL, "down"))]
