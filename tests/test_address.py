"""A client is counted by its address, or its IPv6 network; a proxy is believed on this machine only."""

import pytest
from django.http import HttpRequest

from todos.address import client_address


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("198.51.100.7", None, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::1", "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, nonsense", "127.0.0.1"),
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", None, "2001:db8:1:2::"),
        ("::ffff:198.51.100.7", None, "198.51.100.7"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", None, "fe80::"),
        # A Unix socket, behind which only a proxy of this machine can be.
        ("", "203.0.113.9", "203.0.113.9"),
        ("", None, "127.0.0.1"),
    ],
)
def test_client_is_counted_as(peer: str, forwarded: str | None, counted: str) -> None:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = peer
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    assert client_address(request) == counted
