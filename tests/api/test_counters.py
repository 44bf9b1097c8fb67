"""Counters are exact over threads, processes and, by Redis, machines; one that fails keeps nobody out."""

import logging
import multiprocessing
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.servers import free_port
from todos.api.counters import MachineCounters, SharedCounters, Tally, tally

ONE, OTHER = Tally(5, 1000, 30), Tally(6, 1000, 30)


@pytest.fixture
def counters(tmp_path: Path) -> MachineCounters:
    """Counters on a fresh file."""
    return MachineCounters(tmp_path / "limits")


def test_count_goes_up_by_one(counters: MachineCounters) -> None:
    assert [counters.add(ONE) for _ in range(3)] == [1, 2, 3]
    assert counters.look_and_add(ONE, OTHER) == (3, 1)
    assert counters.look_and_add(OTHER, ONE) == (1, 4)


def test_next_minute_begins_at_nothing(counters: MachineCounters) -> None:
    counters.add(ONE)
    assert counters.look_and_add(ONE._replace(minute=1001), OTHER)[0] == 0
    assert counters.add(ONE._replace(minute=1001)) == 1


def add_many(path: Path, times: int) -> None:
    counters = MachineCounters(path)
    for _ in range(times):
        counters.add(ONE)


def test_processes_and_threads_miss_nothing(tmp_path: Path) -> None:
    path, context = tmp_path / "limits", multiprocessing.get_context("spawn")
    counters = MachineCounters(path)
    processes = [context.Process(target=add_many, args=(path, 10_000)) for _ in range(2)]
    for process in processes:
        process.start()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: [counters.add(ONE) for _ in range(10_000)], range(4)))
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert counters.add(ONE) == 60_001


def neighbors(number: int) -> list[Tally]:
    """Return tallies that share a row, never that of ONE or OTHER, and whose minute has just begun."""
    now, step = int(time.time()), 60 * MachineCounters.ROWS
    keys = [-now % 60 + 60 + step * each for each in range(1, number + 1)]
    return [Tally(key, (now + key % 60) // 60, 60) for key in keys]


def test_smallest_of_five_in_a_row_gives_way(counters: MachineCounters) -> None:
    *four, fifth = neighbors(5)
    for size, each in zip((3, 2, 4, 5), four, strict=True):
        for _ in range(size):
            counters.add(each)
    assert counters.add(fifth) == 1
    assert [counters.look_and_add(each, OTHER)[0] for each in [*four, fifth]] == [3, 0, 4, 5, 1]


def test_count_of_an_earlier_minute_gives_way_first(counters: MachineCounters) -> None:
    *four, fifth = neighbors(5)
    old = four[2]._replace(minute=four[2].minute - 1)
    for each in (four[0], four[1], old, old, four[3], fifth):
        counters.add(each)
    assert [counters.look_and_add(each, OTHER)[0] for each in (four[0], four[1], four[3], fifth)] == [1] * 4


def test_name_is_not_in_the_file(counters: MachineCounters, tmp_path: Path) -> None:
    counters.add(tally("token todo_secret"))
    assert (tmp_path / "limits").stat().st_mode & 0o777 == 0o600
    assert b"secret" not in (tmp_path / "limits").read_bytes()


def test_minute_ends_when_it_says() -> None:
    minutes = {tally(f"name {number}").left for number in range(500)}
    assert min(minutes) >= 1
    assert max(minutes) <= 60
    # Not all names begin at the same second.
    assert len(minutes) > 40


def test_file_that_cannot_be_used_keeps_nobody_out_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "limits"
    path.mkdir()
    counters = MachineCounters(path)
    with caplog.at_level(logging.WARNING):
        assert [counters.look_and_add(ONE, OTHER) for _ in range(3)] == [(0, 0)] * 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(path) in caplog.text
    path.rmdir()
    assert counters.add(ONE) == 1


# --- Redis -----------------------------------------------------------------------------------------------------------


class RedisServer:
    """A Redis server on loopback that keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self.program, self.folder, self.port = shutil.which("redis-server"), folder, free_port()
        if self.program is None:
            pytest.skip("there is no redis-server on the path (Debian: apt-get install redis-server)")
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and return when it answers."""
        words = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder))
        self.process = subprocess.Popen([str(self.program), *words], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, "redis-server did not start"
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """Stop it at once."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis server of its own."""
    found = RedisServer(tmp_path)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def machine(redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], SharedCounters]:
    """Return the counters of a machine with a storage folder of its own; a busy one is waited for."""
    monkeypatch.setattr(SharedCounters, "PATIENCE", 30)
    return lambda name: SharedCounters(redis.url, MachineCounters(tmp_path / name))


def test_machines_count_together(machine: Callable[[str], SharedCounters]) -> None:
    first, second = machine("first"), machine("second")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda each: [each.add(ONE) for _ in range(100)], [first, second] * 2))
    assert first.add(ONE) == 401
    assert second.look_and_add(ONE, OTHER) == (401, 1)
    assert second.look_and_add(ONE._replace(minute=1001), OTHER) == (0, 2)


def test_machine_counts_by_itself_while_redis_is_away_and_says_so_once(
    redis: RedisServer, machine: Callable[[str], SharedCounters], caplog: pytest.LogCaptureFixture
) -> None:
    counters = machine("first")
    counters.add(ONE)
    redis.stop()
    counters.PAUSE = 0  # so that it asks every time
    with caplog.at_level(logging.WARNING):
        assert [counters.add(ONE) for _ in range(3)] == [1, 2, 3]
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        redis.start()
        assert [counters.add(ONE) for _ in range(3)] == [1, 2, 3]
    assert "again" in caplog.records[-1].message
    assert len(caplog.records) == 2


def test_redis_that_was_away_is_not_asked_at_every_request(
    redis: RedisServer, machine: Callable[[str], SharedCounters]
) -> None:
    counters = machine("first")
    redis.stop()
    counters.add(ONE)
    redis.start()
    assert counters.add(ONE) == 2
