"""Requests a second of this store, its peers and a bare function, in one run on one machine: `make bench`.

All have the same entries and are driven by wrk, one after the other, in rounds; the medians of the rounds are compared.
docs/performance.md says how and why. Everything is made in a temporary folder, and gone at the end.
"""

import argparse
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.arena import Arena
from bench.contestants import Contestant, FastAPISQLAlchemy, Limit, Pickles, PlainDRF, Store
from bench.drive import DriveError, drive, require_wrk
from bench.works import ALL, FRESH, UNCHANGED

PEERS: dict[str, Contestant] = {
    peer.key: peer for peer in (Limit(), Store(), PlainDRF(), FastAPISQLAlchemy(), Pickles())
}
# A worker gives way to a fresh one after 50,000 requests (gunicorn.conf.py): not while it is measured.
RENEWED_AFTER = 25_000

Figures = dict[str, dict[str, list[dict[str, Any]]]]


def works_of(peer: Contestant, chosen: list[str]) -> list[str]:
    """Return what a contestant can do, of the works that were chosen."""
    skipped = set() if peer.has_304 else {UNCHANGED}
    return [work for work in chosen if work not in skipped]


def one_round(arena: Arena, peer: Contestant, works: list[str], options: argparse.Namespace) -> dict[str, Any]:
    """Drive a contestant through its works, on a fresh copy of the data."""
    found: dict[str, Any] = {}
    with arena.running(peer) as server:
        answered = 0
        for work in works:
            requests = arena.requests(peer, work, server.url)
            if answered > RENEWED_AFTER:
                server.restart()
                answered = 0
            fresh = work in FRESH and not isinstance(peer, Limit)
            found[work] = drive(server.url, requests, arena.folder, options.seconds, options.warm_up, fresh)
            answered += found[work]["requests"]
        found["memory"] = server.megabytes()
    return found


def measure(arena: Arena, peers: list[Contestant], options: argparse.Namespace) -> Figures:
    """Return the figures of all rounds: of each contestant, of each work."""
    figures: Figures = {peer.key: defaultdict(list) for peer in peers}
    for number in range(options.rounds):
        for peer in peers:
            print(f"round {number + 1} of {options.rounds}: {peer.name}", file=sys.stderr)
            for work, found in one_round(arena, peer, works_of(peer, options.works), options).items():
                figures[peer.key][work].append(found)
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
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = parsed()
    peers = [PEERS[key] for key in options.peers]
    try:
        require_wrk()
        with tempfile.TemporaryDirectory(prefix="todo-bench-") as folder:
            arena = Arena(Path(folder), options.entries)
            for peer in peers:
                arena.fill(peer)
            figures = measure(arena, peers, options)
    except DriveError as error:
        sys.exit(f"error: {error}")
    print(f"{'requests a second':22}" + "".join(f"{peer.name:>24}" for peer in peers))
    for work in options.works:
        rates = [[found["rate"] for found in figures[peer.key].get(work, [])] for peer in peers]
        print(f"{work:22}" + "".join(f"{statistics.median(rate) if rate else 0:>24,.0f}" for rate in rates))


if __name__ == "__main__":
    main()
