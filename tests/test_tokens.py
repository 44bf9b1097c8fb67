"""Tokens below the doors: what is kept of a secret, who is let in by it, and what that costs."""

import hmac
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from todos.tokens import Token, digest, issue, new_secret

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock: `at(moment)`."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


def plan(sql: str, params: Any) -> str:
    """Return how a statement is answered; on PostgreSQL as if the table were too long to be read through."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return "\n".join(row[3] for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON, COSTS OFF) {sql}", params)
        return json.dumps(cursor.fetchone()[0])


def test_secret_has_the_form_that_scanners_look_for() -> None:
    secrets = {new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert all(re.fullmatch("todo_[0-9A-Za-z]{40}", secret) for secret in secrets)
    assert len({secret[5:][place] for secret in secrets for place in range(40)}) == 62


def test_database_keeps_the_digest_only(owner: Any) -> None:
    token, secret = issue(owner, "phone")

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM todos_token")
        [row] = cursor.fetchall()
    assert digest(secret) in row
    assert token.digest == digest(secret) == Token.objects.get().digest
    assert secret.removeprefix("todo_")[:8] not in str(row)
    assert secret not in repr(token) + str(vars(token))


def test_secret_brings_its_token_with_owner_and_revision_in_one_query(owner: Any, make: Callable[..., Any]) -> None:
    make("one")
    make("two")
    _, secret = issue(owner, "phone")
    issue(owner, "laptop")

    with CaptureQueriesContext(connection) as captured:
        found = Token.objects.with_secret(secret)
        assert found is not None
        assert (found.scope, found.owner_id, found.revision) == ("write", owner.pk, 2)
    assert len(captured) == 1


def test_owner_without_entries_has_no_revision_yet(owner: Any) -> None:
    found = Token.objects.with_secret(issue(owner, "phone")[1])

    assert found is not None
    assert found.revision is None


def test_that_query_is_answered_by_indexes(owner: Any) -> None:
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        Token.objects.with_secret(issue(owner, "phone")[1])
    [(sql, params)] = [each for each in asked if each[0].startswith("SELECT") and "revision" in each[0]]
    steps = plan(sql, params)

    if connection.vendor == "sqlite":
        assert re.search(r"SEARCH todos_token USING INDEX \S+ \(digest=\?\)", steps), steps
        assert "SCAN" not in steps
    else:
        assert '"Index Cond": "((digest)::text =' in steps
        assert "Seq Scan" not in steps


def test_two_tokens_never_share_a_digest(owner: Any) -> None:
    token, _ = issue(owner, "phone")

    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.create(owner=owner, name="copy", digest=token.digest)


def test_digest_is_compared_in_constant_time(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What decides is `hmac.compare_digest`: where it says no, nobody comes in."""
    _, secret = issue(owner, "phone")
    compared: list[tuple[str, str]] = []

    def no(one: str, two: str) -> bool:
        compared.append((one, two))
        return False

    monkeypatch.setattr(hmac, "compare_digest", no)

    assert Token.objects.with_secret(secret) is None
    assert compared == [(digest(secret), digest(secret))]


@pytest.mark.parametrize("wrong", ["", "todo_", "todo_" + "a" * 40, "x" * 8000, "todo_\x00", "tödö_"])
def test_wrong_secret_brings_nothing(owner: Any, wrong: str) -> None:
    token, _ = issue(owner, "phone")

    assert Token.objects.with_secret(wrong) is None
    assert Token.objects.with_secret(token.digest) is None


def test_token_ends_at_its_moment(owner: Any, at: Callable[[datetime], None]) -> None:
    at(NOON)
    _, secret = issue(owner, "phone", expires_at=NOON + timedelta(days=1))
    states = []
    for moment in (NOON, NOON + timedelta(days=1, microseconds=-1), NOON + timedelta(days=1)):
        at(moment)
        states.append((Token.objects.get().state, Token.objects.with_secret(secret) is not None))

    assert states == [("usable", True), ("usable", True), ("expired", False)]


def test_revoked_token_brings_nothing_and_keeps_its_moment(owner: Any, at: Callable[[datetime], None]) -> None:
    token, secret = issue(owner, "phone")
    _, kept = issue(owner, "laptop")

    at(NOON)
    assert Token.objects.filter(pk=token.pk).revoke() == 1
    at(NOON + timedelta(days=1))
    assert Token.objects.filter(pk=token.pk).revoke() == 0

    assert Token.objects.with_secret(secret) is None
    assert Token.objects.with_secret(kept) is not None
    stored = Token.objects.get(pk=token.pk)
    assert (stored.state, stored.revoked_at) == ("revoked", NOON)


def test_token_of_an_inactive_user_brings_nothing_until_the_user_is_active_again(owner: Any) -> None:
    _, secret = issue(owner, "phone")
    found = []
    for active in (False, True):
        owner.is_active = active
        owner.save()
        found.append((Token.objects.get().state, Token.objects.with_secret(secret) is not None))

    assert found == [("locked", False), ("usable", True)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \t"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "\x1b[31m"}, "name"),
        ({"name": "nul\x00"}, "name"),
        ({"name": "\udcff"}, "name"),
        ({"name": "phone", "scope": "admin"}, "scope"),
        ({"name": "phone", "expires_at": NOON}, "expires_at"),
        ({"name": "phone", "expires_at": NOON - timedelta(days=1)}, "expires_at"),
    ],
)
def test_bad_token_is_not_made(owner: Any, at: Callable[[datetime], None], given: dict[str, Any], field: str) -> None:
    at(NOON)
    with pytest.raises(ValidationError) as refusal:
        issue(owner, **given)

    assert list(refusal.value.message_dict) == [field]
    assert not Token.objects.exists()


def test_database_refuses_a_scope_that_is_none(owner: Any) -> None:
    token, _ = issue(owner, "phone")

    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.filter(pk=token.pk).update(scope="admin")


def test_name_is_trimmed_and_any_script(owner: Any) -> None:
    assert issue(owner, "  телефон 📱 ")[0].name == "телефон 📱"


def test_use_is_noted_at_most_once_an_hour(owner: Any) -> None:
    token, secret = issue(owner, "phone")
    noted = []
    for minutes in (0, 1, 59, 60, 61, 119, 121, 1000):
        found = Token.objects.with_secret(secret)
        assert found is not None
        Token.objects.note_use(found, NOON + timedelta(minutes=minutes))
        noted.append((Token.objects.get(pk=token.pk).last_used_at - NOON) // timedelta(minutes=1))

    assert noted == [0, 0, 0, 60, 60, 60, 121, 1000]


def test_use_noted_by_another_request_meanwhile_stays(owner: Any) -> None:
    token, _ = issue(owner, "phone")
    seen_before = Token.objects.get()
    Token.objects.note_use(token, NOON)

    Token.objects.note_use(seen_before, NOON + timedelta(seconds=1))

    assert Token.objects.get().last_used_at == NOON
