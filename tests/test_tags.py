"""Tags as a whole, below the doors: what rename answers, and what it does not touch."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from todos.models import Ledger, Tag, TodoEntry
from todos.tags import delete_tag, rename_tag

Make = Callable[..., Any]


def names(owner: Any) -> list[str]:
    """Return the tags of an owner."""
    return sorted(Tag.objects.owned_by(owner.pk).values_list("name", flat=True))


def linked(entry: Any) -> list[str]:
    """Return the tags that an entry is linked to, which have to be those that it names."""
    stored = TodoEntry.objects.get(pk=entry.pk)
    assert sorted(tag.name for tag in stored.tags.all()) == stored.tag_names
    return stored.tag_names


def test_rename_answers_how_many_entries_changed(owner: Any, make: Make) -> None:
    make(tags=["a"]), make(tags=["a", "a/b"]), make(tags=["b"])
    assert rename_tag(owner.pk, "a", "c") == 2
    assert rename_tag(owner.pk, "c", "c") == 0


def test_rename_of_an_unused_tag_is_a_revision_without_changes(owner: Any) -> None:
    Tag.objects.create(owner=owner, name="a")
    assert rename_tag(owner.pk, "a", "b") == 0
    assert (names(owner), Ledger.objects.get().revision) == (["b"], 2)


def test_rename_swaps_levels_without_losing_any(owner: Any, make: Make) -> None:
    # `a/a` becomes `a/a/a` before `a` may become `a/a`, and back.
    entry = make(tags=["a", "a/a", "a/a/a"])
    rename_tag(owner.pk, "a", "a/a")
    assert linked(entry) == ["a/a", "a/a/a", "a/a/a/a"]
    rename_tag(owner.pk, "a/a", "a")
    assert linked(entry) == ["a", "a/a", "a/a/a"]


def test_rename_keeps_the_spelling_of_what_is_inside(owner: Any, make: Make) -> None:
    entry = make(tags=["Straße", "Straße/Süd", "strassenbahn"])
    rename_tag(owner.pk, "STRASSE", "Weg")
    assert linked(entry) == ["Weg", "Weg/Süd", "strassenbahn"]


def test_rename_touches_no_tag_of_another_owner(owner: Any, other: Any, make: Make) -> None:
    mine, theirs = make(tags=["a", "b"]), make(tags=["a", "b"], owner=other)
    rename_tag(owner.pk, "a", "b")
    assert (linked(mine), linked(theirs)) == (["b"], ["a", "b"])
    assert Ledger.objects.get(pk=other.pk).revision == 1


@pytest.mark.parametrize("act", [lambda pk: rename_tag(pk, "x", "y"), lambda pk: delete_tag(pk, "x")])
def test_unknown_tag_is_not_found(owner: Any, make: Make, act: Callable[[int], Any]) -> None:
    make(tags=["x/y"])
    with pytest.raises(Tag.DoesNotExist):
        act(owner.pk)


def test_bad_name_is_refused_under_the_contract_s_name(owner: Any, make: Make) -> None:
    make(tags=["a"])
    with pytest.raises(ValidationError) as caught:
        rename_tag(owner.pk, "a", "b,c")
    assert caught.value.message_dict.keys() == {"name"}
    assert names(owner) == ["a"]


def test_delete_leaves_tags_inside(owner: Any, make: Make) -> None:
    entry = make(tags=["a", "a/b"])
    delete_tag(owner.pk, "A")
    assert (linked(entry), names(owner)) == (["a/b"], ["a/b"])


def test_tag_saved_under_another_name_reaches_its_entries(owner: Any, make: Make) -> None:
    entry = make(tags=["a"])
    tag = Tag.objects.get()
    tag.name = "Ä"
    tag.save(update_fields=["name"])
    assert linked(entry) == ["Ä"]
    assert Tag.objects.get().folded == "a"


def test_entry_can_have_50_tags_after_a_merge(owner: Any, make: Make) -> None:
    entry = make(tags=[f"tag {number}" for number in range(50)])
    rename_tag(owner.pk, "tag 0", "tag 1")
    assert len(linked(entry)) == 49
