"""Questions that are worded once."""

from collections.abc import Callable
from typing import Any

from django.db.models import F

from todos.models import TodoEntry
from todos.prepared import Prepared, read


def asked(owner_id: Any) -> Any:
    """Return a question with an annotation between two fields, and another one at the end."""
    entries = TodoEntry.objects.filter(owner_id=owner_id).annotate(twice=F("priority") * 2, name=F("uuid"))
    return entries.order_by("content").values("content", "twice", "priority", "name")


def test_each_column_has_its_own_name(owner: Any, make: Callable[..., Any]) -> None:
    make("bread", priority=3), make("milk", priority=4)
    rows = list(asked(owner.pk))
    assert [(row["content"], row["twice"], row["priority"]) for row in rows] == [("bread", 6, 3), ("milk", 8, 4)]
    assert read(asked(owner.pk)) == rows
    assert Prepared(asked, owner_id=None)(owner_id=owner.pk) == rows
