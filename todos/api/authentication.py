"""Who a request acts for."""

import logging
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from todoproject.env import is_loopback
from todoproject.logs import reason
from todos.api.errors import Problem
from todos.api.limits import count_bad_token, count_request
from todos.prepared import Prepared
from todos.tokens import Bearer, Token

logger = logging.getLogger(__name__)
SAFE = ("GET", "HEAD", "OPTIONS")
_FORWARDING = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")  # and X-Forwarded-…
_HINT = "Local mode (TODO_APP_ACCESS=local) is only for one person at this machine."


@dataclass(frozen=True, slots=True)
class Owner:
    """For whom a request acts, and the revision of the entries when it was let in: all that the API asks of a user."""

    pk: int
    revision: int
    is_authenticated: ClassVar = True


Caller = tuple[Owner, Bearer | None]


class _Authentication(BaseAuthentication):
    def authenticate(self, request: Request) -> Caller:
        """Return for whom the request acts, or refuse it."""
        return let_in(request._request)


class LocalAuthentication(_Authentication):
    """Local mode: a request of this machine's own programs and pages acts for the owner `local`."""


class TokenAuthentication(_Authentication):
    """Token mode: a request acts for the owner of its token (RFC 6750, 2.1)."""


def let_in(request: HttpRequest) -> Caller:
    """Return the owner for whom a request acts, and its token; raise what keeps it out. Found out once a request."""
    found: Caller | Exception | None = getattr(request, "caller", None)
    if found is None:
        try:
            found = _by_token(request) if settings.ACCESS == "token" else (_from_this_machine(request), None)
        except Exception as error:  # kept, and raised below
            found = error
        request.caller = found  # type: ignore[attr-defined]
    if isinstance(found, Exception):
        raise found
    return found


def _from_this_machine(request: HttpRequest) -> Owner:
    """Return the owner `local`, or refuse a request that comes from anywhere else."""
    meta = request.META
    if not is_loopback(meta.get("REMOTE_ADDR", "")):
        raise Problem("forbidden", f"The request does not come from this machine. {_HINT}")
    if not is_loopback(_host_name(meta.get("HTTP_HOST", ""))):
        raise Problem("forbidden", f"The Host header does not name this machine. {_HINT}")
    if header := forwarded_by(request):
        raise Problem("forbidden", f"The request came through a proxy ({header}). {_HINT}")
    if meta.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin"):
        raise Problem("forbidden", f"The request was made by another site's page. {_HINT}")
    origin = meta.get("HTTP_ORIGIN")
    if origin is not None and urlsplit(origin).netloc != meta.get("HTTP_HOST"):
        raise Problem("forbidden", f"The request was made by a page of {origin[:100]!r}. {_HINT}")
    if request.method not in SAFE and not _may_write(request):
        raise Problem("unsupported-media-type", "In local mode a write is application/json.")
    return local_owner()


def forwarded_by(request: HttpRequest) -> str | None:
    """Return the name of a header that a proxy has added, if one has."""
    for name in request.META:
        if name in _FORWARDING or name.startswith("HTTP_X_FORWARDED_"):
            return name.removeprefix("HTTP_").replace("_", "-").title()
    return None


def _by_token(request: HttpRequest) -> tuple[Owner, Bearer]:
    """Return the owner of the token with the revision, and the token; refuse a request without a usable one."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Problem("unauthorized", "Send the header `Authorization: Bearer todo_…` with a token of yours.")
    secret = secret.strip()
    count_request(request, secret)
    token = Token.objects.with_secret(secret)
    if token is None:
        count_bad_token(request)
        raise Problem("unauthorized", "The token is not known, or revoked, or expired.")
    if token.scope == Token.Scope.READ and request.method not in SAFE:
        raise Problem("forbidden", "The token may read only (scope `read`); use one with the scope `write`.")
    note_use(token)
    return Owner(token.owner_id, token.revision or 0), token


def note_use(token: Bearer) -> None:
    """Write down the use of a token; no request fails or waits because the database is busy with others."""
    try:
        Token.objects.note_use(token, timezone.now())
    except DatabaseError as error:
        logger.warning("the use of token %s was not noted: %s", token.id, reason(error))


def local_owner() -> Owner:
    """Return the owner `local`; made at the first request where no command made it."""
    found = _with_name(username=settings.LOCAL_OWNER)
    if not found:
        get_user_model()._default_manager.get_or_create(username=settings.LOCAL_OWNER)
        found = _with_name(username=settings.LOCAL_OWNER)
    return Owner(found[0]["pk"], found[0]["ledger__revision"] or 0)


def _ask_with_name(username: Any) -> Any:
    return get_user_model()._default_manager.filter(username=username).values("pk", "ledger__revision")


_with_name = Prepared(_ask_with_name, username=None)


def owner_id(request: Request) -> int:
    """Return the id of the owner for whom the request acts."""
    return _owner(request).pk


def owner_revision(request: Request) -> int:
    """Return the owner's revision as it was when the request was let in."""
    return _owner(request).revision


def _owner(request: Request) -> Owner:
    return cast("Owner", request.user)  # there is no anonymous user in the API


def _host_name(host: str) -> str:
    return (urlsplit(f"//{host}").hostname or "") if host.isprintable() else ""


def _may_write(request: HttpRequest) -> bool:
    """A page of another site can send a form without asking, but no JSON."""
    kind = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (not kind and request.META.get("CONTENT_LENGTH") in (None, "", "0"))
