"""Todos over HTTP."""

from typing import Any

from django.db import transaction
from django_filters import rest_framework as filters
from rest_framework.filters import SearchFilter
from rest_framework.pagination import CursorPagination
from rest_framework.viewsets import ModelViewSet

from bench.peers.plain_drf.models import Todo
from bench.peers.plain_drf.serializers import TodoSerializer


class NewestFirst(CursorPagination):
    """Pages by cursor."""

    ordering = "-created_at"
    page_size = 50


class TodoFilter(filters.FilterSet):
    """What a list may be narrowed to."""

    created_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Todo
        fields = ["priority"]


class TodoViewSet(ModelViewSet):
    """The todos of a user."""

    serializer_class = TodoSerializer
    pagination_class = NewestFirst
    filter_backends = [filters.DjangoFilterBackend, SearchFilter]
    filterset_class = TodoFilter
    search_fields = ["content", "notes"]

    def get_queryset(self) -> Any:
        """Return them with their tags, in two queries."""
        return Todo.objects.filter(owner=self.request.user).prefetch_related("tags")

    def perform_create(self, serializer: TodoSerializer) -> None:
        """Write todo and tags with one commit in place of two."""
        with transaction.atomic():
            serializer.save(owner=self.request.user)
