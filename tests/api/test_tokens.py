"""Token mode: every request of the API needs a token, and acts for its owner within its scope (RFC 6750)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.client import Answer, ApiClient
from todos.tokens import Token, issue

pytestmark = pytest.mark.usefixtures("token_mode")
LetIn = Callable[..., ApiClient]
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PATHS = ["/todo/", "/api/v1/todos/", "/api/v1/todos", "/api/v1/tags/", "/api/v1/changes/", "/api/v1/search/explain/"]


@pytest.fixture
def secret(owner: Any, make: Callable[..., Any]) -> str:
    """The secret of a token of the owner, who has an entry."""
    make("an entry")
    return issue(owner, "phone")[1]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock: `at(moment)`."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


def assert_refused(answer: Answer) -> None:
    """Check that an answer is a 401 as RFC 9110 and 9457 want it, and shows nothing."""
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json["code"], answer.json["status"]) == ("unauthorized", 401)
    assert "entry" not in answer.body.decode()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "head", "options", "post", "put", "patch", "delete"])
@pytest.mark.usefixtures("secret")
def test_request_without_a_token_is_refused_whatever_it_asks(method: str, path: str) -> None:
    answer = ApiClient().request(method, path, b"no JSON" if method in ("post", "put", "patch") else b"")

    if method == "head":
        assert (answer.status, answer.headers["WWW-Authenticate"], answer.body) == (401, "Bearer", b"")
    else:
        assert_refused(answer)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer todo_",
        "Bearer todo_" + "0" * 40,
        "Bearer {secret}x",
        "Bearer {secret} {secret}",
        "Bearer {secret}, Bearer {secret}",
        "Bearer {lower}",
        "Bearer {digest}",
        'Bearer "{secret}"',
        "Bearer\t{secret}",
        "Bearer" + "x" * 8000,
        "Bearer tödö",
        "Bearer \x00",
        "{secret}",
        "Token {secret}",
        "Basic bG9jYWw6bG9jYWw=",
        "Digest {secret}",
    ],
)
def test_header_that_holds_no_token_of_ours_is_refused(secret: str, header: str) -> None:
    stored = Token.objects.get().digest
    sent = header.format(secret=secret, digest=stored, lower=secret.lower())

    assert_refused(ApiClient().get("todos", Authorization=sent))
    assert_refused(ApiClient().post("/todo/", {"content": "x"}, Authorization=sent))


@pytest.mark.parametrize("header", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer   {}", "Bearer {} "])
def test_token_is_let_in_whatever_the_case_of_the_scheme(secret: str, header: str) -> None:
    assert ApiClient().get("todos", Authorization=header.format(secret)).contents == ["an entry"]


def test_token_in_the_address_body_or_a_cookie_is_not_looked_at(secret: str) -> None:
    api = ApiClient()
    api.client.cookies["Authorization"] = f"Bearer {secret}"

    assert_refused(api.get("todos", params={"access_token": secret}))
    assert_refused(api.post("todos", {"content": "x", "access_token": secret}))
    assert_refused(api.get("todos", X_Authorization=f"Bearer {secret}"))


def test_login_of_the_admin_opens_nothing(owner: Any) -> None:
    owner.is_staff = owner.is_superuser = True
    owner.save()
    api = ApiClient()
    api.client.force_login(owner)

    for path in PATHS:
        assert_refused(api.get(path))
    assert_refused(api.post("todos", {"content": "x"}))


@pytest.mark.parametrize("end", ["expired", "revoked", "locked", "deleted", "ownerless"])
def test_token_that_has_ended_is_refused(secret: str, end: str, at: Callable[[datetime], None]) -> None:
    token = Token.objects.get()
    api = ApiClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert api.get("todos").status == 200
    match end:
        case "expired":
            Token.objects.update(expires_at=timezone.now() + timedelta(days=1))
            at(timezone.now() + timedelta(days=1))
        case "revoked":
            Token.objects.all().revoke()
        case "locked":
            token.owner.is_active = False
            token.owner.save()
        case "deleted":
            token.delete()
        case "ownerless":
            token.owner.delete()

    assert_refused(api.get("todos"))
    assert_refused(api.post("todos", {"content": "x"}))


def test_request_acts_for_the_owner_of_the_token(owner: Any, other: Any, let_in: LetIn) -> None:
    one, two = let_in(owner), let_in(other)

    one.post("todos", {"content": "of one"})
    two.post("/todo/", {"content": "of two"})

    assert (one.get("todos").contents, two.get("todos").contents) == (["of one"], ["of two"])


def test_request_from_anywhere_is_let_in_by_its_token(secret: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["todo.example.org"]
    api = ApiClient(HTTP_AUTHORIZATION=f"Bearer {secret}", REMOTE_ADDR="192.0.2.1")
    headers = {"Host": "todo.example.org", "X_Forwarded_For": "198.51.100.1", "Origin": "https://app.example"}

    assert api.get("todos", **headers).status == 200
    assert api.post("todos", {"content": "x"}, Sec_Fetch_Site="cross-site", **headers).status == 201


def test_several_tokens_of_one_owner_stand_side_by_side(owner: Any, let_in: LetIn) -> None:
    clients = [let_in(owner), let_in(owner, "read"), let_in(owner)]
    Token.objects.filter(pk=Token.objects.latest("pk").pk).revoke()

    assert [api.get("todos").status for api in clients] == [200, 200, 401]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_token_with_scope_read_may_read(owner: Any, let_in: LetIn, method: str, path: str) -> None:
    assert let_in(owner, "read").request(method, path).status == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "propfind", "x-anything"])
@pytest.mark.parametrize("path", PATHS)
def test_scope_read_is_asked_before_anything_else(owner: Any, let_in: LetIn, method: str, path: str) -> None:
    assert let_in(owner, "read").request(method, path, b"no JSON").status == 403


def test_method_override_does_not_lead_past_the_scope(owner: Any, let_in: LetIn, make: Callable[..., Any]) -> None:
    entry = make()
    reader = let_in(owner, "read")

    reader.get(f"todos/{entry.uuid}", X_HTTP_Method_Override="DELETE", params={"_method": "DELETE"})
    reader.get(f"todos/{entry.uuid}", X_HTTP_Method_Override="DELETE")

    assert reader.get(f"todos/{entry.uuid}").json["deleted_at"] is None


def test_use_is_noted_at_most_once_an_hour(secret: str, at: Callable[[datetime], None]) -> None:
    api = ApiClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    noted, writes = [], []
    for minutes in (0, 1, 59, 60, 61, 121):
        at(NOON + timedelta(minutes=minutes))
        with CaptureQueriesContext(connection) as captured:
            assert api.get("todos").status == 200
        writes.append(sum(query["sql"].startswith("UPDATE") for query in captured))
        used = Token.objects.get().last_used_at
        assert used is not None
        noted.append((used - NOON) // timedelta(minutes=1))

    assert (noted, writes) == ([0, 0, 0, 60, 60, 121], [1, 0, 0, 1, 0, 1])


def test_refused_request_is_no_use_of_the_token(owner: Any, let_in: LetIn) -> None:
    let_in(owner, "read").post("todos", {"content": "x"})
    revoked = let_in(owner)
    Token.objects.all().revoke()
    revoked.get("todos")

    assert set(Token.objects.values_list("last_used_at", flat=True)) == {None}


def test_reading_one_entry_costs_one_query_for_the_token_and_one_for_the_entry(
    secret: str, make: Callable[..., Any]
) -> None:
    entry = make(tags=["home"])
    api = ApiClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    api.get("todos")

    with CaptureQueriesContext(connection) as captured:
        api.get(f"todos/{entry.uuid}")

    assert len(captured) == 2
    assert "todos_token" in captured[0]["sql"]
    assert "todos_ledger" in captured[0]["sql"]
    assert secret not in str(captured.captured_queries)


def test_list_that_has_not_changed_costs_the_query_for_the_token_only(secret: str) -> None:
    api = ApiClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    etag = api.get("todos").headers["ETag"]

    with CaptureQueriesContext(connection) as captured:
        assert api.get("todos", If_None_Match=etag).status == 304

    assert len(captured) == 1
