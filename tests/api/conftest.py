"""What the tests of the API share beyond the cast: entries as they cannot be made through the doors."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db.models import QuerySet

from todos import ledger
from todos.models import TodoEntry


@pytest.fixture
def stamp(owner: Any) -> Callable[..., None]:
    """Set when entries were created and last updated: `stamp([entry], updated_at=moment)`; a writer would say now."""

    def set_columns(entries: list[Any], **moments: datetime) -> None:
        with ledger.write(owner.pk) as write:
            write.number(())
            rows = TodoEntry.objects.filter(pk__in=[entry.pk for entry in entries])
            QuerySet.update(rows, revision=write.revision, **moments)

    return set_columns
