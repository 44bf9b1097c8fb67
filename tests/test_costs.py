"""No request costs much: 250 ms of processor time on the machine for which the bound was set, whatever it holds.

Not seconds are asserted, which differ from machine to machine, but how many times a fixed piece of Python would have
run instead. `make bench-limits` prints the figures.
"""

import gc
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests import limits
from tests.limits import LEGAL, QUESTIONS, REFUSED, Request
from todos.api.kept import answers
from todos.writer import writing

BOUND = 25  # pieces of work; one takes 10 ms where the bound was set
MOST = 64 * 1024  # bytes of an answer about a failure
TRIES = 6


@pytest.fixture
def client(owner: Any) -> Client:
    """A client that adds nothing of its own, for an owner with some of the largest entries and many small ones."""
    with writing(owner.pk) as writer:
        for _ in range(20):
            writer.create({**limits.entry(), "due": None})
        for number in range(300):
            writer.create({"content": f"buy {number} bottles of oat milk", "tags": [f"list {number % 20}"]})
    return Client(HTTP_HOST="localhost", raise_request_exception=False)


def processor_time(work: Callable[[], Any]) -> float:
    """Return the seconds for which this thread kept a processor busy; what others do does not count."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def piece_of_work() -> int:
    return sum(number * number % 7 for number in range(250_000))


def send(client: Client, request: Request) -> None:
    """Send a request, and undo what it has written; what is legal is done."""
    answers.clear()
    with transaction.atomic():
        status = request.send(client).status_code
        transaction.set_rollback(True)
    assert status < 300 or request in REFUSED.values()


def cost(client: Client, request: Request) -> float:
    """Return what a request costs, in pieces of work done just before and after: a machine is not always as fast."""
    before = processor_time(piece_of_work)
    took = processor_time(lambda: send(client, request))
    return took / max(before, processor_time(piece_of_work))


def costs(client: Client, requests: Mapping[str, Request]) -> dict[str, list[float]]:
    """Send requests, and return those that cost more than the bound each time."""
    found = {}
    # What the rest of the suite has made is not walked by the collector within a request, and no server has it.
    gc.freeze()
    try:
        for name, request in requests.items():
            tries: list[float] = []
            while len(tries) < TRIES and min(tries, default=BOUND + 1) > BOUND:
                tries.append(cost(client, request))
            if min(tries) > BOUND:
                found[name] = tries
    finally:
        gc.unfreeze()
    return found


def test_no_legal_request_costs_much_and_each_is_answered(client: Client) -> None:
    assert costs(client, LEGAL) == {}


def test_no_question_costs_much_and_each_is_answered(client: Client) -> None:
    assert costs(client, QUESTIONS) == {}


def test_no_refusal_costs_much(client: Client) -> None:
    assert costs(client, REFUSED) == {}


def test_refusals_are_short(client: Client) -> None:
    answered = {name: request.send(client) for name, request in REFUSED.items()}

    assert {answer.status_code for answer in answered.values()} == {400, 404, 409, 413}
    assert {name for name, answer in answered.items() if len(answer.content) >= MOST} == set()
    assert {name for name, answer in answered.items() if len(str(answer.headers)) >= 4096} == set()
