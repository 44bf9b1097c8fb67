"""Tags in the admin: counts, rename with merge and hierarchy, delete."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin import site
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext

from tests.admin.browser import ENTRIES, TAGS, Browser
from todos.admin.forms import TagForm
from todos.models import Ledger, Tag, TodoEntry

Make = Callable[..., Any]


def tag(name: str) -> Tag:
    return Tag.objects.get(name=name)


def names() -> list[list[str]]:
    return [entry.tag_names for entry in TodoEntry.objects.order_by("id")]


def test_list_counts_open_and_all_entries_without_the_trash(browser: Browser, make: Make) -> None:
    make(tags=["Home", "work"])
    make(tags=["Home"], completed=True)
    make(tags=["Home"]).delete()

    page = browser.open(TAGS)

    assert page.rows == ["Home", "work"]
    assert (page.column("open_entries"), page.column("all_entries")) == (["1", "1"], ["2", "1"])


def test_count_leads_to_the_entries(browser: Browser, make: Make) -> None:
    make("a", tags=["R&D/x"])
    make("b")

    assert f'<a href="{ENTRIES}?tag=R%26D%2Fx">1</a>' in browser.open(TAGS).text
    assert browser.open(f"{ENTRIES}?tag=R%26D%2Fx").rows == ["a"]


def test_list_costs_as_many_queries_at_three_rows_as_at_one(root: Browser, other: Any, make: Make) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            root.open(TAGS)
        return len(captured)

    make(tags=["a"])
    queries()
    one = queries()
    make(tags=["b"], owner=other)
    make(tags=["a", "c"])

    assert queries() == one


def test_search_finds_a_part_of_the_name_in_any_case(browser: Browser, make: Make) -> None:
    make(tags=["Café/menu", "work"])

    assert browser.open(TAGS, q="CAFE").rows == ["Café/menu"]
    assert browser.open(TAGS, q="%").rows == []


def test_rename_reaches_the_entries_and_the_tags_inside_in_one_revision(browser: Browser, make: Make) -> None:
    make(tags=["home", "x"])
    make(tags=["home/garden"])

    page = browser.save(browser.tag(tag("home")), name="house")

    assert page.path == TAGS
    assert names() == [["house", "x"], ["house/garden"]]
    assert page.rows == ["house", "house/garden", "x"]
    assert Ledger.objects.get().revision == 3


def test_form_does_not_offer_to_edit_on_under_an_address_that_ends(browser: Browser, make: Make) -> None:
    make(tags=["home"])

    assert "_continue" not in browser.tag(tag("home")).text


@pytest.mark.parametrize("new", ["HOUSE", "house"])
def test_merge_is_asked_for_first(browser: Browser, make: Make, new: str) -> None:
    make(tags=["home", "house"])
    make(tags=["home"])

    asked = browser.save(browser.tag(tag("home")), name=new)
    assert asked.errors == {"merge": ["There is a tag 'house' already; tick this to make the two one."]}
    assert names() == [["home", "house"], ["home"]]

    browser.save(asked, merge="on")
    assert names() == [["house"], ["house"]]
    assert [found.name for found in Tag.objects.all()] == ["house"]


def test_merge_of_tags_inside_is_asked_for_too(browser: Browser, make: Make) -> None:
    make(tags=["home/garden", "home"])
    make(tags=["house/garden"])

    assert browser.save(browser.tag(tag("home")), name="house").errors.keys() == {"merge"}


def test_another_spelling_or_a_place_inside_is_no_merge(browser: Browser, make: Make) -> None:
    make(tags=["home", "home/garden"])

    browser.save(browser.tag(tag("home")), name="Home")
    browser.save(browser.tag(tag("Home")), name="Home/old")

    assert names() == [["Home/old", "Home/old/garden"]]


def test_same_name_again_changes_nothing(browser: Browser, make: Make) -> None:
    make(tags=["home"])

    browser.save(browser.tag(tag("home")))

    assert Ledger.objects.get().revision == 1


@pytest.mark.parametrize("new", ["a,b", "#a", "", "x" * 101, "a\0"])
def test_name_that_breaks_the_rules_is_an_error_at_the_field(browser: Browser, make: Make, new: str) -> None:
    make(tags=["home"])

    assert browser.save(browser.tag(tag("home")), name=new).errors.keys() == {"name"}
    assert names() == [["home"]]


def test_name_that_makes_one_inside_too_long_is_refused(browser: Browser, make: Make) -> None:
    make(tags=["home", "home/garden"])

    page = browser.save(browser.tag(tag("home")), name="x" * 99)

    assert page.messages[0].startswith("Nothing was saved. ")
    assert "100 characters" in page.messages[0]
    assert names() == [["home", "home/garden"]]


def test_tag_that_was_renamed_meanwhile_is_not_renamed_again(browser: Browser, make: Make) -> None:
    make(tags=["home"])
    page = browser.tag(tag("home"))
    browser.save(page, name="house")

    late = browser.save(page, name="hut")

    assert "Perhaps it was deleted?" in late.messages[0]
    assert names() == [["house"]]


def test_tag_that_goes_after_the_form_was_judged_is_refused(browser: Browser, make: Make) -> None:
    make(tags=["home"])
    form = TagForm({"name": "house"}, instance=tag("home"))
    assert form.is_valid()
    browser.post(f"{TAGS}{tag('home').pk}/delete/", {"post": "yes"})

    with pytest.raises(ValidationError, match="renamed or deleted meanwhile"):
        site.get_model_admin(Tag).save_model(HttpRequest(), form.instance, form, True)


def test_delete_asks_and_takes_the_tag_off_its_entries(browser: Browser, make: Make) -> None:
    make(tags=["home", "home/garden"])
    make(tags=["home"])
    question = browser.open(f"{TAGS}{tag('home').pk}/delete/")

    page = browser.post(question.address, question.form())

    assert "off 2 entries" in " ".join(question.text.split())
    assert page.path == TAGS
    assert names() == [["home/garden"], []]


def test_delete_of_several_asks_and_deletes_each(browser: Browser, make: Make) -> None:
    make(tags=["a", "b", "c"])

    question = browser.act("delete_selected", tag("a"), tag("b"), path=TAGS)
    assert "a (entries: 1)" in question.text
    assert names() == [["a", "b", "c"]]

    browser.act("delete_selected", tag("a"), tag("b"), path=TAGS, post="yes")
    assert names() == [["c"]]


def test_tag_without_an_entry_is_not_made(browser: Browser, root: Browser) -> None:
    assert browser.open(f"{TAGS}add/").status == 403
    assert root.open(f"{TAGS}add/").status == 403
