"""Input that breaks others: always a 400 (or 404, 413) problem, never a 500, never silently taken."""

import base64
import json
from typing import Any
from urllib.parse import unquote

import pytest

from tests.client import ApiClient

DEEP = 100_000
UNKNOWN = "8b122755-530e-43c7-ae84-362c17a37fc5"
WRITES = [("post", "todos"), ("put", f"todos/{UNKNOWN}"), ("post", "/todo/")]

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \n",
    "half of an object": b'{"content": "x"',
    "two values": b'{"content": "x"} {}',
    "a comma too many": b'{"content": "x",}',
    "a comment": b'{"content": "x"} // done',
    "single quotes": b"{'content': 'x'}",
    "a control character": b'{"content": "a\nb"}',
    "null": b"null",
    "true": b"true",
    "a number": b"1",
    "a string": b'"content"',
    "an array": b"[]",
    "an array of an entry": b'[{"content": "x"}]',
    "NUL in content": b'{"content": "a\\u0000b"}',
    "NUL in a tag": b'{"content": "x", "tags": ["a\\u0000b"]}',
    "NUL in a name": b'{"content": "x", "a\\u0000b": 1}',
    "NUL as a byte": b'{"content": "a\x00b"}',
    "half of a surrogate in content": b'{"content": "a\\ud800b"}',
    "half of a surrogate in a tag": b'{"content": "x", "tags": ["\\udfff"]}',
    "surrogates in the wrong order": b'{"content": "\\udc00\\ud800"}',
    "bytes that are no UTF-8": b'{"content": "\xff\xfe"}',
    "overlong UTF-8": b'{"content": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"content": "\xed\xa0\x80"}',
    "UTF-16": '{"content": "x"}'.encode("utf-16"),
    "UTF-32": '{"content": "x"}'.encode("utf-32"),
    "a byte order mark": b'\xef\xbb\xbf{"content": "x"}',
    "NaN": b'{"content": NaN}',
    "Infinity": b'{"content": "x", "tags": [-Infinity]}',
    "5,000 digits": b'{"content": ' + b"1" * 5000 + b"}",
    "an exponent out of range": b'{"content": 1e400}',
    "a name that stands twice": b'{"content": "a", "content": "b"}',
    "a name that stands twice, escaped": b'{"content": "a", "c\\u006fntent": "b"}',
    "2,000 levels of arrays": b"[" * 2000,
    "100,000 levels of arrays": b"[" * DEEP + b"]" * DEEP,
    "100,000 levels of objects": b'{"":' * DEEP + b"1" + b"}" * DEEP,
    "33 levels in content": b'{"content": ' + b"[" * 33 + b"]" * 33 + b"}",
}
# What goes where quick capture has no field.
FIELDS: dict[str, bytes] = {
    "NUL in notes": b'"notes": "\\u0000"',
    "NUL in extra": b'"extra": {"a": ["\\u0000"]}',
    "NUL in a name of extra": b'"extra": {"a": {"\\u0000": 1}}',
    "half of a surrogate in extra": b'"extra": {"a": "\\ud800"}',
    "half of a surrogate in a name of extra": b'"extra": {"\\ud800": 1}',
    "NaN in extra": b'"extra": {"a": NaN}',
    "a name that stands twice in extra": b'"extra": {"a": {"b": 1, "b": 1}}',
    "an integer beyond 2^53 in extra": b'"extra": {"a": 9007199254740993}',
    "an exponent out of range in extra": b'"extra": {"a": 1e400}',
    "5,000 digits in extra": b'"extra": {"a": ' + b"1" * 5000 + b"}",
    "40 levels in extra": b'"extra": {"a": ' + b"[" * 40 + b"]" * 40 + b"}",
    "priority 99999": b'"priority": 99999',
    "priority with an exponent": b'"priority": 1e0',
    "priority in quotes": b'"priority": "1"',
    "position 2^53": b'"position": 9007199254740992',
    "position with an exponent": b'"position": 1e2',
    "position with 5,000 digits": b'"position": ' + b"1" * 5000,
    "year 0": b'"due": "0000-01-01"',
    "year 9999 with an offset": b'"due": "9999-12-31T23:59:59-12:00"',
    "year 1 with an offset": b'"due": "0001-01-01T00:00:00+12:00"',
    "year 10000": b'"due": "10000-01-01"',
    "an offset of 24 hours": b'"due": "2026-12-01T00:00:00+24:00"',
    "completed in year 9999 with an offset": b'"completed_at": "9999-12-31T23:59:59-12:00"',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_400_and_writes_nothing(api: ApiClient, name: str) -> None:
    for method, path in WRITES:
        answer = api.request(method, path, BODIES[name])

        assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
        assert answer.json["detail"]
        assert len(answer.body) < 2000
    assert api.get("changes").json == {"changes": [], "revision": 0, "next": None}


@pytest.mark.parametrize("name", FIELDS)
def test_a_bad_field_is_400_and_writes_nothing(api: ApiClient, name: str) -> None:
    entry = api.post("todos", {"content": "kept"}).json
    body = b'{"content": "x", ' + FIELDS[name] + b"}"

    for method, path in (*WRITES[:2], ("put", f"todos/{entry['id']}"), ("patch", f"todos/{entry['id']}")):
        answer = api.request(method, path, body)

        assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
        assert len(answer.body) < 2000
    assert api.get("changes").json["changes"] == [entry]


@pytest.mark.parametrize("path", ["todos", "/todo/"])
def test_100_000_bad_tags_are_counted_before_any_is_looked_at(api: ApiClient, path: str) -> None:
    answer = api.post(path, json.dumps({"content": "x", "tags": ["a,"] * 100_000}).encode())

    assert answer.status == 400
    assert [(error["pointer"], error["code"]) for error in answer.json["errors"]] == [("/tags", "max_length")]


def test_a_body_of_3_mb_is_413(api: ApiClient) -> None:
    for path in ("todos", "/todo/", "batch"):
        answer = api.post(path, json.dumps({"content": "x" * 3_000_000}).encode())

        assert (answer.status, answer.json["code"]) == (413, "too-large")


@pytest.mark.parametrize("path", ["todos", "/todo/", "changes", "tags", f"todos/{UNKNOWN}"])
def test_more_parameters_than_django_reads_are_400(api: ApiClient, path: str) -> None:
    answer = api.get(path, params={f"p{number}": "1" for number in range(1500)})

    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert len(answer.body) < 20_000


PARAMETERS: list[tuple[str, str]] = [
    ("cursor", base64.b64encode(b"p=abc").decode()),
    ("cursor", "!!!"),
    ("limit", "-1"),
    ("ordering", "unknown"),
    ("search", "milk\x00"),
    ("tag", "a\x00b"),
    ("priority", "99999"),
    ("priority", "1e0"),
    ("due_after", "0000-01-01"),
    ("due_before", "9999-12-31T23:59:59-12:00"),
    ("created_after", "\x00"),
    ("completed", "\x00"),
    ("search", " ".join(["milk"] * 1900)),
    ("search", "(" * 400),
]


@pytest.mark.parametrize(("name", "value"), PARAMETERS, ids=lambda value: value[:20])
def test_a_bad_parameter_is_400_and_named(api: ApiClient, name: str, value: str) -> None:
    answer = api.get("todos", params={name: value})

    assert (answer.status, answer.names()) == (400, [name])
    assert len(answer.body) < 2000


@pytest.mark.parametrize(
    "path",
    ["todos?search=%FF", "todos?tag=%C0%AF", "todos?%FF=1", "/todo/?search=%ED%A0%80", "/todo?%80"],
)
def test_a_query_that_is_no_utf_8_is_400(api: ApiClient, path: str) -> None:
    answer = api.get(path)

    assert (answer.status, answer.json["code"]) == (400, "malformed")


@pytest.mark.parametrize("raw", ["%", "%u0041", "%EF%BF%BD", "a;b", "a%26b"])
def test_a_percent_sign_that_begins_no_code_stands_for_itself(api: ApiClient, raw: str) -> None:
    api.post("todos", {"content": unquote(raw)})

    assert api.get(f"/todo/?search={raw}").contents == [unquote(raw)]


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match", "Idempotency-Key", "X-Request-Id", "Accept", "Cookie"])
@pytest.mark.parametrize("value", ["", "\x00", "ÿ", '"', "*,", "x" * 8000, '"' + "a" * 8000, ", " * 4000])
def test_a_strange_header_is_not_a_failure_of_the_server(api: ApiClient, header: str, value: str) -> None:
    entry_id = api.post("todos", {"content": "x"}).json["id"]

    for answer in (
        api.get("todos", **{header: value}),
        api.get(f"todos/{entry_id}", **{header: value}),
        api.patch(f"todos/{entry_id}", {"content": "y"}, **{header: value}),
        api.post("/todo/", {"content": "y"}, **{header: value}),
    ):
        assert answer.status in (200, 304, 400, 412, 422)


def test_a_value_is_kept_as_it_is_where_others_would_take_it_for_code(api: ApiClient) -> None:
    strange: list[Any] = ["%s %(x)s {0}", "'; DROP TABLE todos_todoentry; --", "<script>", "\\", "\u202e", "a\u2028b"]

    for text in strange:
        entry = api.post("todos", {"content": text, "tags": [text.replace(",", "")], "extra": {text: text}}).json
        assert (entry["content"], entry["extra"]) == (text, {text: text})
        assert api.get("/todo/", params={"search": text}).ids == [entry["id"]]
