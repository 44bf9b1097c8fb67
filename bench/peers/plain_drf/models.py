"""Todos with tags, each of an owner."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Tag(models.Model):
    """A tag."""

    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class Todo(models.Model):
    """A thing to do."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="todos", db_index=False)
    content = models.CharField(max_length=2000)
    notes = models.TextField(blank=True, default="")
    tags = models.ManyToManyField(Tag, related_name="todos", blank=True)
    priority = models.PositiveSmallIntegerField(default=0)
    due = models.DateTimeField(null=True, blank=True)
    position = models.BigIntegerField(default=0)
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner", "created_at"], name="todo_by_creation")]

    def __str__(self) -> str:
        return self.content
