"""Every route of the API that writes passes the gate; a new one fails until it has a row here."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.client import Answer, ApiClient
from tests.gate import World, build_world, through_the_gate

UNSAFE = {"post", "put", "patch", "delete"}
Act = Callable[[ApiClient, World], Answer]

ROUTES: dict[tuple[str, str], Act] = {
    ("post", "capture"): lambda api, world: api.post("/todo/", {"content": "new", "tags": ["home"]}),
    ("post", "entry-list"): lambda api, world: api.post("todos", {"content": "new", "tags": ["new", "HOME"]}),
    ("put", "entry-detail"): lambda api, world: api.put(f"todos/{world.milk.uuid}", {"content": "oat milk"}),
    ("patch", "entry-detail"): lambda api, world: api.patch(f"todos/{world.milk.uuid}", {"completed": True}),
    ("delete", "entry-detail"): lambda api, world: api.delete(f"todos/{world.milk.uuid}"),
    ("post", "entry-restore"): lambda api, world: api.post(f"todos/{world.trashed.uuid}/restore"),
    ("put", "entry-tag"): lambda api, world: api.put(f"todos/{world.milk.uuid}/tags/new/one"),
    ("delete", "entry-tag"): lambda api, world: api.delete(f"todos/{world.milk.uuid}/tags/home"),
    ("patch", "tag-detail"): lambda api, world: api.patch("tags/home", {"name": "work"}),
    ("delete", "tag-detail"): lambda api, world: api.delete("tags/home"),
    ("post", "batch"): lambda api, world: api.post("batch", {"operations": operations(world)}),
}


def operations(world: World) -> list[dict[str, Any]]:
    """Return one of each operation of a batch."""
    milk, bread, trashed = (str(entry.uuid) for entry in (world.milk, world.bread, world.trashed))
    return [
        {"op": "create", "entry": {"content": "new", "tags": ["new"]}},
        {"op": "update", "id": milk, "changes": {"notes": "oat"}},
        {"op": "tag", "id": milk, "tag": "another"},
        {"op": "untag", "id": bread, "tag": "home"},
        {"op": "delete", "id": bread},
        {"op": "restore", "id": trashed},
    ]


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield method and name of every route below `/api/` and `/todo/` that takes an unsafe method."""
    for pattern in patterns or get_resolver().url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern) and address.startswith(("api/", "todo/")):
            for method in methods(pattern.callback) & UNSAFE:
                yield method, str(pattern.name or address)


def methods(view: Any) -> set[str]:
    """Return the methods that a view answers."""
    if hasattr(view, "actions"):
        return set(view.actions)
    of = getattr(view, "cls", None) or getattr(view, "view_class", None)
    assert of is not None, f"{view} is a view without a class, so nobody can tell which methods it takes"
    return {method for method in of.http_method_names if hasattr(of, method)}


@pytest.fixture
def world(db: None) -> World:
    """The owner with entries in every state."""
    return build_world()


def test_routes_that_write_are_all_known() -> None:
    assert set(routes()) == set(ROUTES)


@pytest.mark.parametrize(("method", "name"), ROUTES)
def test_route_that_writes_passes_the_gate(world: World, method: str, name: str) -> None:
    with through_the_gate(world.owner.pk):
        answer = ROUTES[method, name](ApiClient(), world)
    assert answer.status < 300


@pytest.mark.parametrize(("method", "name"), ROUTES)
def test_route_that_writes_passes_the_gate_with_a_key(world: World, method: str, name: str) -> None:
    api, key = ApiClient(), uuid4().hex
    api.client.defaults["HTTP_IDEMPOTENCY_KEY"] = key
    with through_the_gate(world.owner.pk):
        first = ROUTES[method, name](api, world)
    again = ROUTES[method, name](api, world)
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
