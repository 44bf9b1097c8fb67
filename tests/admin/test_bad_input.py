"""Input that no page of the admin sends: refused, never a fault of the server."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.browser import ENTRIES, TAGS

HUGE = "9" * 23
QUERIES = [
    "q=%00", "q=%FF", "q=%ED%A0%80", "q=" + "milk%20" * 1900, "q=" + "(" * 5000, "q=due:0000-01-01", "q=priority:99999",
    f"p={HUGE}", "p=-1", "o=99.1", "o=%00", "all=%00", "tag=%00", "tag=x", "owner=%00", f"owner={HUGE}", "due=%00",
    "state=%00", "created_at__year=0", "created_at__year=10000", "created_at__year=%00",
    "created_at__year=9999&created_at__month=12&created_at__day=31", "created_at__month=99&created_at__year=2026",
    "colour=red", "id__in=%00", "content__contains=%00", "_facets=%00", "&".join(f"p{n}=1" for n in range(1500)),
]  # fmt: skip
FIELDS = [
    ("content", "\0"), ("content", "x" * 3000), ("notes", "\0"), ("notes", "x" * 30_000), ("extra", "[" * 2000),
    ("extra", '{"a": NaN}'), ("extra", '{"a": 1, "a": 2}'), ("extra", '{"a": "\\u0000"}'),
    ("extra", '{"a": "\\ud800"}'),
    ("extra", '{"a": ' + "1" * 5000 + "}"), ("extra", "[" * 100_000 + "]" * 100_000), ("priority", "99999"),
    ("priority", "1e2"), ("priority", "9" * 5000), ("position", HUGE), ("position", "\0"), ("due_0", "\0"),
    ("due_0", "0000-01-01"), ("due_0", "10000-01-01"), ("due_1", "99:99"), ("tags", "\0"),
    ("owner", "\0"), ("owner", HUGE),
]  # fmt: skip


@pytest.fixture
def client(owner: Any) -> Client:
    """A client that is logged in as a superuser, and shows failures as a server does."""
    owner.is_staff = owner.is_superuser = True
    owner.save()
    client = Client(HTTP_HOST="localhost", raise_request_exception=False)
    client.force_login(owner, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("path", [ENTRIES, TAGS])
def test_bad_parameter_of_a_list_is_no_fault(client: Client, make: Any, path: str) -> None:
    make("milk", tags=["home"])
    statuses = {query[:60]: client.get(f"{path}?{query}").status_code for query in QUERIES}

    assert {query: status for query, status in statuses.items() if status not in (200, 302, 400)} == {}


def test_bad_field_of_a_form_is_no_fault_and_writes_nothing(client: Client, owner: Any, api: Any) -> None:
    form = {"content": "x", "notes": "", "priority": "0", "position": "0", "extra": "{}", "owner": str(owner.pk)}
    for name, value in FIELDS:
        page = client.post(f"{ENTRIES}add/", {**form, "due_0": "", "due_1": "", name: value})
        assert (page.status_code, name, value[:30]) == (200, name, value[:30])
    assert api.get("todos").ids == []


@pytest.mark.parametrize("row", ["\0", "x", HUGE, "-1", "1" * 5000])
def test_action_on_a_row_that_is_none_changes_nothing(client: Client, make: Any, row: str) -> None:
    entry = make("milk")
    for path in (ENTRIES, TAGS):
        for action in ("complete", "delete_selected"):
            page = client.post(path, {"action": action, "_selected_action": [row, str(entry.pk)]})
            assert page.status_code == 302
    entry.refresh_from_db()
    assert (entry.completed_at, entry.deleted_at) == (None, None)


@pytest.mark.parametrize("step", ["%00", "%FF", HUGE, "x"])
@pytest.mark.parametrize("path", [ENTRIES, TAGS])
def test_address_of_no_row_is_no_fault(client: Client, path: str, step: str) -> None:
    for page in ("change", "delete", "history"):
        assert client.get(f"{path}{step}/{page}/").status_code in (302, 404)


@pytest.mark.parametrize("name", ["\0", "x" * 151, "\ufdfa" * 1000, "x" * 100_000])
def test_name_that_no_user_has_is_a_login_that_fails(client: Client, name: str) -> None:
    client.logout()

    assert client.post("/admin/login/", {"username": name, "password": "\0"}).status_code == 200
    assert client.post("/admin/login/", {"username": name, "password": "x" * 1000}).status_code == 200


@pytest.mark.parametrize("term", ["%00", "%FF", "x" * 5000])
def test_tag_that_is_looked_for_may_be_anything(client: Client, term: str) -> None:
    asked = f"/admin/autocomplete/?term={term}&app_label=todos&model_name=todoentry&field_name=tags"

    assert client.get(asked).status_code == 200
