"""`Idempotency-Key`: a request sent again gets the first answer again; key and write are one transaction."""

import functools
import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from todos.api.authentication import owner_id
from todos.api.errors import Problem
from todos.models import IdempotentAnswer

KEPT_FOR = timedelta(days=7)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS = ("ETag", "Location")

# Claims the key, or takes over one that has expired. While another request holds it, this waits; nothing comes back
# where a living key stands already.
_CLAIM = """
INSERT INTO todos_idempotentanswer (owner_id, key, request_digest, status, headers, body, created_at)
VALUES (%s, %s, %s, 0, '{}', '', %s)
ON CONFLICT (owner_id, key) DO UPDATE SET request_digest = excluded.request_digest, created_at = excluded.created_at
WHERE todos_idempotentanswer.created_at < %s
RETURNING id
"""

Method = Callable[..., Response]


def idempotent(method: Method) -> Callable[..., Response | HttpResponse]:
    """Make a view method keep its answer under the request's key, and give it again."""

    @functools.wraps(method)
    def answer_once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponse:
        # Read whole before a lock is taken, for which others would wait as long as the client takes to send it.
        request.data  # noqa: B018
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return method(view, request, *args, **kwargs)
        if not _KEY.fullmatch(key):
            raise Problem("malformed", "Idempotency-Key has 1 to 255 visible ASCII characters.")
        with transaction.atomic():
            row_id = _claim(request, key)
            if row_id is None:
                return _replay(request, key)
            # A failure leaves this block as an exception and takes the key with it, so a retry is a real retry.
            response = method(view, request, *args, **kwargs)
            _keep(row_id, response)
        return response

    return answer_once


def _digest(request: Request) -> str:
    # The body has been kept by Django; the parser has not been asked yet or has read the same bytes.
    parts = (request.method or "", request.get_full_path(), request._request.body.hex())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _claim(request: Request, key: str) -> int | None:
    now = timezone.now()
    adapt = connection.ops.adapt_datetimefield_value
    values: list[Any] = [owner_id(request), key, _digest(request), adapt(now), adapt(now - KEPT_FOR)]
    with connection.cursor() as cursor:
        try:
            cursor.execute(_CLAIM, values)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") == "55P03":  # lock_not_available
                raise Problem("key-in-use") from error
            raise
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _replay(request: Request, key: str) -> HttpResponse:
    kept = IdempotentAnswer.objects.owned_by(owner_id(request)).get(key=key)
    if kept.request_digest != _digest(request):
        raise Problem("key-reused", "This Idempotency-Key was used with another method, address or body.")
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    response = HttpResponse(kept.body, status=kept.status, content_type="application/json", headers=headers)
    if not kept.body:
        del response["Content-Type"]
    return response


def _keep(row_id: int, response: Response) -> None:
    from rest_framework.renderers import JSONRenderer

    body = b"" if response.data is None else JSONRenderer().render(response.data)
    headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
    IdempotentAnswer.objects.filter(pk=row_id).update(status=response.status_code, headers=headers, body=body.decode())
