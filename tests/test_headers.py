"""Every answer says what a browser may do with it and who may keep it; the API sets no cookie."""

import secrets
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.test import Client

from tests.client import ApiClient
from tests.servers import Server

NOTHING = "default-src 'none'; frame-ancestors 'none'"
REQUESTS: list[tuple[str, str]] = [
    ("GET", "/api/v1/todos/"),
    ("GET", "/api/v1/todos/?limit=0"),
    ("POST", "/api/v1/todos/"),
    ("OPTIONS", "/api/v1/todos/"),
    ("PUT", "/api/v1/todos/"),
    ("GET", f"/api/v1/todos/{uuid4()}/"),
    ("GET", "/api/v1/nowhere/"),
    ("GET", "/api/v1/todos/?a=%ff"),
    ("GET", "/todo/"),
    ("GET", "/api/schema/"),
]
PAGES = [
    "/docs",
    "/docs/errors/invalid",
    "/docs/errors/nothing",
    "/admin/login/",
    "/admin/",
    "/",
    "/static/todos/icon.svg",
]


def policy(value: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in (part.split() for part in value.split(";"))}


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_answer_of_the_api_is_no_page(api: ApiClient, method: str, path: str) -> None:
    answer = api.request(method, path)
    assert answer.headers["Content-Security-Policy"] == NOTHING
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] in ("application/json", "application/problem+json")


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_api_sets_no_cookie_and_depends_on_none(api: ApiClient, method: str, path: str) -> None:
    answer = api.request(method, path)
    assert not answer.response.cookies
    assert "Vary" not in answer.headers


def test_what_has_a_version_may_be_kept_by_its_owner_and_nothing_else(api: ApiClient, make: Callable[..., Any]) -> None:
    address = f"todos/{make().uuid}"
    for path in ("todos", address):
        answer = api.get(path)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        again = api.get(path, If_None_Match=answer.headers["ETag"])
        assert (again.status, again.headers["Cache-Control"]) == (304, "private, no-cache")
    for answer in (api.get("/todo/"), api.get("todos?limit=0"), api.patch(address, {"content": "x"})):
        assert answer.headers["Cache-Control"] == "no-store"


def test_answer_belongs_to_its_token(let_in: Callable[..., ApiClient], owner: Any, other: Any) -> None:
    mine, theirs = let_in(owner).get("todos"), let_in(other).get("todos")
    # A browser that kept one for the other would have been told that nothing has changed.
    assert mine.headers["ETag"] == theirs.headers["ETag"]
    assert mine.headers["Vary"] == theirs.headers["Vary"] == "Authorization"


@pytest.mark.parametrize("path", PAGES)
def test_page_takes_scripts_and_styles_from_this_server_only(db: None, path: str) -> None:
    response = Client(HTTP_HOST="localhost").get(path)
    found = policy(response["Content-Security-Policy"])
    assert found.pop("img-src") == ["'self'", "data:"]
    assert {source for sources in found.values() for source in sources} == {"'self'", "'none'"}
    assert found["default-src"] == ["'self'"]
    assert found["frame-ancestors"] == ["'none'"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == response["Cross-Origin-Opener-Policy"] == "same-origin"
    if not path.startswith("/static/"):
        assert response["X-Frame-Options"] == "DENY"
    response.close()


def test_no_page_has_a_script_or_a_style_inside(db: None) -> None:
    for path in ("/docs", "/docs/errors/invalid", "/admin/login/"):
        text = Client(HTTP_HOST="localhost").get(path).content.decode()
        assert "<style" not in text
        assert ' style="' not in text
        assert "<script>" not in text


# --- Token mode ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Somebody who reaches a server in token mode through a proxy that speaks HTTPS."""
    server = Server(
        tmp_path_factory.mktemp("headers") / "server",
        {
            "TODO_APP_ACCESS": "token",
            "TODO_APP_SECRET_KEY": secrets.token_urlsafe(50),
            "TODO_APP_ALLOWED_HOSTS": "127.0.0.1,todo.example.org",
        },
    )
    try:
        server.start()
        ended = server.manage("shell", "-c", "from django.contrib.auth.models import User; "
            "User.objects.create_superuser('root', password='the right one')")  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        with server.client(headers={"X-Forwarded-Proto": "https", "Host": "todo.example.org"}) as client:
            yield client
    finally:
        server.destroy()


def test_cookies_of_the_admin_travel_over_https_and_on_this_site_only(browser: httpx.Client) -> None:
    form = browser.get("/admin/login/")
    csrf = cookies(form)["csrftoken"]
    fields = {"username": "root", "password": "the right one", "csrfmiddlewaretoken": csrf.value}
    headers = {"Cookie": f"csrftoken={csrf.value}", "Referer": "https://todo.example.org/admin/login/"}

    let_in = browser.post("/admin/login/", data=fields, headers=headers)

    assert let_in.status_code == 302
    session = cookies(let_in)["sessionid"]
    assert (csrf["secure"], csrf["samesite"]) == (True, "Lax")
    assert (session["secure"], session["samesite"], session["httponly"]) == (True, "Lax", True)


def cookies(response: httpx.Response) -> SimpleCookie:
    """Return the cookies that an answer sets, with their flags."""
    found = SimpleCookie()
    for value in response.headers.get_list("set-cookie"):
        found.load(value)
    return found


@pytest.mark.parametrize("path", ["/docs", "/admin/login/", "/api/v1/todos/", "/api/v1/nowhere/"])
def test_browser_is_told_to_come_by_https_only(browser: httpx.Client, path: str) -> None:
    assert browser.get(path).headers["Strict-Transport-Security"] == f"max-age={365 * 24 * 3600}"


def test_page_asked_for_in_the_clear_leads_to_https(browser: httpx.Client) -> None:
    answer = browser.get("/admin/login/", headers={"X-Forwarded-Proto": "http"})
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://todo.example.org/admin/login/")
