"""The login of the admin: guesses at a password are checked one after the other, and only so many of them."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from math import ceil
from threading import Lock
from typing import Any
from zlib import crc32

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from todos.address import client_address

PATIENCE, INTERVAL = 3.0, 0.02  # seconds
LOGIN_LOCK = 0x70D1  # any number that is only used for this
MAX_USERNAME = 150
_making = Lock()


class LoginForm(AdminAuthenticationForm):
    """A login that waits for others at the same name from the same address.

    django-axes counts a failure after the password was checked. Guesses that are sent at once would all be checked
    before the first is counted.
    """

    def clean(self) -> dict[str, Any]:
        """Check the password when it is this guess's turn."""
        assert self.request is not None  # nosec B101 # as the login view gives it
        username = self.cleaned_data.get("username") or ""
        if len(username) > MAX_USERNAME:
            # No user has such a name, and PostgreSQL could not note that it was tried.
            raise self.get_invalid_login_error()
        name = f"{username} {client_address(self.request)}"
        with turn(crc32(name.encode())) as mine:
            if not mine:
                raise ValidationError("Others are trying to log in under this name; try again in a moment.")
            return super().clean()


@contextmanager
def turn(number: int) -> Iterator[bool]:
    """Hold the turn with a number, which one thread of all processes (and machines) has; False if it does not come."""
    place: DatabaseTurns | FileTurns = DatabaseTurns() if connection.vendor == "postgresql" else file_turns()
    deadline = time.monotonic() + PATIENCE
    while not (mine := place.take(number)) and time.monotonic() < deadline:
        time.sleep(INTERVAL)
    try:
        yield mine
    finally:
        if mine:
            place.give_back(number)


class DatabaseTurns:
    """Turns of all machines that share a PostgreSQL; one that is held ends with its connection at the latest."""

    def take(self, number: int) -> bool:
        """Take a turn if it is free."""
        return bool(self._ask("pg_try_advisory_lock", number))

    def give_back(self, number: int) -> None:
        """Let the next one have it."""
        self._ask("pg_advisory_unlock", number)

    def _ask(self, function: str, number: int) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s, %s)", [LOGIN_LOCK, number - 2**31])
            return cursor.fetchone()[0]


class FileTurns:
    """Turns of this machine: each is a byte of a file, which a process locks and a thread of it holds."""

    def __init__(self) -> None:
        # Closing it, or another one of this file, would give back every turn of this process.
        self._file = os.open(settings.STORAGE_DIR / "login.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._threads, self._held = Lock(), set[int]()

    def take(self, number: int) -> bool:
        """Take a turn if it is free."""
        with self._threads:
            if number in self._held:
                return False
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
            except (BlockingIOError, PermissionError):
                return False
            self._held.add(number)
            return True

    def give_back(self, number: int) -> None:
        """Let the next one have it."""
        with self._threads:
            self._held.discard(number)
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)


@cache
def _file_turns() -> FileTurns:
    return FileTurns()


def file_turns() -> FileTurns:
    """Return the turns of this process: one object, also if its first two logins come at the same time."""
    with _making:
        return _file_turns()


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """Answer who has guessed too often."""
    minutes = ceil(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
    context = {**admin.site.each_context(request), "title": "Too many failed logins", "minutes": minutes}
    page = render(request, "admin/locked_out.html", context, status=429)
    page["Retry-After"] = str(minutes * 60)
    return page
