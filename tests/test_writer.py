"""The writer: what is named is changed, what is refused leaves no trace, and what changes nothing is not written."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from todos.models import Ledger, Tag, TodoEntry
from todos.writer import EntryExistsError, Writer, merge_patch, writing

Make = Callable[..., Any]


def test_entries_of_one_write_are_created_in_order(owner: Any) -> None:
    with writing(owner.pk) as writer:
        for number in range(50):
            writer.create({"content": str(number)})
    stored = list(TodoEntry.objects.order_by("created_at").values_list("content", flat=True))
    assert stored == list(TodoEntry.objects.order_by("id").values_list("content", flat=True))
    assert stored == [str(number) for number in range(50)]


def test_entry_without_content_is_refused_by_its_rule(owner: Any) -> None:
    with pytest.raises(ValidationError) as caught, writing(owner.pk) as writer:
        writer.create({"notes": "about nothing"})
    assert list(caught.value.message_dict) == ["content"]
    assert not TodoEntry.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda writer, entry: writer.change(entry, {"content": " milk ", "tags": ["B", "a"], "extra": {"x": None}}),
        lambda writer, entry: writer.replace(entry, {"content": "milk", "tags": ["b", "a"], "completed": False}),
        lambda writer, entry: writer.tag(entry, "A"),
        lambda writer, entry: writer.untag(entry, "c"),
        lambda writer, entry: writer.restore(entry),
        lambda writer, entry: writer.change(entry, {}),
    ],
)
def test_change_that_changes_nothing_is_not_written(
    owner: Any, make: Make, change: Callable[[Writer, TodoEntry], TodoEntry]
) -> None:
    entry = make("milk", tags=["a", "b"])
    with writing(owner.pk, [entry.uuid]) as writer:
        change(writer, writer.get(entry.uuid))
    stored = TodoEntry.objects.get()
    assert (stored.revision, stored.updated_at, stored.tag_names) == (1, entry.updated_at, ["a", "b"])
    assert Ledger.objects.get().revision == 1


def test_second_deletion_keeps_the_time_of_the_first(owner: Any, make: Make) -> None:
    entry = make()
    for _ in "ab":
        with writing(owner.pk, [entry.uuid]) as writer:
            writer.trash(writer.get(entry.uuid))
    assert TodoEntry.objects.get().revision == 2


@pytest.mark.parametrize(("before", "after"), [(1, 1.0), (1, True), (0, False), ("1", 1), ([1], [1.0]), (None, 0)])
def test_change_of_a_type_in_extra_is_a_change(owner: Any, make: Make, before: Any, after: Any) -> None:
    entry = make(extra={"a": [before]})
    with writing(owner.pk, [entry.uuid]) as writer:
        writer.change(writer.get(entry.uuid), {"extra": {"a": [after]}})
    stored = TodoEntry.objects.get()
    assert (stored.extra["a"], stored.revision) == ([after], 2)
    assert repr(stored.extra["a"]) == repr([after])


def test_refused_change_leaves_no_trace_for_what_follows(owner: Any, make: Make) -> None:
    entry = make("milk", tags=["a"])
    with writing(owner.pk, [entry.uuid]) as writer:
        with pytest.raises(ValidationError):
            writer.change(writer.get(entry.uuid), {"notes": "lost", "tags": ["b"], "priority": 10})
        writer.change(writer.get(entry.uuid), {"position": 1})
    stored = TodoEntry.objects.get()
    assert (stored.notes, stored.tag_names, stored.priority, stored.position) == ("", ["a"], 0, 1)
    assert [tag.name for tag in Tag.objects.all()] == ["a"]


def test_failure_in_the_middle_undoes_all(owner: Any) -> None:
    with pytest.raises(ValidationError), writing(owner.pk) as writer:
        [writer.create({"content": text}) for text in ("a", "b", "")]
    assert not TodoEntry.objects.exists()


def test_id_that_is_taken_is_refused_in_the_trash_too(owner: Any, make: Make) -> None:
    entry = make()
    entry.delete()
    with pytest.raises(EntryExistsError, match=str(entry.uuid)), writing(owner.pk, [entry.uuid]) as writer:
        writer.create({"content": "a"}, entry.uuid)


def test_id_of_another_owner_is_free(owner: Any, other: Any, make: Make) -> None:
    theirs = make(owner=other)
    with writing(owner.pk, [theirs.uuid]) as writer:
        writer.create({"content": "mine"}, theirs.uuid)
    assert TodoEntry.objects.filter(uuid=theirs.uuid).count() == 2


def test_entry_that_was_not_named_is_not_found(owner: Any, other: Any, make: Make) -> None:
    for key in (uuid4(), make(owner=other).uuid):
        with pytest.raises(TodoEntry.DoesNotExist), writing(owner.pk, [key]) as writer:
            writer.get(key)


def test_tag_keeps_the_spelling_of_its_first_use(owner: Any, make: Make) -> None:
    make(tags=["Café"])
    with writing(owner.pk) as writer:
        first, second = (writer.create({"content": "b", "tags": [name, "CAFE"]}) for name in ("New", "new"))
    assert (first.tag_names, second.tag_names) == (["Café", "New"], ["Café", "New"])
    assert sorted(tag.name for tag in Tag.objects.all()) == ["Café", "New"]


def test_links_follow_the_names(owner: Any, make: Make) -> None:
    entry = make(tags=["a", "b"])
    with writing(owner.pk, [entry.uuid]) as writer:
        writer.change(writer.get(entry.uuid), {"tags": ["b", "c"]})
    assert sorted(tag.name for tag in TodoEntry.objects.get().tags.all()) == ["b", "c"]
    assert sorted(tag.name for tag in Tag.objects.all()) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"completed": True, "completed_at": None}, "completed"),
        ({"tags": ["a", "A"]}, "tags"),
        ({"content": " "}, "content"),
    ],
)
def test_values_that_break_a_rule_are_refused_under_their_name(
    owner: Any, make: Make, changes: dict[str, Any], field: str
) -> None:
    entry = make()
    with pytest.raises(ValidationError) as caught, writing(owner.pk, [entry.uuid]) as writer:
        writer.change(writer.get(entry.uuid), changes)
    assert list(caught.value.message_dict) == [field]


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        # RFC 7396, appendix A, but for what is no object at the top.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_extra_is_patched_as_the_standard_says(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result
