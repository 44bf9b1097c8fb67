"""Headers that every answer carries: what a browser may do with it, who may keep it, how many requests are left."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from todos.api.errors import is_api

# Scripts, styles and pictures come from this server; Swagger UI and the admin have pictures inside of their styles.
PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# What the API answers is data, even where a browser is led to take it for a page.
API_POLICY = "default-src 'none'; frame-ancestors 'none'"


def add_headers(request: HttpRequest, response: HttpResponseBase) -> None:
    """Add the headers of an answer of the API, or of a page."""
    response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
    if not is_api(request):
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        return
    response["Content-Security-Policy"] = API_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    # A client may keep what has a version, and asks each time whether it is still the current one.
    kept = "ETag" in response and request.method in ("GET", "HEAD")
    response["Cache-Control"] = "private, no-cache" if kept else "no-store"
    if settings.ACCESS == "token":
        # Two owners have the same version of the same address now and then: an answer belongs to its token.
        response["Vary"] = "Authorization"
        if request.is_secure():
            response["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        quota = getattr(request, "quota", None)
        if quota is not None:
            for name, value in quota.headers.items():
                response[name] = value
