"""`manage.py token`: the secret goes to standard output, once, and nothing else does."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.client import ApiClient
from todos.tokens import Token, digest, issue

SECRET = re.compile(r"todo_[0-9A-Za-z]{40}")


@pytest.fixture
def token(owner: Any) -> Callable[..., str]:
    """Run the command and return what it prints to standard output: `token("create", "phone")`."""

    def run(*words: str) -> str:
        out, err = io.StringIO(), io.StringIO()
        call_command("token", *words, stdout=out, stderr=err)
        assert not SECRET.search(err.getvalue())
        return out.getvalue()

    return run


def test_create_prints_the_secret_alone(token: Callable[..., str]) -> None:
    printed = token("create", "phone")

    assert SECRET.fullmatch(printed.removesuffix("\n"))
    made = Token.objects.get()
    assert (made.name, made.scope, made.expires_at, made.owner.username) == ("phone", "write", None, "local")
    assert made.digest == digest(printed.strip())


def test_created_token_opens_the_api(token: Callable[..., str], token_mode: None) -> None:
    writer, reader = token("create", "a").strip(), token("create", "b", "--scope", "read").strip()

    for secret, status in ((writer, 201), (reader, 403)):
        assert ApiClient().post("todos", {"content": "x"}, Authorization=f"Bearer {secret}").status == status


def test_create_says_on_standard_error_that_it_is_the_only_time(owner: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("token", "create", "phone", "--scope", "read")

    out, err = capsys.readouterr()
    assert SECRET.fullmatch(out.strip())
    assert err == f"Token {Token.objects.get().pk} (read) of local: keep it now, it cannot be shown again.\n"


def test_token_can_be_made_to_expire(token: Callable[..., str]) -> None:
    token("create", "phone", "--expires-in", "90d")

    expires_at = Token.objects.get().expires_at
    assert expires_at is not None
    assert timedelta(days=89) < expires_at - timezone.now() <= timedelta(days=90)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["create", "x" * 101], "at most 100 characters"),
        (["create", " "], "blank"),
        (["create", "two\nlines"], "one line"),
        (["create", "\udcff"], "one line"),
        (["create", "phone", "--expires-in", "0d"], "later time"),
        (["create", "phone", "--expires-in", "soon"], "no number of days, such as 30d"),
        (["create", "phone", "--scope", "admin"], "'read', 'write'"),
        (["create", "phone", "--owner", "nobody"], "no owner 'nobody'"),
        (["list", "--owner", "nobody"], "no owner 'nobody'"),
        (["create"], "name"),
        (["revoke", "x"], "invalid int"),
        (["revoke", "999"], "no token 999"),
        ([], "create | list | revoke"),
    ],
)
def test_mistake_is_said_in_a_sentence_and_makes_nothing(
    token: Callable[..., str], words: list[str], reason: str
) -> None:
    with pytest.raises(CommandError, match=re.escape(reason)):
        token(*words)

    assert not Token.objects.exists()


def test_list_prints_what_is_known_without_a_secret(token: Callable[..., str], owner: Any, other: Any) -> None:
    secrets = [token("create", "phone").strip(), token("create", "reader", "--scope", "read").strip()]
    issue(other, "of another")
    first, second = Token.objects.owned_by(owner.pk)
    token("revoke", f"{second.pk}")

    printed = token("list")

    words = [re.split(r"\s{2,}", line.strip()) for line in printed.splitlines()]
    assert words == [
        [f"{first.pk}", "write", "usable", "used never", "expires never", "phone"],
        [f"{second.pk}", "read", "revoked", "used never", "expires never", "reader"],
    ]
    for secret in secrets:
        assert secret[5:] not in printed
        assert digest(secret) not in printed


def test_revoked_token_stays_revoked(token: Callable[..., str]) -> None:
    token("create", "phone")
    made = Token.objects.get()

    assert token("revoke", f"{made.pk}") == f"Token {made.pk} is revoked.\n"
    revoked_at = Token.objects.get().revoked_at
    assert token("revoke", f"{made.pk}") == f"Token {made.pk} is revoked.\n"
    assert Token.objects.get().revoked_at == revoked_at is not None


def test_token_of_another_is_not_there(token: Callable[..., str], other: Any) -> None:
    theirs, _ = issue(other, "theirs")

    with pytest.raises(CommandError, match=f"local has no token {theirs.pk}"):
        token("revoke", f"{theirs.pk}")
    assert Token.objects.get().state == "usable"

    token("revoke", f"{theirs.pk}", "--owner", "other")
    assert Token.objects.get().state == "revoked"


def test_token_is_made_for_the_owner_who_is_named(token: Callable[..., str], other: Any) -> None:
    token("create", "phone", "--owner", "other")

    assert Token.objects.get().owner == other
