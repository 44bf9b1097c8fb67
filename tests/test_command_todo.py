"""`manage.py todo`: enter, list, search and change entries; lines or a table for people, JSON for programs."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from todos.models import TodoEntry
from todos.writer import writing

Todo = Callable[..., Any]


class Terminal(StringIO):
    """An output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def lines(*words: str) -> list[str]:
    output = StringIO()
    call_command("todo", *words, stdout=output)
    return output.getvalue().splitlines()


def entries(verb: str, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(verb, "--json", *words)]


def contents(verb: str, *words: str) -> list[str]:
    return [entry["content"] for entry in entries(verb, *words)]


def screen(*words: str) -> str:
    output = Terminal()
    call_command("todo", *words, stdout=output)
    return output.getvalue()


def test_add_enters_an_entry_for_the_local_owner(db: None) -> None:
    options = ["--tag", "home", "--tag", "food/milk", "--due", "2026-12-01", "--priority", "2", "--notes", "fresh"]
    [entry] = entries("add", " buy milk ", *options)
    stored = TodoEntry.objects.get()
    assert stored.owner.get_username() == "local"
    assert entry == stored.as_dict()
    wanted = {
        "content": "buy milk",
        "tags": ["food/milk", "home"],
        "due": "2026-12-01",
        "priority": 2,
        "notes": "fresh",
    }
    assert {name: entry[name] for name in wanted} == wanted


def test_time_with_offset_is_kept_as_a_moment(db: None) -> None:
    assert entries("add", "x", "--due", "2026-12-01T17:00:00+02:00")[0]["due"] == "2026-12-01T15:00:00.000000Z"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["x", "--due", "tomorrow"], "'tomorrow' is not a day such as 2026-12-01"),
        (["x", "--due", "2026-02-30"], "no day of the calendar"),
        (["x", "--tag", "a,b"], r"tags: .*','"),
        (["x", "--priority", "10"], "priority: .*9"),
        (["x", "--priority", "high"], "--priority"),
        (["  "], "content: "),
        (["x" * 2001], "content: .*2000"),
        ([], "TEXT"),
    ],
)
def test_bad_field_is_named_and_nothing_is_entered(words: list[str], said: str, db: None) -> None:
    with pytest.raises(CommandError, match=said):
        lines("add", *words)
    assert not TodoEntry.objects.exists()


def test_list_shows_open_entries_newest_first(make: Todo) -> None:
    for content in ("first", "second", "third"):
        make(content)
    lines("done", entries("list", "--limit", "1")[0]["id"])
    assert contents("list") == ["second", "first"]
    assert contents("list", "--done") == ["third"]
    assert contents("list", "--all") == ["third", "second", "first"]
    assert contents("list", "--trash") == []


def test_limit_shows_so_many(make: Todo) -> None:
    for number in range(5):
        make(str(number))
    assert contents("list", "--limit", "2") == ["4", "3"]
    with pytest.raises(CommandError, match="--limit"):
        lines("list", "--limit", "0")


def test_search_speaks_the_query_language(make: Todo) -> None:
    make("buy oat milk", tags=["home"])
    make("milk the goat")
    assert contents("search", "milk") == ["milk the goat", "buy oat milk"]
    assert contents("search", "buy", "milk") == ["buy oat milk"]
    assert contents("search", '#home or "the goat"') == ["milk the goat", "buy oat milk"]
    assert contents("search", "--", "milk", "-goat") == ["buy oat milk"]


def test_query_that_does_not_parse_is_an_error(db: None) -> None:
    with pytest.raises(CommandError, match="position 5"):
        lines("search", "(milk")


@pytest.mark.parametrize(
    ("verbs", "changed"),
    [
        (["done"], {"completed": True}),
        (["done", "reopen"], {"completed": False, "completed_at": None}),
        (["restore"], {"deleted_at": None}),
        (["delete", "restore"], {"deleted_at": None}),
    ],
)
def test_verb_changes_an_entry(verbs: list[str], changed: dict[str, Any], make: Todo) -> None:
    entry_id = str(make("x").uuid)
    for verb in verbs:
        shown = entries(verb, entry_id)
    assert shown == entries("show", entry_id)
    assert {name: shown[0][name] for name in changed} == changed


def test_deleted_entry_is_in_the_trash(make: Todo) -> None:
    assert entries("delete", str(make("x").uuid))[0]["deleted_at"] is not None
    assert contents("list", "--all") == []
    assert contents("search", "x") == []
    assert contents("list", "--trash") == ["x"]


def test_verb_takes_several_entries_in_one_revision(make: Todo) -> None:
    ids = [str(make(content).uuid) for content in ("a", "b")]
    shown = entries("done", *ids)
    assert [entry["id"] for entry in shown] == ids
    assert len({entry["revision"] for entry in shown}) == 1


def test_tag_is_put_on_and_taken_off(make: Todo) -> None:
    entry_id = str(make("x", tags=["a"]).uuid)
    assert entries("tag", entry_id, "Home")[0]["tags"] == ["Home", "a"]
    assert entries("untag", entry_id, "home")[0]["tags"] == ["a"]
    with pytest.raises(CommandError, match="'#'"):
        lines("tag", entry_id, "#b")


def with_id(owner: Any, digits: str) -> str:
    entry_id = UUID(digits.ljust(32, "0"))
    with writing(owner.pk, [entry_id]) as writer:
        writer.create({"content": f"entry {digits}"}, entry_id)
    return str(entry_id)


def test_id_may_be_shortened(owner: Any) -> None:
    entry_id = with_id(owner, "abcdef123")
    with_id(owner, "abcdee")
    for prefix in ("abcdef", "ABCDEF1", "abcdef12-3", entry_id):
        assert [entry["id"] for entry in entries("show", prefix)] == [entry_id]


def test_ambiguous_id_lists_what_it_may_mean(owner: Any) -> None:
    ids = [with_id(owner, digits) for digits in ("ab1", "ab2")]
    with pytest.raises(CommandError, match="ab fits several entries") as refusal:
        lines("done", "ab")
    assert all(entry_id in str(refusal.value) for entry_id in ids)
    assert "entry ab1" in str(refusal.value)
    assert contents("list", "--done") == []


def test_shortened_id_means_all_that_begin_so(owner: Any) -> None:
    for digits in ("ab" + "0" * 30, "ab" + "f" * 30):
        entry_id = with_id(owner, digits)
        assert entries("show", entry_id)[0]["id"] == entry_id
    with_id(owner, "aaf")
    with_id(owner, "ac0")
    with pytest.raises(CommandError) as refusal:
        lines("show", "ab")
    assert str(refusal.value).count("entry a") == 2


@pytest.mark.parametrize("prefix", ["xyz", "", "-", "a" * 33, "ab%", "٣"])
def test_what_is_no_id_is_refused(prefix: str, owner: Any) -> None:
    with pytest.raises(CommandError, match="no beginning of an id"):
        lines("show", "--", prefix)


def test_unknown_id_is_refused(owner: Any) -> None:
    with pytest.raises(CommandError, match="no entry whose id begins with abc"):
        lines("done", "abc")


def test_another_owners_entry_is_not_found(make: Todo, other: Any) -> None:
    entry_id = str(make("secret", owner=other).uuid)
    assert contents("list", "--all") == []
    assert contents("search", "secret") == []
    with pytest.raises(CommandError, match="no entry"):
        lines("show", entry_id)
    assert contents("list", "--owner", "other") == ["secret"]


def test_unknown_owner_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="no owner 'stranger'"):
        lines("list", "--owner", "stranger")


def test_lines_hold_no_tab_and_one_entry_each(make: Todo) -> None:
    entry = make("two\nlines\tand \x1b[31mred", tags=["home"])
    assert lines("list") == [f"{entry.uuid}  open   -  -                 two lines and \ufffd[31mred #home"]


def test_show_prints_every_field(make: Todo) -> None:
    entry = make("x", notes="more", extra={"a": 1})
    shown = lines("show", str(entry.uuid))
    assert [line.split()[0] for line in shown if line] == list(entry.as_dict())
    assert "notes         more" in shown


def test_terminal_shows_a_table(make: Todo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    entry = make("read [bold]\x1b[2J", tags=["home/desk"], priority=3)
    shown = screen("list")
    for text in ("content", str(entry.uuid)[:8], "read [bold]\ufffd[2J", "#home/desk", "3"):
        assert text in shown
    assert str(entry.uuid) not in shown


def test_terminal_says_when_it_shows_only_the_first(make: Todo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("todos.management.commands.todo.SCREEN", 2)
    make("oldest")
    make("b")
    assert "Only the first" not in screen("list")
    make("c")
    assert "Only the first 2 are shown" in screen("list")
    assert "oldest" not in screen("list")
    assert "oldest" in screen("list", "--limit", "3")
    assert len(lines("list")) == 3
