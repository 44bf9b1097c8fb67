"""An answer is kept for its owner and revision: the same again costs one query, and no write is ever missed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.client import Answer, ApiClient
from todos.api.kept import OVERHEAD, Answers, Route, answers
from todos.api.kept import Answer as Kept
from todos.models import TodoEntry
from todos.purge import purge
from todos.tags import delete_tag, rename_tag

LISTS = [
    "todos",
    "todos?limit=1",
    "todos?search=milk",
    "todos?tag=home&count=true",
    "todos?ordering=due&trashed=true",
    "/todo/",
    "/todo/?search=milk",
]


def shown(answer: Answer) -> tuple[Any, ...]:
    """Return what a client sees of an answer, but for the id of its request."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("X-Request-Id", "RateLimit")}
    return answer.status, headers, answer.body


@pytest.mark.parametrize("path", LISTS)
def test_the_same_again_costs_one_query(api: ApiClient, make: Callable[..., Any], path: str) -> None:
    for number in range(3):
        make(f"milk {number}", tags=["home"])
    first = api.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert shown(api.get(path)) == shown(first)
    assert len(captured) == 1


def test_an_entry_read_again_costs_one_query(api: ApiClient, make: Callable[..., Any]) -> None:
    path = f"todos/{make().uuid}"
    first = api.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert shown(api.get(path)) == shown(first)
    assert len(captured) == 1


def test_who_has_the_version_is_told_so_at_once_and_others_get_the_answer(api: ApiClient, make: Any) -> None:
    for path in ("todos", f"todos/{make().uuid}"):
        etag = api.get(path).headers["ETag"]
        answers.clear()
        asked = [api.get(path, If_None_Match=etag).status for _ in range(2)]
        assert [*asked, api.get(path).status, api.get(path, If_None_Match='"0"').status] == [304, 304, 200, 200]
        with CaptureQueriesContext(connection) as captured:
            assert api.get(path, If_None_Match=f'"0", W/{etag}').status == 304
        assert len(captured) == 1
        assert api.get(path, If_None_Match="0").status == 400


WRITES: dict[str, Callable[[ApiClient, TodoEntry], Any]] = {
    "create": lambda api, _: api.post("todos", {"content": "milk"}),
    "change": lambda api, entry: api.patch(f"todos/{entry.uuid}", {"content": "more milk"}),
    "replace": lambda api, entry: api.put(f"todos/{entry.uuid}", {"content": "other milk"}),
    "trash": lambda api, entry: api.delete(f"todos/{entry.uuid}"),
    "tag": lambda api, entry: api.put(f"todos/{entry.uuid}/tags/shop"),
    "untag": lambda api, entry: api.delete(f"todos/{entry.uuid}/tags/home"),
    "rename a tag": lambda _, entry: rename_tag(entry.owner_id, "home", "house"),
    "delete a tag": lambda _, entry: delete_tag(entry.owner_id, "home"),
    "save": lambda _, entry: TodoEntry.objects.get(pk=entry.pk).save(),
    "update": lambda _, entry: TodoEntry.objects.filter(pk=entry.pk).update(priority=9),
    "batch": lambda api, entry: api.post(
        "batch", {"operations": [{"op": "update", "id": str(entry.uuid), "changes": {"priority": 2}}]}
    ),
    "purge": lambda _, entry: purge(timedelta(0)),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_by_any_way_is_seen(api: ApiClient, make: Callable[..., Any], write: str) -> None:
    api.delete(f"todos/{make('old milk', tags=['home']).uuid}")
    entry = make("milk", tags=["home"])
    paths = [*LISTS, f"todos/{entry.uuid}"]
    before = [shown(api.get(path)) for path in paths]
    WRITES[write](api, entry)

    after = [shown(api.get(path)) for path in paths]
    answers.clear()
    assert after == [shown(api.get(path)) for path in paths]
    assert after != before


def test_what_depends_on_the_time_is_not_kept(
    api: ApiClient, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    make("milk", due=now)
    for path in ("todos?overdue=true", "todos?search=is:overdue"):
        monkeypatch.setattr(timezone, "now", lambda: now - timedelta(seconds=1))
        early = api.get(path)
        monkeypatch.setattr(timezone, "now", lambda: now + timedelta(seconds=1))
        assert (early.contents, api.get(path).contents) == ([], ["milk"])


def test_owners_of_one_revision_see_their_own(let_in: Callable[..., ApiClient], owner: Any, other: Any) -> None:
    for user in (owner, other):
        assert let_in(user).post("todos", {"content": f"of {user}"}).status == 201
    mine, theirs = let_in(owner), let_in(other)
    assert mine.get("todos").contents == mine.get("todos").contents == ["of local"]
    assert theirs.get("todos").contents == ["of other"]
    [entry] = mine.get("todos").ids
    assert [client.get(f"todos/{entry}").status for client in (mine, theirs, mine)] == [200, 404, 200]


def test_a_token_that_is_revoked_is_kept_out_at_once(let_in: Callable[..., ApiClient], owner: Any) -> None:
    client = let_in(owner)
    assert client.get("todos").status == client.get("todos").status == 200
    owner.tokens.all().revoke()
    assert client.get("todos").status == 401


def test_links_lead_to_the_host_that_was_asked(api: ApiClient, make: Callable[..., Any]) -> None:
    make(), make()
    for host in ("localhost", "127.0.0.1:8080", "localhost"):
        api.client.defaults["HTTP_HOST"] = host
        assert api.get("todos?limit=1").json["next"].startswith(f"http://{host}/")


def test_failure_is_not_kept(api: ApiClient, make: Callable[..., Any]) -> None:
    assert api.get("todos?limit=0").json["request_id"] != api.get("todos?limit=0").json["request_id"]


# --- The room --------------------------------------------------------------------------------------------------------


def an_answer(size: int) -> Kept:
    return Kept(b"x" * (size - OVERHEAD), {}, Route("", {}))


def test_what_was_asked_for_last_stays() -> None:
    some = Answers(3 * OVERHEAD)
    for key in (1, 2, 3):
        some.keep((key,), an_answer(OVERHEAD))
    assert some.find((1,))
    some.keep((4,), an_answer(OVERHEAD))
    assert [key for key in (1, 2, 3, 4) if some.find((key,))] == [1, 3, 4]


def test_one_that_is_too_large_for_the_room_moves_nothing() -> None:
    some = Answers(3 * OVERHEAD)
    some.keep((1,), an_answer(OVERHEAD))
    some.keep((2,), an_answer(3 * OVERHEAD + 1))
    assert [bool(some.find((key,))) for key in (1, 2)] == [True, False]


def test_long_address_and_headers_take_up_room_too() -> None:
    some = Answers(4 * OVERHEAD)
    for number in range(8):
        some.keep((number, "&" * OVERHEAD), Kept(b"", {"Link": "x" * OVERHEAD}, Route("", {})))
    assert [number for number in range(8) if some.find((number, "&" * OVERHEAD))] == [7]


def test_room_is_never_overdrawn_by_threads() -> None:
    some = Answers(50 * OVERHEAD)

    def work(seed: int) -> None:
        random = Random(seed)
        for _ in range(2000):
            key = (random.randrange(100),)
            some.keep(key, an_answer(OVERHEAD + random.randrange(5 * OVERHEAD)))
            some.find((random.randrange(100),))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    used = sum(answer.size(key) for key, answer in some._answers.items())
    assert 0 < used <= 50 * OVERHEAD
    assert some._left == 50 * OVERHEAD - used
