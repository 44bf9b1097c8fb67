"""What Django's own machinery does past the querysets: many-to-many changes and the deletion of a user."""

from typing import Any

from django.conf import settings
from django.db.models.signals import m2m_changed, pre_delete
from django.dispatch import receiver

from todos import ledger
from todos.models import IdempotentAnswer, Tag, TodoEntry, Tombstone


@receiver(m2m_changed, sender=TodoEntry.tags.through)
def keep_tag_names(instance: TodoEntry | Tag, action: str, pk_set: set[int] | None, **_: Any) -> None:
    """Lead `entry.tags.add(…)` and its like through the ledger, and tag names after them."""
    with ledger.write(instance.owner_id):
        if isinstance(instance, TodoEntry):
            entries = TodoEntry.objects.filter(pk=instance.pk)
        elif pk_set is None:
            entries = TodoEntry.objects.filter(tags=instance)
        else:
            entries = TodoEntry.objects.filter(pk__in=pk_set)
        if action == "pre_add" and _crosses_owners(instance, pk_set or set()):
            raise ValueError("A tag and its entries belong to one owner.")
        if action == "pre_clear" and isinstance(instance, Tag):
            # After the clear nobody knows which entries had the tag: take it off them one by one instead.
            instance.entries.remove(*entries)
        if action.startswith("post_"):
            entries.retag()


def _crosses_owners(instance: TodoEntry | Tag, pk_set: set[int]) -> bool:
    others = Tag.objects if isinstance(instance, TodoEntry) else TodoEntry.objects
    return others.filter(pk__in=pk_set).exclude(owner_id=instance.owner_id).exists()


@receiver(pre_delete, sender=settings.AUTH_USER_MODEL)
def delete_owned(instance: Any, **_: Any) -> None:
    """Remove all that a user owns, under the lock of the ledger, so that no write can slip in between."""
    with ledger.write(instance.pk) as write:
        TodoEntry.tags.through.objects.filter(todoentry__owner_id=instance.pk).delete()
        for model in (IdempotentAnswer, Tombstone, TodoEntry, Tag):
            owned = model._default_manager.filter(owner_id=instance.pk)
            owned._raw_delete(owned.db)
        write.changed = True
