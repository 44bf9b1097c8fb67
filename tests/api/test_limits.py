"""A token makes so many requests in a minute, and an address tries so many bad tokens; the rest is 429."""

import re
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.client import Answer, ApiClient

LIMIT = 7
BAD_TOKENS = 20
QUOTA = re.compile(r'"([a-z-]+)";r=(\d+);t=(\d+)')
numbers = count(1)


def quota(answer: Answer) -> tuple[str, int, int]:
    """Return the name of the limit, what is left of it, and the seconds until it is whole again."""
    found = QUOTA.fullmatch(answer.headers["RateLimit"])
    assert found, answer.headers["RateLimit"]
    return found[1], int(found[2]), int(found[3])


@pytest.fixture
def client(let_in: Callable[..., ApiClient], owner: Any, settings: Any) -> ApiClient:
    """A client with a fresh token, whose minute does not end during the test; it has made one request."""
    settings.RATE_LIMIT = LIMIT
    while True:
        found = let_in(owner)
        if quota(found.get("todos"))[2] > 20:
            return found


@pytest.fixture
def guesser(token_mode: None, db: None, settings: Any) -> ApiClient:
    """A client at an address of its own, whose minute does not end during the test; it has tried one bad token."""
    settings.RATE_LIMIT = 1000
    while True:
        number = next(numbers)
        found = ApiClient(HTTP_X_FORWARDED_FOR=f"198.51.100.{number}", HTTP_AUTHORIZATION=f"Bearer todo_{number}")
        if quota(found.get("todos"))[2] > 20:
            return found


def test_one_request_too_many_is_refused_until_the_minute_is_over(client: ApiClient) -> None:
    allowed = [client.get("todos") for _ in range(LIMIT - 1)]
    assert [answer.status for answer in allowed] == [200] * (LIMIT - 1)
    assert [quota(answer)[:2] for answer in allowed] == [("default", left) for left in range(LIMIT - 2, -1, -1)]

    refused = client.post("todos", {"content": "one too many"})

    assert (refused.status, refused.json["code"]) == (429, "rate-limited")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert quota(refused) == ("default", 0, int(refused.headers["Retry-After"]))
    assert str(LIMIT) in refused.json["detail"]


def test_policy_is_told_by_every_answer_to_a_token(client: ApiClient) -> None:
    for answer in (client.get("todos"), client.get("/todo/"), client.get(f"todos/{uuid4()}"), client.post("todos", {})):
        assert answer.headers["RateLimit-Policy"] == f'"default";q={LIMIT};w=60'


def test_refused_request_asks_the_database_nothing(
    client: ApiClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(LIMIT):
        client.get("todos")
    with django_assert_num_queries(0):
        assert client.get("todos").status == 429


def test_other_token_of_the_same_owner_goes_on(client: ApiClient, let_in: Callable[..., ApiClient], owner: Any) -> None:
    for _ in range(LIMIT):
        client.get("todos")
    assert client.get("todos").status == 429
    assert let_in(owner).get("todos").status == 200


def test_zero_is_no_limit(client: ApiClient, settings: Any) -> None:
    settings.RATE_LIMIT = 0
    answers = [client.get("todos") for _ in range(LIMIT + 1)]
    assert {answer.status for answer in answers} == {200}
    assert "RateLimit" not in answers[-1].headers


def test_bad_tokens_are_refused_without_a_look_at_the_database(
    guesser: ApiClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tried = [guesser.get("todos", Authorization=f"Bearer todo_{number}") for number in range(BAD_TOKENS - 1)]
    assert {answer.status for answer in tried} == {401}
    assert quota(tried[-1])[:2] == ("bad-tokens", 0)
    assert tried[-1].headers["RateLimit-Policy"] == '"bad-tokens";q=20;w=60'
    with django_assert_num_queries(0):
        refused = guesser.get("todos")
    assert refused.status == 429
    assert quota(refused) == ("bad-tokens", 0, int(refused.headers["Retry-After"]))


def test_bad_tokens_of_one_address_do_not_count_for_another(guesser: ApiClient) -> None:
    for _ in range(BAD_TOKENS):
        guesser.get("todos")
    assert guesser.get("todos").status == 429
    assert guesser.get("todos", X_Forwarded_For="203.0.113.1").status == 401
    # What stands before the last entry is the client's own word.
    own_word = f"203.0.113.2, {guesser.client.defaults['HTTP_X_FORWARDED_FOR']}"
    assert guesser.get("todos", X_Forwarded_For=own_word).status == 429


def test_request_without_a_token_is_not_counted(token_mode: None, db: None, settings: Any) -> None:
    settings.RATE_LIMIT = 1
    for _ in range(BAD_TOKENS + 2):
        assert ApiClient().get("todos").status == 401


def test_local_mode_has_no_limit(api: ApiClient, settings: Any) -> None:
    settings.RATE_LIMIT = 1
    answers = [api.get("todos") for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert "RateLimit" not in answers[0].headers
