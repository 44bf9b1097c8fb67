"""`manage.py purge`: remove what time has made superfluous."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from todos.purge import ANSWERS_KEPT, TOMBSTONES_KEPT, TRASH_KEPT, purge


def days(text: str) -> timedelta:
    """Return the length of time that `30d` or `30` means."""
    found = re.fullmatch(r"(\d{1,5})d?", text, re.ASCII)
    if not found:
        raise ArgumentTypeError(f"{text!r} is no number of days, such as 30d")
    return timedelta(days=int(found[1]))


class Command(BaseCommand):
    """Empty the trash of what has been in it long enough."""

    help = (
        "Remove entries that have been in the trash for 30 days (their ids stay in the change feed as tombstones), "
        "tombstones older than a year, and answers kept for retries for 7 days. Safe to run at any time, daily say."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument(
            "--older-than",
            type=days,
            default=TRASH_KEPT,
            metavar="DAYS",
            help="how long an entry stays in the trash, such as 30d (the default); 0d empties it",
        )
        parser.add_argument("--dry-run", action="store_true", help="change nothing, only say what would be removed")

    def handle(self, *, older_than: timedelta, dry_run: bool, **_: Any) -> None:
        """Purge, and print what was done."""
        purged = purge(older_than, dry_run)
        verb = "would be removed" if dry_run else "removed"
        self.stdout.write(
            f"{verb}: {purged.entries} entries from the trash (older than {older_than.days} days), "
            f"{purged.tombstones} tombstones (older than {TOMBSTONES_KEPT.days} days), "
            f"{purged.answers} kept answers (older than {ANSWERS_KEPT.days} days)"
        )
