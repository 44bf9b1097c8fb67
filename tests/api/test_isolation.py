"""Every operation of the OpenAPI document in every role: nobody sees or changes what is another's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from tests.client import UNSET, Answer, ApiClient
from tests.gate import State
from tests.test_schema import operations
from todos.api.authentication import SAFE
from todos.tokens import Token

ENTRY, TRASHED = "5d3a1e2c-8f0b-4f6e-9a57-1c2d3e4f5a6b", "7b0e4f18-32c5-4d0a-8d0e-6a1b2c3d4e5f"
TAG = "secret-tag"
UPDATE = {"op": "update", "id": ENTRY, "changes": {"content": "x"}}


@dataclass(frozen=True)
class Row:
    """What an operation is asked for, and what it answers to the owner and to another owner."""

    own: int
    another: int
    body: Any = UNSET
    query: str = ""
    entry: str = ENTRY


# By the name of the operation; all are about an entry and a tag of the owner.
ROWS = {
    "batch_create": Row(200, 200, {"operations": [UPDATE], "atomic": False}),
    "changes_retrieve": Row(200, 200),
    "fingerprint_retrieve": Row(200, 200),
    "search_explain": Row(200, 200, query="?q=plan"),
    "tags_destroy": Row(204, 404),
    "tags_list": Row(200, 200),
    "tags_partial_update": Row(200, 404, {"name": "x"}),
    "todo_create": Row(200, 200, {"content": "x"}),
    "todo_list": Row(200, 200),
    # Ids are each owner's own: one that another owner has is free.
    "todos_create": Row(201, 201, {"content": "x"}),
    "todos_update": Row(200, 201, {"content": "x"}),
    "todos_destroy": Row(204, 404),
    "todos_list": Row(200, 200, query="?search=plan&count=true"),
    "todos_partial_update": Row(200, 404, {"content": "x"}),
    "todos_restore_create": Row(200, 404, entry=TRASHED),
    "todos_retrieve": Row(200, 404),
    "todos_tags_destroy": Row(200, 404),
    "todos_tags_update": Row(200, 404, entry=TRASHED),
}
# What each role gets instead of the column of the table that is named; None is what the table says.
ROLES: dict[str, tuple[str, int | None, int | None]] = {
    # role: column, for reading, for writing
    "owner": ("own", None, None),
    "another owner": ("another", None, None),
    "staff without permissions": ("another", None, None),
    "superuser": ("another", None, None),
    "token that may only read": ("own", None, 403),
    "another's token that may only read": ("another", None, 403),
    "anonymous": ("own", 401, 401),
    "expired token": ("own", 401, 401),
    "revoked token": ("own", 401, 401),
    "inactive user": ("own", 401, 401),
    "login of the admin": ("own", 401, 401),
}
OPERATIONS = [
    (operation["operationId"], method, path)
    for path, method, operation in operations(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]
]


@pytest.fixture
def entries(owner: Any, let_in: Callable[..., ApiClient]) -> None:
    """Two entries of the owner with everything that could leak, one of them in the trash."""
    api = let_in(owner)
    for entry_id, tags in {ENTRY: [TAG], TRASHED: []}.items():
        fields = {"content": "secret plan", "notes": "secret notes", "tags": tags, "extra": {"secret": "secret"}}
        assert api.put(f"todos/{entry_id}", fields).status == 201
    assert api.delete(f"todos/{TRASHED}").status == 204


@pytest.fixture
def client_of(owner: Any, other: Any, let_in: Callable[..., ApiClient]) -> Callable[[str], ApiClient]:
    """Return a client in a role."""
    users = get_user_model().objects

    def enter(role: str) -> ApiClient:
        match role:
            case "owner" | "token that may only read":
                return let_in(owner, "read" if "read" in role else "write")
            case "another owner" | "another's token that may only read":
                return let_in(other, "read" if "read" in role else "write")
            case "staff without permissions":
                return let_in(users.create_user("staff", is_staff=True))
            case "superuser":
                return let_in(users.create_superuser("root"))
            case "login of the admin":
                client = ApiClient()
                client.client.force_login(owner)
                return client
            case "anonymous":
                return ApiClient()
        client = let_in(owner)
        if role == "expired token":
            Token.objects.update(expires_at=timezone.now())
        elif role == "revoked token":
            Token.objects.all().revoke()
        else:
            assert role == "inactive user"
            users.filter(pk=owner.pk).update(is_active=False)
        return client

    return enter


def ask(client: ApiClient, method: str, path: str, row: Row) -> Answer:
    """Send the request of a row."""
    return client.request(method, path.format(id=row.entry, name=TAG) + row.query, row.body)


def leaks(answer: Answer) -> list[str]:
    """Return what of the owner's an answer shows; where nothing is, the id or name that was asked for is repeated."""
    shown = f"{answer.body.decode()} {answer.headers}"
    if answer.status == 404:
        shown = shown.replace(TAG, "").replace(TRASHED, "")
    return [word for word in ("secret", TRASHED) if word in shown]


def expected(role: str, name: str, method: str) -> int:
    """Return the status that a role gets of an operation."""
    column, reading, writing = ROLES[role]
    instead = reading if method.upper() in SAFE else writing
    return instead or getattr(ROWS[name], column)


def test_every_operation_has_a_row_and_no_other() -> None:
    assert {name for name, *_ in OPERATIONS} == set(ROWS), "say in ROWS what the operation answers to whom"


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS, ids=[name for name, *_ in OPERATIONS])
def test_role_gets_what_the_table_says_and_nothing_of_another(
    client_of: Callable[[str], ApiClient], owner: Any, role: str, name: str, method: str, path: str
) -> None:
    client, before = client_of(role), State.of(owner.pk)

    answer = ask(client, method, path, ROWS[name])

    assert answer.status == expected(role, name, method), answer.body
    if ROLES[role][0] == "another" or answer.status in (401, 403):
        assert leaks(answer) == []
    if answer.status == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    if role != "owner":
        assert State.of(owner.pk) == before
    elif method.upper() not in SAFE:
        assert State.of(owner.pk) != before


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("path", sorted({path for *_, path in OPERATIONS}))
@pytest.mark.parametrize("method", ["head", "options"])
def test_asking_about_an_address_shows_nothing_of_another(
    other: Any, let_in: Callable[..., ApiClient], path: str, method: str
) -> None:
    answer = let_in(other).request(method, path.format(id=ENTRY, name=TAG))

    assert answer.status in (200, 404, 405)
    assert leaks(answer) == []
