"""Staff see and change what is theirs; a superuser sees all; nobody changes whose an entry is."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.admin.browser import ENTRIES, TAGS, Browser
from todos.models import Tag, TodoEntry

Make = Callable[..., Any]


@pytest.fixture
def entry(make: Make) -> Any:
    """An entry of the owner, with everything that could leak."""
    return make("secret plan", tags=["secret-tag"], notes="secret notes")


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize(
    "path", [ENTRIES, f"{ENTRIES}?q=secret", f"{ENTRIES}?tag=secret-tag", f"{ENTRIES}?state=open", TAGS, "/admin/"]
)
def test_lists_show_nothing_of_another_owner(stranger: Browser, path: str) -> None:
    page = stranger.open(path)

    assert page.status == 200
    assert "secret plan" not in page.text
    assert "secret-tag<" not in page.text


@pytest.mark.parametrize("view", ["change", "delete", "history"])
def test_anothers_entry_and_tag_do_not_exist(stranger: Browser, entry: Any, view: str) -> None:
    for path in (f"{ENTRIES}{entry.pk}/{view}/", f"{TAGS}{Tag.objects.get().pk}/{view}/"):
        for page in (stranger.open(path), stranger.post(path, {"content": "x", "name": "x", "post": "yes"})):
            assert page.path == "/admin/"
            assert "Perhaps it was deleted?" in page.messages[0]
            assert "secret" not in page.text

    assert TodoEntry.objects.get().as_dict() == entry.as_dict()


@pytest.mark.parametrize("key", ["0", "x", "9" * 40, "1_00"])
def test_address_that_names_no_entry_leads_to_the_start_page(root: Browser, key: str) -> None:
    for page in (root.open(f"{ENTRIES}{key}/change/"), root.post(f"{TAGS}{key}/delete/", {"post": "yes"})):
        assert (page.status, page.path) == (200, "/admin/")


@pytest.mark.parametrize("action", ["complete", "reopen", "add_tag", "delete_selected"])
def test_actions_do_not_reach_another_owner(stranger: Browser, entry: Any, action: str) -> None:
    stranger.act(action, entry, tag="x")
    stranger.act(action, entry, tag="x", select_across="1")
    stranger.act("delete_selected", Tag.objects.get(), path=TAGS, post="yes")

    assert TodoEntry.objects.get().as_dict() == entry.as_dict()
    assert Tag.objects.get().name == "secret-tag"


def test_rows_of_the_list_do_not_reach_another_owner(stranger: Browser, entry: Any, make: Make) -> None:
    make("mine", owner=stranger.user)

    page = stranger.save_list(stranger.open(ENTRIES), **{"form-0-id": f"{entry.pk}", "form-0-priority": "9"})

    assert page.status == 400
    assert TodoEntry.objects.get(pk=entry.pk).as_dict() == entry.as_dict()


def test_owner_that_is_sent_along_is_not_taken(stranger: Browser, owner: Any) -> None:
    page = stranger.open(f"{ENTRIES}add/")
    assert "owner" not in page.form("todoentry_form")

    stranger.save(page, content="mine", owner=f"{owner.pk}", tags="x")

    assert TodoEntry.objects.get().owner == stranger.user
    assert Tag.objects.get().owner == stranger.user


def test_superuser_chooses_the_owner_of_a_new_entry(root: Browser, owner: Any) -> None:
    page = root.open(f"{ENTRIES}add/")
    assert page.form("todoentry_form")["owner"] == f"{root.user.pk}"

    root.save(page, content="for you", owner=f"{owner.pk}", tags="x")

    assert TodoEntry.objects.get().owner == owner
    assert Tag.objects.get().owner == owner


def test_superuser_edits_for_the_owner_and_cannot_give_away(root: Browser, other: Any, entry: Any) -> None:
    root.save(root.entry(entry), content="plan", owner=f"{other.pk}", tags="x")

    stored = TodoEntry.objects.get()
    assert (stored.owner_id, stored.content, stored.tag_names) == (entry.owner_id, "plan", ["x"])
    assert {tag.owner_id for tag in Tag.objects.all()} == {entry.owner_id}


def test_user_without_permissions_sees_nothing(owner: Any, entry: Any) -> None:
    owner.is_staff = True
    owner.save()

    assert Browser(owner).open(ENTRIES).status == 403
    assert Browser(owner).entry(entry).status == 403


def test_user_who_is_no_staff_is_sent_to_the_login(owner: Any) -> None:
    assert Browser(owner).open(ENTRIES).path == "/admin/login/"


def test_only_entries_tags_and_tokens_are_there(root: Browser) -> None:
    text = root.open("/admin/todos/").text

    for name in ("todoentry", "tag", "token"):
        assert f"/admin/todos/{name}/" in text
    for name in ("ledger", "tombstone", "idempotentanswer"):
        assert f"/admin/todos/{name}" not in text
        assert root.open(f"/admin/todos/{name}/").status == 404
