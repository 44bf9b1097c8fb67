"""Todos as JSON."""

from rest_framework import serializers

from bench.peers.plain_drf.models import Tag, Todo


class TodoSerializer(serializers.ModelSerializer):
    """A todo with the names of its tags."""

    tags = serializers.SlugRelatedField(many=True, slug_field="name", queryset=Tag.objects.all(), required=False)

    class Meta:
        model = Todo
        fields = [
            "id", "content", "notes", "tags", "priority", "due", "position",
            "completed_at", "created_at", "updated_at",
        ]  # fmt: skip
