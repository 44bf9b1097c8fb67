"""Settings and the cast of the tests: an owner, another one, and clients that speak JSON for them."""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Before Django reads its settings: a storage folder of its own, and none of the variables of the person who runs this.
STORAGE = Path(tempfile.mkdtemp(prefix="todo-tests-"))
for _name in [name for name in os.environ if name.startswith(("TODO_APP_", "TODOAPP_"))]:
    del os.environ[_name]
os.environ["TODOAPP_STORAGE_DIR"] = str(STORAGE)
os.environ["DJANGO_SETTINGS_MODULE"] = "todoproject.settings"

import django
import pytest

django.setup()

from django.conf import settings as project_settings

# Each client makes the middlewares anew, and whitenoise's would look at all 170 files again; real servers, in the
# tests of headers and of the browser, do so as they are.
project_settings.WHITENOISE_AUTOREFRESH = True

from tests.client import ApiClient
from tests.leaks import WATCH
from tests.servers import Server


@pytest.fixture(autouse=True)
def log_without_texts() -> Iterator[None]:
    """Fail the test in which a secret or somebody's text was logged."""
    # Each time, since Django sets up the log anew where `todoproject.wsgi` is imported, without this handler.
    logging.getLogger().addHandler(WATCH)
    yield
    assert WATCH.take() == []


@pytest.fixture(autouse=True, scope="session")
def log_without_texts_at_the_end() -> Iterator[None]:
    """Do so for servers that outlive the tests that use them."""
    yield
    assert WATCH.take() == []


@pytest.fixture(autouse=True)
def no_answer_of_another_test() -> Iterator[None]:
    """Forget answers: a test that is rolled back leaves its owners' ids and revisions to the next one."""
    from todos.api.kept import answers

    yield
    answers.clear()


def pytest_unconfigure() -> None:
    """Leave no folder behind."""
    shutil.rmtree(STORAGE, ignore_errors=True)


@pytest.fixture
def owner(db: None) -> Any:
    """The owner for whom the API acts in local mode."""
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create_user("local")


@pytest.fixture
def other(db: None) -> Any:
    """Somebody else, whose entries nobody but them may see."""
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create_user("other")


@pytest.fixture
def api(owner: Any) -> ApiClient:
    """A client of the API that acts for the owner."""
    return ApiClient()


@pytest.fixture
def token_mode(settings: Any) -> None:
    """Ask for tokens, as TODO_APP_ACCESS=token does, and count no requests (RATE_LIMIT turns that on again)."""
    settings.ACCESS, settings.RATE_LIMIT = "token", 0


@pytest.fixture
def let_in(token_mode: None) -> Callable[..., ApiClient]:
    """Make a token for a user and return a client that sends it: `let_in(owner, "read")`."""
    from todos.tokens import issue

    def client_of(user: Any, scope: str = "write", **options: Any) -> ApiClient:
        _, secret = issue(user, "a token", scope, **options)
        return ApiClient(HTTP_AUTHORIZATION=f"Bearer {secret}")

    return client_of


@pytest.fixture
def make(owner: Any) -> Callable[..., Any]:
    """Create entries below the doors: `make("buy milk", tags=["home"])`, for the owner or `owner=`."""
    from todos.writer import writing

    def make_entry(content: str = "an entry", *, owner: Any = owner, **fields: Any) -> Any:
        WATCH.forbid(content, fields)
        with writing(owner.pk) as writer:
            return writer.create({"content": content, **fields})

    return make_entry


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start real servers (`manage.py serve`) on storage of their own; they are stopped at the end of the test."""
    servers: list[Server] = []

    def start(**environment: str) -> Server:
        server = Server(tmp_path / f"server-{len(servers)}", environment)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.destroy()


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    """One real server on an empty database: SQLite, or a database of its own where DATABASE_URL names PostgreSQL."""
    return start_server()
