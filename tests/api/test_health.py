"""`/livez` and `/readyz`: whether the process lives, and whether it can serve, without a token and under any name."""

import os
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.client import ApiClient
from todos.api import health

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Let no test profit from what another one has found."""
    health.check_migrations.cache_clear()
    yield
    health.check_migrations.cache_clear()
    Path(configured.STORAGE_DIR, "damaged").unlink(missing_ok=True)


def checks(api: ApiClient) -> list[str]:
    """Return what `/readyz` finds wrong."""
    answer = api.get("/readyz")
    assert answer.status == (503 if "errors" in answer.json else 200)
    return [error["check"] for error in answer.json.get("errors", [])]


def test_livez_answers_without_the_database() -> None:
    answer = ApiClient().get("/livez")

    assert (answer.status, answer.json) == (200, {"status": "alive"})


def test_readyz_answers_if_all_is_well(api: ApiClient) -> None:
    answer = api.get("/readyz")

    assert (answer.status, answer.json) == (200, {"status": "ready"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_probes_answer_under_any_name_and_without_a_token(db: None, token_mode: None) -> None:
    for path in ("/livez", "/readyz"):
        for host in ("10.1.2.3:8080", "elsewhere.example", "[::1]"):
            assert ApiClient().get(path, Host=host).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_probes_are_only_read(api: ApiClient, method: str) -> None:
    assert [api.request(method, path).status for path in ("/livez", "/readyz")] == [405, 405]
    assert api.request("HEAD", "/readyz").status == 200


def test_readyz_costs_few_statements(api: ApiClient, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    api.get("/readyz")
    with django_assert_max_num_queries(3):
        api.get("/readyz")


def test_missing_migration_is_red(api: ApiClient) -> None:
    with connection.cursor() as cursor:
        last = "(SELECT MAX(name) FROM django_migrations WHERE app = 'todos')"
        cursor.execute(f"DELETE FROM django_migrations WHERE app = 'todos' AND name = {last}")

    assert checks(api) == ["migrations"]
    assert "manage.py migrate" in api.get("/readyz").json["detail"]


def test_disk_without_room_is_red(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ROOM", 2**62)  # more than any disk has

    assert checks(api) == ["disk"]


def test_red_is_a_problem_document_that_names_each_check(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ROOM", 2**62)

    answer = api.get("/readyz")

    assert (answer.status, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    body = answer.json
    assert (body["type"], body["status"], body["request_id"]) == ("about:blank", 503, answer.headers["X-Request-Id"])
    assert [error.keys() for error in body["errors"]] == [{"check", "detail"}]
    assert os.fspath(configured.STORAGE_DIR) not in answer.body.decode()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's file")
def test_mark_of_damage_goes_when_the_file_is_whole(api: ApiClient, make: Callable[..., Any]) -> None:
    mark = Path(configured.STORAGE_DIR, "damaged")
    mark.touch()

    assert checks(api) == []
    assert not mark.exists()
