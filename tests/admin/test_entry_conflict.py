"""Nobody overwrites silently what somebody else has written meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin import site
from django.core.exceptions import ValidationError
from django.forms import modelform_factory
from django.http import HttpRequest

from tests.admin.browser import ENTRIES, Browser
from todos.admin.forms import EntryForm
from todos.models import TodoEntry
from todos.writer import writing

Make = Callable[..., Any]


def change(entry: Any, **changes: Any) -> None:
    with writing(entry.owner_id, [entry.uuid]) as writer:
        writer.change(writer.get(entry.uuid), changes)


def test_form_over_a_newer_revision_is_refused_and_keeps_what_was_typed(browser: Browser, make: Make) -> None:
    entry = make("first")
    page = browser.entry(entry)
    change(entry, content="second")

    refused = browser.save(page, content="third")

    assert "changed since you opened it" in str(refused.errors["__all__"])
    assert refused.form("todoentry_form")["content"] == "third"
    assert TodoEntry.objects.get().content == "second"


def test_refused_form_stays_refused_until_it_is_opened_again(browser: Browser, make: Make) -> None:
    entry = make("first")
    page = browser.entry(entry)
    change(entry, content="second")

    again = browser.save(browser.save(page, content="third"))
    saved = browser.save(browser.entry(entry), content="third")

    assert "__all__" in again.errors
    assert saved.path == ENTRIES
    assert TodoEntry.objects.get().content == "third"


@pytest.mark.parametrize("version", ["", "x", "99", None])
def test_form_without_the_revision_it_was_made_of_is_refused(browser: Browser, make: Make, version: str | None) -> None:
    entry = make("first")

    page = browser.save(browser.entry(entry), content="second", version=version)

    assert page.status == 200
    assert TodoEntry.objects.get().content == "first"


def test_list_writes_only_the_fields_that_were_changed_in_it(browser: Browser, make: Make) -> None:
    entry, same = make("a", priority=1), make("b")
    page = browser.open(ENTRIES)
    change(entry, priority=5)

    saved = browser.save_list(page, **{"form-1-position": "3"})

    assert saved.messages == ["1 todo entry was changed successfully."]
    stored = TodoEntry.objects.get(pk=entry.pk)
    assert (stored.priority, stored.position) == (5, 3)
    assert TodoEntry.objects.get(pk=same.pk).as_dict() == same.as_dict()


def test_list_refuses_a_field_that_was_changed_meanwhile_and_saves_none(browser: Browser, make: Make) -> None:
    entry, same = make("a", priority=1), make("b")
    page = browser.open(ENTRIES)
    change(entry, priority=5)

    refused = browser.save_list(page, **{"form-0-priority": "2", "form-1-priority": "3"})

    assert refused.messages == [
        "Nothing was saved. The priority of “a” has been changed since the list was shown: it was 1, and is 5 now."
    ]
    assert TodoEntry.objects.get(pk=entry.pk).priority == 5
    assert TodoEntry.objects.get(pk=same.pk).as_dict() == same.as_dict()


@pytest.mark.parametrize("typed", ["10", "-1", "x", ""])
def test_list_refuses_what_the_form_refuses(browser: Browser, make: Make, typed: str) -> None:
    entry = make()

    page = browser.save_list(browser.open(ENTRIES), **{"form-0-priority": typed})

    assert page.status == 200
    assert "errorlist" in page.text
    assert TodoEntry.objects.get().as_dict() == entry.as_dict()


def test_write_that_slips_in_after_the_form_was_judged_is_not_overwritten(browser: Browser, make: Make) -> None:
    entry = make("first")
    sent = browser.entry(entry).form("todoentry_form") | {"content": "third"}
    form = modelform_factory(TodoEntry, EntryForm, fields=["content"])(sent, instance=TodoEntry.objects.get())
    assert form.is_valid()
    change(entry, content="second")

    with pytest.raises(ValidationError, match="since you opened it"):
        site.get_model_admin(TodoEntry).save_model(HttpRequest(), form.instance, form, True)

    assert TodoEntry.objects.get().content == "second"
