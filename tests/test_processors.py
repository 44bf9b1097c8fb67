"""Each worker keeps to one processor, and they share what there is evenly, also after one was replaced."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import Server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process choose its processor")


def workers(server: Server) -> list[int]:
    """Return the process ids of the workers."""
    assert server.process is not None
    pid = server.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def spread(pids: list[int]) -> list[int]:
    """Return how many of the workers each processor has, in order of their number."""
    given = [os.sched_getaffinity(pid) for pid in pids]
    return sorted(given.count({processor}) for processor in os.sched_getaffinity(0))


def test_workers_share_the_processors_evenly_also_after_one_is_replaced(start_server: Callable[..., Server]) -> None:
    processors = len(os.sched_getaffinity(0))
    server = start_server(WEB_CONCURRENCY=str(processors + 1))
    evenly = [1] * (processors - 1) + [2]
    before = workers(server)
    deadline = time.monotonic() + 30
    while spread(workers(server)) != evenly:
        assert time.monotonic() < deadline, spread(workers(server))
        time.sleep(0.02)
    os.kill(before[0], signal.SIGKILL)
    while before[0] in workers(server) or spread(workers(server)) != evenly:
        assert time.monotonic() < deadline, spread(workers(server))
        time.sleep(0.02)
