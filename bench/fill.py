"""Fill a store with the entries of a benchmark, and write them down for its peers: `python -m bench.fill FOLDER …`.

Needs the settings of the store in the environment, as every command of it does.
"""

import argparse
import json
import os
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

# Small, so that `created_at` of the entries covers seconds, in which there are millions of different moments.
STEP = 20
TODAY = date(2026, 1, 1)


def shown(number: int, owner: str, entry: Any) -> dict[str, Any]:
    """Return an entry for the peers, who number theirs and have one kind of due date."""
    fields = entry.as_dict()
    names = ("id", "content", "notes", "tags", "priority", "position", "completed_at", "created_at", "updated_at")
    due = entry.due_at and f"{entry.due_at:%Y-%m-%dT%H:%M:%SZ}"
    return {"number": number, "owner": owner, "due": due, **{name: fields[name] for name in names}}


def fill(sizes: dict[str, int], file: Path) -> None:
    """Make the entries of each owner."""
    from django.contrib.auth import get_user_model

    from todos.demo import demo_entries
    from todos.writer import writing

    source, number = demo_entries(1, TODAY), 0
    with file.open("w", encoding="utf-8") as lines:
        for owner, size in sizes.items():
            user, _ = get_user_model()._default_manager.get_or_create(username=owner)
            missing = size
            while step := list(islice(source, min(STEP, missing))):
                missing -= len(step)
                with writing(user.pk) as writer:
                    made = [writer.create(fields) for fields in step]
                for entry in made:
                    number += 1
                    lines.write(json.dumps(shown(number, owner, entry)) + "\n")


def tokens(owner: str, count: int) -> Iterator[str]:
    """Make tokens of an owner."""
    from todos.owners import owner_named
    from todos.tokens import issue

    for number in range(count):
        yield issue(owner_named(owner), f"benchmark {number}")[1]


def main() -> None:
    """Migrate, fill, and write `entries.jsonl` and `tokens.json` into the folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--entries", type=int, required=True, help="of the owner for whom requests are made")
    parser.add_argument("--others", type=int, default=0, help="of another owner")
    parser.add_argument("--tokens", type=int, default=1)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "todoproject.settings"
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    fill({"local": options.entries, "other": options.others}, options.folder / "entries.jsonl")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum does within a minute
    made = list(tokens("local", options.tokens))
    (options.folder / "tokens.json").write_text(json.dumps(made), encoding="utf-8")


if __name__ == "__main__":
    main()
