"""What the shipped proxy hands on, and what it answers itself: while the server is away, and to too many requests."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.deploy.proxy import HOST, Proxy
from tests.servers import free_port

FORGED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Protocol": "http",
    "X-Forwarded-Ssl": "off",
    "X-Forwarded-Host": "elsewhere.example.org",
    "X-Forwarded-Port": "80",
    "Forwarded": "for=203.0.113.7",
    "X_Forwarded_For": "203.0.113.8",
}


class Echo(BaseHTTPRequestHandler):
    """Answer the headers that arrived."""

    def do_GET(self) -> None:
        body = json.dumps(self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that answers what arrives."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_server_hears_of_a_client_from_nginx_only(start_proxy: Callable[[int], Proxy], echo: int) -> None:
    transport = httpx.HTTPTransport(verify=False, local_address="127.0.7.7")
    with start_proxy(echo).client(transport=transport, headers=FORGED) as client:
        arrived = [(name.lower(), value) for name, value in client.get("/api/v1/todos/").json()]

    forwarded = {(name, value) for name, value in arrived if "forward" in name}
    assert forwarded == {("x-forwarded-for", "127.0.7.7"), ("x-forwarded-proto", "https")}
    assert ("host", HOST) in arrived
    assert len(dict(arrived)["x-request-id"]) == 32


def test_server_that_is_away_is_a_problem_502_with_a_time_to_wait(start_proxy: Callable[[int], Proxy]) -> None:
    proxy = start_proxy(free_port())
    with proxy.client() as client:
        for path in ("/api/v1/todos/?search=a-secret-one", "/todo/", "/todo", "/api/v1/batch/"):
            for method in ("GET", "POST"):
                away = client.request(method, path, json={"content": "a-secret-two"} if method == "POST" else None)
                assert (away.status_code, away.headers["Content-Type"]) == (502, "application/problem+json")
                assert (away.json()["status"], away.json()["code"]) == (502, "unavailable")
                assert int(away.headers["Retry-After"]) > 0
                assert away.json()["request_id"] == away.headers["X-Request-Id"]
        assert client.get("/admin/").headers["Content-Type"] == "text/html"
        logs = proxy.logs(client.get("/todo/"))
    assert '"status":502' in logs
    assert "a-secret" not in logs


def test_flood_of_one_address_is_a_problem_429_and_others_go_on(start_proxy: Callable[[int], Proxy]) -> None:
    """More than the 1,000 that may come at once, on connections that ask without waiting for answers."""
    proxy = start_proxy(free_port())
    request = f"GET /todo/?a-secret HTTP/1.1\r\nHost: {HOST}\r\n".encode()

    answers, sent = b"", 0
    # The slower this goes, the more may come meanwhile.
    while answers.count(b"HTTP/1.1 429 ") < 100:
        assert sent < 10_000, f"of {sent} requests {answers.count(b'HTTP/1.1 429 ')} were refused"
        answers += pipelined(proxy, request, 900)
        sent += 900

    found = [answers.count(b"HTTP/1.1 %d " % status) for status in (502, 429)]
    assert sum(found) == sent
    assert found[0] >= 1000
    refused = answers.rpartition(b"HTTP/1.1 429 ")[2].partition(b"HTTP/1.1")[0].decode()
    assert "\r\nContent-Type: application/problem+json\r\n" in refused
    assert "\r\nRetry-After: " in refused
    assert '"code":"rate-limited"' in refused
    assert b" 502 " in pipelined(proxy, request, 1, "127.0.7.8")
    with proxy.client() as client:
        assert "a-secret" not in proxy.logs(client.get("/todo/"))


def pipelined(proxy: Proxy, request: bytes, times: int, address: str = "127.0.0.1") -> bytes:
    """Send the same request so many times at once on one connection from an address; return all that comes back."""
    with socket.create_connection(("127.0.0.1", proxy.port), 30, (address, 0)) as plain:
        context = ssl.create_default_context(cafile=str(proxy.folder / "fullchain.pem"))
        with context.wrap_socket(plain, server_hostname=HOST) as connection:
            last = request + b"Connection: close\r\n\r\n"
            connection.sendall((request + b"\r\n") * (times - 1) + last)
            return b"".join(iter(lambda: connection.recv(65536), b""))
