"""`/metrics`: off unless asked for; by route, method and status; nothing of anybody's in its labels."""

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.client import ApiClient

UUID = "8b122755-530e-43c7-ae84-362c17a37fc5"


@pytest.fixture
def numbers(api: ApiClient, settings: Any) -> Callable[..., float]:
    """Return a number of `/metrics`: `numbers("todo_writes_total", route="/todo/")`; 0 if it is not there."""
    settings.METRICS = True

    def number(name: str, **labels: str) -> float:
        answer = api.get("/metrics")
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        families = text_string_to_metric_families(answer.body.decode())
        samples = [sample for family in families for sample in family.samples]
        return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())

    return number


def test_nothing_is_there_unless_it_is_asked_for(api: ApiClient) -> None:
    assert api.get("/metrics").status == 404


def test_nothing_is_there_for_who_comes_through_a_proxy(api: ApiClient, settings: Any) -> None:
    settings.METRICS = True

    for header in ("X_Forwarded_For", "X_Forwarded_Host", "Forwarded", "Via", "X_Real_IP"):
        assert api.get("/metrics", **{header: "192.0.2.1"}).status == 404, header
    assert api.get("/metrics").status == 200


def test_nothing_is_there_for_another_machine(api: ApiClient, settings: Any) -> None:
    settings.METRICS = True
    api.client.defaults["REMOTE_ADDR"] = "192.0.2.1"

    assert api.get("/metrics").status == 404


def test_a_request_is_counted_by_its_route_method_and_status(api: ApiClient, numbers: Callable[..., float]) -> None:
    labels = {"route": "/api/v1/todos/{id}/", "method": "GET", "status": "404"}
    before = numbers("todo_request_seconds_count", **labels)

    for _ in range(3):
        api.get(f"todos/{UUID}")

    assert numbers("todo_request_seconds_count", **labels) == before + 3
    assert numbers("todo_request_seconds_bucket", **labels, le="+Inf") == before + 3
    assert numbers("todo_request_seconds_sum", **labels) > 0


def test_sizes_are_those_of_the_bodies(api: ApiClient, numbers: Callable[..., float]) -> None:
    labels = {"route": "/api/v1/todos/", "method": "POST"}
    before = [numbers(f"todo_{name}_bytes_total", **labels) for name in ("request", "response")]
    body = b'{"content": "buy milk"}'

    answer = api.post("todos", body)

    after = [numbers(f"todo_{name}_bytes_total", **labels) for name in ("request", "response")]
    assert [now - then for now, then in zip(after, before, strict=True)] == [len(body), len(answer.body)]


def test_writes_are_those_of_all_owners(
    api: ApiClient, other: Any, make: Callable[..., Any], numbers: Callable[..., float]
) -> None:
    make()
    make(owner=other)
    api.post("todos", {"content": "buy milk"})
    api.post("todos", {"content": ""})

    assert numbers("todo_writes_total") == 3


def test_whatever_is_asked_for_makes_no_new_series(api: ApiClient, numbers: Callable[..., float]) -> None:
    api.get("/api/v1/a-first-word")
    api.request("BREW", "/api/v1/todos/")
    before = api.get("/metrics").body.decode().count("\n")

    for word in ("another-word", "illness", UUID):
        api.get(f"/{word}")
        api.get(f"/api/v1/{word}/")
        api.request(word.upper(), "/api/v1/todos/")

    text = api.get("/metrics").body.decode()
    assert text.count("\n") <= before + 40  # /metrics itself, and 404 in place of 405
    assert not any(word in text for word in ("word", "illness", "ILLNESS", UUID))


def test_store_is_described_when_it_is_asked(numbers: Callable[..., float]) -> None:
    assert numbers("todo_database_up") == 1
    assert numbers("todo_storage_free_bytes") > 0
