"""The address by which a client is counted."""

import ipaddress
from functools import lru_cache

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the client's IPv4 address, or the first one of its IPv6 network (/64), in which it can choose freely.

    It is the address of the peer. If that is this machine, a proxy stands in front: it is believed about its own peer,
    which it has put at the end of `X-Forwarded-For`; what stands before is the client's own word.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR")
    if forwarded and _counted(peer) in ("127.0.0.1", "::"):
        return _counted(forwarded.rpartition(",")[2].strip()) or _counted(peer)
    return _counted(peer)


@lru_cache(maxsize=4096)
def _counted(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)
        address = address.ipv4_mapped
    return str(address)
