"""Every way of the admin to write entries passes the gate; a new model, form or action fails until it is named here."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from tests.admin.browser import ENTRIES, TAGS, Browser, Page
from tests.gate import World, build_world, through_the_gate
from todos.models import Ledger, TodoEntry, Token

Act = Callable[[Browser, World], Page]
USERS = "/admin/auth/user/"


def add(browser: Browser, world: World) -> Page:
    """Fill the form of a new entry."""
    return browser.save(browser.open(f"{ENTRIES}add/"), owner=str(world.owner.pk), content="new", tags="home, new")


def delete(browser: Browser, path: str, pk: int) -> Page:
    """Say yes where the admin asks whether a row is to be deleted."""
    return browser.post(f"{path}{pk}/delete/", {"post": "yes"})


WAYS: dict[tuple[str, str], Act] = {
    ("todoentry", "add"): add,
    ("todoentry", "change"): lambda browser, world: browser.save(browser.entry(world.milk), content="oat milk"),
    ("todoentry", "delete"): lambda browser, world: delete(browser, ENTRIES, world.milk.pk),
    ("todoentry", "list"): lambda browser, world: browser.save_list(browser.open(ENTRIES), **{"form-0-priority": "5"}),
    ("todoentry", "complete"): lambda browser, world: browser.act("complete", world.milk, world.bread),
    ("todoentry", "reopen"): lambda browser, world: browser.act("reopen", world.done),
    ("todoentry", "add_tag"): lambda browser, world: browser.act("add_tag", world.milk, world.bread, tag="new"),
    ("todoentry", "delete_selected"): lambda browser, world: browser.act("delete_selected", world.milk, world.bread),
    ("todoentry", "restore"): lambda browser, world: browser.act(
        "restore", world.trashed, path=f"{ENTRIES}?state=trash"
    ),
    ("tag", "change"): lambda browser, world: browser.save(browser.tag(world.home), name="house"),
    ("tag", "delete"): lambda browser, world: delete(browser, TAGS, world.home.pk),
    ("tag", "delete_selected"): lambda browser, world: browser.act(
        "delete_selected", world.home, world.work, path=TAGS, post="yes"
    ),
}


def ways() -> Iterator[tuple[str, str]]:
    """Yield what a superuser may do with entries and tags, or a new model: by form, in the list, and by action."""
    request = RequestFactory().get("/admin/")
    request.user = get_user_model()(is_superuser=True, is_active=True, is_staff=True)
    for model, site_admin in admin.site._registry.items():
        if model._meta.app_label != "todos" or model is Token:
            continue
        name = str(model._meta.model_name)
        for verb in ("add", "change", "delete"):
            if getattr(site_admin, f"has_{verb}_permission")(request):
                yield name, verb
        if site_admin.list_editable:
            yield name, "list"
        yield from ((name, action) for _, action, _ in site_admin._get_base_actions())
        assert not site_admin.inlines, f"{name} has inline forms, which write too; give them rows here"


@pytest.fixture
def world(db: None) -> World:
    """The owner with entries in every state."""
    return build_world()


@pytest.fixture
def root(db: None) -> Browser:
    """A superuser without entries."""
    return Browser(get_user_model().objects.create_superuser("root"))


def test_ways_of_the_admin_are_all_known(db: None) -> None:
    assert set(ways()) == WAYS.keys()


@pytest.mark.parametrize("way", WAYS)
def test_way_of_the_admin_passes_the_gate(root: Browser, world: World, way: tuple[str, str]) -> None:
    with through_the_gate(world.owner.pk):
        page = WAYS[way](root, world)
    assert page.status == 200


@pytest.mark.parametrize("act", ["form", "action"])
def test_user_deleted_in_the_admin_leaves_nothing(root: Browser, world: World, act: Any) -> None:
    if act == "form":
        delete(root, USERS, world.owner.pk)
    else:
        root.act("delete_selected", world.owner, path=USERS, post="yes")
    assert not TodoEntry.objects.exists()
    assert not Ledger.objects.filter(pk=world.owner.pk).exists()
