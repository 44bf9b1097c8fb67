"""The one gate through which every write passes: the owner's counter, its lock, and the numbering of changes."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone


class Ledger(models.Model):
    """The current revision of one owner, and the highest revision whose tombstone has been dropped."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="ledger", editable=False
    )
    revision = models.BigIntegerField(default=0, editable=False)
    horizon = models.BigIntegerField(default=0, editable=False)

    class Meta:
        app_label = "todos"

    def __str__(self) -> str:
        return f"revision {self.revision}"


@dataclass
class Write:
    """A write transaction of one owner: the number and the time that its changes carry."""

    owner_id: int
    revision: int
    now: datetime = field(default_factory=lambda: timezone.now())
    changed: bool = False

    def next_moment(self) -> datetime:
        """Return a time after every one returned before, so that no two entries of a write share `created_at`."""
        self.now += timedelta(microseconds=1)
        return self.now

    def number(self, revisions: Iterable[int]) -> None:
        """Raise the ledger once more if a row that is to be changed carries this write's number already."""
        if self.changed and self.revision in revisions:
            self.revision = _raise(self.owner_id)
        self.changed = True


_open_writes: ContextVar[dict[int, Write]] = ContextVar("open_writes", default={})  # noqa: B039 # never mutated

# Locks the owner's row and raises it in one statement; a new owner's row is made by its first write.
_RAISE = """
INSERT INTO todos_ledger (owner_id, revision, horizon) VALUES (%s, 1, 0)
ON CONFLICT (owner_id) DO UPDATE SET revision = todos_ledger.revision + 1 RETURNING revision
"""


def _raise(owner_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, [owner_id])
        revision: int = cursor.fetchone()[0]
    return revision


@contextmanager
def write(owner_id: int) -> Iterator[Write]:
    """Open a write transaction of one owner, or join the one that is open.

    The owner's ledger is locked and raised before anything else is read, so an owner's writes have one order, and
    on PostgreSQL commit order is revision order. A write that marks nothing as `changed` leaves no revision behind.
    """
    joined = _open_writes.get().get(owner_id)
    if joined is not None:
        yield joined
        return
    with transaction.atomic():
        current = Write(owner_id, _raise(owner_id))
        token = _open_writes.set({**_open_writes.get(), owner_id: current})
        try:
            yield current
        finally:
            _open_writes.reset(token)
        if not current.changed:
            # The row is still locked, so nobody has seen the number that is taken back.
            Ledger.objects.filter(pk=owner_id).update(revision=current.revision - 1)


@contextmanager
def write_all(owner_ids: Iterable[int]) -> Iterator[dict[int, Write]]:
    """Open a write transaction of several owners at once, always in the same order, so that none waits in a circle."""
    with transaction.atomic(savepoint=False), ExitStack() as stack:
        yield {owner_id: stack.enter_context(write(owner_id)) for owner_id in sorted(set(owner_ids))}
