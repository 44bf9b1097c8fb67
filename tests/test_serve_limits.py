"""Real servers count the requests of a token together: all worker processes, and servers on one storage folder."""

import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers import Server

LIMIT = 30
ENVIRONMENT = {
    "TODO_APP_ACCESS": "token",
    "TODO_APP_SECRET_KEY": secrets.token_urlsafe(50),
    "TODO_APP_RATE_LIMIT": str(LIMIT),
    "CACHE_URL": "",
    "WEB_CONCURRENCY": "2",
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Two servers on one storage folder and one database."""
    folder: Path = tmp_path_factory.mktemp("limits")
    one, two = Server(folder / "one", ENVIRONMENT), Server(folder / "two", {**ENVIRONMENT, "DATABASE_URL": ""})
    two.environment = {**one.environment, "TODO_APP_BIND": f"127.0.0.1:{two.port}"}
    try:
        one.start()
        two.start()
        yield [one, two]
    finally:
        two.destroy()
        one.destroy()


def ask(server: Server, secret: str) -> httpx.Response:
    """Ask on a connection of its own, so that any worker may be the one that answers."""
    return httpx.get(
        f"{server.url}/api/v1/todos/", headers={"Authorization": f"Bearer {secret}"}, timeout=30, verify=False
    )


def fresh_token(server: Server) -> str:
    """Return a token whose minute does not end during the test; it has made one request."""
    while True:
        ended = server.manage("token", "create", "a test")
        assert ended.returncode == 0, ended.stderr
        secret = ended.stdout.strip()
        if int(ask(server, secret).headers["RateLimit"].rpartition("t=")[2]) > 40:
            return secret


def test_all_processes_count_together_and_each_token_by_itself(servers: list[Server]) -> None:
    secret = fresh_token(servers[0])
    answers = [ask(servers[number % 2], secret) for number in range(LIMIT + 9)]

    assert Counter(answer.status_code for answer in answers) == {200: LIMIT - 1, 429: 10}
    assert {answer.status_code for answer in answers[LIMIT - 1 :]} == {429}
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    for server in servers:
        assert ask(server, fresh_token(server)).status_code == 200


def test_bad_tokens_are_counted_by_all_processes(servers: list[Server]) -> None:
    # Of this address none else in this file sends bad ones; the minute may end once while they are sent.
    answers = [ask(servers[number % 2], f"todo_{number}").status_code for number in range(45)]
    assert 5 <= answers.count(429) <= 25
    assert set(answers[:20]) == {401}
