"""Bytes on a socket that no client library would send: refused, never a fault, and never taken for a second request."""

import contextlib
import re
import socket
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.servers import Server

BODY = b'{"content":"smuggled"}'
JSON = b"Content-Type: application/json\r\n"
HEAD = b"POST /todo/ HTTP/1.1\r\nHost: localhost\r\n" + JSON
SMUGGLED = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
# The same as one chunk, and a request behind it.
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
GET = b"GET /todo/ HTTP/1.1\r\nHost: localhost\r\n"

# What one who counts bytes otherwise might pass on: each is one request that holds or precedes another one.
FRAMING = {
    "a length and chunks": HEAD + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    "chunks and a length that ends early": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + CHUNKS,
    "no chunk and a request behind it": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 0\r\n" + LENGTH + b"\r\n" + BODY,
    "the same length twice": HEAD + LENGTH + LENGTH + b"\r\n" + BODY,
    "a list of lengths": HEAD + b"Content-Length: 22, 22\r\n\r\n" + BODY,
    "a length with a sign": HEAD + b"Content-Length: +22\r\n\r\n" + BODY,
    "a negative length": HEAD + b"Content-Length: -22\r\n\r\n" + BODY,
    "a length in hexadecimal": HEAD + b"Content-Length: 0x16\r\n\r\n" + BODY,
    "a length with an underscore": HEAD + b"Content-Length: 2_2\r\n\r\n" + BODY,
    "a length in other digits": HEAD + b"Content-Length: \xb2\xb2\r\n\r\n" + BODY,
    "an empty length": HEAD + b"Content-Length:\r\n\r\n" + BODY,
    "a length of 5,000 digits": HEAD + b"Content-Length: " + b"1" * 5000 + b"\r\n\r\n" + BODY,
    "xchunked": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKS,
    "gzip, and no chunks": HEAD + b"Transfer-Encoding: gzip\r\n\r\n" + CHUNKS,
    "identity": HEAD + b"Transfer-Encoding: identity\r\n" + LENGTH + b"\r\n" + BODY,
    "chunked, then identity": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKS,
    "chunked twice": HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + CHUNKS,
    "chunked with a vertical tab": HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + CHUNKS,
    "chunks in HTTP/1.0": HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    "a size that is no number": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY,
    "a negative size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-16\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a size with 0x": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x16\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a size beyond 64 bits": HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff0\r\n" + BODY,
    "a chunk longer than its size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a chunk that ends early": HEAD + b"Transfer-Encoding: chunked\r\n\r\n16\r\n" + BODY[:9],
    "a space before the colon": HEAD + b"Content-Length : 22\r\n\r\n" + BODY,
    "a length in a folded line": HEAD + b"X-Note: a\r\n Content-Length: 22\r\n\r\n" + BODY,
    "a folded length": HEAD + b"Content-Length:\r\n 22\r\n\r\n" + BODY,
    "lines that end in LF": (HEAD + LENGTH).replace(b"\r\n", b"\n") + b"\n" + BODY,
    "one line that ends in LF": HEAD + b"X-Note: a\n" + LENGTH + b"\r\n" + BODY,
    "one line that ends in CR": HEAD + b"X-Note: a\r" + LENGTH + b"\r\n" + BODY,
    "NUL in a header": HEAD + b"X-Note: a\x00b\r\n" + LENGTH + b"\r\n" + BODY,
    "a header without a name": HEAD + b": a\r\n" + LENGTH + b"\r\n" + BODY,
    "a header without a colon": HEAD + b"X-Note\r\n" + LENGTH + b"\r\n" + BODY,
    "a space before the first header": HEAD.replace(b"\r\nHost", b"\r\n Host") + LENGTH + b"\r\n" + BODY,
    "two hosts": HEAD + b"Host: example.org\r\n" + LENGTH + b"\r\n" + BODY,
    "two types": HEAD + JSON + LENGTH + b"\r\n" + BODY,
    "another version": HEAD.replace(b"1.1", b"9.9") + LENGTH + b"\r\n" + BODY,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /todo/\r\n",
    "a handshake of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
    "a method that is no word": HEAD.replace(b"POST", b"PO\x00ST") + LENGTH + b"\r\n" + BODY,
    "an address with a space": HEAD.replace(b"/todo/", b"/todo/ /todo/") + LENGTH + b"\r\n" + BODY,
    "an address that is no ASCII": HEAD.replace(b"/todo/", b"/todo/\xff") + LENGTH + b"\r\n" + BODY,
    "half of the headers": HEAD,
}
TOO_LONG = {
    "a long address": (414, b"GET /todo/?search=" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "many headers": (431, GET + b"".join(b"X-%d: a\r\n" % number for number in range(100)) + b"\r\n"),
    "a long header": (431, GET + b"X-Note: " + b"a" * 9000 + b"\r\n\r\n"),
}
# Requests that are answered before their body is read; the body is a request.
UNREAD = {
    "what reads no body": GET + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
    "what reads no chunks": GET
    + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED),
    "a method that is not taken": GET.replace(b"GET", b"PUT")
    + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED)
    + SMUGGLED,
    "another type": HEAD.replace(b"application/json", b"text/plain")
    + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED)
    + SMUGGLED,
    "an address that leads nowhere": HEAD.replace(b"/todo/", b"/api/v1/nowhere/")
    + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED)
    + SMUGGLED,
    "no JSON": HEAD + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
    "more than a mebibyte": HEAD + b"Content-Length: %d\r\n\r\n" % (2**20 + len(SMUGGLED)) + b" " * 2**20 + SMUGGLED,
}
TARGETS = {
    "an absolute address": (200, b"GET http://localhost/todo/ HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "an absolute address of another host": (200, b"GET http://example.org/todo/ HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "a host as an address": (400, b"GET localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "a star as an address": (404, b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "HTTP/1.0 without a host": (403, b"GET /todo/ HTTP/1.0\r\n\r\n"),
    "HTTP/1.1 without a host": (403, b"GET /todo/ HTTP/1.1\r\n\r\n"),
    "an empty host": (400, b"GET /todo/ HTTP/1.1\r\nHost:\r\n\r\n"),
    "another host": (400, b"GET /todo/ HTTP/1.1\r\nHost: example.org\r\n\r\n"),
    "a host that is none": (400, b"GET /todo/ HTTP/1.1\r\nHost: a b/c@d\r\n\r\n"),
    "a script name": (200, GET + b"Script_Name: /todo\r\nSCRIPT-NAME: /todo\r\n\r\n"),
    "an expectation that nobody meets": (417, GET + b"Expect: a miracle\r\n\r\n"),
    "an upgrade": (200, GET + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: a\r\n\r\n"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for this file, in local mode: a smuggled request would need no token."""
    found = Server(tmp_path_factory.mktemp("raw") / "server", {"WEB_CONCURRENCY": "1"})
    try:
        found.start()
        yield found
    finally:
        found.destroy()


def statuses(server: Server, raw: bytes) -> list[int]:
    """Send bytes, and no more; return the statuses of all that is answered until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as peer:
        with contextlib.suppress(OSError):
            peer.sendall(raw)
            peer.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(OSError):
            while part := peer.recv(65536):
                answer += part
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


def entries(server: Server) -> list[object]:
    return list(httpx.get(f"{server.url}/todo/", timeout=10).json())


@pytest.mark.parametrize("name", FRAMING)
def test_what_is_framed_wrongly_is_refused_with_all_that_follows(server: Server, name: str) -> None:
    found = statuses(server, FRAMING[name] + SMUGGLED)

    assert set(found) <= {400, 411, 501}
    assert entries(server) == []


@pytest.mark.parametrize("name", TOO_LONG)
def test_what_is_too_long_is_refused_with_all_that_follows(server: Server, name: str) -> None:
    status, raw = TOO_LONG[name]

    assert statuses(server, raw + SMUGGLED) == [status]
    assert entries(server) == []


@pytest.mark.parametrize("name", UNREAD)
def test_body_is_no_request_also_where_nobody_reads_it(server: Server, name: str) -> None:
    found = statuses(server, UNREAD[name])

    # None, if the server has closed while bytes were on their way.
    assert len(found) <= 1
    assert set(found) <= {200, 400, 404, 405, 413, 415}
    assert entries(server) == []


@pytest.mark.parametrize("name", TARGETS)
def test_strange_address_or_host_is_no_fault(server: Server, name: str) -> None:
    status, raw = TARGETS[name]

    assert statuses(server, raw) == [status]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_chunked_write_is_411_and_no_request_is_seen_in_it(server: Server, method: str) -> None:
    head = HEAD.replace(b"POST", method.encode()) + b"Transfer-Encoding: chunked\r\n\r\n"
    answered = statuses(server, head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED))

    assert answered == [411]
    assert entries(server) == []


@pytest.mark.parametrize(("method", "key"), [("PUT", ""), ("PATCH", ""), ("PATCH", "Idempotency-Key: slow\r\n")])
def test_slow_body_holds_no_lock_that_others_wait_for(server: Server, method: str, key: str) -> None:
    path = f"/api/v1/todos/{uuid4()}/"
    with httpx.Client(base_url=server.url, timeout=10) as client:
        assert client.put(path, json={"content": "mine"}).status_code == 201
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as slow:
            head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{JSON.decode()}{key}Content-Length: 22\r\n\r\n"
            slow.sendall(head.encode() + BODY[:9])
            # Several, since it may take a moment until a thread has it; one that is kept out gets 503 after seconds.
            assert all(client.patch(path, json={"priority": number}).status_code == 200 for number in range(9))
            slow.sendall(BODY[9:])
            assert slow.recv(65536).startswith(b"HTTP/1.1 200")
        assert client.delete(path).status_code == 204
