"""`/docs` works in a browser that reaches nothing but the server."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_docs_show_the_operations(page: "Page") -> None:
    page.goto("/docs")
    page.locator("#operations-todos-todos_list").wait_for()
    assert page.locator(".opblock").count() > 15
    assert "Todo store" in page.locator(".info .title").inner_text()


def test_docs_send_a_request(page: "Page") -> None:
    page.goto("/docs")
    operation = page.locator("#operations-todo-todo_create")
    operation.locator(".opblock-summary").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea").fill('{"content": "written in the docs"}')
    operation.get_by_role("button", name="Execute").click()
    operation.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
    page.goto("/todo/")
    assert "written in the docs" in page.locator("body").inner_text()


def test_docs_lead_from_an_error_to_its_page(page: "Page") -> None:
    page.goto("/docs/errors/precondition-failed")
    assert "412" in page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="sync-expired").click()
    assert "410" in page.get_by_role("heading", level=1).inner_text()


def test_start_page_leads_to_the_docs(page: "Page") -> None:
    page.goto("/")
    page.locator("#operations-todos-todos_list").wait_for()
    assert page.url.endswith("/docs")
