"""PostgreSQL away: 503 in time, in every process; well again without a restart, and nothing acknowledged is lost."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.db import connection

from tests.cluster import Cluster, programs
from tests.drills.load import LONG
from tests.servers import Server

PATIENCE = 5  # seconds, as promised
RECOVERY = 5  # seconds after the database is back
TRIES = 3  # of a machine that does something else at the moment
# The long form waits until a pool that asks ever more rarely would be found asleep.
CLIENTS, ROUNDS = 8, 25 if LONG else 2


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A cluster that only this test uses."""
    if connection.vendor != "postgresql":
        pytest.skip("It is PostgreSQL's matter")
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed")
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.destroy()


def answers_of_all(server: Server) -> list[httpx.Response]:
    """Ask with as many clients as the server has threads, half of them writing."""

    def ask(number: int) -> httpx.Response:
        with server.client(headers={"Connection": "close"}) as client:
            return client.post("/todo/", json={"content": "x"}) if number % 2 else client.get("/api/v1/todos/")

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(ask, range(CLIENTS)))


def slowest_refusal(server: Server) -> float:
    """Return the longest that a client waited for its 503, in seconds."""
    answers = answers_of_all(server)
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    return max(answer.elapsed.total_seconds() for answer in answers)


def wait_until_well(server: Server) -> None:
    """Return when every process answers again; each may have kept connections that are gone."""
    deadline = time.monotonic() + RECOVERY
    while {answer.status_code for answer in answers_of_all(server)} != {200}:
        assert time.monotonic() < deadline, f"not well {RECOVERY} s after the database is back"


def test_database_that_goes_away_is_503_and_well_again(cluster: Cluster, start_server: Callable[..., Server]) -> None:
    server = start_server(DATABASE_URL=cluster.url)
    with server.client() as client:
        acknowledged = [client.post("/todo/", json={"content": f"entry {number}"}).json() for number in range(20)]

        cluster.stop("immediate")
        for _ in range(ROUNDS):
            assert any(slowest_refusal(server) < PATIENCE for _ in range(TRIES))
        assert [error["check"] for error in client.get("/readyz").json()["errors"]] == ["database"]
        assert client.get("/livez").status_code == 200
        page = client.get("/admin/", headers={"Cookie": "sessionid=a-session-that-was"})
        assert (page.status_code, page.headers["Content-Type"][:9]) == (503, "text/html")
        assert int(page.headers["Retry-After"]) > 0

        cluster.start()
        wait_until_well(server)
        assert client.get("/readyz").status_code == 200
        assert [entry["id"] for entry in client.get("/todo/").json()][:20] == acknowledged
    # Only the page of the admin has no answer of its own.
    assert server.log.read_text().count("django.request: Internal Server Error") <= 1
