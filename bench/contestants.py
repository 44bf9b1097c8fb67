"""Who is compared: how each is filled, started and asked. One worker process each, and SQLite with the same pragmas."""

import json
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.drive import Request

ROOT = Path(__file__).resolve().parent.parent
PEERS_PYTHON = ROOT / ".venv" / "bench" / "bin" / "python"
KEY = secrets.token_urlsafe(50)
TOKENS = 4  # of the store: with its highest limit, 99,999 a minute and token, one would not do
PLAIN = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")

Entry = dict[str, Any]


@dataclass(frozen=True)
class Data:
    """What all are filled with: entries in the order of their creation, numbered from 1."""

    entries: list[Entry]  # of the owner for whom requests are made
    tokens: list[str]

    @classmethod
    def read(cls, folder: Path) -> "Data":
        """Read what `bench.fill` wrote."""
        lines = (folder / "entries.jsonl").read_text(encoding="utf-8").splitlines()
        entries = [entry for entry in map(json.loads, lines) if entry["owner"] == "local"]
        return cls(entries, json.loads((folder / "tokens.json").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Place:
    """Where a contestant keeps its data: a folder and, if it uses PostgreSQL, the URL of its database."""

    folder: Path
    database: str = ""


class Contestant:
    """A server, and how it is asked for what all of them can do."""

    key = ""
    name = ""
    collection = ""
    postgres = True
    has_304 = False
    # Python's threads get in each other's way, and some are fastest alone: each is measured as it is fastest.
    connections: tuple[int, ...] = (1, 8)

    def environment(self, place: Place, port: int) -> dict[str, str]:
        """Return the environment of its processes."""
        kept = {name: os.environ[name] for name in PLAIN if name in os.environ}
        return kept | {"PYTHONPATH": str(ROOT), **({"DATABASE_URL": place.database} if place.database else {})}

    def command(self, port: int) -> list[str]:
        """Return the words that start it."""
        raise NotImplementedError

    def filling(self, data: Path) -> list[str]:
        """Return the words that fill it with `entries.jsonl` of a folder, with the token of `tokens.json`."""
        raise NotImplementedError

    def entry_path(self, entry: Entry) -> str:
        """Return the path of an entry."""
        return f"{self.collection}{entry['number']}"

    def results(self, page: Any) -> list[Entry]:
        """Return the entries of an answered page."""
        found: list[Entry] = page["results"]
        return found

    def authorization(self, data: Data, number: int) -> str:
        """Return the header of a request."""
        return f"Bearer {data.tokens[0]}"

    # What is asked ----------------------------------------------------------------------------------------------------

    def read(self, data: Data, number: int, entry: Entry) -> Request:
        """Return the request that reads one entry."""
        return Request("GET", self.entry_path(entry), self.authorization(data, number))

    def page(self, data: Data, number: int, before: str = "", search: str = "") -> Request:
        """Return the request for the first page of 50, the newest first, of entries made before a moment or found."""
        query = "&".join(
            f"{name}={quote(value)}" for name, value in (("created_before", before), ("search", search)) if value
        )
        return Request("GET", f"{self.collection}{'?' if query else ''}{query}", self.authorization(data, number))

    def create(self, data: Data, number: int, body: str) -> Request:
        """Return the request that creates an entry."""
        return Request("POST", self.collection, self.authorization(data, number), body=body)


class Store(Contestant):
    """This project as it is served: `manage.py serve` in token mode. The log goes to a file, as to the journal."""

    key, name, collection = "store", "todo store", "/api/v1/todos/"
    has_304 = True

    def environment(self, place: Place, port: int) -> dict[str, str]:
        """Return documented settings only: each request is logged and counted as always."""
        return super().environment(place, port) | {
            "TODOAPP_STORAGE_DIR": str(place.folder),
            "TODO_APP_ACCESS": "token",
            "TODO_APP_BIND": f"127.0.0.1:{port}",
            "TODO_APP_RATE_LIMIT": "99999",
            "TODO_APP_SECRET_KEY": KEY,
            "WEB_CONCURRENCY": "1",
        }

    def command(self, port: int) -> list[str]:
        """Return what `make run` and the unit of systemd call."""
        return [sys.executable, "manage.py", "serve"]

    def filling(self, data: Path) -> list[str]:
        """Return nothing: what it was filled with is what all others get."""
        return []

    def entry_path(self, entry: Entry) -> str:
        """Return the path of an entry."""
        return f"{self.collection}{entry['id']}/"

    def authorization(self, data: Data, number: int) -> str:
        """Return the tokens in turn."""
        return f"Bearer {data.tokens[number % len(data.tokens)]}"


class Limit(Contestant):
    """A bare WSGI function under the store's own `gunicorn.conf.py`, for which it asks for no token."""

    key, name = "limit", "bare WSGI function"
    has_304, postgres = True, False

    def environment(self, place: Place, port: int) -> dict[str, str]:
        """Return what `gunicorn.conf.py` needs, and where the answers are."""
        return super().environment(place, port) | {
            "TODOAPP_STORAGE_DIR": str(place.folder / "unused"),
            "WEB_CONCURRENCY": "1",
            "LIMIT_FOLDER": str(place.folder / "answers"),
        }

    def command(self, port: int) -> list[str]:
        """Return gunicorn with the settings of the store."""
        return gunicorn(port, "bench.peers.limit:application")


class PlainDRF(Contestant):
    """Django REST framework as its tutorial teaches, under the store's own `gunicorn.conf.py`."""

    key, name, collection = "drf", "plain DRF", "/todos/"

    def environment(self, place: Place, port: int) -> dict[str, str]:
        """Return its settings, and what `gunicorn.conf.py` needs."""
        return super().environment(place, port) | {
            "DJANGO_SETTINGS_MODULE": "bench.peers.plain_drf.settings",
            "PEER_FOLDER": str(place.folder),
            "TODOAPP_STORAGE_DIR": str(place.folder / "unused"),
            "WEB_CONCURRENCY": "1",
        }

    def command(self, port: int) -> list[str]:
        """Return gunicorn with the settings of the store."""
        return gunicorn(port, "bench.peers.plain_drf.wsgi:application")

    def filling(self, data: Path) -> list[str]:
        """Return its own way to fill it."""
        return [sys.executable, "-m", "bench.peers.plain_drf.fill", str(data)]

    def entry_path(self, entry: Entry) -> str:
        """Return the path of an entry."""
        return f"{self.collection}{entry['number']}/"

    def authorization(self, data: Data, number: int) -> str:
        """Return its token, which has 40 characters."""
        return f"Token {data.tokens[0][-40:]}"


class FastAPISQLAlchemy(Contestant):
    """FastAPI and SQLAlchemy as their documentation teaches, on uvicorn with uvloop and httptools."""

    key, name, collection = "fastapi", "FastAPI + SQLAlchemy", "/todos/"
    application = "bench.peers.fastapi_sql:app"

    def environment(self, place: Place, port: int) -> dict[str, str]:
        """Return where its data lies."""
        return super().environment(place, port) | {"PEER_FOLDER": str(place.folder)}

    def command(self, port: int) -> list[str]:
        """Return uvicorn at its fastest, on one processor as the workers of gunicorn are; it logs no requests."""
        words = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--port", str(port)]
        processor = str(min(os.sched_getaffinity(0)))
        pinned = ["taskset", "--cpu-list", processor]
        return [*pinned, str(PEERS_PYTHON), "-m", "uvicorn", *words, self.application]

    def filling(self, data: Path) -> list[str]:
        """Return its own way to fill it."""
        return [str(PEERS_PYTHON), "-m", self.application.partition(":")[0], str(data)]


class Pickles(FastAPISQLAlchemy):
    """The design that came first: FastAPI, a pickle file an entry, read all for a list. It asks for no token."""

    key, name, collection = "pickles", "FastAPI, pickle files", "/todo/"
    application = "bench.peers.pickles:app"
    postgres = False
    connections = (1,)  # with more, what is broken off at the end of a measurement is still read in the next one

    def entry_path(self, entry: Entry) -> str:
        """Return the path of an entry."""
        return f"{self.collection}{entry['id']}"

    def results(self, page: Any) -> list[Entry]:
        """Return the list that is the answer."""
        found: list[Entry] = page
        return found

    def authorization(self, data: Data, number: int) -> str:
        """Return none."""
        return ""


def gunicorn(port: int, application: str) -> list[str]:
    """Return gunicorn with the settings of the store, for another application."""
    return [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "-b", f"127.0.0.1:{port}", application]
