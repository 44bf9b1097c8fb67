"""The address by which a client is counted."""

import ipaddress
from functools import lru_cache

from django.http import HttpRequest

THIS_MACHINE = "127.0.0.1"


def client_address(request: HttpRequest) -> str:
    """Return the client's IPv4 address, or the first one of its IPv6 network (/64), in which it can choose freely.

    It is the address of the peer. If that is this machine, a proxy stands in front: it is believed about its own peer,
    which it has put at the end of `X-Forwarded-For`; what stands before is the client's own word.
    """
    peer = _counted(request.META.get("REMOTE_ADDR", ""))
    if peer == THIS_MACHINE:
        return _counted(request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip())
    return peer


@lru_cache(maxsize=4096)
def _counted(text: str) -> str:
    """Return how an address is counted; what is none, such as the name of a Unix socket, is this machine's."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return THIS_MACHINE
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            network = ipaddress.IPv6Network((address, 64), strict=False)
            return THIS_MACHINE if address.is_loopback else str(network.network_address)
        address = address.ipv4_mapped
    return THIS_MACHINE if address.is_loopback else str(address)
