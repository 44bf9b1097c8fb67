"""The store and the first design at one entry, each as it is started by its own instructions."""

import argparse
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.arena import Arena
from bench.contestants import PEERS_PYTHON, Contestant, Data, Pickles, Place, Store
from bench.drive import Load, Request, drive
from bench.processes import say

Rounds = dict[str, list[dict[str, Any]]]


class StoreAsShipped(Store):
    """This project after `make run`: local mode, two workers, and the two operations that came first."""

    collection = "/todo/"

    def environment(self, place: Place, port: int) -> dict[str, str]:
        """Return where its data lies, and a port that is free."""
        settings = {"TODOAPP_STORAGE_DIR": str(place.folder), "TODO_APP_BIND": f"127.0.0.1:{port}"}
        return Contestant.environment(self, place, port) | settings

    def authorization(self, data: Data, number: int) -> str:
        """Return none: it is for programs of this machine."""
        return ""


class PicklesAsShipped(Pickles):
    """The first design after `uvicorn app:app`, which logs each request."""

    def command(self, port: int) -> list[str]:
        """Return uvicorn as it comes."""
        return [str(PEERS_PYTHON), "-m", "uvicorn", "--port", str(port), self.application]


def as_shipped(folder: Path, options: argparse.Namespace) -> dict[str, Rounds]:
    """Measure the store and the first design at one entry, each as it is started by its own instructions."""
    arena = Arena(folder, 1)
    body = '{"content": "buy milk", "tags": ["errands"]}'
    works = {
        "list of one": Request("GET", "/todo/"),
        "search": Request("GET", "/todo/?search=milk"),
        "create": Request("POST", "/todo/", body=body),
    }
    peers = [StoreAsShipped(), PicklesAsShipped()]
    arena.fill(peers[1])
    figures: dict[str, Rounds] = {peer.key: defaultdict(list) for peer in peers}
    for number in range(options.rounds):
        for peer in peers:
            say(f"one entry, round {number + 1} of {options.rounds}: {peer.name}")
            rounds = figures[peer.key]
            with arena.running(peer) as server:
                for work, request in works.items():
                    load = Load(options.seconds, options.warm_up, peer.connections)
                    rounds[work].append(drive(server.url, [request], arena.folder, load, fresh=False))
    return figures
