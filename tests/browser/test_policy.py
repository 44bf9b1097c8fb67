"""The content security policy stops nothing that a page needs, and what does not belong there."""

import time
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import is_inside
from tests.servers import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def links(page: "Page", site: Server) -> set[str]:
    """Return the addresses of the admin that a page leads to, without those that end the session."""
    found = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href.split('#')[0])")
    inside = {url for url in found if is_inside(url, site) and "/admin/" in url}
    return {url for url in inside if "logout" not in url and "/jsi18n" not in url}


def test_every_page_of_the_admin_works(admin: "Page", site: Server) -> None:
    admin.goto("/admin/todos/todoentry/add/")
    admin.get_by_label("Content").first.fill("an entry to look at")
    admin.locator("#id_tags").fill("seen")
    admin.get_by_role("button", name="Save", exact=True).click()
    waiting, seen = [f"{site.url}/admin/"], set[str]()
    while waiting:
        url = waiting.pop()
        response = admin.goto(url)
        assert response is not None
        assert response.status == 200, url
        seen.add(url)
        # One way to sort or filter a list is as good as another.
        waiting += sorted({each for each in links(admin, site) if "?" not in each} - seen - set(waiting))
    paths = {url.removeprefix(f"{site.url}/admin/") for url in seen}
    for kind in ("todos/todoentry", "todos/tag", "todos/token", "auth/user", "auth/group"):
        assert {f"{kind}/", f"{kind}/add/"} & paths, f"the pages of {kind} were not seen"
    assert any(path.endswith("/change/") for path in paths)
    assert any(path.endswith("/history/") for path in paths)
    assert any(path.endswith("/delete/") for path in paths)


def test_new_token_is_shown(admin: "Page") -> None:
    admin.goto("/admin/todos/token/add/")
    admin.get_by_label("Name").fill("phone")
    admin.get_by_role("button", name="Save", exact=True).click()
    admin.get_by_text("todo_").first.wait_for()


def test_filters_and_calendar_of_the_admin_work(admin: "Page") -> None:
    admin.goto("/admin/todos/todoentry/?state=open&q=milk")
    admin.locator("#searchbar").wait_for()
    admin.goto("/admin/todos/todoentry/add/")
    admin.locator(".datetimeshortcuts a").first.click()
    assert admin.locator("input.vDateField").first.input_value()


def test_operations_of_the_docs_open_and_can_be_tried(page: "Page") -> None:
    page.goto("/docs")
    page.locator(".opblock").first.wait_for()
    for method in ("get", "post", "put", "patch", "delete"):
        operation = page.locator(f".opblock-{method}").last
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Try it out").click()
    page.locator(".models .json-schema-2020-12-accordion").first.click()
    operation = page.locator("#operations-todos-todos_list")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    operation.locator(".live-responses-table .response-col_status", has_text="200").wait_for()


def test_what_does_not_belong_there_is_stopped(browser: "Browser", site: Server) -> None:
    page = browser.new_context(base_url=site.url).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto("/docs/errors/invalid")
    page.evaluate("document.body.innerHTML = '<img src=x onerror=\"document.title = 1\">'")
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: 'document.title = 2'}))")
    page.evaluate("document.body.append(Object.assign(document.createElement('iframe'), {src: 'https://example.org'}))")
    page.wait_for_function("() => document.querySelector('img').complete")
    assert page.title() not in ("1", "2")
    deadline = time.monotonic() + 30
    while len([text for text in complaints if "Content Security Policy" in text]) < 3:
        assert time.monotonic() < deadline, complaints
        page.wait_for_timeout(50)
    page.context.close()


@pytest.mark.parametrize("path", ["/api/v1/todos/", "/api/schema/", "/api/v1/nowhere/"])
def test_answers_of_the_api_are_no_pages(browser: "Browser", site: Server, path: str) -> None:
    page = browser.new_context(base_url=site.url).new_page()
    page.goto(path)
    found = page.evaluate("fetch('/api/v1/todos/').then(() => 'asked', () => 'stopped')")
    assert found == "stopped"
    page.context.close()
