"""What is done to a tag as a whole: rename with all that is inside it, merge, delete."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from todos import ledger
from todos.fields import validate_tag
from todos.models import Tag, TodoEntry
from todos.search import fold


def rename_tag(owner_id: int, name: str, new_name: str) -> int:
    """Rename a tag and the tags inside it, merging where a new name exists; return how many entries changed.

    Raises Tag.DoesNotExist, or a ValidationError of `name` if a new name breaks the rules of tags. One revision.
    """
    with ledger.write(owner_id) as write:
        owned = Tag.objects.owned_by(owner_id)
        moved = list(owned.named(name) | owned.inside(name))
        if fold(name) not in {tag.folded for tag in moved}:
            raise Tag.DoesNotExist(f"There is no tag {name!r}.")
        targets = {tag.pk: new_name + _suffix(tag, fold(name)) for tag in moved}
        _check(targets.values())
        if all(tag.name == targets[tag.pk] for tag in moved):
            return 0
        write.number(())
        through = TodoEntry.tags.through
        links = list(through.objects.filter(tag_id__in=targets).values_list("todoentry_id", "tag_id"))
        through.objects.filter(tag_id__in=targets).delete()
        # All go before any comes: a target may be the old name of another tag that moves.
        owned.filter(pk__in=targets)._raw_delete(owned.db)
        tags = _get_or_make(owner_id, targets.values())
        through.objects.bulk_create(
            [through(todoentry_id=entry_id, tag_id=tags[fold(targets[tag_id])].pk) for entry_id, tag_id in links],
            ignore_conflicts=True,
        )
        return TodoEntry.objects.filter(pk__in={entry_id for entry_id, _ in links}).retag()


def delete_tag(owner_id: int, name: str) -> None:
    """Take a tag off every entry and delete it; raises Tag.DoesNotExist. One revision."""
    with ledger.write(owner_id) as write:
        tag = Tag.objects.owned_by(owner_id).named(name).get()
        write.number(())
        tag.delete()


def _suffix(tag: Tag, key: str) -> str:
    """Return what follows the renamed part in the tag's own spelling, whose length may differ from the folded one."""
    for end in range(len(tag.name)):
        if fold(tag.name[:end]) == key and fold(tag.name[end]).startswith("/"):
            return tag.name[end:]
    return str(tag.folded[len(key) :])


def _check(names: Iterable[str]) -> None:
    for name in names:
        try:
            validate_tag(name)
        except ValidationError as error:
            raise ValidationError({"name": [f"{name!r}: {error.messages[0]}"]}) from None


def _get_or_make(owner_id: int, names: Iterable[str]) -> dict[str, Tag]:
    wanted = {fold(name): name for name in names}
    found = {tag.folded: tag for tag in Tag.objects.owned_by(owner_id).filter(folded__in=wanted)}
    fresh = [Tag(owner_id=owner_id, name=name, folded=key) for key, name in wanted.items() if key not in found]
    return found | {tag.folded: tag for tag in Tag.objects.bulk_create(fresh)}
