"""Random writers work through every operation of the contract; a mirror that reads only the feed ends up equal.

200 runs here; `make fuzz-mirror` does 5,000.
"""

import json
import os
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from examples.mirror import Mirror
from tests.client import Answer, ApiClient
from tests.gate import check_counts
from todos.models import Tag, TodoEntry
from todos.purge import purge

RUNS, STEPS = int(os.environ.get("MIRROR_RUNS", "200")), 30
# The same runs each time, so that a change of the code alone can make this fail; the long form looks for others.
SAME = "MIRROR_RUNS" not in os.environ

# Few ids and few tags, so that the writers get in each other's way.
ids = st.sampled_from([str(UUID(int=number, version=4)) for number in range(1, 6)])
tags = st.sampled_from(["home", "Home", "home/garden", "home/garden/roses", "work", "café", "cafe", "a b%_"])
moments = st.sampled_from([None, "2026-12-01T17:00:00Z", "1999-01-01T00:00:00.000001+05:30"])
values = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e6, 1e6) | st.text(max_size=3)
optional = {
    "notes": st.text(max_size=4),
    "tags": st.lists(tags, max_size=3),
    "priority": st.integers(0, 9),
    "due": moments | st.just("2026-12-01"),
    "position": st.sampled_from([0, -1, 2**53 - 1, 1 - 2**53]),
    "completed": st.booleans(),
    "completed_at": moments,
    "extra": st.dictionaries(st.sampled_from(["a", "b", "ö", "\ue000", "𐀀"]), values | st.lists(values), max_size=3),
}
contents = st.sampled_from(["milk", "  bread ", "Ärger", "💡"]) | st.text(min_size=1, max_size=3)
entries = st.fixed_dictionaries({"content": contents}, optional=optional)
changes = st.fixed_dictionaries({}, optional={"content": contents, **optional})
conditions = st.sampled_from(["", "", "", "*", '"1"', "current"])
operations = st.one_of(
    st.builds(lambda key, entry: {"op": "create", "entry": {"id": key, **entry}}, ids, entries),
    st.builds(lambda key, change: {"op": "update", "id": key, "changes": change}, ids, changes),
    st.builds(lambda op, key: {"op": op, "id": key}, st.sampled_from(["delete", "restore"]), ids),
    st.builds(lambda op, key, tag: {"op": op, "id": key, "tag": tag}, st.sampled_from(["tag", "untag"]), ids, tags),
)


class Writers(RuleBasedStateMachine):
    """One owner, as many writers as there are rules, and one mirror."""

    runs = 0

    @initialize()
    def begin(self) -> None:
        """Give the run an owner of its own: the one of the run before gets another name."""
        type(self).runs += 1
        get_user_model().objects.filter(username="local").update(username=uuid4().hex)
        self.owner = get_user_model().objects.create_user("local")
        self.api, self.now, self.last = ApiClient(), timezone.now(), None
        transport = httpx.MockTransport(self.carry)
        self.mirror = Mirror(httpx.Client(transport=transport, base_url="http://localhost"), page_size=2)

    def carry(self, request: httpx.Request) -> httpx.Response:
        """Bring the mirror's requests to the API without a network."""
        answer = self.api.get(str(request.url))
        return httpx.Response(answer.status, content=answer.body)

    def send(self, method: str, path: str, *body: Any, **headers: str) -> None:
        """Send a write; whatever it is, it may be refused but it may not break."""
        headers["Idempotency_Key"] = uuid4().hex
        answer = self.api.request(method, path, *body, **headers)
        assert answer.status < 500, (method, path, body, answer.body)
        self.last = (answer, method, path, body, headers) if answer.status < 300 else None

    @rule(entry=entries, key=st.none() | ids)
    def post(self, entry: dict[str, Any], key: str | None) -> None:
        """Create, under an id of the client or of the server."""
        self.send("post", "todos", entry | ({"id": key} if key else {}))

    @rule(content=contents, names=st.lists(tags, max_size=2))
    def capture(self, content: str, names: list[str]) -> None:
        """Create by quick capture."""
        self.send("post", "/todo/", {"content": content, "tags": names})

    @rule(key=ids, entry=entries, condition=conditions)
    def put(self, key: str, entry: dict[str, Any], condition: str) -> None:
        """Create or replace."""
        self.send("put", f"todos/{key}", entry, **self.condition(key, condition))

    @rule(key=ids, change=changes, condition=conditions)
    def patch(self, key: str, change: dict[str, Any], condition: str) -> None:
        """Change some fields."""
        self.send("patch", f"todos/{key}", change, **self.condition(key, condition))

    @rule(key=ids, condition=conditions)
    def delete(self, key: str, condition: str) -> None:
        """Move to the trash."""
        self.send("delete", f"todos/{key}", **self.condition(key, condition))

    @rule(key=ids)
    def restore(self, key: str) -> None:
        """Take out of the trash."""
        self.send("post", f"todos/{key}/restore")

    @rule(method=st.sampled_from(["put", "delete"]), key=ids, name=tags)
    def tag(self, method: str, key: str, name: str) -> None:
        """Put a tag on, or take it off."""
        self.send(method, f"todos/{key}/tags/{name.replace('%', '%25')}")

    @rule(batch=st.lists(operations, min_size=1, max_size=6), atomic=st.booleans())
    def batch(self, batch: list[dict[str, Any]], atomic: bool) -> None:
        """Do several things at once."""
        self.send("post", "batch", {"operations": batch, "atomic": atomic})

    @rule(name=tags, new_name=tags)
    def rename_tag(self, name: str, new_name: str) -> None:
        """Rename a tag, or merge it into another."""
        self.send("patch", f"tags/{name.replace('%', '%25')}", {"name": new_name})

    @rule(name=tags)
    def delete_tag(self, name: str) -> None:
        """Take a tag off all entries."""
        self.send("delete", f"tags/{name.replace('%', '%25')}")

    @rule(key=ids, name=tags, way=st.integers(0, 7))
    def write_below_the_doors(self, key: str, name: str, way: int) -> None:
        """Write as the admin and commands do."""
        found = TodoEntry.objects.owned_by(self.owner.pk).filter(uuid=key)
        tag = Tag.objects.owned_by(self.owner.pk).named(name).first()
        match way, found.first(), tag:
            case 0, _, _:
                found.update(priority=3)
            case 1, TodoEntry() as entry, _:
                entry.save()
            case 2, TodoEntry() as entry, _:
                entry.delete()
            case 3, TodoEntry() as entry, Tag():
                entry.tags.set([tag])
            case 4, _, Tag():
                tag.entries.clear()
            case 5, _, Tag():
                tag.delete()
            case 6, _, Tag():
                tag.save()
            case 7, _, _:
                found.update(completed_at=timezone.now())

    @rule()
    def repeat(self) -> None:
        """Send the last write again, as a client does that lost the answer."""
        if self.last:
            answer, method, path, body, headers = self.last
            again: Answer = self.api.request(method, path, *body, **headers)
            assert (again.status, again.body) == (answer.status, answer.body)
            assert again.headers["Idempotency-Replayed"] == "true"

    @rule(days=st.sampled_from([0, 31, 366]))
    def purge(self, days: int) -> None:
        """Let time pass, and purge."""
        self.now += timedelta(days=days)
        purge(now=self.now)
        self.last = None

    @rule(size=st.integers(1, 7))
    def pull_page(self, size: int) -> None:
        """Let the mirror read a page, after whatever has been written since the one before."""
        self.mirror.page_size = size
        self.mirror.pull_page()

    def condition(self, key: str, condition: str) -> dict[str, str]:
        """Return the header of a condition."""
        if condition == "current":
            condition = self.api.get(f"todos/{key}").headers.get("ETag", "")
        return {"If_Match": condition} if condition else {}

    def teardown(self) -> None:
        """Compare the copy with the store, by fingerprint and to the letter."""
        if hasattr(self, "mirror"):
            assert self.mirror.is_equal()
            stored = TodoEntry.objects.owned_by(self.owner.pk)
            assert self.mirror.entries() == {
                str(entry.uuid): json.loads(json.dumps(entry.as_dict())) for entry in stored
            }
            self.mirror.database.close()
            check_counts(self.owner.pk, stored.prefetch_related("tags"))


@pytest.mark.django_db
def test_mirror_of_random_writers_ends_with_the_fingerprint_of_the_store() -> None:
    Writers.runs = 0
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    profile = settings(
        max_examples=RUNS, stateful_step_count=STEPS, deadline=None, suppress_health_check=checks, derandomize=SAME
    )
    run_state_machine_as_test(Writers, settings=profile)
    assert Writers.runs >= RUNS
