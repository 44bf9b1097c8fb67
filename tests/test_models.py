"""The rules of one row: in the database, in the model and through the API they are the same rules."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction

from tests.client import ApiClient
from todos import ledger
from todos.models import Tag, TodoEntry, Tombstone

MAX = 2**53 - 1
TAKEN = UUID("8b122755-530e-43c7-ae84-362c17a37fc5")


def insert(model: type[models.Model], *rows: models.Model) -> None:
    """Insert rows past all rules of Python, so that only the database can refuse them."""
    with transaction.atomic():
        models.QuerySet(model).bulk_create(rows)


def entry(owner: Any, **columns: Any) -> TodoEntry:
    """Return an entry that breaks no rule but those of the columns given."""
    now = datetime(2026, 5, 1, tzinfo=UTC)
    plain = {"content": "x", "folded": "x", "content_key": "x", "created_at": now, "updated_at": now, "revision": 1}
    return TodoEntry(owner=owner, **{**plain, **columns})


@pytest.fixture
def revised(owner: Any) -> Any:
    """The owner at revision 1, at which the triggers let rows in."""
    with ledger.write(owner.pk) as write:
        write.number(())
    return owner


@pytest.mark.parametrize(
    "columns",
    [
        {"content": ""},
        {"content": "x" * 2001},
        {"notes": "x" * 20_001},
        {"priority": -1},
        {"priority": 10},
        {"position": MAX + 1},
        {"position": -MAX - 1},
        {"content": None},
        {"notes": None},
        {"priority": None},
        {"due_has_time": None},
        {"created_at": None},
    ],
    ids=lambda columns: repr(columns)[:40],
)
def test_the_database_refuses_an_entry_that_breaks_a_rule(revised: Any, columns: dict[str, Any]) -> None:
    # PostgreSQL refuses content that is too long by its column type already.
    with pytest.raises((IntegrityError, DataError) if "content" in columns else IntegrityError):
        insert(TodoEntry, entry(revised, **columns))
    assert not TodoEntry.objects.exists()


@pytest.mark.parametrize(
    "columns",
    [
        {"content": "x" * 2000},
        {"notes": "😀" * 20_000},
        {"priority": 9},
        {"position": MAX},
        {"position": -MAX},
    ],
    ids=lambda columns: repr(columns)[:40],
)
def test_the_database_takes_an_entry_at_its_limits(revised: Any, columns: dict[str, Any]) -> None:
    insert(TodoEntry, entry(revised, **columns))

    assert TodoEntry.objects.count() == 1


def test_the_database_refuses_a_second_entry_of_the_same_id_and_owner(revised: Any) -> None:
    with pytest.raises(IntegrityError):
        insert(TodoEntry, entry(revised, uuid=TAKEN), entry(revised, uuid=TAKEN))


def test_the_database_takes_the_same_id_of_two_owners(revised: Any, other: Any) -> None:
    with ledger.write(other.pk) as write:
        write.number(())
    insert(TodoEntry, entry(revised, uuid=TAKEN), entry(other, uuid=TAKEN))

    assert TodoEntry.objects.count() == 2


@pytest.mark.parametrize(
    "rows", [[("", "a")], [("x" * 101, "a")], [("Home", "home"), ("HOME", "home")]], ids=["empty", "long", "twice"]
)
def test_the_database_refuses_a_tag_that_breaks_a_rule(revised: Any, rows: list[tuple[str, str]]) -> None:
    with pytest.raises((IntegrityError, DataError)):
        insert(Tag, *(Tag(owner=revised, name=name, folded=folded) for name, folded in rows))
    assert not Tag.objects.exists()


def test_the_database_refuses_a_second_tombstone_of_an_entry(revised: Any) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    with pytest.raises(IntegrityError):
        insert(
            Tombstone, *(Tombstone(owner=revised, uuid=TAKEN, revision=revision, purged_at=now) for revision in (1, 2))
        )


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("content", "x" * 2000, True),
        ("content", f" {'x' * 2000} ", True),
        ("content", "x" * 2001, False),
        ("content", "", False),
        ("content", " \t\n", False),
        ("content", "a\x00", False),
        ("notes", "", True),
        ("notes", "x" * 20_000, True),
        ("notes", "x" * 20_001, False),
        ("notes", "a\x00", False),
        ("priority", 0, True),
        ("priority", 9, True),
        ("priority", 10, False),
        ("priority", -1, False),
        ("position", MAX, True),
        ("position", -MAX, True),
        ("position", MAX + 1, False),
        ("position", -MAX - 1, False),
        ("extra", {"a": 1}, True),
        ("extra", {"a": "\x00"}, False),
        ("extra", {"a": "x" * 16_400}, False),
        ("extra", [], False),
        ("tags", [str(number) for number in range(50)], True),
        ("tags", [str(number) for number in range(51)], False),
        ("tags", ["a", "A"], False),
        ("tags", ["a,b"], False),
        ("tags", ["x" * 101], False),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_model_and_api_judge_a_value_alike(api: ApiClient, owner: Any, name: str, value: Any, taken: bool) -> None:
    made = TodoEntry(owner=owner, uuid=uuid4(), **{"content": "x", "tag_names" if name == "tags" else name: value})
    made.stamp(ledger.Write(owner.pk, 1))

    try:
        made.full_clean()
    except ValidationError as error:
        judged = not error.message_dict.keys() & {name, "tag_names"}
    else:
        judged = True

    assert judged is taken
    assert api.post("todos", {"content": "x", name: value}).status == (201 if taken else 400)


@pytest.mark.parametrize("name", ["a", "x" * 100, "x" * 101, "", "a,b", "#a", " a", "a\x00", "\u0301"])
def test_model_and_api_judge_a_tag_alike(api: ApiClient, owner: Any, name: str) -> None:
    try:
        Tag(owner=owner, name=name, folded="a").full_clean()
    except ValidationError as error:
        assert error.message_dict.keys() == {"name"}  # noqa: PT017
        assert api.post("todos", {"content": "x", "tags": [name]}).status == 400
    else:
        assert api.post("todos", {"content": "x", "tags": [name]}).status == 201


@pytest.mark.parametrize(
    ("due", "stored", "has_time"),
    [
        (None, None, False),
        (date(2026, 12, 1), datetime(2026, 12, 1, tzinfo=UTC), False),
        (datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), True),
        (
            datetime(2026, 12, 1, 1, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 11, 30, 23, tzinfo=UTC),
            True,
        ),
    ],
)
def test_due_is_stored_as_a_moment_and_its_kind(due: Any, stored: datetime | None, has_time: bool) -> None:
    made = TodoEntry(content="x")
    made.due = due

    assert (made.due_at, made.due_has_time) == (stored, has_time)
    assert made.due == due
    assert type(made.due) is type(due)


def test_an_entry_reads_as_its_content_cut_short() -> None:
    assert str(TodoEntry(content="buy milk")) == "buy milk"
    assert str(TodoEntry(content="x" * 80)) == "x" * 80
    assert str(TodoEntry(content="x" * 81)) == f"{'x' * 79}…"


def test_save_trims_derives_and_numbers(owner: Any) -> None:
    made = TodoEntry(owner=owner, content="  Crème BRÛLÉE ", notes="Ñ")
    made.save()

    kept = TodoEntry.objects.get()
    assert (kept.content, kept.content_key, kept.revision) == ("Crème BRÛLÉE", "creme brulee", 1)
    assert kept.folded.startswith("creme brulee\x1fn\x1f")
    assert kept.created_at == kept.updated_at


def test_save_of_some_fields_brings_derived_ones_along(make: Callable[..., Any]) -> None:
    made = make("before")
    made.content = "After"
    made.save(update_fields=["content"])

    kept = TodoEntry.objects.get()
    assert (kept.content_key, kept.revision) == ("after", 2)
    assert kept.updated_at > kept.created_at


def test_delete_of_an_instance_is_the_trash(make: Callable[..., Any]) -> None:
    made = make()

    assert made.delete() == (1, {"todos.TodoEntry": 1})
    assert TodoEntry.objects.get().deleted_at is not None
