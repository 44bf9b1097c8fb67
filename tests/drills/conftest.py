"""One server for all drills of a module that leave it running."""

from collections.abc import Iterator

import pytest

from tests.servers import Server


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server whose entries the drills of one module share."""
    server = Server(tmp_path_factory.mktemp("drill") / "server", {})
    try:
        server.start()
        yield server
    finally:
        server.destroy()
