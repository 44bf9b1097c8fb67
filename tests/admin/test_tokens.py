"""Tokens in the admin: a secret is in one answer, and staff make and revoke tokens of their own only."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.admin.browser import TOKENS, Browser, Page
from todos.tokens import Token, digest, issue

SECRET = re.compile(r"todo_[0-9A-Za-z]{40}")


def add(browser: Browser, **typed: str) -> Page:
    """Fill the form of a new token."""
    return browser.save(browser.open(f"{TOKENS}add/"), **{"name": "phone", **typed})


def change(browser: Browser, token: Any) -> Page:
    """Open the form of a token."""
    return browser.open(f"{TOKENS}{token.pk}/change/")


@pytest.fixture
def token(owner: Any) -> Token:
    """A token of the owner."""
    return issue(owner, "secret-phone")[0]


def test_new_token_is_made_and_its_secret_shown(browser: Browser) -> None:
    page = add(browser, scope="read", expires_at_0="2100-01-01", expires_at_1="12:00")

    [secret] = SECRET.findall(page.text)
    found = Token.objects.with_secret(secret)
    assert found is not None
    token = Token.objects.get(pk=found.id)
    assert (token.owner, token.name, token.scope) == (browser.user, "phone", "read")
    assert token.expires_at is not None
    assert token.expires_at.year == 2100


def test_secret_is_in_that_answer_and_nowhere_else(
    browser: Browser, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    page = add(browser)
    [secret] = SECRET.findall(page.text)

    assert "no-store" in page.response["Cache-Control"]
    assert "private" in page.response["Cache-Control"]
    assert secret not in str(page.response.headers) + str(page.response.cookies) + str(browser.client.cookies)
    assert secret not in str([session.get_decoded() for session in Session.objects.all()])
    assert secret not in str(list(LogEntry.objects.values()))
    assert secret not in str(list(Token.objects.values()))
    assert secret not in caplog.text + "".join(capfd.readouterr())
    assert not list(page.response.context["messages"])
    for path in (TOKENS, f"{TOKENS}add/", f"{TOKENS}{Token.objects.get().pk}/change/", "/admin/"):
        assert not SECRET.search(browser.open(path).text)


@pytest.mark.parametrize("button", ["_continue", "_addanother", "_popup"])
def test_secret_is_shown_whichever_button_makes_the_token(browser: Browser, button: str) -> None:
    page = browser.post(f"{TOKENS}add/", {"name": "phone", "scope": "write", button: "1"})

    assert len(SECRET.findall(page.text)) == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"scope": "admin"}, "scope"),
        ({"expires_at_0": "2020-01-01", "expires_at_1": "12:00"}, "expires_at"),
    ],
)
def test_bad_value_is_said_beside_its_field(browser: Browser, typed: dict[str, str], field: str) -> None:
    page = add(browser, **typed)

    assert list(page.errors) == [field]
    assert not Token.objects.exists()


def test_list_shows_what_is_known_of_a_token(browser: Browser, token: Token) -> None:
    issue(browser.user, "reader", "read")[0]
    Token.objects.filter(name="reader").revoke()

    page = browser.open(TOKENS)

    assert page.rows == ["secret-phone", "reader"]
    assert (page.column("scope"), page.column("state")) == (["Write", "Read"], ["usable", "revoked"])
    assert page.column("used") == ["-", "-"]
    assert token.digest not in page.text


def test_list_costs_as_many_queries_at_three_rows_as_at_one(root: Browser, token: Token, other: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            root.open(TOKENS)
        return len(captured)

    queries()
    one = queries()
    issue(other, "a")
    issue(token.owner, "b")

    assert queries() == one


def test_revoke_ends_the_ticked_tokens_and_is_recorded(browser: Browser, token: Token) -> None:
    kept = issue(browser.user, "kept")[0]

    page = browser.act("revoke", token, path=TOKENS)

    assert page.messages == ["Revoked: 1 of the ticked tokens."]
    assert [Token.objects.get(pk=each.pk).state for each in (token, kept)] == ["revoked", "usable"]
    assert LogEntry.objects.get().change_message == "Revoked."
    assert browser.act("revoke", token, path=TOKENS).messages == ["Revoked: 0 of the ticked tokens."]
    assert LogEntry.objects.count() == 1


def test_name_is_all_of_a_token_that_can_be_changed(browser: Browser, token: Token, other: Any) -> None:
    page = change(browser, token)
    assert page.form("token_form").keys() - {"csrfmiddlewaretoken"} == {"name"}

    browser.save(
        page,
        name="renamed",
        digest=digest("todo_mine"),
        scope="read",
        owner=f"{other.pk}",
        expires_at_0="2100-01-01",
        expires_at_1="12:00",
        revoked_at="",
    )

    before = {name: value for name, value in vars(token).items() if name not in ("name", "_state")}
    after = Token.objects.get()
    assert {name: getattr(after, name) for name in before} == before
    assert after.name == "renamed"


def test_deleted_token_is_gone(browser: Browser, token: Token) -> None:
    browser.post(f"{TOKENS}{token.pk}/delete/", {"post": "yes"})

    assert not Token.objects.exists()


def test_staff_see_and_reach_their_own_tokens_only(stranger: Browser, token: Token) -> None:
    assert "secret-phone" not in stranger.open(TOKENS).text
    for view in ("change", "delete", "history"):
        for page in (
            stranger.open(f"{TOKENS}{token.pk}/{view}/"),
            stranger.post(f"{TOKENS}{token.pk}/{view}/", {"name": "x", "post": "yes"}),
        ):
            assert page.path == "/admin/"
            assert "secret-phone" not in page.text
    stranger.act("revoke", token, path=TOKENS)
    stranger.act("revoke", token, path=TOKENS, select_across="1")
    stranger.act("delete_selected", token, path=TOKENS, post="yes")

    assert Token.objects.get().state == "usable"
    assert Token.objects.get().name == "secret-phone"


def test_staff_make_tokens_for_themselves_only(stranger: Browser, owner: Any) -> None:
    assert "owner" not in stranger.open(f"{TOKENS}add/").form("token_form")

    add(stranger, owner=f"{owner.pk}")

    assert Token.objects.get().owner == stranger.user


def test_superuser_makes_tokens_for_anybody_and_sees_whose_they_are(root: Browser, owner: Any) -> None:
    add(root, owner=f"{owner.pk}")

    assert Token.objects.get().owner == owner
    assert root.open(TOKENS).column("owner") == ["local"]
    assert root.open(TOKENS, owner="root").rows == []


def test_user_with_tokens_can_be_deleted(root: Browser, token: Token) -> None:
    root.post(f"/admin/auth/user/{token.owner.pk}/delete/", {"post": "yes"})

    assert not Token.objects.exists()


@pytest.mark.parametrize("permission", ["view_token", "change_tag"])
def test_staff_without_the_permission_make_and_revoke_none(
    admit: Callable[..., Browser], owner: Any, token: Token, permission: str
) -> None:
    browser = admit(owner, permission)

    assert browser.open(f"{TOKENS}add/").status == 403
    assert browser.post(f"{TOKENS}add/", {"name": "x", "scope": "write"}).status == 403
    browser.act("revoke", token, path=TOKENS)
    assert Token.objects.get().state == "usable"


def test_page_of_the_documents_describes_the_list_and_the_action() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "admin.md").read_text(encoding="utf-8")
    section = text.split("\n## Tokens\n")[1].split("\n## ")[0]

    for word in ("Revoke", "owner", "scope", "state", "last use", "once"):
        assert word in section
