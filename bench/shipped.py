"""The store and the first design at one entry, each as it is started by its own instructions."""

import argparse
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.arena import Arena, ask
from bench.contestants import PEERS_PYTHON, Contestant, Data, Entry, Pickles, Place, Store
from bench.drive import Load, Request, drive
from bench.equality import DifferenceError
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

    connections = Contestant.connections  # a list of one is read before the measurement ends

    def command(self, port: int) -> list[str]:
        """Return uvicorn as it comes."""
        return [str(PEERS_PYTHON), "-m", "uvicorn", "--port", str(port), self.application]


def check_answer(peer: Contestant, answered: Any, entry: Entry) -> None:
    """Raise unless the answer is the one entry."""
    found = [(each["content"], sorted(each["tags"])) for each in answered]
    if found != [(entry["content"], sorted(entry["tags"]))]:
        raise DifferenceError(f"{peer.name} answers {found}, and not the one entry, {entry['content']!r}")


def as_shipped(folder: Path, options: argparse.Namespace) -> dict[str, Rounds]:
    """Measure the store and the first design at one entry, each as it is started by its own instructions."""
    arena = Arena(folder, 1)
    (entry,) = arena.data.entries
    body = '{"content": "buy milk", "tags": ["errands"]}'
    works = {
        "list of one": Request("GET", "/todo/"),
        "search": Request("GET", f"/todo/?search={quote(entry['content'].split()[-1])}"),
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
                for work in ("list of one", "search"):
                    check_answer(peer, ask(server.url, works[work]).json(), entry)
                for work, request in works.items():
                    load = Load(options.seconds, options.warm_up, peer.connections)
                    rounds[work].append(drive(server.url, [request], arena.folder, load, fresh=False))
    return figures
