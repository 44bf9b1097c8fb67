"""Addresses: with and without the final slash, never by a redirect; unknown ones and methods are problems."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import ApiClient


@pytest.mark.parametrize("path", ["/todo", "/api/v1/todos", "/api/v1/tags", "/api/v1/changes", "/api/v1/fingerprint"])
def test_a_path_works_with_and_without_its_final_slash(api: ApiClient, make: Callable[..., Any], path: str) -> None:
    make(tags=["home"])

    without, with_slash = api.get(path), api.get(f"{path}/")

    assert (without.status, with_slash.status) == (200, 200)
    assert without.body == with_slash.body


def test_every_write_works_with_and_without_its_final_slash(api: ApiClient) -> None:
    for slash in ("", "/"):
        entry = api.post(f"/api/v1/todos{slash}", {"content": "x"}).json
        path = f"/api/v1/todos/{entry['id']}"
        assert api.put(f"{path}{slash}", {"content": "y"}).status == 200
        assert api.patch(f"{path}{slash}", {"content": "z"}).status == 200
        assert api.put(f"{path}/tags/home{slash}").json["tags"] == ["home"]
        assert api.delete(f"{path}/tags/home{slash}").json["tags"] == []
        assert api.delete(f"{path}{slash}").status == 204
        assert api.post(f"{path}/restore{slash}").status == 200
        assert api.post(f"/todo{slash}", {"content": "x"}).status == 200
        assert api.post(f"/api/v1/batch{slash}", {"operations": []}).status == 200


def test_links_of_a_page_asked_for_without_slash_work(api: ApiClient, make: Callable[..., Any]) -> None:
    make("a"), make("b")

    first = api.get("/api/v1/todos?limit=1")

    assert "/todos/?" in first.json["next"]
    assert api.get(first.json["next"]).contents == ["a"]
    assert api.get(first.json["next"].replace("/todos/?", "/todos?")).contents == ["a"]


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v2/todos/",
        "/api/v1/todos/x",
        "/api/v1/todos/8b122755-530e-43c7-ae84-362c17a37fc",
        "/api/v1/todos/8b122755530e43c7ae84362c17a37fc5",
        "/api/v1/todos/8b122755-530e-43c7-ae84-362c17a37fc5/unknown",
        "/api/v1/todos/8b122755-530e-43c7-ae84-362c17a37fc5/tags/",
        "/api/v1//todos/",
        "/api/v1/todos//",
        "/api/v1/todos/../todos/",
        "/api/v1/todos/%00",
        "/api/v1/ü",
        "/api/v1/" + "x" * 3000,
        "/todo/x",
        "/todo//",
        "/todo/8b122755-530e-43c7-ae84-362c17a37fc5",
    ],
    ids=lambda path: path[:60],
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_is_a_404_problem(api: ApiClient, method: str, path: str) -> None:
    answer = getattr(api, method)(path)

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status, answer.json["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("put", "/todo/", {"GET", "POST", "HEAD", "OPTIONS"}),
        ("delete", "/todo/", {"GET", "POST", "HEAD", "OPTIONS"}),
        ("patch", "/api/v1/todos/", {"GET", "POST", "HEAD", "OPTIONS"}),
        ("delete", "/api/v1/todos/", {"GET", "POST", "HEAD", "OPTIONS"}),
        (
            "post",
            "/api/v1/todos/8b122755-530e-43c7-ae84-362c17a37fc5/",
            {"GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"},
        ),
        ("get", "/api/v1/todos/8b122755-530e-43c7-ae84-362c17a37fc5/restore/", {"POST", "OPTIONS"}),
        ("get", "/api/v1/todos/8b122755-530e-43c7-ae84-362c17a37fc5/tags/home/", {"PUT", "DELETE", "OPTIONS"}),
        ("get", "/api/v1/batch/", {"POST", "OPTIONS"}),
        ("post", "/api/v1/changes/", {"GET", "HEAD", "OPTIONS"}),
        ("post", "/api/v1/tags/", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_method_that_an_address_does_not_take_is_a_405_problem(
    api: ApiClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = api.request(method, path, {} if method != "get" else b"")

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status, answer.json["code"]) == (405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/todo/", "/api/v1/todos/"])
def test_head_is_get_without_a_body(api: ApiClient, make: Callable[..., Any], path: str) -> None:
    make()

    answer = api.request("head", path)

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Type"] == api.get(path).headers["Content-Type"]
