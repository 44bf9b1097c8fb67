"""The order of relevance: the newest 1,000 matches by how well they match, then the older ones, newest first."""

import operator
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from todos.querysets import ORDERINGS, Row, TodoEntryQuerySet
from todos.search import relevance

RANKED = 1000
NEWEST = ORDERINGS["-created_at"]
REST = 1_000_000  # stands for the rank of all that is older; no sum of 30 words reaches it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Place = tuple[datetime, int]


class Relevance:
    """The order of one search. Its cursors hold the ends of the ranked stretch, so that new entries move nothing."""

    def __init__(self) -> None:
        self.newest: Place | None = None
        self.oldest: Place | None = None

    def position(self, row: Row) -> list[Any]:
        """Return the place of a row in this order, as JSON can hold it."""
        ends = [end and (end[0].isoformat(), end[1]) for end in (self.newest, self.oldest)]
        return [row["rank"], row["created_at"].isoformat(), row["id"], *ends]

    def after(self, position: Sequence[Any]) -> tuple[int, Place]:
        """Return the place that `position` gave, and take over its ends."""
        rank, moment, pk, newest, oldest = position
        self.newest, self.oldest = (end and (datetime.fromisoformat(end[0]), end[1]) for end in (newest, oldest))
        return rank, (datetime.fromisoformat(moment), pk)

    def page(
        self, entries: TodoEntryQuerySet, after: tuple[int, Place] | None, size: int, direction: int = 1
    ) -> list[Row]:
        """Return up to `size` rows that follow a place, as dictionaries of columns."""
        rest, ranked = after is not None and after[0] == REST, self._ranked(entries)
        if after:
            ahead = operator.gt if direction > 0 else operator.lt
            ranked = [row for row in ranked if ahead(_key(row["rank"], _place(row)), _key(*after))]
        if direction > 0:
            start = after[1] if after and rest else self.oldest
            return _whole(entries, ranked[:size]) + self._older(entries, start, size - len(ranked[:size]), 1)
        older = self._older(entries, after[1], size, -1) if after and rest else []
        return older + _whole(entries, ranked[::-1][: size - len(older)])

    def _ranked(self, entries: TodoEntryQuerySet) -> list[Row]:
        """Return id, time and rank of the entries between the ends, best first."""
        stretch = entries.created_between(self.oldest and self.oldest[0], self.newest and self.newest[0])
        size = RANKED if self.newest is None else 10 * RANKED
        rows = stretch.page(NEWEST, None, size, columns=("id", "created_at", "folded"))
        if self.newest is None and rows:
            self.newest, self.oldest = _place(rows[0]), _place(rows[-1]) if len(rows) == RANKED else None
        inside = [
            {"id": row["id"], "created_at": row["created_at"], "rank": relevance(entries.tree, row["folded"])}
            for row in rows
            if self.newest and (self.oldest or _place(row)) <= _place(row) <= self.newest
        ]
        return sorted(inside, key=lambda row: _key(row["rank"], _place(row)))

    def _older(self, entries: TodoEntryQuerySet, start: Place | None, size: int, direction: int) -> list[Row]:
        if self.oldest is None or start is None or size == 0:
            return []
        rows = entries.page(NEWEST, start, size, direction)
        return [{**row, "rank": REST} for row in rows if _place(row) < self.oldest]


def _place(row: Row) -> Place:
    return row["created_at"], row["id"]


def _key(rank: int, place: Place) -> tuple[int, int, int]:
    return rank, -((place[0] - _EPOCH) // timedelta(microseconds=1)), -place[1]


def _whole(entries: TodoEntryQuerySet, found: list[Row]) -> list[Row]:
    """Return all columns of rows that are known by id and rank, in their order."""
    by_id = {row["id"]: row for row in entries.with_ids(row["id"] for row in found)}
    return [{**by_id[row["id"]], "rank": row["rank"]} for row in found if row["id"] in by_id]
