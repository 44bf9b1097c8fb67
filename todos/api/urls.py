"""The addresses below `/api/v1/`."""

from rest_framework.routers import SimpleRouter

from todos.api.viewsets import EntryViewSet

router = SimpleRouter()
router.register("todos", EntryViewSet, basename="entry")

urlpatterns = router.urls
