"""The admin is styled by the process itself: no step collects files."""

import re

from django.conf import settings

from tests.admin.browser import ENTRIES, Browser


def test_every_file_a_page_names_is_served_with_debug_off(browser: Browser) -> None:
    page = browser.open(ENTRIES)
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)

    assert settings.DEBUG is False
    assert any(name.endswith("/admin/css/base.css") for name in files)
    for name in files:
        response = browser.client.get(name)
        assert response.status_code == 200
        response.close()
