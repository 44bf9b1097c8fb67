"""The login checks so many wrong passwords of a name from an address, and no more, however they are sent."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import Client

from tests.servers import Server

GUESSERS = 40
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


def log_in(client: Client, password: str, name: str = "root", **headers: str) -> Any:
    return client.post("/admin/login/", {"username": name, "password": password}, headers=headers)


@pytest.fixture
def client(db: None, settings: Any) -> Client:
    from django.contrib.auth import get_user_model

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a fast one
    get_user_model().objects.create_superuser("root", password="the right one")
    return Client(HTTP_HOST="localhost")


@pytest.fixture
def locked(client: Client) -> Client:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, "a wrong one")
    return client


def test_right_password_is_let_in(client: Client) -> None:
    assert log_in(client, "the right one").status_code == 302


def test_right_password_after_a_few_wrong_ones_begins_the_count_again(client: Client) -> None:
    for _ in range(3):
        for _ in range(settings.AXES_FAILURE_LIMIT - 1):
            assert log_in(client, "a wrong one").status_code == 200
        assert log_in(client, "the right one").status_code == 302


def test_right_password_is_refused_after_too_many_wrong_ones_in_words(locked: Client) -> None:
    answer = log_in(locked, "the right one")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert "Try again in 15 minutes" in answer.content.decode()
    assert "axes_reset" in answer.content.decode()


def test_right_password_is_let_in_after_the_wait(locked: Client) -> None:
    from axes.models import AccessAttempt

    # What is refused meanwhile does not make the wait longer.
    assert log_in(locked, "the right one").status_code == 429
    [attempt] = AccessAttempt.objects.all()
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - settings.AXES_COOLOFF_TIME + timedelta(minutes=1))
    assert log_in(locked, "the right one").status_code == 429
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - settings.AXES_COOLOFF_TIME - timedelta(minutes=1))
    assert log_in(locked, "the right one").status_code == 302


def test_other_browser_does_not_help(locked: Client) -> None:
    assert log_in(locked, "the right one", **{"User-Agent": "another"}).status_code == 429


def test_other_address_and_other_name_are_not_kept_out(locked: Client) -> None:
    assert log_in(locked, "a wrong one", "somebody").status_code == 200
    assert log_in(locked, "the right one", **{"X-Forwarded-For": f"127.0.0.1, {ELSEWHERE}"}).status_code == 302


def test_address_that_a_client_gives_itself_does_not_help(client: Client) -> None:
    for number in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, "a wrong one", **{"X-Forwarded-For": f"10.0.0.{number}, {HERE}"})
    assert log_in(client, "the right one", **{"X-Forwarded-For": f"10.0.0.9, {HERE}"}).status_code == 429


def test_password_is_kept_nowhere(locked: Client) -> None:
    from axes.models import AccessAttempt

    [kept] = AccessAttempt.objects.values()
    assert "a wrong one" not in str(kept)


WAITED = 0


@pytest.fixture
def guesser(server: Server) -> Iterator[Callable[[str], Callable[[], int]]]:
    """Prepare guesses over the network, each as another browser."""
    clients: list[httpx.Client] = []

    def prepare(password: str) -> Callable[[], int]:
        client = server.client(headers={"User-Agent": f"browser {len(clients)}"})
        clients.append(client)
        client.get("/admin/login/")
        form = {"username": "local", "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}

        def guess() -> int:
            answer = client.post("/admin/login/", data=form)
            return WAITED if "try again in a moment" in answer.text else answer.status_code

        return guess

    yield prepare
    for client in clients:
        client.close()


def test_guesses_at_once_are_checked_up_to_the_limit_only(
    server: Server, guesser: Callable[[str], Callable[[], int]]
) -> None:
    found = re.search(r"the password (\S+)", server.log.read_text())
    assert found
    guesses = [guesser(f"wrong {number}") for number in range(GUESSERS)]
    at_once = Barrier(GUESSERS)

    def guess(send: Callable[[], int]) -> int:
        at_once.wait(30)
        # On a busy machine some wait in vain for their turn, and are not checked: they are told to try again.
        while (answer := send()) == WAITED:
            pass
        return answer

    with ThreadPoolExecutor(GUESSERS) as pool:
        answers = list(pool.map(guess, guesses))
    assert set(answers) == {200, 429}
    # The last wrong password that is checked is answered by the refusal already.
    assert answers.count(200) == settings.AXES_FAILURE_LIMIT - 1
    failures = [int(line.rpartition("\t")[2]) for line in server.manage("axes_list_attempts").stdout.splitlines()]
    assert sum(failures) == settings.AXES_FAILURE_LIMIT

    assert guesser(found[1])() == 429
    assert server.manage("axes_reset").returncode == 0
    assert guesser(found[1])() == 302
