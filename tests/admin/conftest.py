"""The cast of the admin's tests, each with a browser: a superuser, and two owners who are staff."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.admin.browser import Browser


def staff(user: Any, *permissions: str) -> Browser:
    """Let a user in, with permissions such as `change_tag`; all on entries and tags if none is named."""
    from django.contrib.auth.models import Permission

    granted = Permission.objects.filter(content_type__app_label="todos")
    user.user_permissions.set(granted.filter(codename__in=permissions) if permissions else granted)
    user.is_staff = True
    user.save()
    return Browser(user)


@pytest.fixture
def admit() -> Callable[..., Browser]:
    """Let a user in with chosen permissions."""
    return staff


@pytest.fixture
def browser(owner: Any) -> Browser:
    """The owner, who may do everything with what is theirs."""
    return staff(owner)


@pytest.fixture
def stranger(other: Any) -> Browser:
    """Somebody else, who may do everything with what is theirs."""
    return staff(other)


@pytest.fixture
def root(db: None) -> Browser:
    """A superuser without entries."""
    from django.contrib.auth import get_user_model

    return Browser(get_user_model().objects.create_superuser("root"))
