"""Requests a second of this store, its peers and a bare function, in one run on one machine: `make bench`.

All have the same entries and are driven by wrk, one after the other, in rounds; the medians of the rounds are compared.
docs/performance.md says how and why. Everything is made in a temporary folder, and gone at the end.
"""

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench import report
from bench.arena import Arena, client
from bench.contestants import (
    PEERS_PYTHON,
    Contestant,
    FastAPISQLAlchemy,
    Limit,
    Pickles,
    PlainDRF,
    Store,
)
from bench.drive import DriveError, Load, drive, require_wrk
from bench.equality import DifferenceError, check
from bench.machine import machine
from bench.processes import say
from bench.shipped import as_shipped
from bench.works import ALL, FRESH, NEW_PAGE, NEW_SEARCH, UNCHANGED

PEERS: dict[str, Contestant] = {
    peer.key: peer for peer in (Limit(), Store(), PlainDRF(), FastAPISQLAlchemy(), Pickles())
}
# A worker gives way to a fresh one after 50,000 requests (gunicorn.conf.py): not while it is measured.
RENEWED_AFTER = 25_000
LONGEST = 7  # seconds of one work with two times its warm-up, in which the bare function answers 45,000

Rounds = dict[str, list[dict[str, Any]]]


def works_of(peer: Contestant, chosen: list[str]) -> list[str]:
    """Return what a contestant can do, of the works that were chosen; pickles are read anew for every request."""
    skipped = set() if peer.has_304 else {UNCHANGED}
    if isinstance(peer, Pickles):
        skipped |= {NEW_PAGE, NEW_SEARCH}
    return [work for work in chosen if work not in skipped]


def one_round(arena: Arena, peer: Contestant, options: argparse.Namespace, rounds: Rounds) -> None:
    """Drive a contestant through its works, on a fresh copy of the data, and add what came of it."""
    with arena.running(peer) as server:
        start, answered, sizes = server.seconds_to_start, 0, []
        for work in works_of(peer, options.works):
            requests = arena.requests(peer, work, server.url)
            if answered > RENEWED_AFTER:
                sizes.append(server.megabytes())
                server.restart()
                answered = 0
            load = Load(options.seconds, options.warm_up, peer.connections)
            fresh = work in FRESH and not isinstance(peer, Limit)
            rounds[work].append(drive(server.url, requests, arena.folder, load, fresh))
            answered += rounds[work][-1]["requests"]
        rss, pss = max([*sizes, server.megabytes()])
        rounds["process"].append({"rss": rss, "pss": pss, "start": start})


def race(arena: Arena, peers: list[Contestant], options: argparse.Namespace) -> dict[str, Rounds]:
    """Check that all answer the same, then measure in rounds."""
    for peer in peers:
        say(f"fill {peer.name}")
        arena.fill(peer)
        if not isinstance(peer, Limit):
            with arena.running(peer) as server, client(server.url) as one:
                say(f"{peer.name}: {check(peer, arena.data, one)} answers are right")
    figures: dict[str, Rounds] = {peer.key: defaultdict(list) for peer in peers}
    for number in range(options.rounds):
        for peer in peers:
            say(f"round {number + 1} of {options.rounds}: {peer.name}")
            one_round(arena, peer, options, figures[peer.key])
    return figures


def parsed() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=10_000, help="of each contestant (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (default: %(default)s)")
    parser.add_argument("--warm-up", type=int, default=1, help="seconds before each (default: %(default)s)")
    parser.add_argument("--peers", nargs="+", default=[*PEERS], choices=[*PEERS], help="default: all")
    parser.add_argument("--works", nargs="+", default=[*ALL], choices=ALL, help="default: all")
    parser.add_argument("--output", type=Path, default=report.OUTPUT, help="folder of the report")
    options = parser.parse_args()
    if "store" not in options.peers:
        parser.error("--peers: the store itself has to be there")
    if options.seconds + 2 * options.warm_up > LONGEST:
        parser.error(f"--seconds: with two times --warm-up more than {LONGEST}, a worker would be renewed meanwhile")
    return options


def main() -> None:
    """Measure, print the report, and write it with the figures and a plot; on PostgreSQL if DATABASE_URL is set."""
    options = parsed()
    cluster = os.environ.get("DATABASE_URL", "")
    peers = [PEERS[key] for key in options.peers if not (cluster and isinstance(PEERS[key], Pickles))]
    if not PEERS_PYTHON.exists() and {"fastapi", "pickles"} & set(options.peers):
        sys.exit("error: the peers are not installed; `make bench` does it.")
    try:
        require_wrk()
        with tempfile.TemporaryDirectory(prefix="todo-bench-") as folder:
            arena_folder, shipped_folder = Path(folder, "race"), Path(folder, "shipped")
            arena_folder.mkdir()
            shipped_folder.mkdir()
            figures = race(Arena(arena_folder, options.entries, cluster), peers, options)
            shipped = {} if cluster or "pickles" not in options.peers else as_shipped(shipped_folder, options)
    except (DriveError, DifferenceError) as error:
        sys.exit(f"error: {error}")
    name = "postgres" if cluster else "speed"
    parts = [
        f"{machine(cluster)}; {options.entries:,} entries, medians of {options.rounds} rounds of {options.seconds} s",
        report.rates(figures, peers),
        report.ratios(figures, peers),
        report.processes(figures, peers),
        *([f"One entry, as shipped against as shipped:\n\n{report.shipped(shipped)}"] if shipped else []),
    ]
    text = "\n\n".join(parts)
    print(text)
    report.write(options.output, name, text, {"machine": machine(cluster), "figures": figures, "as shipped": shipped})
    report.plot(figures, peers, options.output / f"{name}.png")


if __name__ == "__main__":
    main()
