"""A browser without a network: it reads the forms of a page, and sends them as a browser does."""

import re
from html.parser import HTMLParser
from typing import Any

from django.test import Client

ENTRIES, TAGS, TOKENS = "/admin/todos/todoentry/", "/admin/todos/tag/", "/admin/todos/token/"


class FormReader(HTMLParser):
    """The successful controls of the form with an id, or of the last form that posts."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside = form_id, False
        self.fields: list[tuple[str, str]] = []
        self.area: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect an input, or begin to read what holds text."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = found.get("method") == "post" and found.get("id", "") == self.form_id
        if not self.inside or not (found.get("name") or tag == "option"):
            return
        if tag == "textarea":
            self.fields.append((found["name"], ""))
            self.area = []
        elif tag == "select":
            self.fields.append((found["name"], ""))
        elif tag == "option" and "selected" in found:
            self.fields[-1] = (self.fields[-1][0], found.get("value", ""))
        elif tag == "input" and found.get("type") != "submit":
            box = found.get("type") == "checkbox"
            if not box or "checked" in found:
                self.fields.append((found["name"], found.get("value", "on" if box else "")))

    def handle_data(self, data: str) -> None:
        """Collect the text of a text area."""
        if self.area is not None:
            self.area.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Close a text area, whose first line break is not part of the text, or a form."""
        if tag == "textarea" and self.area is not None:
            text = re.sub("\r\n?", "\n", "".join(self.area)).removeprefix("\n")
            self.fields[-1] = (self.fields[-1][0], text.replace("\n", "\r\n"))
            self.area = None
        if tag == "form":
            self.inside = False


class Page:
    """What a browser shows: status, text, messages, and the rows of a list."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status: int = response.status_code
        self.text: str = response.content.decode()
        self.path: str = response.request["PATH_INFO"]
        query = response.request["QUERY_STRING"]
        self.address = f"{self.path}?{query}" if query else self.path

    @property
    def messages(self) -> list[str]:
        """The messages, as text."""
        return [str(message) for message in self.response.context["messages"]]

    @property
    def errors(self) -> dict[str, list[str]]:
        """The errors of the form, by field."""
        return dict(self.response.context["adminform"].form.errors)

    @property
    def rows(self) -> list[str]:
        """The names of the rows of a list, in order."""
        return [str(row) for row in self.response.context["cl"].result_list]

    def column(self, name: str) -> list[str]:
        """The texts of a column of a list."""
        cells = re.findall(rf'<t[dh] class="[^"]*field-{name}[^"]*">(.*?)</t[dh]>', self.text, re.DOTALL)
        return [re.sub("<[^>]*>", "", cell) for cell in cells]

    def form(self, form_id: str = "") -> dict[str, str]:
        """The fields of a form, as they would be sent if nothing were typed."""
        reader = FormReader(form_id)
        reader.feed(self.text)
        return dict(reader.fields)


class Browser:
    """One user's session."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.client = Client(HTTP_HOST="localhost")
        self.client.force_login(user)

    def open(self, path: str, **params: str) -> Page:
        """Open a page; redirects are followed."""
        return Page(self.client.get(path, params, follow=True))

    def entry(self, entry: Any) -> Page:
        """Open the form of an entry."""
        return self.open(f"{ENTRIES}{entry.pk}/change/")

    def tag(self, tag: Any) -> Page:
        """Open the form of a tag."""
        return self.open(f"{TAGS}{tag.pk}/change/")

    def post(self, path: str, data: dict[str, Any]) -> Page:
        """Send fields; redirects are followed."""
        return Page(self.client.post(path, data, follow=True))

    def save(self, page: Page, **typed: str | None) -> Page:
        """Type into the form of an entry, a tag or a token (None unticks a box) and save it."""
        form_id = f"{page.path.split('/')[3]}_form"
        fields = {name: value for name, value in {**page.form(form_id), **typed}.items() if value is not None}
        return self.post(page.address, {**fields, "_save": "Save"})

    def save_list(self, page: Page, **typed: str) -> Page:
        """Type into the rows of a list and save it."""
        return self.post(page.address, {**page.form("changelist-form"), **typed, "_save": "Save"})

    def act(self, action: str, *rows: Any, path: str = ENTRIES, **fields: str) -> Page:
        """Tick rows of a list and run an action on them."""
        return self.post(path, {"action": action, "index": "0", "_selected_action": [row.pk for row in rows], **fields})
