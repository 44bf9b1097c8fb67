"""Damage met in the SQLite file: a mark beside it, until the whole file has been read and found in order."""

from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

_CODES = (11, 26)  # SQLITE_CORRUPT, SQLITE_NOTADB


def is_damage(error: BaseException) -> bool:
    """Return whether a failure means that the database file is damaged, and mark it if so: for all processes."""
    # The low byte; the others tell details (sqlite.org/rescode.html).
    code: int = getattr(error.__cause__ or error, "sqlite_errorcode", 0)
    if code & 0xFF not in _CODES:
        return False
    # On a full disk, say, the next one who meets the damage tries again.
    with suppress(OSError):
        _mark().touch()
    _forget_pages()
    return True


def file_is_damaged() -> bool:
    """Return whether damage was met that is still there. The whole file is read if, and only if, it is marked."""
    if not _mark().exists():
        return False
    _forget_pages()
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            whole = cursor.fetchall() == [("ok",)]
    except DatabaseError:
        return True
    if whole:
        _mark().unlink(missing_ok=True)
    return not whole


def _forget_pages() -> None:
    """Close the connection, which would keep damaged pages in memory when the file is whole again."""
    if not connection.in_atomic_block:
        connection.close()


def _mark() -> Path:
    return Path(settings.STORAGE_DIR, "damaged")
