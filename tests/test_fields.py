"""The rules of values, which every door shares: text, tags, `extra`, and columns alike on both databases."""

import contextlib
from typing import Any

import pytest
import rfc8785
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from todos.fields import (
    MAX_EXTRA,
    MAX_INTEGER,
    dump,
    validate_extra,
    validate_tag,
    validate_tags,
    validate_text,
)
from todos.models import TodoEntry


def code(validate: Any, value: Any) -> str | None:
    """Return the code of the error that a value is refused with."""
    with pytest.raises(ValidationError) as caught:
        validate(value)
    return caught.value.code


@pytest.mark.parametrize("text", ["a\x00", "\ud800", "a\udfffb"])
def test_text_that_no_database_keeps_is_refused(text: str) -> None:
    assert code(validate_text, text) == "character"


@pytest.mark.parametrize("text", ["", "a", "\x01\t\n\x7f", "\u202e", "\ufffe", "😀", "\U0010ffff"])
def test_any_other_text_is_taken(text: str) -> None:
    validate_text(text)


def test_refused_text_is_told_which_character_and_where() -> None:
    with pytest.raises(ValidationError, match=r"U\+0000 at position 3"):
        validate_text("abc\x00")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "length"),
        ("x" * 101, "length"),
        (" a", "outer_space"),
        ("a ", "outer_space"),
        ("\u2003a", "outer_space"),
        ("a,b", "character"),
        ("#a", "character"),
        ("a\tb", "character"),
        ("a\x85b", "character"),
        ("a\x00b", "character"),
        ("a\ud800", "character"),
        ("\u0301", "folded_length"),
        ("\ufdfa" * 30, "folded_length"),
    ],
)
def test_a_bad_tag_is_refused(name: str, expected: str) -> None:
    assert code(validate_tag, name) == expected


@pytest.mark.parametrize(
    "name", ["a", "x" * 100, "a/b", "a b", "é", "庭", "😀", "-", "%", "_", "'", '"', "\\", "or", "/"]
)
def test_a_good_tag_is_taken(name: str) -> None:
    validate_tag(name)


@pytest.mark.parametrize("names", [["a", "A"], ["é", "e"], ["\uff41", "a"], ["stra\u00dfe", "STRASSE"], ["a", "a"]])
def test_tags_that_are_the_same_folded_are_refused(names: list[str]) -> None:
    assert code(validate_tags, names) == "unique"


def test_the_fifty_first_tag_is_refused() -> None:
    names = [str(number) for number in range(51)]

    validate_tags(names[:50])
    assert code(validate_tags, names) == "max_length"


@pytest.mark.parametrize("value", [None, [], "x", 1, True])
def test_extra_that_is_no_object_is_refused(value: Any) -> None:
    assert code(validate_extra, value) == "object"


@pytest.mark.parametrize(
    "value",
    [
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": MAX_INTEGER + 1},
        {"a": {1, 2}},
        {"a": "\ud800"},
        {"\ud800": 1},
        {1: "a"},
    ],
    ids=repr,
)
def test_extra_that_json_cannot_carry_is_refused(value: Any) -> None:
    assert code(validate_extra, value) in ("json", "character")


@pytest.mark.parametrize("value", [{"a": "\x00"}, {"\x00": 1}, {"a": [{"b": "\x00"}]}])
def test_extra_with_nul_is_refused_wherever_it_stands(value: Any) -> None:
    assert code(validate_extra, value) == "character"


@pytest.mark.parametrize("value", [{"a": "\\u0000"}, {"a": "\\\\u0000"}, {"\\u0000": 1}])
def test_extra_that_only_speaks_of_nul_is_taken(value: Any) -> None:
    validate_extra(value)


def test_extra_is_measured_in_bytes_of_its_json() -> None:
    around = len(dump({"a": ""}))

    validate_extra({"a": "x" * (MAX_EXTRA - around)})
    assert code(validate_extra, {"a": "x" * (MAX_EXTRA - around + 1)}) == "max_length"
    assert code(validate_extra, {"a": "é" * ((MAX_EXTRA - around) // 2 + 1)}) == "max_length"


def test_extra_too_deep_is_refused_and_not_a_fault() -> None:
    value: dict[str, Any] = {}
    for _ in range(5000):
        value = {"": value}

    assert code(validate_extra, value) in ("json", None)


@settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.text(), st.recursive(st.none() | st.text() | st.floats(), st.lists, max_leaves=5)))
def test_extra_is_taken_or_refused_and_never_a_fault(value: dict[str, Any]) -> None:
    with contextlib.suppress(ValidationError):
        validate_extra(value)
        assert len(dump(value).encode()) <= MAX_EXTRA
        rfc8785.dumps(value)


def test_json_is_kept_to_the_letter(make: Any) -> None:
    value = {
        "z": 1.0,
        "a": [1, 1e300, "\u2028é\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")],
        "": {},
    }
    entry = make(extra=value)

    with connection.cursor() as cursor:
        cursor.execute("SELECT extra FROM todos_todoentry")
        assert cursor.fetchone()[0] == dump(value)
    kept = TodoEntry.objects.get(pk=entry.pk).extra
    assert dump(kept) == dump(value)
