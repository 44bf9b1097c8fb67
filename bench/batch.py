"""What 500 creations in one batch cost beside one creation alone: `python -m bench.batch`.

A real server on an empty database, one client, rounds that alternate between the two; the medians of the rounds are
compared. SQLite, or the PostgreSQL that DATABASE_URL names.
"""

import statistics
import tempfile
import time
from pathlib import Path

import httpx

from tests.servers import Server

ROUNDS, ALONE, BATCH = 15, 20, 500
AIM = 10


def entry(number: int) -> dict[str, object]:
    """Return an everyday entry with two of twenty tags."""
    words = f"buy {number} bottles of oat milk on the way home"
    return {"content": words, "tags": [f"list {number % 20}", f"list {(number + 7) % 20}"], "priority": number % 10}


def seconds_alone(client: httpx.Client) -> float:
    """Return the median time of a creation."""
    times = []
    for number in range(ALONE):
        began = time.perf_counter()
        client.post("/api/v1/todos/", json=entry(number)).raise_for_status()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def seconds_in_batch(client: httpx.Client) -> float:
    """Return the time of a batch of creations."""
    operations = [{"op": "create", "entry": entry(number)} for number in range(BATCH)]
    began = time.perf_counter()
    response = client.post("/api/v1/batch/", json={"operations": operations}).raise_for_status()
    seconds = time.perf_counter() - began
    assert len(response.json()["results"]) == BATCH
    return seconds


def main() -> None:
    """Measure, and print one line."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "server", {"WEB_CONCURRENCY": "1"})
        try:
            server.start()
            with server.client() as client:
                seconds_alone(client)
                rounds = [(seconds_alone(client), seconds_in_batch(client)) for _ in range(ROUNDS)]
        finally:
            server.destroy()
    alone, batch = (statistics.median(times) for times in zip(*rounds, strict=True))
    print(
        f"one creation {alone * 1000:.2f} ms, {BATCH} in a batch {batch * 1000:.1f} ms "
        f"({batch / BATCH * 1000:.3f} ms each): {batch / alone:.1f} times as long (aim: under {AIM}), "
        f"medians of {ROUNDS} rounds"
    )


if __name__ == "__main__":
    main()
