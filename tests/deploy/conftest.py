"""The shipped proxy in front of a real server in token mode, for all tests of a module."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy.proxy import HOST, Proxy
from tests.servers import Server

ENVIRONMENT = {
    "TODO_APP_ACCESS": "token",
    "TODO_APP_SECRET_KEY": secrets.token_urlsafe(50),
    "TODO_APP_ALLOWED_HOSTS": f"{HOST},127.0.0.1",
    "TODO_APP_METRICS": "1",
    "CACHE_URL": "",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.deploy)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server in token mode."""
    found = Server(tmp_path_factory.mktemp("deploy") / "server", ENVIRONMENT)
    try:
        found.start()
        yield found
    finally:
        found.destroy()


@pytest.fixture(scope="module")
def start_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Proxy]]:
    """Start proxies in front of ports; they are stopped at the end of the module."""
    folder, proxies = tmp_path_factory.mktemp("nginx"), list[Proxy]()

    def start(upstream: int) -> Proxy:
        proxies.append(Proxy(Path(folder / str(len(proxies))), upstream))
        proxies[-1].start()
        return proxies[-1]

    yield start
    for proxy in proxies:
        proxy.stop()


@pytest.fixture(scope="module")
def proxy(server: Server, start_proxy: Callable[[int], Proxy]) -> Proxy:
    """The proxy in front of the server."""
    return start_proxy(server.port)


@pytest.fixture(scope="module")
def bearer(server: Server) -> dict[str, str]:
    """The header of a token that may write."""
    ended = server.manage("token", "create", "phone")
    assert ended.returncode == 0, ended.stderr
    return {"Authorization": f"Bearer {ended.stdout.strip()}"}
