"""How many requests a token may make in a minute, and how many bad tokens an address may try.

The headers are those of the draft of the IETF, `draft-ietf-httpapi-ratelimit-headers`.
"""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest

from todos.address import client_address
from todos.api.counters import PERIOD, counters, tally
from todos.api.errors import Problem

BAD_TOKENS = 20


class Quota(NamedTuple):
    """Where a client stands: the name of the limit, its size, what is left of it, and the seconds until it is whole."""

    name: str
    limit: int
    remaining: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say so."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.limit};w={PERIOD}',
            "RateLimit": f'"{self.name}";r={self.remaining};t={self.seconds}',
        }


def count_request(request: HttpRequest, secret: str) -> None:
    """Count a request before its token is looked up; raise 429 if the token or the address has had its share."""
    if not settings.RATE_LIMIT:
        return
    address, token = tally(f"address {client_address(request)}"), tally(f"token {secret}")
    bad, requests = counters().look_and_add(address, token)
    if bad >= BAD_TOKENS:
        _refuse(request, Quota("bad-tokens", BAD_TOKENS, 0, address.left), "Too many bad tokens came from your address")
    quota = Quota("default", settings.RATE_LIMIT, max(settings.RATE_LIMIT - requests, 0), token.left)
    if requests > settings.RATE_LIMIT:
        _refuse(request, quota, f"The token has made its {settings.RATE_LIMIT} requests of this minute")
    request.quota = quota  # type: ignore[attr-defined]


def count_bad_token(request: HttpRequest) -> None:
    """Count a token that was not known; raise 429 if there were too many meanwhile."""
    if not settings.RATE_LIMIT:
        return
    address = tally(f"address {client_address(request)}")
    bad = counters().add(address)
    quota = Quota("bad-tokens", BAD_TOKENS, max(BAD_TOKENS - bad, 0), address.left)
    if bad > BAD_TOKENS:
        _refuse(request, quota, "Too many bad tokens came from your address")
    request.quota = quota  # type: ignore[attr-defined]


def _refuse(request: HttpRequest, quota: Quota, reason: str) -> None:
    request.quota = quota  # type: ignore[attr-defined]
    problem = Problem("rate-limited", f"{reason}; the next one may come in {quota.seconds} s.")
    problem.wait = quota.seconds
    raise problem
