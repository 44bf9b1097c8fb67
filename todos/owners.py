"""Owners by name, and the first one: the user `local`, who is the admin's superuser too."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password


class UnknownOwnerError(Exception):
    """There is no such owner; the message is for the operator."""


def owner_named(name: str) -> Any:
    """Return the owner of that name; `local` is made at its first use, anybody else must be there already."""
    users = get_user_model()._default_manager
    if name == settings.LOCAL_OWNER:
        return users.get_or_create(username=name)[0]
    owner = users.filter(username=name).first()
    if owner is None:
        raise UnknownOwnerError(f"There is no owner {name!r}; add the user in the admin first.")
    return owner


def open_admin() -> str | None:
    """Make `local` a superuser with a generated password and return it; None if it ever had one.

    A user made by `owner_named` has the empty password, which no login matches. One who was given an unusable
    password on purpose keeps it. Of two processes that start at once, one changes the row and knows the password.
    """
    owner_named(settings.LOCAL_OWNER)
    password = secrets.token_hex(10)
    fresh = get_user_model()._default_manager.filter(username=settings.LOCAL_OWNER, password="")
    if not fresh.exists():
        return None
    changed = fresh.update(password=make_password(password), is_staff=True, is_superuser=True)
    return password if changed else None
