"""How often something happened within a minute, counted over all processes of this machine or, by Redis, of several."""

import fcntl
import logging
import os
import struct
import time
from functools import cache
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Protocol

from django.conf import settings

logger = logging.getLogger(__name__)
PERIOD = 60  # seconds


class Tally(NamedTuple):
    """What is counted: a name, as a number that does not tell it, in its minute, which ends in `left` seconds."""

    key: int
    minute: int
    left: int


def tally(name: str) -> Tally:
    """Return the tally of a name. Each name's minutes begin at a second of their own, the same on every machine."""
    digest = blake2b(name.encode(), digest_size=8, key=settings.SECRET_KEY.encode()[:64]).digest()
    key = int.from_bytes(digest, "little")
    minute, gone = _minute(key)
    return Tally(key, minute, PERIOD - gone)


def _minute(key: int) -> tuple[int, int]:
    return divmod(int(time.time()) + key % PERIOD, PERIOD)


class Counters(Protocol):
    """What counts. No counter that cannot be reached keeps a request out."""

    def add(self, added: Tally) -> int:
        """Count one more; return how many there are."""

    def look_and_add(self, looked: Tally, added: Tally) -> tuple[int, int]:
        """Return how many there are of the first, and count one more of the second."""


class MachineCounters:
    """Counters in a small file that all processes of this machine share; 5 µs for one more.

    A tally has a place in one of 4,096 rows of four. Where a fifth comes in the same minute, the smallest gives way.
    The file is read and written, not mapped into memory: on a full disk a write fails, where a mapped page would kill
    the process.
    """

    ROWS, ROW, PLACE = 4096, 64, struct.Struct("<QII")  # a place: key, minute, count

    def __init__(self, path: Path) -> None:
        self._path, self._threads = path, Lock()
        self._file: int | None = None
        self._works = True

    def add(self, added: Tally) -> int:
        """Count one more; 0 if the file cannot be used."""
        row = added.key % self.ROWS * self.ROW
        try:
            with self._threads:
                file = self._opened()
                fcntl.flock(file, fcntl.LOCK_EX)
                try:
                    place, count = self._place(os.pread(file, self.ROW, row), added)
                    os.pwrite(file, self.PLACE.pack(added.key, added.minute, count + 1), row + place)
                finally:
                    fcntl.flock(file, fcntl.LOCK_UN)
        except OSError as error:
            return self._failed(error)
        self._works = True
        return count + 1

    def look_and_add(self, looked: Tally, added: Tally) -> tuple[int, int]:
        """Look without a lock: the count may be an instant old, never torn, since a place is written at once."""
        try:
            row = os.pread(self._opened(), self.ROW, looked.key % self.ROWS * self.ROW)
        except OSError as error:
            return self._failed(error), self.add(added)
        return self._place(row, looked)[1], self.add(added)

    def _place(self, row: bytes, wanted: Tally) -> tuple[int, int]:
        """Return where in its row a tally stands and its count or, for a new one, the place to take and 0."""
        best, least = 0, None
        for number, (key, minute, count) in enumerate(self.PLACE.iter_unpack(row)):
            place = number * self.PLACE.size
            if key == wanted.key:
                return place, count if minute == wanted.minute else 0
            weight = count if minute == _minute(key)[0] else 0
            if least is None or weight < least:
                best, least = place, weight
        return best, 0

    def _opened(self) -> int:
        """Return the file, opened at the first use: a file opened before gunicorn forks would share its lock."""
        if self._file is None:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.truncate(file, self.ROWS * self.ROW)
            self._file = file
        return self._file

    def _failed(self, error: OSError) -> int:
        if self._works:
            logger.warning("requests are not counted: %s cannot be used (%s)", self._path, error.strerror)
        self._works = False
        return 0


class SharedCounters:
    """Counters in Redis, for several machines: one round trip a request. While it is away, this machine's own count."""

    PAUSE = 10  # seconds after a failure until Redis is asked again
    PATIENCE = 0.25  # seconds for an answer

    def __init__(self, url: str, own: Counters) -> None:
        from redis import Redis, RedisError
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        # One more try: a connection that was idle may have been closed by the server.
        self._redis = Redis.from_url(
            url, socket_timeout=self.PATIENCE, socket_connect_timeout=self.PATIENCE, retry=Retry(NoBackoff(), 1)
        )
        self._error, self._own, self._away_until = RedisError, own, 0.0

    def add(self, added: Tally) -> int:
        """Count one more."""
        return self.look_and_add(added, added)[1]

    def look_and_add(self, looked: Tally, added: Tally) -> tuple[int, int]:
        """Do both in one round trip."""
        if time.monotonic() < self._away_until:
            return self._own.look_and_add(looked, added)
        names = [f"todo:limit:{item.key:016x}:{item.minute}" for item in (looked, added)]
        pipe = self._redis.pipeline(transaction=False)
        pipe.get(names[0])
        pipe.incr(names[1])
        pipe.expire(names[1], 2 * PERIOD)
        try:
            seen, count, _ = pipe.execute()
        except self._error as error:
            if not self._away_until:
                logger.warning("CACHE_URL cannot be reached, so each machine counts by itself: %s", error)
            self._away_until = time.monotonic() + self.PAUSE
            return self._own.look_and_add(looked, added)
        if self._away_until:
            logger.warning("CACHE_URL can be reached again")
        self._away_until = 0.0
        return int(seen or 0), count


@cache
def counters() -> Counters:
    """Return the counters of this process."""
    own = MachineCounters(settings.STORAGE_DIR / "limits")
    return SharedCounters(settings.CACHE_URL, own) if settings.CACHE_URL else own
