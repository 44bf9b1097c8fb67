"""The page on the admin names all that the lists offer."""

from pathlib import Path

from django.contrib.admin import site

from todos.admin.filters import DueFilter, StateFilter
from todos.models import TodoEntry

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "admin.md").read_text(encoding="utf-8")


def test_every_filter_and_action_has_its_row() -> None:
    entries = site.get_model_admin(TodoEntry)
    actions = [getattr(type(entries), name).short_description for name in entries.actions or ()]
    filters = [item.title for item in entries.list_filter]  # type: ignore[union-attr]

    assert [name for name in [*actions, *filters] if f"\n| {name} |" not in PAGE] == []


def test_every_choice_of_a_filter_is_named() -> None:
    names = [name.replace("-", " ").capitalize() for item in (StateFilter, DueFilter) for name in item.questions]

    assert [name for name in names if name not in PAGE] == []
