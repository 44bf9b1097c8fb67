"""`Idempotency-Key`: what is sent twice happens once, and what failed may be sent again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from tests.client import ApiClient
from tests.servers import Server
from todos.models import IdempotentAnswer, TodoEntry

Make = Callable[..., Any]
KEY = {"Idempotency_Key": "a-key"}


def test_request_sent_again_gets_the_first_answer_and_happens_once(api: ApiClient) -> None:
    first = api.post("todos", {"content": "a", "tags": ["x"]}, **KEY)
    again = api.post("todos", {"content": "a", "tags": ["x"]}, **KEY)
    assert (again.status, again.body) == (first.status, first.body) == (201, first.body)
    assert [again.headers[name] for name in ("ETag", "Location")] == [first.headers[n] for n in ("ETag", "Location")]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert TodoEntry.objects.count() == 1


def test_replay_tells_what_was_then_and_not_what_is_now(api: ApiClient) -> None:
    first = api.post("todos", {"content": "a"}, **KEY)
    api.patch(first.headers["Location"], {"content": "b"})
    api.delete(first.headers["Location"])
    assert api.post("todos", {"content": "a"}, **KEY).body == first.body
    assert TodoEntry.objects.get().content == "b"


def test_replay_of_a_conditional_write_is_no_412(api: ApiClient, make: Make) -> None:
    entry = make()
    sent = {"body": {"content": "b"}, "If_Match": '"1"', **KEY}
    assert api.patch(f"todos/{entry.uuid}", **sent).status == 200
    assert api.patch(f"todos/{entry.uuid}", **sent).status == 200
    assert api.patch(f"todos/{entry.uuid}", **{**sent, "Idempotency_Key": "other"}).status == 412


def test_replay_of_an_answer_without_a_body_has_none(api: ApiClient, make: Make) -> None:
    address = f"todos/{make().uuid}"
    first, again = api.delete(address, **KEY), api.delete(address, **KEY)
    assert (first.status, first.body) == (again.status, again.body) == (204, b"")
    assert ("Content-Type" in first.headers, "Content-Type" in again.headers) == (False, False)


def test_key_with_and_without_the_final_slash_is_one_request(api: ApiClient) -> None:
    assert api.post("todos", {"content": "a"}, **KEY).status == 201
    assert api.post("todos/", {"content": "a"}, **KEY).headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "todos", {"content": "b"}),
        ("post", "todos", {"content": "a "}),
        ("post", "/todo/", {"content": "a"}),
        ("put", f"todos/{uuid4()}", {"content": "a"}),
        ("patch", "tags/x", {"name": "y"}),
        ("post", "batch", {"operations": []}),
    ],
)
def test_key_with_another_request_is_422_and_does_nothing(api: ApiClient, method: str, path: str, body: Any) -> None:
    api.post("todos", {"content": "a", "tags": ["x"]})
    api.post("todos", {"content": "a"}, **KEY)
    before = api.get("changes").json
    answer = api.request(method, path, body, **KEY)
    assert (answer.status, answer.json["code"]) == (422, "key-reused")
    assert api.get("changes").json == before


def test_key_of_another_owner_is_another_key(api: ApiClient) -> None:
    first = api.post("todos", {"content": "secret"}, **KEY)
    get_user_model().objects.filter(username="local").update(username="former")
    theirs = api.post("todos", {"content": "secret"}, **KEY)
    assert "Idempotency-Replayed" not in theirs.headers
    assert theirs.json["id"] != first.json["id"]
    assert IdempotentAnswer.objects.count() == 2


@pytest.mark.parametrize("key", ["k", "k" * 255, "!~", '"quoted"', "8e03978e-40d5-43dd-bc93-6894a57f9324"])
def test_key_of_visible_ascii_is_taken(api: ApiClient, key: str) -> None:
    assert api.post("todos", {"content": "a"}, Idempotency_Key=key).status == 201
    assert api.post("todos", {"content": "a"}, Idempotency_Key=key).headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", "k" * 256, "a b", "é", "a\tb", "ключ"])
def test_malformed_key_is_400_and_does_nothing(api: ApiClient, key: str) -> None:
    answer = api.post("todos", {"content": "a"}, Idempotency_Key=key)
    assert (answer.status, answer.json["code"]) == (400, "malformed")
    assert "Idempotency-Key" in answer.json["detail"]
    assert not TodoEntry.objects.exists()


def test_keys_differ_by_case(api: ApiClient) -> None:
    assert api.post("todos", {"content": "a"}, Idempotency_Key="key").status == 201
    assert api.post("todos", {"content": "b"}, Idempotency_Key="KEY").status == 201


def test_refused_request_is_not_kept_so_that_a_mended_one_may_follow(api: ApiClient, make: Make) -> None:
    entry = make()
    refused = [
        api.post("todos", {"content": ""}, **KEY),
        api.post("todos", b"{", **KEY),
        api.post("todos", {"content": "a", "id": str(entry.uuid)}, **KEY),
        api.patch(f"todos/{uuid4()}", {"content": "a"}, **KEY),
        api.patch(f"todos/{entry.uuid}", {"content": "a"}, If_Match='"0"', **KEY),
        api.post("batch", {"operations": [{"op": "delete", "id": str(uuid4())}]}, **KEY),
    ]
    assert [answer.status for answer in refused] == [400, 400, 409, 404, 412, 409]
    assert not IdempotentAnswer.objects.exists()
    assert api.post("todos", {"content": "a"}, **KEY).status == 201


def test_batch_whose_operations_failed_one_by_one_is_kept(api: ApiClient) -> None:
    body = {"operations": [{"op": "create", "entry": {"content": "a"}}, {"op": "nothing"}], "atomic": False}
    first, again = api.post("batch", body, **KEY), api.post("batch", body, **KEY)
    assert (first.status, again.body) == (200, first.body)
    assert TodoEntry.objects.count() == 1


@pytest.mark.parametrize(("age", "replayed"), [(timedelta(days=7, minutes=-1), True), (timedelta(days=7), False)])
def test_key_is_kept_for_seven_days(api: ApiClient, age: timedelta, replayed: bool) -> None:
    api.post("todos", {"content": "a"}, **KEY)
    IdempotentAnswer.objects.update(created_at=timezone.now() - age)
    assert ("Idempotency-Replayed" in api.post("todos", {"content": "a"}, **KEY).headers) == replayed
    assert TodoEntry.objects.count() == (1 if replayed else 2)


def test_expired_key_is_a_new_key_for_seven_more_days(api: ApiClient) -> None:
    api.post("todos", {"content": "a"}, **KEY)
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert api.post("todos", {"content": "b"}, **KEY).status == 201
    assert api.post("todos", {"content": "b"}, **KEY).headers["Idempotency-Replayed"] == "true"
    assert api.post("todos", {"content": "a"}, **KEY).status == 422


def test_write_whose_answer_cannot_be_kept_is_undone(api: ApiClient) -> None:
    # Were the two in two transactions, a retry after a crash between them would do it twice.
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$"
            )
            action = "FOR EACH ROW EXECUTE FUNCTION refuse()"
        else:
            action = "BEGIN SELECT RAISE(ABORT, 'no'); END"
        cursor.execute(f"CREATE TRIGGER refuse BEFORE UPDATE ON todos_idempotentanswer {action}")
    assert api.post("todos", {"content": "a"}, **KEY).status == 500
    assert not TodoEntry.objects.exists()
    assert not IdempotentAnswer.objects.exists()


@contextmanager
def unfinished_request(server: Server, key: str) -> Iterator[None]:
    """Hold a transaction open that has claimed a key of the owner, as a slow request of another process does."""
    claim = f"""INSERT INTO todos_idempotentanswer (owner_id, key, request_digest, status, headers, body, created_at)
    SELECT id, '{key}', '', 0, '{{}}', '', CURRENT_TIMESTAMP FROM auth_user WHERE username = 'local'"""
    if url := server.environment.get("DATABASE_URL"):
        import psycopg

        holder: Any = psycopg.connect(url)
    else:
        import sqlite3

        holder = sqlite3.connect(f"{server.environment['TODOAPP_STORAGE_DIR']}/todo.sqlite3")
    holder.execute(claim)
    try:
        yield
    finally:
        holder.rollback()
        holder.close()


def test_key_of_a_request_that_still_runs_is_refused_for_now(server: Server) -> None:
    with server.client() as client:
        headers = {"Idempotency-Key": "slow"}
        with unfinished_request(server, "slow"):
            answer = client.post("/api/v1/todos/", json={"content": "a"}, headers=headers)
        # SQLite has one writer, so a request cannot see what the one before it is about to write: the file is busy.
        expected = (409, "key-in-use") if connection.vendor == "postgresql" else (503, "unavailable")
        assert (answer.status_code, answer.json()["code"]) == expected
        assert 0 < int(answer.headers["Retry-After"]) < 10
        assert client.get("/api/v1/todos/").json()["results"] == []
        assert client.post("/api/v1/todos/", json={"content": "a"}, headers=headers).status_code == 201
