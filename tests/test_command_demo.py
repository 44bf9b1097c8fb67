"""`manage.py demo`: made-up entries in any number, the same for the same seed."""

from datetime import date
from io import StringIO
from itertools import islice
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from todos.demo import demo_entries
from todos.ledger import Ledger
from todos.models import Tag, TodoEntry

TODAY = date(2026, 12, 1)


def demo(*words: str) -> str:
    output = StringIO()
    call_command("demo", *words, stdout=output)
    return output.getvalue()


def test_entries_are_added_and_counted(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("todos.management.commands.demo.STEP", 100)
    assert "Added 250 entries for local" in demo("--entries", "250")
    assert TodoEntry.objects.owned_by(owner.pk).count() == 250
    # A transaction a step, so that other writers wait for none of them long.
    assert Ledger.objects.get(pk=owner.pk).revision == 3


def test_entries_are_lifelike(owner: Any) -> None:
    demo("--entries", "400")
    live = TodoEntry.objects.live()
    assert 100 < live.completed().count() < 300
    assert live.overdue().exists()
    assert live.filter(due_has_time=True).exists()
    assert live.search("milk").exists()
    assert live.search("молоко").exists()
    assert live.tagged("home").count() > live.tagged("home/garden").count() > 0
    assert Tag.objects.count() > 15


def test_same_seed_gives_the_same_entries() -> None:
    def first(seed: int) -> list[dict[str, Any]]:
        return list(islice(demo_entries(seed, TODAY), 200))

    assert first(1) == first(1)
    assert first(1) != first(2)


def test_run_again_it_adds_more_and_changes_nothing(owner: Any) -> None:
    demo("--entries", "20")
    before = {entry["uuid"]: entry for entry in TodoEntry.objects.values()}
    demo("--entries", "20")
    after = {entry["uuid"]: entry for entry in TodoEntry.objects.values()}
    assert len(after) == 40
    assert before.items() <= after.items()


def test_another_owner_is_served(other: Any) -> None:
    demo("--entries", "5", "--owner", "other")
    assert TodoEntry.objects.owned_by(other.pk).count() == 5


@pytest.mark.parametrize("words", [["--entries", "0"], ["--entries", "many"], ["--owner", "stranger"], ["--seed", "x"]])
def test_bad_option_is_refused(words: list[str], db: None) -> None:
    with pytest.raises(CommandError, match=words[1]):
        demo(*words)
    assert not TodoEntry.objects.exists()
