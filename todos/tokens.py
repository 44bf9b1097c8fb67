"""Tokens: secrets that stand for an owner and a scope in the API. Kept as digests; a secret is shown once."""

import hashlib
import hmac
import secrets
import string
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.lookups import In
from django.utils import timezone

from todos.prepared import Prepared
from todos.querysets import OwnedQuerySet
from todos.turns import without_waiting

# `todo_` and 40 letters or digits (238 random bits), as secret scanners look for: todo_[0-9A-Za-z]{40}
PREFIX, LENGTH = "todo_", 40
ALPHABET = string.digits + string.ascii_letters
USE_NOTED = timedelta(hours=1)  # so that reading does not write at every request


def new_secret() -> str:
    """Return a secret that nobody can guess."""
    return PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def digest(secret: str) -> str:
    """Return what is kept of a secret. It is random and long, so a fast hash without salt is safe."""
    return hashlib.sha256(secret.encode()).hexdigest()


class TokenQuerySet(OwnedQuerySet["Token"]):
    """Questions about tokens."""

    def usable(self, now: datetime) -> Self:
        """Return the tokens that are neither revoked nor expired, of owners who are active."""
        return self.filter(revoked_at=None, owner__is_active=True).exclude(expires_at__lte=now)

    def revoke(self) -> int:
        """Revoke the tokens that are not yet; return how many."""
        return self.filter(revoked_at=None).update(revoked_at=timezone.now())


class Bearer(NamedTuple):
    """What a request learns from its token: whose it is, their revision, and what it may do."""

    id: int
    owner_id: int
    scope: str
    last_used_at: datetime | None
    revision: int | None  # None: the owner has written nothing yet


class TokenManager(models.Manager.from_queryset(TokenQuerySet)):  # type: ignore[misc]
    """What is asked at every request, without a queryset or a model instance."""

    def with_secret(self, secret: str) -> Bearer | None:
        """Return what the usable token with this secret says: one question of one index."""
        wanted = digest(secret)
        for row in _with_digest(digest=wanted, now=timezone.now()):
            if hmac.compare_digest(row.pop("digest"), wanted):
                return Bearer(**row)
        return None

    def note_use(self, token: "Bearer | Token", now: datetime) -> None:
        """Write down that a token is in use, at most once an hour; OperationalError if somebody else writes."""
        if token.last_used_at is None or now - token.last_used_at >= USE_NOTED:
            with without_waiting():
                self.filter(pk=token.id, last_used_at=token.last_used_at).update(last_used_at=now)


class Token(models.Model):
    """What stands for an owner in the API."""

    class Scope(models.TextChoices):
        """What a token may do."""

        READ = "read"
        WRITE = "write"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100, help_text="What it is for, such as: phone.")
    scope = models.CharField(
        max_length=5, choices=Scope.choices, default=Scope.WRITE, help_text="Whether it may write, or read only."
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("created", auto_now_add=True)
    expires_at = models.DateTimeField("expires", null=True, blank=True, help_text="Empty: it does not expire.")
    last_used_at = models.DateTimeField("last used", null=True, editable=False)
    revoked_at = models.DateTimeField("revoked", null=True, editable=False)

    objects = TokenManager()

    class Meta:
        app_label = "todos"
        ordering = ["owner_id", "id"]
        constraints = [models.CheckConstraint(condition=In(models.F("scope"), ("read", "write")), name="token_scope")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a name that no list could show, and a token that would never work."""
        if not self.name.isprintable():
            raise ValidationError({"name": "A name is one line of characters that can be seen."})
        if self._state.adding and self.expires_at and self.expires_at <= timezone.now():
            raise ValidationError(
                {"expires_at": "A token that expires in the past would never work; choose a later time."}
            )

    @property
    def state(self) -> str:
        """Whether it can be used, in a word; as `usable` has it."""
        if self.revoked_at:
            return "revoked"
        if self.expires_at and self.expires_at <= timezone.now():
            return "expired"
        return "usable" if self.owner.is_active else "locked"


def _ask_with_digest(digest: Any, now: Any) -> Any:
    known = Token.objects.usable(now).filter(digest=digest).annotate(revision=models.F("owner__ledger__revision"))
    return known.order_by().values("digest", *Bearer._fields)


_with_digest = Prepared(_ask_with_digest, digest=None, now=models.DateTimeField())


def issue(
    owner: Any, name: str, scope: str = Token.Scope.WRITE, expires_at: datetime | None = None
) -> tuple[Token, str]:
    """Make a token and return it with its secret, which nobody can show again; ValidationError if a rule is broken."""
    secret = new_secret()
    token = Token(owner=owner, name=name.strip(), scope=scope, expires_at=expires_at, digest=digest(secret))
    token.full_clean()
    token.save()
    return token, secret
