"""Fill the database: `python -m bench.peers.plain_drf.fill FOLDER`."""

import json
import sys
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection
from django.utils.dateparse import parse_datetime


def main(folder: Path) -> None:
    """Take entries and token from the folder."""
    django.setup()
    call_command("migrate", verbosity=0)
    from django.contrib.auth.models import User
    from rest_framework.authtoken.models import Token

    from bench.peers.plain_drf.models import Tag, Todo

    lines = [json.loads(line) for line in (folder / "entries.jsonl").read_text(encoding="utf-8").splitlines()]
    owners = {name: User.objects.create_user(name) for name in dict.fromkeys(line["owner"] for line in lines)}
    names = dict.fromkeys(name for line in lines for name in line["tags"])
    tags = {tag.name: tag for tag in Tag.objects.bulk_create([Tag(name=name) for name in names])}
    plain = ("content", "notes", "priority", "position")
    moments = ("due", "completed_at", "created_at", "updated_at")
    todos = [
        Todo(
            id=line["number"],
            owner=owners[line["owner"]],
            **{name: line[name] for name in plain},
            **{name: line[name] and parse_datetime(line[name]) for name in moments},
        )
        for line in lines
    ]
    Todo.objects.bulk_create(todos, batch_size=1000)
    links = [Todo.tags.through(todo_id=line["number"], tag=tags[name]) for line in lines for name in line["tags"]]
    Todo.tags.through.objects.bulk_create(links, batch_size=1000)
    secret = json.loads((folder / "tokens.json").read_text(encoding="utf-8"))[0]
    Token.objects.create(user=owners["local"], key=secret[-40:])
    go_on_numbering()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def go_on_numbering() -> None:
    """Let PostgreSQL number the next todo after the last; SQLite does by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('plain_drf_todo', 'id'), (SELECT MAX(id) FROM plain_drf_todo))"
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
