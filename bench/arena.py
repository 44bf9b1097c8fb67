"""Where contestants run: what each is filled with is made once, and every run gets a copy of it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx

from bench.contestants import ROOT, TOKENS, Contestant, Data, Limit, Place, Store
from bench.drive import Request
from bench.processes import Running
from bench.works import ALL, MIX, PAGE, UNCHANGED, WORKS, of_the_limit, path_of, unchanged
from tests.servers import free_port


class Arena:
    """A temporary folder, filled; with the URL of a cluster also databases there, which go with it."""

    def __init__(self, folder: Path, entries: int, cluster: str = "") -> None:
        self.folder, self._cluster = folder, cluster
        self._requests: dict[tuple[str, str], list[Request]] = {}
        self.store = Store()
        sizes = ["--entries", str(entries), "--others", str(entries // 10), "--tokens", str(TOKENS)]
        self._make(self.store, [sys.executable, "-m", "bench.fill", str(folder), *sizes])
        self.data = Data.read(folder)

    def _place(self, peer: Contestant, kind: str) -> Place:
        name = f"bench_{kind}_{peer.key}"
        database = urlunsplit(urlsplit(self._cluster)._replace(path=f"/{name}")) if self._cluster else ""
        return Place(self.folder / name, database if peer.postgres else "")

    def _make(self, peer: Contestant, words: list[str]) -> None:
        place = self._place(peer, "origin")
        place.folder.mkdir()
        if place.database:
            on_cluster(self._cluster, f"CREATE DATABASE bench_origin_{peer.key}")
        subprocess.run(words, cwd=ROOT, env=peer.environment(place, 1), check=True)

    def _copy(self, peer: Contestant) -> Place:
        origin, place = self._place(peer, "origin"), self._place(peer, "copy")
        shutil.rmtree(place.folder, ignore_errors=True)
        shutil.copytree(origin.folder, place.folder)
        if place.database:
            on_cluster(self._cluster, f"DROP DATABASE IF EXISTS bench_copy_{peer.key} WITH (FORCE)")
            on_cluster(self._cluster, f"CREATE DATABASE bench_copy_{peer.key} TEMPLATE bench_origin_{peer.key}")
        return place

    def fill(self, peer: Contestant) -> None:
        """Give a contestant the entries; the bare function the answers of the store."""
        if isinstance(peer, Limit):
            self._keep_answers(self._place(peer, "origin").folder / "answers")
        elif words := peer.filling(self.folder):
            self._make(peer, words)

    def _keep_answers(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        with self.running(self.store) as server:
            for work in ALL:
                if work != MIX:
                    answer = ask(server.url, self.requests(self.store, work, server.url)[0])
                    line = f"{answer.status_code} {answer.reason_phrase}\n".encode()
                    (folder / path_of(work)[1:]).write_bytes(line + answer.content)

    @contextmanager
    def running(self, peer: Contestant) -> Iterator[Running]:
        """Run a contestant on a fresh copy of its data."""
        place, port = self._copy(peer), free_port()
        log = self.folder / f"{peer.key}.log"
        with Running(peer.command(port), peer.environment(place, port), port, log) as server:
            server.start(self.requests(peer, PAGE, "")[0])
            yield server

    def requests(self, peer: Contestant, work: str, url: str) -> list[Request]:
        """Return what a contestant, which runs at the URL, is asked for a work."""
        if work == UNCHANGED and not isinstance(peer, Limit):
            with client(url) as one:
                return unchanged(peer, self.data, one)
        if (peer.key, work) not in self._requests:
            made = of_the_limit(work, self.data) if isinstance(peer, Limit) else WORKS[work](peer, self.data)
            self._requests[peer.key, work] = made
        return self._requests[peer.key, work]


def on_cluster(url: str, statement: str) -> None:
    """Execute a statement that stands outside of a transaction."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def client(url: str) -> httpx.Client:
    """Return a client of a server; without certificates, which take longer to read than a request."""
    return httpx.Client(base_url=url, timeout=60, verify=False)


def ask(url: str, request: Request) -> httpx.Response:
    """Send one request."""
    with client(url) as one:
        return one.request(request.method, request.path, headers=request.headers, content=request.body or None)
