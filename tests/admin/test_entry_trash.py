"""Deleting in the admin moves to the trash; what is there can be seen and restored."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.admin.browser import ENTRIES, Browser
from todos.models import TodoEntry

Make = Callable[..., Any]


def test_delete_view_says_where_the_entry_goes_and_moves_it_there(browser: Browser, make: Make) -> None:
    entry = make("old", tags=["home"])
    question = browser.open(f"{ENTRIES}{entry.pk}/delete/")

    page = browser.post(question.address, question.form())

    assert "to the trash" in question.text
    assert page.messages == ["“old” was moved to the trash."]
    assert browser.open(ENTRIES).rows == []
    assert browser.open(ENTRIES, state="trash").rows == ["old"]
    assert TodoEntry.objects.get().tag_names == ["home"]


def test_delete_action_moves_to_the_trash_at_once(browser: Browser, make: Make) -> None:
    page = browser.act("delete_selected", make("a"), make("b"))

    assert page.messages == ["2 of 2 selected entries moved to the trash."]
    assert TodoEntry.objects.trashed().count() == 2


def test_restore_action_takes_out_of_the_trash(browser: Browser, make: Make) -> None:
    entry = make("old")
    entry.delete()

    page = browser.act("restore", entry, path=f"{ENTRIES}?state=trash")

    assert page.messages == ["1 of 1 selected entries restored."]
    assert browser.open(ENTRIES).rows == ["old"]


@pytest.mark.parametrize(("state", "offered"), [("trash", {"restore"}), ("open", {"complete", "delete_selected"})])
def test_list_offers_what_makes_sense_in_it(browser: Browser, make: Make, state: str, offered: set[str]) -> None:
    make()
    make().delete()

    text = browser.open(ENTRIES, state=state).text

    names = {name for name in ("restore", "complete", "delete_selected") if f'<option value="{name}">' in text}
    assert names == offered


def test_trashed_entry_can_be_looked_at_and_deleting_it_again_changes_nothing(browser: Browser, make: Make) -> None:
    entry = make("old")
    entry.delete()
    revision = TodoEntry.objects.get().revision

    page = browser.entry(entry)

    assert page.status == 200
    assert f"{ENTRIES}{entry.pk}/delete/" not in page.text
    browser.post(f"{ENTRIES}{entry.pk}/delete/", {"post": "yes"})
    assert TodoEntry.objects.get().revision == revision


def test_trash_action_needs_the_permission_to_delete(owner: Any, admit: Any, make: Make) -> None:
    entry = make()
    editor = admit(owner, "view_todoentry", "change_todoentry")

    editor.act("delete_selected", entry)

    assert TodoEntry.objects.live().count() == 1
    assert editor.open(f"{ENTRIES}{entry.pk}/delete/").status == 403
