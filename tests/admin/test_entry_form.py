"""The form of an entry writes what was changed in it, by the rules of the API, and nothing else."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import override_settings

from tests.admin.browser import ENTRIES, Browser
from todos.models import Ledger, TodoEntry

Make = Callable[..., Any]


def test_added_entry_belongs_to_the_user_and_has_what_was_typed(browser: Browser) -> None:
    page = browser.save(
        browser.open(f"{ENTRIES}add/"),
        content="  buy milk ",
        tags="shop, home/kitchen,",
        due_0="2026-12-01",
        due_1="17:30",
        priority="2",
        notes="two liters\r\nof oat",
        extra='{"b": 1, "a": [2.0]}',
    )

    entry = TodoEntry.objects.get()
    assert page.path == ENTRIES
    assert (entry.owner, entry.content, entry.priority) == (browser.user, "buy milk", 2)
    assert entry.tag_names == ["home/kitchen", "shop"]
    assert {tag.name for tag in entry.tags.all()} == {"home/kitchen", "shop"}
    assert entry.due == datetime(2026, 12, 1, 17, 30, tzinfo=UTC)
    assert entry.notes == "two liters\nof oat"
    assert list(entry.extra) == ["b", "a"]
    assert (entry.completed_at, entry.revision) == (None, 1)


def test_changed_field_is_written_and_the_others_stay(browser: Browser, make: Make) -> None:
    moment = datetime(2026, 12, 1, 17, 30, 12, 123456, tzinfo=UTC)
    odd = {"notes": "\r\n mixed\rends\n ", "due": moment, "extra": {"b": 1.0, "a": {"c": None}}, "position": -7}
    entry = make("two\nlines", tags=["b", "a"], **odd)

    page = browser.save(browser.entry(entry), priority="3")

    stored = TodoEntry.objects.get()
    assert page.path == ENTRIES
    changed = {"priority": 3, "revision": 2, "updated_at": stored.as_dict()["updated_at"]}
    assert stored.as_dict() == entry.as_dict() | changed


def test_saving_without_a_change_leaves_no_revision(browser: Browser, make: Make) -> None:
    entry = make("x", notes="a\nb", due=date(2026, 12, 1), tags=["home"], extra={"a": 1})

    browser.save(browser.entry(entry))

    assert TodoEntry.objects.get().as_dict() == entry.as_dict()
    assert Ledger.objects.get().revision == 1


def test_due_is_a_day_when_no_time_is_typed(browser: Browser, make: Make) -> None:
    entry = make(due=datetime(2026, 12, 1, 17, 30, tzinfo=UTC))

    browser.save(browser.entry(entry), due_1="")

    assert TodoEntry.objects.get().due == date(2026, 12, 1)


@override_settings(TIME_ZONE="Europe/Berlin")
def test_due_time_is_read_and_shown_in_the_time_zone(browser: Browser, make: Make) -> None:
    entry = make(due=date(2026, 12, 1))

    browser.save(browser.entry(entry), due_1="00:30")

    assert TodoEntry.objects.get().due == datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert browser.entry(entry).form("todoentry_form")["due_0"] == "2026-12-01"
    assert browser.open(ENTRIES).column("due") == ["2026-12-01 00:30"]


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("content", " \r\n ", "required"),
        ("content", "x" * 2001, "2000"),
        ("notes", "x" * 20_001, "20000"),
        ("notes", "a\0b", "Null characters"),
        ("tags", "a#b", "'#'"),
        ("tags", "Café, CAFE", "the same"),
        ("tags", ",".join(map(str, range(51))), "50 tags"),
        ("priority", "10", "9"),
        ("position", "9007199254740992", "9007199254740991"),
        ("due_0", "31.12.2026", "valid date"),
        ("due_0", "", "A time needs a day"),
        ("extra", "{", "not JSON"),
        ("extra", "[1]", "object"),
        ("extra", '{"a": 1, "a": 2}', "twice"),
        ("extra", '{"a": NaN}', "not JSON"),
        ("extra", '{"a": %s}' % ("1" * 5000), "beyond"),
        ("extra", '{"a": "\\u0000"}', "cannot be stored"),
        ("extra", '{"a": %s}' % ("[" * 32 + "]" * 32), "deeper"),
        ("extra", "[" * 100_000, "deeper"),
        ("extra", '{"a": "%s"}' % ("x" * 17_000), "16,384"),
    ],
)  # fmt: skip
def test_what_the_api_refuses_is_an_error_at_its_field(
    browser: Browser, make: Make, field: str, typed: str, message: str
) -> None:
    entry = make(due=datetime(2026, 12, 1, 17, 30, tzinfo=UTC))

    page = browser.save(browser.entry(entry), **{field: typed})

    assert page.status == 200
    assert list(page.errors) == [field.removesuffix("_0")]
    assert message in str(page.errors)
    assert TodoEntry.objects.get().as_dict() == entry.as_dict()


@override_settings(TIME_ZONE="Europe/Berlin")
def test_time_that_the_clock_skips_is_refused(browser: Browser, make: Make) -> None:
    page = browser.save(browser.entry(make()), due_0="2026-03-29", due_1="02:30")

    assert page.errors == {"due": ["There is no 02:30 on that day in Europe/Berlin."]}


@override_settings(TIME_ZONE="Europe/Berlin")
def test_time_that_comes_twice_can_be_kept(browser: Browser, make: Make) -> None:
    entry = make(due=datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

    browser.save(browser.entry(entry), priority="1")

    assert TodoEntry.objects.get().due == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@override_settings(TIME_ZONE="Asia/Tokyo")
@pytest.mark.parametrize("year", [1, 9999])
def test_moments_at_the_ends_of_the_calendar_are_shown_and_kept(browser: Browser, make: Make, year: int) -> None:
    end = datetime(year, 1, 1, tzinfo=UTC) if year == 1 else datetime(year, 12, 31, 23, 59, tzinfo=UTC)
    entry = make(due=end, completed_at=end)

    page = browser.save(browser.entry(entry), priority="1")

    assert (page.path, page.column("due")[0][:4]) == (ENTRIES, f"{year:04}")
    assert TodoEntry.objects.get().due == end
    assert browser.save(browser.entry(entry), due_0="0001-01-01", due_1="00:00").errors.keys() == {"due"}


def test_completed_is_ticked_and_unticked(browser: Browser, make: Make) -> None:
    entry = make()

    browser.save(browser.entry(entry), completed="on")
    done = TodoEntry.objects.get()
    browser.save(browser.entry(entry), priority="1")
    still = TodoEntry.objects.get()
    browser.save(browser.entry(entry), completed=None)

    assert done.completed_at is not None
    assert still.completed_at == done.completed_at
    assert TodoEntry.objects.get().completed_at is None


def test_extra_is_replaced_and_not_merged(browser: Browser, make: Make) -> None:
    entry = make(extra={"a": {"b": 1}, "c": 2})

    browser.save(browser.entry(entry), extra='{"a": {"d": 1}}')
    assert TodoEntry.objects.get().extra == {"a": {"d": 1}}

    browser.save(browser.entry(entry), extra="")
    assert TodoEntry.objects.get().extra == {}


def test_who_may_only_look_sees_everything_and_saves_nothing(owner: Any, admit: Any, make: Make) -> None:
    entry = make("secret plan", tags=["home"], due=date(2026, 12, 1), completed=True, extra={"key": "value"})
    viewer = admit(owner, "view_todoentry")

    page = viewer.entry(entry)

    assert page.status == 200
    assert all(text in page.text for text in ("secret plan", "home", "2026-12-01", "key", "icon-yes"))
    assert "version" not in page.text
    assert viewer.post(page.address, {"content": "x"}).status == 403
    assert viewer.open(ENTRIES).rows == ["secret plan"]
