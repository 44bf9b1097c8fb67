"""The first owner gets a password for the admin once; whoever set one keeps it."""

from typing import Any

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.test import RequestFactory

from todos.owners import UnknownOwnerError, open_admin, owner_named


def test_first_owner_is_a_superuser_with_the_password_returned(db: None) -> None:
    password = open_admin()
    user = authenticate(RequestFactory().post("/admin/login/"), username="local", password=password)
    assert user is not None
    assert user.is_staff
    assert user.is_superuser


def test_password_is_given_once(db: None) -> None:
    password = open_admin()
    assert open_admin() is None
    assert authenticate(RequestFactory().post("/admin/login/"), username="local", password=password)


def test_owner_made_by_the_first_command_gets_a_password_later(db: None) -> None:
    made = owner_named("local")
    assert authenticate(RequestFactory().post("/admin/login/"), username="local", password="") is None
    assert authenticate(RequestFactory().post("/admin/login/"), username=made.username, password=open_admin()) == made


@pytest.mark.parametrize("password", ["my own choice", None])
def test_password_set_or_disabled_by_hand_stays(password: str | None, db: None) -> None:
    get_user_model().objects.create_user("local", password=password)
    before = get_user_model().objects.values().get()
    assert open_admin() is None
    assert get_user_model().objects.values().get() == before


def test_owner_is_found_by_name(other: Any) -> None:
    assert owner_named("other") == other


def test_unknown_owner_is_not_made(db: None) -> None:
    with pytest.raises(UnknownOwnerError, match="There is no owner 'stranger'"):
        owner_named("stranger")
    assert not get_user_model().objects.exists()
