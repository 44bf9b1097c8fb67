"""The largest requests there are, legal and not: what a test bounds and `python -m bench.limits` measures."""

import json
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.test import Client

MEBIBYTE = 1024 * 1024
# 18 letters once folded, from one character of 3 bytes: nothing grows more.
LIGATURE = "\ufdfa"
EMOJI = "\U0001f9c0"
KNOWN = "00000000-0000-4000-8000-{:012}"


def tags(letter: str = "t") -> list[str]:
    """Return as many tags as an entry may have, as long as they may be."""
    return [f"{number:02}/" + letter * 97 for number in range(50)]


def entry(letter: str = "x", **fields: Any) -> dict[str, Any]:
    """Return an entry with every field as long as it may be."""
    extra = {f"{number:03}": letter * (160 // len(letter.encode())) for number in range(95)}
    largest = {"content": letter * 2000, "notes": letter * 20_000, "tags": tags(letter), "extra": extra}
    return {**largest, "due": "2026-12-01T17:00:00.123456+05:30", "priority": 9, "position": 2**53 - 1, **fields}


def body(before: str, item: str, after: str, size: int = MEBIBYTE) -> bytes:
    """Return a text of just this size: an item is repeated, then white space follows."""
    count = (size - len(before.encode()) - len(after.encode())) // len(f"{item},".encode())
    text = (before + ",".join([item] * count) + after).encode()
    return text + b" " * (size - len(text))


def batch(operation: dict[str, Any], count: int = 500, **more: Any) -> bytes:
    """Return a batch of one operation, repeated."""
    return json.dumps({"operations": [operation] * count, **more}, ensure_ascii=False).encode()


class Request(NamedTuple):
    """A request as it is sent."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]

    def send(self, client: Client) -> Any:
        """Send it, and return the answer."""
        path = self.path if self.path.startswith("/") else f"/api/v1/{self.path}"
        kind = "application/json" if self.body else ""
        return client.generic(self.method, path, self.body, kind, headers=self.headers)


def sent(method: str, path: str, body: bytes, **headers: str) -> Request:
    """Return a request with a body."""
    return Request(method.upper(), path, body, named(headers))


def asked(path: str, parameters: Any = (), **headers: str) -> Request:
    """Return a question."""
    return Request("GET", f"{path}?{urlencode(parameters)}" if parameters else path, b"", named(headers))


def named(headers: dict[str, str]) -> dict[str, str]:
    """Return headers by the names that they have in a request."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def dumped(value: Any) -> bytes:
    """Return JSON in UTF-8, as short as it gets."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


SMALL = {"content": "x" * 1960}
LEGAL: dict[str, Request] = {
    "entry": sent("post", "todos", dumped(entry())),
    "entry of emoji": sent("post", "todos", dumped(entry(EMOJI))),
    "entry of ligatures": sent(
        "post", "todos", dumped(entry(LIGATURE, tags=[f"{n:02}" + LIGATURE * 22 for n in range(50)]))
    ),
    "entry of accents": sent("post", "todos", dumped(entry("\u0345", content="\u0390" * 2000, tags=[]))),
    "entry and white space": sent("post", "todos", b'{"content":"x"}' + b" " * (MEBIBYTE - 15)),
    "extra, deep": sent(
        "post", "todos", b'{"content":"x","extra":' + b'{"":' * 30 + b"[" + b"[]," * 5000 + b"0]" + b"}" * 30 + b"}"
    ),
    "extra, wide": sent("post", "todos", dumped({"content": "x", "extra": {f"{n:x}": 0 for n in range(2000)}})),
    "extra of numbers": sent("post", "todos", dumped({"content": "x", "extra": {"": [1.1e-7] * 2000}})),
    "capture": sent("post", "/todo/", dumped({"content": LIGATURE * 2000, "tags": tags()})),
    "batch of creations": sent("post", "batch", batch({"op": "create", "entry": {"content": "x" * 1960}})),
    "batch of ligatures": sent("post", "batch", batch({"op": "create", "entry": {"content": LIGATURE * 650}})),
    "batch of the largest": sent("post", "batch", batch({"op": "create", "entry": entry()}, 20)),
    "batch of many tags": sent(
        "post", "batch", batch({"op": "create", "entry": {"content": "x", "tags": [f"{n:02}" for n in range(50)]}})
    ),
    "batch of extra": sent(
        "post", "batch", batch({"op": "create", "entry": {"content": "x", "extra": {"a": [1.5] * 400}}}, 480)
    ),
}
REFUSED: dict[str, Request] = {
    "100,000 bad tags": sent("post", "todos", dumped({"content": "x", "tags": ["a,"] * 100_000})),
    "a mebibyte of empty tags": sent("post", "todos", body('{"content":"x","tags":[', '""', "]}")),
    "a mebibyte of content": sent("post", "todos", dumped({"content": "x" * 1_000_000})),
    "a mebibyte of ligatures": sent("post", "todos", dumped({"content": LIGATURE * 340_000})),
    "a mebibyte of notes": sent("post", "todos", dumped({"content": "x", "notes": LIGATURE * 340_000})),
    "a tag of a mebibyte": sent("post", "todos", dumped({"content": "x", "tags": [LIGATURE * 340_000]})),
    "a mebibyte of extra": sent(
        "post", "todos", dumped({"content": "x", "extra": {f"{n:x}": 0 for n in range(110_000)}})
    ),
    "a mebibyte of numbers in extra": sent("post", "todos", body('{"content":"x","extra":{"":[', "1.1e-7", "]}}")),
    "a mebibyte of unknown fields": sent("post", "todos", dumped({f"{n:x}": 0 for n in range(110_000)})),
    "a field of a mebibyte": sent("post", "todos", dumped({"x" * 1_000_000: 0})),
    "a mebibyte of digits": sent("post", "todos", b'{"content":' + b"1" * 1_000_000 + b"}"),
    "a mebibyte of numbers": sent("post", "todos", body("[", "1", "]")),
    "a mebibyte of floats": sent("post", "todos", body("[", "0.1", "]")),
    "a mebibyte of texts": sent("post", "todos", body("[", '""', "]")),
    "a mebibyte of arrays": sent("post", "todos", body("[", "[]", "]")),
    "a mebibyte of objects": sent("post", "todos", body("[", '{"":0}', "]")),
    "a mebibyte of true": sent("post", "todos", body("[", "true", "]")),
    "a mebibyte of escapes": sent("post", "todos", b'{"content":"' + b"\\u0041" * 170_000 + b'"}'),
    "a mebibyte of NUL": sent("post", "todos", b'{"content":"' + b"\\u0000" * 170_000 + b'"}'),
    "a name that stands 100,000 times": sent("post", "todos", body("{", '"a":0', "}")),
    "500,000 levels": sent("post", "todos", b"[" * 500_000 + b"]" * 500_000),
    "33 levels, many times": sent("post", "todos", body("[", "[" * 32 + "]" * 32, "]")),
    "a mebibyte that breaks off": sent("post", "todos", body("[", '"a"', "")),
    "no UTF-8 at the end": sent("post", "todos", b"[" + b" " * 1_000_000 + b"\xff"),
    "more than a mebibyte": sent("post", "todos", b" " * (MEBIBYTE + 1)),
    "batch of 501": sent("post", "batch", batch({}, 501)),
    "batch of 500,000": sent("post", "batch", body('{"operations":[', "0", "]}")),
    "batch of 500 errors": sent("post", "batch", batch({})),
    "batch of 500 unknown operations": sent("post", "batch", batch({"op": "x" * 2000})),
    "batch of 500 unknown entries": sent("post", "batch", batch({"op": "delete", "id": KNOWN.format(9)})),
    "batch of 500 wrong fields": sent(
        "post", "batch", batch({"op": "create", "entry": {f"{n:02}" + "x" * 50: 0 for n in range(30)}})
    ),
    "batch of 500 wrong values": sent(
        "post",
        "batch",
        batch({"op": "create", "entry": {"content": "", "priority": 10, "tags": [","], "due": "x" * 1000}}),
    ),
    "batch of 499 and a wrong one": sent(
        "post", "batch", dumped({"operations": [{"op": "create", "entry": SMALL}] * 499 + [{}]})
    ),
    "1,000 parameters": asked("todos", [(f"p{n}", n) for n in range(1000)]),
    "1,000 tags": asked("todos", [("tag", "a")] * 1000),
    "an unknown parameter of 8,000 bytes": asked("todos", {"x" * 8000: ""}),
    "a search of 8,000 bytes": asked("todos", {"search": "x" * 8000}),
    "a cursor of 8,000 bytes": asked("todos", {"cursor": "x" * 8000}),
    "a date of 8,000 bytes": asked("todos", {"due_after": "1" * 8000}),
    "an order of 8,000 bytes": asked("todos", {"ordering": "x" * 8000}),
    "an address of 8,000 bytes": asked("x" * 8000),
    "an entity tag of 8,000 bytes": asked("todos", (), If_None_Match='"' * 8000),
    "a key of 8,000 bytes": sent("post", "todos", b"{}", Idempotency_Key="x" * 8000),
}
SEARCHES = {
    "30 words of 2 letters": " ".join(f"{a}{b}" for a in "qjzwyv" for b in "qjzwy"),
    "30 words of 1 letter": " or ".join("qjzwyvkhgf" * 3),
    "30 pairs, or": " or ".join(f"{a}{b}" for a in "qjzwyv" for b in "qjzwy"),
    "30 negations of pairs": " ".join(f"-{a}{b}" for a in "qjzwyv" for b in "qjzwy"),
    "30 groups": "(" * 30 + "qq" + ")" * 30,
    "30 groups in turns": "".join(f"w{n:02} {'or ' if n % 2 else ''}(" for n in range(29)) + "qq" + ")" * 29,
    "30 negations": "-" * 30 + "qq",
    "500 letters": "x" * 500,
    "500 letters that none holds": "x" * 499 + "q",
    "500 ligatures": LIGATURE * 500,
    "100 ligatures 4 times": " or ".join([LIGATURE * 100 + str(n) for n in range(4)]),
    "30 tags": " or ".join(f"#{n}qq" for n in range(30)),
    "30 times": " or ".join(["due:today"] * 30),
    "escapes": "\\\\" * 250,
    "30 long words, not": " ".join(f"-{n:02}long-word-qq" for n in range(29)),
}
QUESTIONS: dict[str, Request] = {
    **{f"search: {name}": asked("todos", {"search": text}) for name, text in SEARCHES.items()},
    "search: by relevance": asked("todos", {"search": "x", "ordering": "relevance", "limit": 200}),
    "search: counted": asked("todos", {"search": "-qq", "count": "true"}),
    "explain": asked("search/explain", {"q": " or ".join(["due:today"] * 30)}),
    "capture: 2,000 characters": asked("/todo/", {"search": "x" * 1999 + "q"}),
    "page of 200": asked("todos", {"limit": 200}),
    "200 changes": asked("changes", {"limit": 200}),
    "1,000 changes": asked("changes", {"limit": 1000}),
    "50 tags": asked("todos", [("tag", "x" * 100)] * 50),
    "many headers": asked("todos", {"limit": 1}, **{f"X-{n}": "x" * 100 for n in range(50)}),
    "a thousand entity tags": asked("todos", {"limit": 1}, If_None_Match=", ".join(['"1234"'] * 1000)),
    "1,000 cookies": asked("todos", {"limit": 1}, Cookie="; ".join(f"a{n}=1" for n in range(900))),
}
