"""`manage.py purge`: says what it does, and does what it says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from todos.models import TodoEntry, Tombstone

Make = Callable[..., Any]


@pytest.fixture
def trash(make: Make) -> None:
    """Two entries in the trash, one for 40 days and one for 10."""
    for days in (40, 10):
        TodoEntry.objects.filter(pk=make().pk).update(deleted_at=timezone.now() - timedelta(days=days))


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run the command; return what it prints."""
    call_command("purge", *words)
    return capsys.readouterr().out


@pytest.mark.usefixtures("trash")
def test_purge_keeps_30_days_and_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys)
    assert said == (
        "removed: 1 entries from the trash (older than 30 days), 0 tombstones (older than 365 days), "
        "0 kept answers (older than 7 days)\n"
    )
    assert (TodoEntry.objects.count(), Tombstone.objects.count()) == (1, 1)


@pytest.mark.usefixtures("trash")
def test_dry_run_says_what_would_be_done_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "--dry-run", "--older-than", "5d")
    assert said.startswith("would be removed: 2 entries from the trash (older than 5 days)")
    assert (TodoEntry.objects.count(), Tombstone.objects.count()) == (2, 0)


@pytest.mark.usefixtures("trash")
@pytest.mark.parametrize(("words", "left"), [("30d", 1), ("30", 1), ("41d", 2), ("9d", 0), ("0d", 0)])
def test_older_than_takes_days(capsys: pytest.CaptureFixture[str], words: str, left: int) -> None:
    run(capsys, "--older-than", words)
    assert TodoEntry.objects.count() == left


@pytest.mark.usefixtures("trash")
def test_purge_twice_finds_nothing_the_second_time(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "--older-than", "0d")
    assert "removed: 0 entries" in run(capsys, "--older-than", "0d")


@pytest.mark.usefixtures("trash")
@pytest.mark.parametrize("words", ["x", "30h", "-1", "1.5", "", "d", "999999d"])
def test_malformed_older_than_is_named_and_changes_nothing(words: str) -> None:
    with pytest.raises(CommandError, match="such as 30d"):
        call_command("purge", f"--older-than={words}")
    assert TodoEntry.objects.count() == 2
