"""`manage.py doctor` finds and mends what is out of step."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.client import ApiClient
from todos.doctor import MADE
from todos.models import TodoEntry


def doctor(*options: str) -> str:
    """Run the command and return what it prints."""
    out = StringIO()
    call_command("doctor", *options, stdout=out)
    return out.getvalue()


def execute(statement: str) -> None:
    """Change the database past everything."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_doctor_finds_nothing_in_a_store_that_is_well(make: Callable[..., Any]) -> None:
    make("buy milk", tags=["home"])
    assert all(line.endswith(": ok") for line in doctor().splitlines())


def test_doctor_mends_folded_text(make: Callable[..., Any], api: ApiClient) -> None:
    make("Café crème", tags=["home"])
    make("tea")
    execute("UPDATE todos_todoentry SET folded = 'gone', content_key = '' WHERE content <> 'tea'")
    assert api.get("todos?search=cafe").ids == []
    with pytest.raises(CommandError, match="--dry-run"):
        doctor("--dry-run")
    assert api.get("todos?search=cafe").ids == []
    assert "folded text as in content, notes and tags: 1 wrong, mended" in doctor()
    assert api.get("todos?search=cafe").contents == ["Café crème"]
    assert ": ok" in doctor("--dry-run").splitlines()[-1]


def test_doctor_mends_tag_names_in_a_revision_that_the_feed_shows(make: Callable[..., Any], api: ApiClient) -> None:
    entry = make("buy milk", tags=["home"])
    TodoEntry.tags.through.objects.all().delete()
    before = api.get("changes").json["revision"]
    assert "tag names as in the table of tags: 1 wrong, mended" in doctor()
    feed = api.get(f"changes?since={before}").json["changes"]
    assert [(change["id"], change["tags"]) for change in feed] == [(str(entry.uuid), [])]
    assert api.get("todos?search=%23home").ids == []


def test_doctor_mends_counts_of_tags_in_a_revision_of_their_own(make: Callable[..., Any], api: ApiClient) -> None:
    make("buy milk", tags=["home", "shop"])
    make("call", tags=["home"], completed=True)
    right, before = api.get("tags").json, api.get("changes").json["revision"]
    execute("UPDATE todos_tag SET open = open - 3, total = 7 WHERE name = 'home'")
    with pytest.raises(CommandError, match="--dry-run"):
        doctor("--dry-run")
    assert api.get("tags").json != right
    assert "counts as in the links: 1 wrong, mended" in doctor()
    assert api.get("tags").json == right
    assert api.get("changes").json["revision"] == before + 1
    assert "counts as in the links: ok" in doctor("--dry-run")


def test_doctor_fills_the_search_index_of_sqlite_anew(make: Callable[..., Any], owner: Any, api: ApiClient) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its index itself")
    make("buy milk")
    execute("INSERT INTO todos_search (todos_search) VALUES ('delete-all')")
    entries = TodoEntry.objects.owned_by(owner.pk).search("milk")
    assert not entries.by_index()
    etag = api.get("todos?search=milk").headers["ETag"]
    assert "listed in the index of trigrams: 1 wrong, mended" in doctor()
    assert [entry.content for entry in entries.by_index()] == ["buy milk"]
    assert api.get("todos?search=milk", If_None_Match=etag).status == 200


def test_doctor_names_what_it_cannot_mend(make: Callable[..., Any]) -> None:
    make("buy milk")
    sqlite = connection.vendor == "sqlite"
    execute(f"DROP TRIGGER {'todos_entry_update_guard' if sqlite else 'todos_entry_guard ON todos_todoentry'}")
    with pytest.raises(CommandError, match=r"manage\.py migrate"):
        doctor()


@pytest.mark.django_db
def test_doctor_knows_every_trigger_of_the_migrations() -> None:
    sqlite = connection.vendor == "sqlite"
    triggers = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if sqlite
        else ("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    )
    with connection.cursor() as cursor:
        cursor.execute(triggers)
        assert {name for (name,) in cursor.fetchall()} == MADE[connection.vendor] - {"todos_search"}
