"""A router."""

from rest_framework.routers import DefaultRouter

from bench.peers.plain_drf.views import TodoViewSet

router = DefaultRouter()
router.register("todos", TodoViewSet, basename="todo")
urlpatterns = router.urls
