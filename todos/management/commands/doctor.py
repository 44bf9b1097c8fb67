"""`manage.py doctor`: find what is out of step, and mend it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from todos.doctor import examine


class Command(BaseCommand):
    """Examine the store."""

    help = (
        "Compare all that is derived (tag names, folded text, the search index) with what it is derived from, and "
        "mend what differs. Safe at any time; ends with an error if something is wrong that it cannot mend."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument("--dry-run", action="store_true", help="change nothing, only say what is out of step")

    def handle(self, *, dry_run: bool, **_: Any) -> None:
        """Examine, and print a line for each check."""
        cures = []
        for finding in examine(mend=not dry_run):
            verdict = "ok"
            if finding.wrong:
                verdict = f"{finding.wrong:,} wrong{'' if dry_run or finding.cure else ', mended'}"
                cures += [finding.cure or "Run it without --dry-run to mend it."] * bool(finding.cure or dry_run)
            self.stdout.write(f"{finding.what}: {verdict}")
        if cures:
            raise CommandError(" ".join(dict.fromkeys(cures)))
