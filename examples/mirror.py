"""A mirror of a todo store: a local copy, kept from the change feed alone, that can prove that it is equal.

    python examples/mirror.py http://127.0.0.1:8080 copy.sqlite3 pull
    python examples/mirror.py http://127.0.0.1:8080 copy.sqlite3 add "buy milk"
    python examples/mirror.py http://127.0.0.1:8080 copy.sqlite3 done 8b122755-530e-43c7-ae84-362c17a37fc5

It is written to be read; docs/sync.md tells the same in words. It needs httpx and rfc8785. A store in token mode wants
the token in the environment variable TODO_TOKEN.
"""

import hashlib
import json
import os
import sqlite3
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import rfc8785

Entry = dict[str, Any]
# What the fingerprint covers; `revision` and `updated_at` may differ between equal copies.
FIELDS = (
    "id", "content", "notes", "tags", "priority", "due", "position",
    "completed_at", "created_at", "deleted_at", "extra",
)  # fmt: skip
TABLES = """
CREATE TABLE IF NOT EXISTS entry (id TEXT PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL, next TEXT);
INSERT OR IGNORE INTO place VALUES (1, 0, NULL);
"""


class Mirror:
    """A copy of all entries of one owner, the trash included, in an SQLite file."""

    def __init__(self, client: httpx.Client, path: str = ":memory:", page_size: int = 500) -> None:
        self.client, self.page_size = client, page_size
        self.database = sqlite3.connect(path)
        self.database.executescript(TABLES)

    def entries(self) -> dict[str, Entry]:
        """Return the copies by id."""
        return {key: json.loads(text) for key, text in self.database.execute("SELECT id, json FROM entry ORDER BY id")}

    def pull(self) -> None:
        """Bring the copy up to date."""
        while self.pull_page():
            pass

    def pull_page(self) -> bool:
        """Take one page of the change feed in; return whether another one follows."""
        revision, following = self.database.execute("SELECT revision, next FROM place").fetchone()
        answer = self.client.get(following or f"/api/v1/changes/?since={revision}&limit={self.page_size}")
        if answer.status_code == 410 or (answer.status_code == 400 and revision > 0):
            # The store has forgotten what it purged, so long were we away; or it is an older backup that was restored.
            with self.database:
                self.database.execute("DELETE FROM entry")
                self.database.execute("UPDATE place SET revision = 0, next = NULL")
            return True  # begin again: the feed from 0 always works
        page = answer.raise_for_status().json()
        # A page and the place after it are kept in one transaction. If we die before it ends, the page is read once
        # more, which is harmless: a change is the whole entry, not a difference.
        with self.database:
            for change in page["changes"]:
                if change.get("purged"):
                    self.database.execute("DELETE FROM entry WHERE id = ?", [change["id"]])
                else:
                    self.database.execute("REPLACE INTO entry VALUES (?, ?)", [change["id"], json.dumps(change)])
            # The last page says where the next reading starts; until then the old start stays beside the link.
            start = revision if page["next"] else page["revision"]
            self.database.execute("UPDATE place SET revision = ?, next = ?", [start, page["next"]])
        return page["next"] is not None

    def fingerprint(self) -> str:
        """Return the hash that the store has too if, and only if, it holds the same entries."""
        whole = hashlib.sha256()
        for key, entry in self.entries().items():
            canonical = rfc8785.dumps({name: entry[name] for name in FIELDS})
            whole.update(f"{key} {hashlib.sha256(canonical).hexdigest()}\n".encode())
        return f"sha256:{whole.hexdigest()}"

    def is_equal(self) -> bool:
        """Pull, and return whether the copy equals the store."""
        while True:
            self.pull()
            theirs = self.client.get("/api/v1/fingerprint/").raise_for_status().json()
            (revision,) = self.database.execute("SELECT revision FROM place").fetchone()
            # Somebody may have written between the two; then the two say nothing about each other.
            if theirs["revision"] == revision:
                return bool(theirs["fingerprint"] == self.fingerprint())

    def write(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Send a write that takes effect once, however often the answer is lost on its way."""
        headers["Idempotency-Key"] = str(uuid.uuid4())  # one key for all attempts
        for attempt in range(6):
            try:
                answer = self.client.request(method, f"/api/v1/{path}", json=body, headers=headers)
            except httpx.TransportError:
                time.sleep(0.1 * 2**attempt)
                continue
            if "Retry-After" not in answer.headers:
                return answer
            time.sleep(float(answer.headers["Retry-After"]))
        raise ConnectionError(f"{method} {path} could not be done now.")

    def add(self, content: str, **fields: Any) -> str:
        """Create an entry under an id of our own choice; return the id."""
        key = str(uuid.uuid4())
        entry = {"content": content, **fields}
        self.write("PUT", f"todos/{key}/", entry, **{"If-None-Match": "*"}).raise_for_status()
        return key

    def change(self, key: str, edit: Callable[[Entry], Entry]) -> None:
        """Change an entry: `edit` takes our copy and returns the fields that change. No change of others is lost."""
        while True:
            entry = self.entries()[key]
            # The ETag of an entry is its revision in quotes.
            condition = {"If-Match": f'"{entry["revision"]}"'}
            answer = self.write("PATCH", f"todos/{key}/", edit(entry), **condition)
            if answer.status_code != 412:
                answer.raise_for_status()
                return
            self.pull()  # somebody was faster: look at what it is now, and decide again


def main(url: str, path: str, command: str = "pull", *words: str) -> None:
    """Do one command, bring the copy up to date, and say whether it is equal."""
    token = os.environ.get("TODO_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
        mirror = Mirror(client, path)
        mirror.pull()
        if command == "add":
            print(mirror.add(*words))
        elif command == "done":
            mirror.change(words[0], lambda entry: {"completed": True})
        equal = mirror.is_equal()
        print(f"{len(mirror.entries())} entries, {'equal to' if equal else 'DIFFERENT from'} the store")
        mirror.database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
