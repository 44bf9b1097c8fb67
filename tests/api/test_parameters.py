"""Parameters that are unknown, given twice or malformed are refused by name, never passed over."""

import pytest

from tests.client import ApiClient
from todos.api.filters import FILTERS

ONCE = [*[name for name in FILTERS if name != "tag"], "ordering", "limit", "cursor", "count"]
MOMENTS = [name for name in FILTERS if name.endswith(("_after", "_before"))]
SWITCHES = ["completed", "overdue", "trashed", "untagged"]


def test_the_parameters_are_those_of_the_contract() -> None:
    assert {*ONCE, "tag"} == {
        "search", "tag", "untagged", "completed", "priority", "due_after", "due_before", "overdue", "created_after",
        "created_before", "updated_after", "updated_before", "trashed", "ordering", "limit", "cursor", "count",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["page", "offset", "q", "Search", "tag[]", "owner", "id", "format", "", "\x00", "ü"])
def test_an_unknown_parameter_is_named(api: ApiClient, name: str) -> None:
    answer = api.get("todos", params={name: "1"})

    assert (answer.status, answer.names()) == (400, [name])
    assert "search" in answer.json["errors"][0]["detail"]


@pytest.mark.parametrize("name", ONCE)
def test_a_parameter_given_twice_is_named(api: ApiClient, name: str) -> None:
    answer = api.get(f"todos?{name}=true&{name}=true")

    assert (answer.status, answer.names()) == (400, [name])


@pytest.mark.parametrize("query", ["limit=0", "ordering=colour", "cursor=x", "count=1", "priority=x", "colour=red"])
def test_a_wrong_parameter_is_named_to_a_client_that_has_the_current_version_too(api: ApiClient, query: str) -> None:
    answer = api.get(f"todos?{query}", If_None_Match="*")

    assert (answer.status, answer.names()) == (400, [query.partition("=")[0]])


def test_all_wrong_parameters_are_named_at_once(api: ApiClient) -> None:
    assert sorted(api.get("todos?a=1&b=2&priority=1&priority=2").names()) == ["a", "b", "priority"]
    assert sorted(api.get("todos?priority=x&completed=x&due_after=x").names()) == ["completed", "due_after", "priority"]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "today",
        "2026-13-01",
        "2026-02-29",
        "2026-1-1",
        "0000-01-01",
        "10000-01-01",
        "2026-12-01T17:00:00",
        "2026-12-01T24:00:00Z",
        "2026-12-01T17:00:00 02:00",
        "2026-12-01T17:00:00+24:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "20261201",
        "2026-W01-1",
        "1e9",
        "2026-12-01\x00",
        "\uff12\uff10\uff12\uff16-12-01",
        "2026-12-01" * 100,
    ],
)
def test_a_malformed_moment_is_named(api: ApiClient, value: str) -> None:
    answer = api.get("todos", params=dict.fromkeys(MOMENTS, value))

    assert (answer.status, sorted(answer.names())) == (400, sorted(MOMENTS))
    assert len(answer.body) < 2000


@pytest.mark.parametrize("value", ["", "1", "yes", "True", "TRUE", "null", "true ", "\x00"])
def test_a_malformed_switch_is_named(api: ApiClient, value: str) -> None:
    assert sorted(api.get("todos", params=dict.fromkeys(SWITCHES, value)).names()) == SWITCHES
    assert api.get("todos", params={"count": value}).names() == ["count"]


@pytest.mark.parametrize("value", ["", "10", "-1", "1.0", "1e0", "01", " 1", "high", "\u0661", "\x00"])
def test_a_malformed_priority_is_named(api: ApiClient, value: str) -> None:
    assert api.get("todos", params={"priority": value}).names() == ["priority"]


@pytest.mark.parametrize("value", ["", " ", "a,b", "#home", " home", "home ", "a\tb", "\x00", "x" * 101, "\u0301"])
def test_a_tag_that_no_entry_can_have_is_named(api: ApiClient, value: str) -> None:
    assert api.get("todos", params={"tag": value}).names() == ["tag"]
    assert api.get("todos", params={"tag": ["home", value]}).names() == ["tag"]
    assert api.get("todos", params={"tag": [value, "home"]}).names() == ["tag"]


def test_a_search_with_nul_is_named(api: ApiClient) -> None:
    assert api.get("todos", params={"search": "milk\x00"}).names() == ["search"]


def test_an_empty_search_finds_all(api: ApiClient) -> None:
    api.post("todos", {"content": "x"})

    assert api.get("todos?search=").contents == ["x"]


@pytest.mark.parametrize("path", ["changes", "tags", "fingerprint"])
def test_every_list_names_an_unknown_parameter(api: ApiClient, path: str) -> None:
    assert api.get(f"{path}?colour=red").names() == ["colour"]


@pytest.mark.parametrize("path", ["todos", "todos/8b122755-530e-43c7-ae84-362c17a37fc5", "batch"])
def test_writes_take_no_parameters(api: ApiClient, path: str) -> None:
    method = api.put if path.endswith("5") else api.post

    assert method(f"{path}?notify=1", {"content": "x"}).names() == ["notify"]
