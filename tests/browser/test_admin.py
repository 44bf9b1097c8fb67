"""The admin in a browser, as a person uses it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def add(admin: "Page", content: str, tags: str = "") -> None:
    """Add an entry by the form."""
    admin.goto("/admin/todos/todoentry/add/")
    admin.get_by_label("Content", exact=False).first.fill(content)
    admin.locator("#id_tags").fill(tags)
    admin.get_by_role("button", name="Save", exact=True).click()
    admin.locator(".messagelist .success").wait_for()


def test_admin_is_styled(admin: "Page") -> None:
    header = admin.locator("#header")
    assert header.evaluate("element => getComputedStyle(element).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_admin_adds_searches_and_completes_an_entry(admin: "Page") -> None:
    add(admin, "buy oat milk", "home")
    add(admin, "water the plants")
    admin.goto("/admin/todos/todoentry/")
    admin.locator("#searchbar").fill("#home MILK")
    admin.get_by_role("button", name="Search").click()
    admin.wait_for_url("**q=*")
    rows = admin.locator("#result_list tbody tr")
    assert rows.count() == 1
    assert "buy oat milk" in rows.inner_text()
    rows.locator("input.action-select").check()
    admin.locator("select[name=action]").select_option("complete")
    admin.get_by_title("Run the selected action").click()
    admin.locator(".messagelist .success", has_text="completed").wait_for()
    admin.goto("/admin/todos/todoentry/?state=done")
    assert "buy oat milk" in rows.inner_text()


def test_admin_refuses_a_wrong_password(page: "Page", password: str) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill("local")
    page.get_by_label("Password").fill(f"{password}!")
    page.get_by_role("button", name="Log in").click()
    assert "correct username and password" in page.locator(".errornote").inner_text()
