"""Tags over HTTP: the list with its counts, rename, merge, delete."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.client import ApiClient
from todos.models import Ledger, Tag, TodoEntry

Make = Callable[..., Any]


def listed(api: ApiClient) -> list[tuple[str, int, int]]:
    """Return the list of tags as rows."""
    return [(tag["name"], tag["open"], tag["total"]) for tag in api.get("tags").json["results"]]


def changed_since(api: ApiClient, since: int) -> set[tuple[str, int]]:
    """Return contents and revisions in the change feed after a revision."""
    changes = api.get("changes", params={"since": since}).json["changes"]
    return {(change["content"], change["revision"]) for change in changes}


def test_list_counts_open_and_all_entries_without_the_trash(api: ApiClient, make: Make, other: Any) -> None:
    make(tags=["home", "work"])
    make(tags=["home"], completed=True)
    make(tags=["home"]).delete()
    make(tags=["home", "secret"], owner=other)
    make(tags=["unused"]).delete()
    assert api.get("tags").json == {
        "next": None,
        "previous": None,
        "results": [
            {"name": "home", "open": 1, "total": 2},
            {"name": "unused", "open": 0, "total": 0},
            {"name": "work", "open": 1, "total": 1},
        ],
    }


def test_list_is_sorted_by_folded_name_in_pages(api: ApiClient, make: Make) -> None:
    make(tags=["b", "Ä", "C", "a/b"])
    assert [name for name, _, _ in listed(api)] == ["Ä", "a/b", "b", "C"]
    page = api.get("tags", params={"limit": 3}).json
    rest = api.get(page["next"]).json
    assert [tag["name"] for tag in page["results"] + rest["results"]] == ["Ä", "a/b", "b", "C"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"search": "a"}, {"ordering": "name"}]
)
def test_unknown_or_malformed_parameter_of_the_list_is_400(api: ApiClient, params: dict[str, Any]) -> None:
    assert api.get("tags", params=params).status == 400


def test_list_costs_the_same_number_of_queries_with_one_tag_and_with_many(api: ApiClient, make: Make) -> None:
    make(tags=["a"])
    with CaptureQueriesContext(connection) as one:
        api.get("tags")
    make(tags=["b", "c", "d"])
    with CaptureQueriesContext(connection) as four:
        api.get("tags")
    assert len(one) == len(four)


def test_rename_reaches_every_entry_under_one_revision(api: ApiClient, make: Make) -> None:
    make("a", tags=["home"]), make("b", tags=["home", "x"]), make("c", tags=["x"]), make("d", tags=["home"]).delete()
    before = Ledger.objects.get().revision
    answer = api.patch("tags/HOME", {"name": "house"})
    assert (answer.status, answer.json) == (200, {"name": "house", "open": 2, "total": 2})
    assert changed_since(api, before) == {("a", before + 1), ("b", before + 1), ("d", before + 1)}
    assert TodoEntry.objects.get(content="b").tag_names == ["house", "x"]
    assert api.get("todos", params={"tag": "house"}).contents == ["b", "a"]
    assert api.get("todos", params={"tag": "home"}).contents == []


def test_rename_takes_the_tags_inside_along(api: ApiClient, make: Make) -> None:
    make("a", tags=["home/garden/Roses", "homework"]), make("b", tags=["home"])
    assert api.patch("tags/home", {"name": "private/house"}).status == 200
    assert [name for name, _, _ in listed(api)] == ["homework", "private/house", "private/house/garden/Roses"]
    assert TodoEntry.objects.get(content="a").tag_names == ["homework", "private/house/garden/Roses"]


def test_rename_of_a_tag_inside_leaves_the_outer_one_alone(api: ApiClient, make: Make) -> None:
    make("a", tags=["home", "home/garden"])
    assert api.patch("tags/home/garden", {"name": "garden"}).status == 200
    assert TodoEntry.objects.get().tag_names == ["garden", "home"]


def test_rename_to_an_existing_name_merges(api: ApiClient, make: Make) -> None:
    make("both", tags=["home", "House"]), make("old", tags=["home", "home/attic"]), make("new", tags=["House/Attic"])
    before = Ledger.objects.get().revision
    assert api.patch("tags/home", {"name": "house"}).json == {"name": "House", "open": 2, "total": 2}
    assert listed(api) == [("House", 2, 2), ("House/Attic", 2, 2)]
    assert TodoEntry.objects.get(content="old").tag_names == ["House", "House/Attic"]
    assert changed_since(api, before) == {("both", before + 1), ("old", before + 1)}


def test_rename_into_itself_moves_a_level_down(api: ApiClient, make: Make) -> None:
    make("a", tags=["home", "home/home"])
    assert api.patch("tags/home", {"name": "home/home"}).status == 200
    assert TodoEntry.objects.get().tag_names == ["home/home", "home/home/home"]


def test_rename_changes_the_spelling(api: ApiClient, make: Make) -> None:
    make("a", tags=["cafe"])
    assert api.patch("tags/CAFE", {"name": "Café"}).json["name"] == "Café"
    assert TodoEntry.objects.get().tag_names == ["Café"]


def test_rename_to_the_same_name_leaves_no_revision(api: ApiClient, make: Make) -> None:
    make(tags=["home", "home/a"])
    assert api.patch("tags/Home", {"name": "home"}).status == 200
    assert Ledger.objects.get().revision == 1


@pytest.mark.parametrize("name", ["", " x", "a,b", "#a", "x" * 101, "\n", 1, None, ["a"]])
def test_new_name_that_breaks_a_rule_is_400_and_named(api: ApiClient, make: Make, name: Any) -> None:
    make(tags=["home"])
    answer = api.patch("tags/home", {"name": name})
    assert (answer.status, answer.names()) == (400, ["/name"])
    assert listed(api) == [("home", 1, 1)]


@pytest.mark.parametrize("body", [{}, [], "house", {"name": "a", "open": 1}, {"title": "a"}])
def test_body_with_anything_but_a_name_is_400(api: ApiClient, make: Make, body: Any) -> None:
    make(tags=["home"])
    assert api.patch("tags/home", body).status == 400


def test_rename_that_would_make_a_tag_inside_too_long_changes_nothing(api: ApiClient, make: Make) -> None:
    make(tags=["a", "a/" + "x" * 98])
    answer = api.patch("tags/a", {"name": "abc"})
    assert (answer.status, answer.names()) == (400, ["/name"])
    assert "abc/xxx" in answer.json["errors"][0]["detail"]
    assert Ledger.objects.get().revision == 1


def test_delete_takes_the_tag_off_every_entry_under_one_revision(api: ApiClient, make: Make) -> None:
    make("a", tags=["home", "x"]), make("b", tags=["home"]).delete(), make("c", tags=["home/garden"])
    before = Ledger.objects.get().revision
    answer = api.delete("tags/Home")
    assert (answer.status, answer.body) == (204, b"")
    assert changed_since(api, before) == {("a", before + 1), ("b", before + 1)}
    assert [name for name, _, _ in listed(api)] == ["home/garden", "x"]


def test_delete_of_an_unused_tag_is_a_revision_of_its_own(api: ApiClient, make: Make) -> None:
    api.delete(f"todos/{make(tags=['a']).uuid}/tags/a")
    before = Ledger.objects.get().revision
    assert api.delete("tags/a").status == 204
    assert (listed(api), Ledger.objects.get().revision) == ([], before + 1)


@pytest.mark.parametrize("name", ["nothing", "home/nothing", "hom", "secret"])
def test_tag_that_the_owner_does_not_have_is_404(api: ApiClient, make: Make, other: Any, name: str) -> None:
    make(tags=["home"]), make(tags=["secret"], owner=other)
    assert api.patch(f"tags/{name}", {"name": "x"}).status == 404
    assert api.delete(f"tags/{name}").status == 404
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["home", "secret"]


def test_name_in_the_address_may_be_any_text(api: ApiClient, make: Make) -> None:
    make(tags=["a b", "100%", "söß/ü", "?x"])
    for address, name in (("a%20b", "1"), ("100%25", "2"), ("S%C3%96SS/%C3%BC", "3"), ("%3Fx", "4")):
        assert api.patch(f"tags/{address}", {"name": name}).status == 200
    assert TodoEntry.objects.get().tag_names == ["1", "2", "3", "4"]
