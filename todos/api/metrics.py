"""`/metrics`: what this server does, for Prometheus; added up over all of its processes.

Under gunicorn each process writes its numbers to a file of its own (`PROMETHEUS_MULTIPROC_DIR`, made by
`gunicorn.conf.py`), and whichever is asked reads all of them.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from functools import cache
from itertools import count as numbers
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Sum
from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from todos.ledger import Ledger

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_seats: dict[int, int] = {}  # by process id: a fork needs one of its own


def _seat() -> int:
    """Return the number under which this process writes."""
    pid = os.getpid()
    if pid not in _seats:
        _seats[pid] = _take_seat()
    return _seats[pid]


def _take_seat() -> int:
    """Return the lowest number that no other process holds, and hold it until this process ends.

    A process that takes the seat of one that has ended adds to its numbers, so files do not pile up as workers are
    replaced, and no count is lost.
    """
    for number in numbers():
        file = os.open(Path(FOLDER or "") / f"seat-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
        else:
            return number
    raise AssertionError("numbers do not end")


if FOLDER:
    values.ValueClass = values.MultiProcessValue(_seat)  # type: ignore[no-untyped-call]

_LABELS = ("route", "method", "status")
_registry = CollectorRegistry()
_seconds = Histogram(
    "todo_request_seconds",
    "Time from the request to its answer; _count is the number of requests",
    _LABELS,
    registry=_registry,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
_taken = Counter("todo_request_bytes", "Bytes of the bodies of requests", ("route", "method"), registry=_registry)
_given = Counter("todo_response_bytes", "Bytes of the bodies of answers", ("route", "method"), registry=_registry)


@cache
def _children(route: str, method: str, status: int) -> tuple[Histogram, Counter, Counter]:
    labels = (route, method)
    return _seconds.labels(*labels, status), _taken.labels(*labels), _given.labels(*labels)


def count(request: HttpRequest, route: str, status: int, seconds: float, size: int) -> None:
    """Count one answered request."""
    method = request.method if request.method in METHODS else "other"
    took, taken, given = _children(route, method or "", status)
    took.observe(seconds)
    given.inc(size)
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal():
        taken.inc(int(length))


class Store(Collector):
    """What is read where it is kept when somebody asks, at no cost for other requests."""

    def collect(self) -> Iterator[Metric]:
        """Yield the writes of all owners, and how the database and the disk are."""
        try:
            writes = CounterMetricFamily("todo_writes", "Write transactions of all owners: the sum of their revisions")
            writes.add_metric([], Ledger.objects.aggregate(total=Sum("revision"))["total"] or 0)
        except DatabaseError:
            yield GaugeMetricFamily("todo_database_up", "Whether the database answers", value=0)
        else:
            yield GaugeMetricFamily("todo_database_up", "Whether the database answers", value=1)
            yield writes
        free = shutil.disk_usage(settings.STORAGE_DIR).free
        yield GaugeMetricFamily("todo_storage_free_bytes", "Room on the disk of the storage folder", value=free)


def exposition() -> bytes:
    """Return the numbers of all processes as text."""
    registry = CollectorRegistry()
    if FOLDER:
        MultiProcessCollector(registry, FOLDER)  # type: ignore[no-untyped-call]
    else:
        registry.register(_registry)
    registry.register(Store())
    return generate_latest(registry)
