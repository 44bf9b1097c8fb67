"""API, admin and command find the same, in the same order, and refuse the same in the same words."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.admin.browser import ENTRIES
from tests.admin.conftest import staff
from tests.client import ApiClient

Make = Callable[..., Any]
QUERIES = [
    "", "milk", "MIL", "é", '"oat milk"', "#home", "-milk", "not #home milk", "is:done or priority:1..3", "has:notes",
    "due:<today+7d", "is:overdue", "(milk or tea) -oat", "\\-", '50%', "created:today",
]  # fmt: skip


@pytest.fixture
def entries(make: Make, other: Any) -> None:
    """Some of the owner, one in the trash, and one of somebody else."""
    make("oat milk", tags=["home/kitchen"], priority=1)
    make("Milk for the Café", notes="soy or oat", completed=True)
    make("green tea - 50%", tags=["home"], priority=3)
    make("milk that is gone").delete()
    make("milk of somebody else", owner=other, tags=["home"])


def by_command(query: str) -> list[str]:
    """Return what the command finds."""
    out = io.StringIO()
    call_command("todo", "search", "--json", "--", query, stdout=out)
    return [json.loads(line)["content"] for line in out.getvalue().splitlines()]


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("query", QUERIES)
def test_all_doors_find_the_same(api: ApiClient, owner: Any, query: str) -> None:
    found = api.get("todos", params={"search": query}).contents

    assert by_command(query) == found
    assert staff(owner).open(ENTRIES, q=query).rows == found


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("query", ["(milk", "milk or", "#", "due:someday", "is:late", "x" * 501, "x " * 31])
def test_all_doors_refuse_the_same_in_the_same_words(api: ApiClient, owner: Any, query: str) -> None:
    told = api.get("todos", params={"search": query}).json["detail"]
    page = staff(owner).open(ENTRIES, q=query)

    assert "position" in told
    assert told in page.messages
    assert page.rows == []
    with pytest.raises(CommandError) as caught:
        by_command(query)
    assert str(caught.value) == told
