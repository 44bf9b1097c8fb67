"""The addresses below `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from todos.api.batch import BatchViewSet
from todos.api.changes import ChangesView, FingerprintView
from todos.api.search import ExplainView
from todos.api.tags import TagViewSet
from todos.api.viewsets import EntryViewSet

router = SimpleRouter()
router.register("todos", EntryViewSet, basename="entry")
router.register("tags", TagViewSet, basename="tag")

urlpatterns = [
    *router.urls,
    path("batch/", BatchViewSet.as_view({"post": "create"}), name="batch"),
    path("changes/", ChangesView.as_view(), name="changes"),
    path("search/explain/", ExplainView.as_view(), name="search-explain"),
    path("fingerprint/", FingerprintView.as_view(), name="fingerprint"),
]
