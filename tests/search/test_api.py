"""Search over HTTP: what is found, in which order, and how a bad query is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import ApiClient
from todos.models import TodoEntry

Make = Callable[..., Any]


def many(owner: Any, contents: list[str]) -> None:
    """Create entries quickly."""
    TodoEntry.objects.bulk_create(TodoEntry(owner_id=owner.pk, content=content) for content in contents)


def pages(api: ApiClient, url: str, member: str = "next") -> list[list[str]]:
    """Return the ids of all pages that follow one another."""
    found = []
    while url:
        answer = api.get(url)
        assert answer.status == 200, answer.body
        found.append(answer.ids)
        url = answer.json[member]
    return found


@pytest.mark.parametrize("path", ["todos?search=(milk", "search/explain?q=(milk"])
def test_a_query_that_does_not_parse_says_where_and_what_was_expected(api: ApiClient, path: str) -> None:
    answer = api.get(path)
    assert (answer.status, answer.json["position"], answer.json["expected"]) == (400, 5, "a closing )")
    [error] = answer.json["errors"]
    assert (error["parameter"], error["position"], error["code"]) == (path.split("?")[1].split("=")[0], 5, "query")


def test_position_of_the_first_character_is_told_too(api: ApiClient) -> None:
    assert api.get("todos?search=)").json["position"] == 0


def test_a_query_of_white_space_finds_everything(api: ApiClient, make: Make) -> None:
    make("one")
    assert api.get("todos", params={"search": "  "}).contents == ["one"]


@pytest.mark.parametrize("query", ["q", "qü", "qür"])
def test_words_of_any_length_are_found(api: ApiClient, make: Make, query: str) -> None:
    make("Éclair QÜR")
    make("tea")
    assert api.get("todos", params={"search": query}).contents == ["Éclair QÜR"]


def test_search_and_filters_hold_together(api: ApiClient, make: Make) -> None:
    make("milk", tags=["home"])
    make("milk", tags=["shop"], priority=1)
    gone = make("milk", tags=["home"])
    gone.delete()
    assert len(api.get("todos?search=milk").ids) == 2
    assert len(api.get("todos?search=milk&tag=home").ids) == 1
    assert len(api.get("todos?search=milk&priority=1&tag=home").ids) == 0
    assert api.get("todos?search=milk&trashed=true").ids == [str(gone.uuid)]
    assert api.get("todos?search=milk&count=true").json["count"] == 2


def test_another_owners_entries_are_not_found(api: ApiClient, make: Make, other: Any) -> None:
    make("milk", owner=other, tags=["home"])
    for query in ("milk", "mi", "#home", "-tea", ""):
        assert api.get("todos", params={"search": query}).ids == []


def test_an_answer_that_depends_on_the_time_is_not_good_for_long(api: ApiClient, make: Make) -> None:
    make("milk")
    assert api.get("todos?search=milk").headers["ETag"] == '"1"'
    for query in ("is:overdue", "due:today", "milk or created:<today-7d"):
        assert api.get("todos", params={"search": query}).headers["ETag"].startswith('"1-')


def test_explanation_shows_the_tree(api: ApiClient) -> None:
    answer = api.get("search/explain", params={"q": "Café or (not #home is:open priority:1..3)"}).json
    assert answer["query"] == "Café or -#home is:open priority:1..3"
    assert answer["tree"] == {
        "or": [
            {"text": "Café", "folded": "cafe"},
            {
                "and": [
                    {"not": {"tag": "home", "folded": "home"}},
                    {"is": "open"},
                    {"priority": {"from": 1, "to": 3}},
                ]
            },
        ]
    }


def test_relevance_needs_a_search(api: ApiClient) -> None:
    for path in ("todos?ordering=relevance", "todos?ordering=relevance&search=", "tags?ordering=relevance"):
        answer = api.get(path)
        assert (answer.status, answer.names()) == (400, ["ordering"])


def test_relevance_puts_the_best_first(api: ApiClient, make: Make) -> None:
    make("x", notes="buttermilk")
    make("x", tags=["buttermilk"])
    make("buttermilk x")
    make("x", notes="milky")
    make("x", tags=["milky"])
    make("milky x")
    make("x", notes="oat milk")
    make("x", tags=["oat milk"])
    make("oat milk x")
    make("Milk")
    best_first = [str(entry.uuid) for entry in TodoEntry.objects.order_by("-pk")]
    assert api.get("todos?search=milk&ordering=relevance").ids == best_first


def test_pages_by_relevance_show_all_once_though_entries_come(api: ApiClient, owner: Any, make: Make) -> None:
    words = ["oat milk", "milk", "buttermilk", "milky way"]
    many(owner, [words[number * 7 % 4] for number in range(1300)])
    first = api.get("todos?search=milk&ordering=relevance&limit=200")
    make("milk")
    found = [first.ids, *pages(api, first.json["next"])]
    flat = [pk for page in found for pk in page]
    assert len(flat) == len(set(flat)) == 1300
    newest = {str(pk) for pk in TodoEntry.objects.order_by("-pk").values_list("uuid", flat=True)[:1001]}
    assert set(flat[:1000]) < newest, "the newest 1,000 are ranked, the others follow"

    last = api.get(first.json["next"])
    while last.json["next"]:
        last = api.get(last.json["next"])
    backward = [last.ids, *pages(api, last.json["previous"], "previous")]
    assert [pk for page in backward[::-1] for pk in page] == flat


def test_a_cursor_of_relevance_is_good_for_its_search_only(api: ApiClient, owner: Any) -> None:
    many(owner, ["milk"] * 3)
    cursor = api.get("todos?search=milk&ordering=relevance&limit=1").json["next"].split("cursor=")[1]
    answer = api.get(f"todos?search=tea&ordering=relevance&limit=1&cursor={cursor}")
    assert (answer.status, answer.names()) == (400, ["cursor"])
