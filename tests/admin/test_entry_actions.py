"""Actions change the ticked entries through the writer, whoever owns them, and say what they did."""

from collections.abc import Callable
from typing import Any

from tests.admin.browser import ENTRIES, Browser
from todos.models import Ledger, TodoEntry

Make = Callable[..., Any]


def test_complete_and_reopen_change_what_is_not_so_already(browser: Browser, make: Make) -> None:
    entry, done = make("a"), make("b", completed=True)

    page = browser.act("complete", entry, done)

    assert page.messages == ["1 of 2 selected entries completed."]
    assert browser.open(ENTRIES, state="done").rows == ["b", "a"]
    assert TodoEntry.objects.get(pk=done.pk).as_dict() == done.as_dict()
    assert browser.act("reopen", entry, done).messages == ["2 of 2 selected entries reopened."]
    assert browser.open(ENTRIES, state="open").rows == ["b", "a"]


def test_action_is_one_revision(browser: Browser, make: Make) -> None:
    entries = [make() for _ in range(3)]

    browser.act("complete", *entries)

    assert Ledger.objects.get().revision == 4
    assert set(TodoEntry.objects.values_list("revision", flat=True)) == {4}


def test_add_tag_puts_the_typed_tag_on_each(browser: Browser, make: Make) -> None:
    tagged, bare = make("a", tags=["Home"]), make("b")

    page = browser.act("add_tag", tagged, bare, tag=" home ")

    assert page.messages == ["1 of 2 selected entries tagged “home”."]
    assert {entry.content: entry.tag_names for entry in TodoEntry.objects.all()} == {"a": ["Home"], "b": ["Home"]}
    assert browser.user.tags.count() == 1


def test_tag_that_is_refused_is_a_message_for_each_entry(browser: Browser, make: Make) -> None:
    full, bare = make("full", tags=[f"{number}" for number in range(50)]), make("bare")

    assert browser.act("add_tag", full, bare, tag="x").messages == [
        "1 of 2 selected entries tagged “x”.",
        "“full”: An entry has up to 50 tags, not 51.",
    ]
    assert browser.act("add_tag", bare, tag="a#b").messages[1].startswith("“bare”: A tag may not contain '#'")
    assert browser.act("add_tag", bare).messages[1] == "“bare”: A tag has 1 to 100 characters, not 0."
    assert len(browser.act("add_tag", *[make() for _ in range(8)]).messages) == 7


def test_superuser_acts_on_entries_of_many_owners(root: Browser, other: Any, make: Make) -> None:
    entries = [make("a"), make("b", owner=other)]

    assert root.act("add_tag", *entries, tag="x").messages == ["2 of 2 selected entries tagged “x”."]
    assert [tag.owner_id for tag in other.tags.all()] == [other.pk]
    assert root.user.tags.count() == 0


def test_action_on_all_of_a_filter_reaches_all_of_it(browser: Browser, make: Make) -> None:
    entries = [make(f"{number}", tags=["x"]) for number in range(3)]
    make("without")

    browser.act("complete", entries[0], path=f"{ENTRIES}?tag=x", select_across="1")

    assert browser.open(ENTRIES, state="open").rows == ["without"]


def test_action_is_told_in_the_history_of_the_entry(browser: Browser, make: Make) -> None:
    entry = make()

    browser.act("complete", entry)

    assert "Completed" in browser.open(f"{ENTRIES}{entry.pk}/history/").text


def test_actions_need_their_permission(owner: Any, admit: Any, make: Make) -> None:
    entry = make()
    viewer = admit(owner, "view_todoentry")

    for action in ("complete", "reopen", "add_tag", "delete_selected", "restore"):
        viewer.act(action, entry, tag="x")

    assert TodoEntry.objects.get().as_dict() == entry.as_dict()
