"""Where contestants run: what each is filled with is made once, and every run gets a copy of it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.contestants import ROOT, TOKENS, Contestant, Data, Limit, Place, Store, copy
from bench.drive import Request
from bench.processes import Running
from bench.works import ALL, MIX, UNCHANGED, WORKS, of_the_limit, path_of, unchanged
from tests.servers import free_port


class Arena:
    """A temporary folder, filled."""

    def __init__(self, folder: Path, entries: int) -> None:
        self.folder = folder
        self.store = Store()
        origin = self._make_origin(self.store)
        sizes = ["--entries", str(entries), "--others", str(entries // 10), "--tokens", str(TOKENS)]
        self._call(self.store, origin, [sys.executable, "-m", "bench.fill", str(folder), *sizes])
        self.data = Data.read(folder)

    def _origin(self, peer: Contestant) -> Place:
        return Place(self.folder / "origin" / peer.key)

    def _make_origin(self, peer: Contestant) -> Place:
        origin = self._origin(peer)
        origin.folder.mkdir(parents=True)
        return origin

    def _call(self, peer: Contestant, place: Place, words: list[str]) -> None:
        subprocess.run(words, cwd=ROOT, env=peer.environment(place, 1), check=True)

    def fill(self, peer: Contestant) -> None:
        """Give a contestant the entries; the bare function the answers of the store."""
        if isinstance(peer, Limit):
            self._keep_answers(self._make_origin(peer).folder / "answers")
        elif words := peer.filling(self.folder):
            self._call(peer, self._make_origin(peer), words)

    def _keep_answers(self, folder: Path) -> None:
        folder.mkdir()
        with self.running(self.store) as server:
            for work in ALL:
                if work != MIX:
                    answer = ask(server.url, self.requests(self.store, work, server.url)[0])
                    line = f"{answer.status_code} {answer.reason_phrase}\n".encode()
                    (folder / path_of(work)[1:]).write_bytes(line + answer.content)

    @contextmanager
    def running(self, peer: Contestant) -> Iterator[Running]:
        """Run a contestant on a fresh copy of its data."""
        place = Place(self.folder / "copy" / peer.key)
        copy(self._origin(peer).folder, place.folder)
        port = free_port()
        with Running(
            peer.command(port), peer.environment(place, port), port, self.folder / f"{peer.key}.log"
        ) as server:
            server.start(self.requests(peer, "read one", "")[0])
            yield server

    def requests(self, peer: Contestant, work: str, url: str) -> list[Request]:
        """Return what a contestant, which runs at the URL, is asked for a work."""
        if isinstance(peer, Limit):
            return of_the_limit(work, self.data)
        return unchanged(peer, self.data, url) if work == UNCHANGED else WORKS[work](peer, self.data)


def ask(url: str, request: Request) -> httpx.Response:
    """Send one request."""
    with httpx.Client(base_url=url, timeout=60, verify=False) as client:
        body = request.body or None
        return client.request(request.method, request.path, headers=request.headers, content=body)
