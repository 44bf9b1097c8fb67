"""`manage.py serve`: from nothing to a running server in one command."""

import errno
import fcntl
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from todos.owners import open_admin

MIGRATION_LOCK = 0x70D0  # any number that is only used for this
HOST, PORT = settings.BIND_HOST, settings.BIND_PORT
URL = f"http://{f'[{HOST}]' if ':' in HOST else HOST}:{PORT}"


class Command(BaseCommand):
    """Migrate, make the first owner, say where things are, and become gunicorn."""

    help = (
        "Bring the database up to date, make the first owner, print where the API, its documentation and the admin "
        "are, and serve them with gunicorn until Ctrl-C or SIGTERM. Settings come from environment variables."
    )
    requires_system_checks = []  # `migrate` runs them, those of the database too

    def handle(self, **_: Any) -> None:
        """Serve; returns only by an error."""
        listener = listen()
        with alone():
            call_command("migrate", verbosity=0, interactive=False, skip_checks=False)
            password = open_admin()
        self.stdout.write(welcome(password))
        self.stdout.flush()
        become_gunicorn(listener)


def listen() -> socket.socket:
    """Take the port before anything is written: whoever comes during the start waits, and a second server fails."""
    try:
        listener = socket.create_server(
            (HOST, PORT), family=socket.AF_INET6 if ":" in HOST else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {PORT} of {HOST} is taken by another program; stop it, or set TODO_APP_BIND to another port, "
                f"such as 127.0.0.1:{PORT + 1 if PORT < 65535 else 8080}."
            ) from None
        raise CommandError(
            f"The server cannot listen on {HOST}:{PORT} ({error.strerror}); set TODO_APP_BIND to another address."
        ) from None
    # Gunicorn sets this too late for connections made during the start: each of their answers would wait 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


@contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time migrate: of one storage folder, and on PostgreSQL of one database."""
    with open(settings.STORAGE_DIR / "migrate.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.vendor == "postgresql":
            # It is kept until the connection ends, which the start of gunicorn sees to.
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '60s'")
                cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        yield


def welcome(password: str | None) -> str:
    """Return where things are and, once, the password of the admin."""
    place = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql":
        place = f"the database {place} on {connection.settings_dict['HOST'] or 'this machine'}"
    lines = [
        f"Todo store {settings.VERSION}, entries in {place}",
        f"  API    {URL}/api/v1/todos/ and {URL}/todo/",
        f"  Docs   {URL}/docs",
        f"  Admin  {URL}/admin/",
    ]
    if settings.ACCESS == "token":
        lines += [
            "Each request of the API needs a token: `manage.py token create NAME` makes one and prints it.",
            "Docs and admin answer over HTTPS only, through a proxy on this machine.",
        ]
    if password:
        lines += [
            f"The admin's user is {settings.LOCAL_OWNER}, the password {password}",
            f"It is shown this once; `manage.py changepassword {settings.LOCAL_OWNER}` sets another.",
        ]
    return "\n".join([*lines, "Ctrl-C stops the server."])


def become_gunicorn(listener: socket.socket) -> NoReturn:
    """Replace this process, so that signals reach gunicorn; it finds the project from any current folder."""
    listener.set_inheritable(True)
    connection.close()
    root = str(settings.BASE_DIR)
    # Gunicorn reads it too, before our file, and would fail on an empty one, which is the same as none to us.
    os.environ.update(WEB_CONCURRENCY=str(settings.WORKERS))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    words = ["-m", "gunicorn", "-c", f"{root}/gunicorn.conf.py", "-b", f"fd://{listener.fileno()}"]
    os.execv(sys.executable, [sys.executable, *words])  # noqa: S606
