"""`manage.py demo`: fill the store with made-up entries."""

import time
from argparse import ArgumentParser, ArgumentTypeError
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress

from todos.demo import demo_entries
from todos.owners import UnknownOwnerError, owner_named
from todos.writer import writing

STEP = 2000  # entries a transaction


def number(text: str) -> int:
    """Return the number of entries that `--entries` names."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 100_000_000):
        raise ArgumentTypeError(f"{text!r} is no number of entries, such as 1000")
    return int(text)


class Command(BaseCommand):
    """Add made-up entries."""

    help = (
        "Add made-up everyday entries, to try things out at any size; nothing that is there is changed. The same seed "
        "gives the same entries on the same day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument("--entries", type=number, default=1000, help="how many (default: %(default)s)")
        parser.add_argument("--seed", type=int, default=1, help="another seed gives others (default: %(default)s)")
        parser.add_argument("--owner", default=settings.LOCAL_OWNER, help="whose entries (default: %(default)s)")

    def handle(self, *, entries: int, seed: int, owner: str, **_: Any) -> None:
        """Add the entries, a transaction at a time."""
        try:
            owner_id = owner_named(owner).pk
        except UnknownOwnerError as error:
            raise CommandError(str(error)) from None
        start = time.monotonic()
        source = islice(demo_entries(seed, timezone.localdate()), entries)
        console = Console(stderr=True)
        with Progress(console=console, disable=not self.stderr.isatty()) as progress:
            task = progress.add_task("adding entries", total=entries)
            while step := list(islice(source, STEP)):
                with writing(owner_id) as writer:
                    for fields in step:
                        writer.create(fields)
                progress.advance(task, len(step))
        self.stdout.write(f"Added {entries:,} entries for {owner} in {time.monotonic() - start:.1f} s.")
