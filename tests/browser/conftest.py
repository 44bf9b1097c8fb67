"""A real server, and a page of Chromium that tells of every error and of every request to another address."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Nothing but the test asks for anything.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for all tests of a module."""
    server = Server(tmp_path_factory.mktemp("site") / "server", {})
    server.start()
    yield server
    server.destroy()


@pytest.fixture(scope="module")
def password(site: Server) -> str:
    """The admin's password, which the server shows at its first start."""
    found = re.search(r"the password (\S+)", site.log.read_text())
    assert found, "the server did not show the admin's password"
    return found[1]


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """The Chromium of this machine, without a window."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "there is no Chromium on the path; install it (Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: "Browser", site: Server) -> "Iterator[Page]":
    """An empty page; at its end no error and no outside request may have been seen."""
    context = browser.new_context(base_url=site.url)
    page, complaints = context.new_page(), list[str]()
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if is_inside(request.url, site) else complaints.append(request.url))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def admin(page: "Page", password: str) -> "Page":
    """The page after the login."""
    page.goto("/admin/")
    page.get_by_label("Username").fill("local")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Log out").or_(page.get_by_role("button", name="Log out")).wait_for()
    return page


def is_inside(url: str, site: Server) -> bool:
    """Return whether an address leads to the server, or nowhere."""
    return url.startswith((f"{site.url}/", "data:", "blob:"))
