"""Nothing in a 2xx request is ever dropped: what went in comes out, for any entry that the contract allows."""

from datetime import UTC
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.client import ApiClient
from todos.search import fold

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=",#"), min_size=1, max_size=30
).filter(lambda name: name == name.strip() and 0 < len(fold(name)) <= 400)
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda moment: f"{moment.isoformat(timespec='microseconds')[:26]}Z")
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)
ENTRIES = st.fixed_dictionaries(
    {"content": TEXT.filter(str.strip)},
    optional={
        "id": st.just("a fresh one"),
        "notes": TEXT,
        "tags": st.lists(NAMES, max_size=5, unique_by=fold),
        "priority": st.integers(0, 9),
        "due": st.none() | MOMENTS | st.dates().map(str),
        "position": NUMBERS,
        "completed_at": st.none() | MOMENTS,
        "extra": st.dictionaries(TEXT, JSON, max_size=4),
    },
)


@settings(max_examples=50, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(sent=ENTRIES)
def test_what_went_in_comes_out_and_can_be_put_back(api: ApiClient, sent: dict[str, Any]) -> None:
    if "id" in sent:
        sent["id"] = str(uuid4())
    created = api.post("todos", sent)
    assert created.status == 201, created.body
    entry = created.json

    for name, value in sent.items():
        if name == "content":
            assert entry[name] == value.strip()
        elif name == "tags":
            # An owner's tag keeps the spelling of its first use.
            assert sorted(map(fold, entry[name])) == sorted(map(fold, value))
        else:
            assert entry[name] == value
    assert entry["completed"] is (entry["completed_at"] is not None)

    path = f"todos/{entry['id']}"
    assert api.get(path).json == entry
    assert api.put(path, entry).json == entry
    # In a change of `extra` null removes (RFC 7396), so there it would not be the same.
    assert api.patch(path, {name: value for name, value in sent.items() if name != "extra"}).json == entry
    assert entry["id"] in api.get("/todo/").ids
