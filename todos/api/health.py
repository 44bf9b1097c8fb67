"""What a supervisor, a load balancer and Prometheus ask: without a token, under any name of this host."""

import shutil
from collections.abc import Iterator
from functools import cache

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from todoproject.env import is_loopback
from todos.api.authentication import forwarded_by
from todos.api.errors import problem
from todos.damage import file_is_damaged, is_damage
from todos.ledger import Ledger
from todos.models import TodoEntry

PATHS = frozenset({"/livez", "/readyz", "/metrics"})
ROOM = 50 * 1024 * 1024  # bytes that have to be free
DAMAGED = "The SQLite file is damaged: `manage.py doctor` tells more; restore a backup."


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; the database is not asked, since to restart the process would not mend it."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether requests can be served, or else with 503 what is wrong."""
    faults = dict(_faults())
    if not faults:
        return JsonResponse({"status": "ready"})
    errors = [{"check": check, "detail": detail} for check, detail in faults.items()]
    text = " ".join(faults.values())
    return problem(request, "unavailable", text, type="about:blank", title="Service Unavailable", errors=errors)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the numbers, to programs of this machine only: what came from elsewhere finds nothing here."""
    if not settings.METRICS or not is_loopback(request.META.get("REMOTE_ADDR", "")) or forwarded_by(request):
        raise Http404
    from todos.api.metrics import CONTENT_TYPE, exposition

    return HttpResponse(exposition(), content_type=CONTENT_TYPE)


class BehindError(Exception):
    """The database lacks migrations of this program."""


def _faults() -> Iterator[tuple[str, str]]:
    """Yield what is wrong, by the name of the check."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError) as error:
        yield ("file", DAMAGED) if is_damage(error) else ("database", "The database does not answer.")
    else:
        yield from _faults_of_tables()
    free = shutil.disk_usage(settings.STORAGE_DIR).free
    if free < ROOM:
        yield (
            "disk",
            f"{free // 2**20} MiB are free for the storage folder; make room for {ROOM // 2**20} MiB at least.",
        )


def _faults_of_tables() -> Iterator[tuple[str, str]]:
    try:
        check_migrations()
        # The ledger is what each write needs, the newest entry stands at one end of the largest table.
        Ledger.objects.first()
        TodoEntry.objects.order_by("pk").last()
        if connection.vendor == "sqlite" and file_is_damaged():
            yield "file", DAMAGED
    except BehindError:
        yield "migrations", "The database is older than the program: run `manage.py migrate`."
    except (DatabaseError, InterfaceError) as error:
        yield ("file", DAMAGED) if is_damage(error) else ("database", "The tables cannot be read.")


@cache
def check_migrations() -> None:
    """Raise BehindError if the database lacks a migration; once it has all, it is asked no more by this process."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise BehindError
