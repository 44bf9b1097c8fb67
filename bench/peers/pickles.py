"""The design that came first: FastAPI, one pickle file an entry; a list, and a search, reads them all.

Written anew from that sentence. `python -m bench.peers.pickles FOLDER` fills its folder.
"""

import json
import os
import pickle
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

STORAGE = Path(os.environ["PEER_FOLDER"]) / "entries"
STORAGE.mkdir(parents=True, exist_ok=True)


class EntryIn(BaseModel):
    """An entry to create."""

    content: str
    notes: str = ""
    tags: list[str] = []
    priority: int = 0
    due: datetime | None = None
    position: int = 0
    completed_at: datetime | None = None


class Entry(EntryIn):
    """An entry."""

    id: UUID = Field(default_factory=uuid4)
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


def path_of(entry_id: UUID) -> Path:
    """Return the file of an entry."""
    return STORAGE / f"{entry_id}.pickle"


def write(entry: Entry) -> None:
    """Write an entry, as a dictionary, which is read twice as fast as an object."""
    path_of(entry.id).write_bytes(pickle.dumps(entry.model_dump()))


def read(path: Path) -> dict[str, Any]:
    """Read an entry."""
    entry: dict[str, Any] = pickle.loads(path.read_bytes())
    return entry


app = FastAPI()


@app.get("/todo/{entry_id}")
def read_entry(entry_id: UUID) -> Entry:
    """Read an entry."""
    try:
        return Entry.model_validate(read(path_of(entry_id)))
    except FileNotFoundError:
        raise HTTPException(404, "There is no such entry.") from None


@app.get("/todo/")
def list_entries(
    search: str = "", created_before: datetime | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[Entry]:
    """List entries, the newest first."""
    entries = [read(path) for path in STORAGE.iterdir()]
    for word in search.lower().split():
        entries = [entry for entry in entries if word in entry["content"].lower() or word in entry["notes"].lower()]
    if created_before is not None:
        entries = [entry for entry in entries if entry["created_at"] < created_before]
    entries.sort(key=lambda entry: entry["created_at"], reverse=True)
    return [Entry.model_validate(entry) for entry in entries[:limit]]


@app.post("/todo/")
def create_entry(body: EntryIn) -> Entry:
    """Create an entry."""
    entry = Entry(**body.model_dump())
    write(entry)
    return entry


if __name__ == "__main__":
    for line in (Path(sys.argv[1]) / "entries.jsonl").read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        if fields["owner"] == "local":
            write(Entry.model_validate(fields))
