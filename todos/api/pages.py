"""Pages for people: the start page, the documentation, the errors; and failures without a view."""

import sys

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views import defaults
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from todos.api.errors import KINDS, as_problem, is_api, problem


def home(request: HttpRequest) -> HttpResponseBase:
    """Lead a browser to the documentation of the API."""
    return redirect("docs")


class SchemaView(SpectacularAPIView):
    """The OpenAPI document, as JSON like everything else."""

    renderer_classes = [OpenApiJsonRenderer2]


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI, from this server alone and without scripts or styles inside of the page."""

    template_name = "todos/docs.html"


def error_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a `type` of a problem document means."""
    if code not in KINDS:
        raise Http404
    return render(request, "todos/error.html", {"code": code, "kind": KINDS[code], "kinds": KINDS})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer a request that Django refused, such as one for another host."""
    if is_api(request):
        code = "too-large" if isinstance(exception, RequestDataTooBig) else "malformed"
        return problem(request, code, str(exception))
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what was not allowed before a view could say so."""
    if is_api(request):
        return problem(request, "forbidden", str(exception))
    return defaults.permission_denied(request, exception)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer a form without its token."""
    if is_api(request):
        return problem(request, "forbidden", reason)
    from django.views.csrf import csrf_failure as page

    return page(request, reason)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer an address that leads nowhere."""
    if is_api(request):
        return problem(request, "not-found")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer a failure that no view has answered, and that Django has logged: the database is away, or a fault."""
    error = sys.exc_info()[1]
    found = as_problem(error) if isinstance(error, Exception) else None
    code = found.kind if found and KINDS[found.kind].status > 500 else "internal"
    if is_api(request):
        return problem(request, code)
    if code == "internal":
        return defaults.server_error(request)
    kind = KINDS[code]
    page = render(request, "todos/error.html", {"code": code, "kind": kind, "kinds": KINDS}, status=kind.status)
    page["Retry-After"] = str(kind.retry_after)
    return page
