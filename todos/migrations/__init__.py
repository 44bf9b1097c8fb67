"""Migrations, named for intent; each goes up and down with data."""


def run(sqlite, postgresql, direction):
    """Return a step of a migration that runs the statements of the connected database."""

    def step(apps, schema_editor):
        statements = postgresql if schema_editor.connection.vendor == "postgresql" else sqlite
        for statement in statements[direction]:
            schema_editor.execute(statement)

    return step
