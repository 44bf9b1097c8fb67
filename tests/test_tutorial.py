"""What the pages show is what happens: their commands are run against a server, and their outputs compared."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import Server
from tests.transcript import canonical, commands_of, run

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"README.md": 5, "docs/tutorial.md": 40, "docs/api.md": 5}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("name", PAGES)
def test_page_shows_what_the_server_prints(name: str, start_server: Callable[..., Server]) -> None:
    commands, shown = zip(*commands_of(ROOT / name), strict=True)
    assert len(commands) >= PAGES[name], "the commands are no longer found in the page"
    printed = run(list(commands), start_server().port)
    for command, expected, found in zip(commands, canonical(list(shown)), canonical(printed), strict=True):
        assert found == expected, command
