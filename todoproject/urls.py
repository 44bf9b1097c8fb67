"""The whole URL tree on one screen."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from todos.api import health, pages
from todos.api.capture import CaptureViewSet

urlpatterns = [
    path("todo/", CaptureViewSet.as_view({"get": "list", "post": "create"}), name="capture"),
    path("api/v1/", include("todos.api.urls")),
    path("api/schema/", pages.SchemaView.as_view(), name="schema"),
    path("docs", pages.DocsView.as_view(), name="docs"),
    path("docs/", pages.DocsView.as_view()),
    path("docs/errors/<slug:code>", pages.error_page, name="error-page"),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("admin/", admin.site.urls),
    path("favicon.ico", RedirectView.as_view(url=static("todos/icon.svg"))),
    path("", pages.home, name="home"),
]

handler400 = "todos.api.pages.bad_request"
handler403 = "todos.api.pages.forbidden"
handler404 = "todos.api.pages.not_found"
handler500 = "todos.api.pages.server_error"
