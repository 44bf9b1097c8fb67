"""`manage.py token`: make, list and revoke the tokens by which programs come in."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from todos.management.commands.purge import days
from todos.models import timestamp
from todos.owners import UnknownOwnerError, owner_named
from todos.tokens import Token, issue


class Command(BaseCommand):
    """Tokens of an owner."""

    help = "Make, list and revoke the tokens by which programs come in (TODO_APP_ACCESS=token)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the verbs and their options."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="create | list | revoke")
        create = verbs.add_parser("create", help="make a token and print its secret, this once")
        create.add_argument("name", help="what it is for, such as: phone")
        create.add_argument("--scope", choices=Token.Scope.values, default="write", help="default: %(default)s")
        create.add_argument(
            "--expires-in", type=days, metavar="DAYS", help="such as 90d; without it, it does not expire"
        )
        list_ = verbs.add_parser("list", help="print the tokens, without their secrets")
        revoke = verbs.add_parser("revoke", help="let a token in no more, from this moment on")
        revoke.add_argument("id", type=int, help="the number that `list` shows")
        for verb in (create, list_, revoke):
            verb.add_argument("--owner", default=settings.LOCAL_OWNER, help="whose token (default: %(default)s)")

    def handle(self, *, verb: str, owner: str, **options: Any) -> None:
        """Do what the verb says."""
        try:
            user = owner_named(owner)
        except UnknownOwnerError as error:
            raise CommandError(str(error)) from None
        getattr(self, verb)(user, **options)

    def create(self, owner: Any, *, name: str, scope: str, expires_in: timedelta | None, **_: Any) -> None:
        """Make a token; the secret alone goes to standard output."""
        try:
            token, secret = issue(owner, name, scope, timezone.now() + expires_in if expires_in is not None else None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(secret)
        self.stderr.write(f"Token {token.pk} ({scope}) of {owner}: keep it now, it cannot be shown again.")

    def list(self, owner: Any, **_: Any) -> None:
        """Print a line a token."""
        for token in Token.objects.owned_by(owner.pk).select_related("owner"):
            used, ends = (timestamp(moment) or "never" for moment in (token.last_used_at, token.expires_at))
            self.stdout.write(
                f"{token.pk:>6}  {token.scope:5}  {token.state:7}  used {used}  expires {ends}  {token.name}"
            )

    def revoke(self, owner: Any, *, id: int, **_: Any) -> None:  # noqa: A002 # the name of the argument
        """Revoke a token; one that is revoked stays so."""
        tokens = Token.objects.owned_by(owner.pk).filter(pk=id)
        if not tokens.exists():
            raise CommandError(f"{owner} has no token {id}; `manage.py token list --owner {owner}` shows them.")
        tokens.revoke()
        self.stdout.write(f"Token {id} is revoked.")
