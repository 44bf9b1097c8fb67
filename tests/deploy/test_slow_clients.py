"""64 slow clients through the shipped proxy: others do not feel them, and each is cut off in time."""

import ssl
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from socket import create_connection, socket
from typing import Any

import pytest

from tests.deploy.proxy import HOST, Proxy

CLIENTS = 64
CUT_WITHIN = 15  # seconds after the last sign of life; after the first one, if it is a header that never ends
BOUND = 0.5  # seconds for a good request, beside the slow ones
REQUESTS, ROUNDS = 40, 3
START = f"POST /api/v1/todos/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n".encode()
BODY = START + b'Content-Length: 1000\r\n\r\n{"content": "'


class Slow:
    """A connection from an address of its own, which sends a byte each second, or nothing more at all."""

    def __init__(self, proxy: Proxy, number: int, open_with: bytes | None, seconds: float) -> None:
        """Send `open_with` (None: not even a handshake of TLS), and drip for so many seconds."""
        self.plain: socket = create_connection(("127.0.0.1", proxy.port), 10, (f"127.0.1.{number + 1}", 0))
        self.wire: Any = self.plain
        if open_with is not None:
            context = ssl.create_default_context(cafile=str(proxy.folder / "fullchain.pem"))
            self.wire = context.wrap_socket(self.plain, server_hostname=HOST)
            self.wire.sendall(open_with)
        self.drips_until = time.monotonic() + seconds
        self.deadline = time.monotonic() + CUT_WITHIN
        self.is_body = open_with == BODY
        self.cut_at: float | None = None
        self.answered = b""
        self.wire.setblocking(False)

    def live(self) -> None:
        """Notice whether nginx has cut the connection, and send the next byte."""
        now = time.monotonic()
        try:
            if now < self.drips_until:
                self.wire.send(b"x")
                if self.is_body:
                    self.deadline = now + CUT_WITHIN
            self.answered += self.wire.recv(1000)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError:
            pass
        self.cut_at = now


@contextmanager
def slow_clients(proxy: Proxy) -> Iterator[list[Slow]]:
    """Yield slow clients of all kinds, which go on by themselves until they are cut."""
    kinds: list[tuple[bytes | None, float]] = [
        (START + b"X-Drip: ", 60),  # a header that never ends
        (BODY, 5),  # a body that drips, then stalls
        (BODY, 0),  # a body that stalls
        (b"", 0),  # no request
        (None, 0),  # no TLS
    ]
    end = threading.Event()
    with ExitStack() as stack:
        clients = [Slow(proxy, number, *kinds[number % len(kinds)]) for number in range(CLIENTS)]
        for client in clients:
            stack.callback(client.plain.close)
            stack.callback(client.wire.close)
        thread = threading.Thread(target=live_until, args=[clients, end])
        thread.start()
        stack.callback(thread.join)
        stack.callback(end.set)
        yield clients


def live_until(clients: list[Slow], end: threading.Event) -> None:
    """Let all that are still connected live on, once a second."""
    while not end.wait(1):
        for client in clients:
            if client.cut_at is None:
                client.live()


def seconds_of_good_requests(proxy: Proxy, bearer: dict[str, str]) -> list[float]:
    """Read and write, each time on a new connection; return the seconds each took."""
    found = []
    with proxy.client(headers={**bearer, "Connection": "close"}) as client:
        for number in range(REQUESTS):
            began = time.monotonic()
            answer = (
                client.post("/todo/", json={"content": "x"}) if number % 2 else client.get("/api/v1/todos/?limit=5")
            )
            found.append(time.monotonic() - began)
            assert answer.status_code == 200, answer.text
    return found


def test_good_requests_do_not_feel_slow_clients_who_are_cut_in_time(proxy: Proxy, bearer: dict[str, str]) -> None:
    """The bound holds for the slowest request of a round.

    Harm by slow clients would last as long as they are there, so it would show in every round; a moment in which the
    machine does something else shows in one.
    """
    for _ in range(ROUNDS):
        before = seconds_of_good_requests(proxy, bearer)
        with slow_clients(proxy) as clients:
            found = seconds_of_good_requests(proxy, bearer)
            assert [client for client in clients if client.cut_at is not None] == [], "they were gone too early"
            slow = max(found) >= BOUND or statistics.median(found) >= 3 * statistics.median(before) + 0.05
            print(f"\nalone: median {statistics.median(before):.4f} s, slowest {max(before):.4f} s; "
                  f"beside {CLIENTS} slow clients: {statistics.median(found):.4f} s, {max(found):.4f} s")  # fmt: skip
            if not slow:
                all_are_cut_in_time(clients)
                return
    pytest.fail("good requests felt the slow clients in every round")


def all_are_cut_in_time(clients: list[Slow]) -> None:
    """Wait until no slow client is left, none of whom may have been answered."""
    while left := [client for client in clients if client.cut_at is None]:
        assert all(time.monotonic() < client.deadline + 2 for client in left), f"{len(left)} were not cut"
        time.sleep(0.2)
    assert all(client.cut_at and client.cut_at <= client.deadline + 1 for client in clients)
    assert {client.answered for client in clients} == {b""}, "a request that is not whole was answered"
