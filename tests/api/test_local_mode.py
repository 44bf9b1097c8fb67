"""Local mode: only this machine's own programs and pages are let in, for reading as for writing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Answer, ApiClient

PATHS = ["/todo/", "/api/v1/todos/"]


def refused(answer: Answer) -> bool:
    """Return whether an answer is a problem that says no and shows nothing."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "secret" not in answer.body.decode()
    return answer.status in (400, 403)


@pytest.fixture(autouse=True)
def entry(make: Callable[..., Any]) -> Any:
    """An entry that nobody from outside may see."""
    return make("secret")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST"]
)
def test_a_loopback_host_is_let_in(api: ApiClient, path: str, host: str) -> None:
    assert api.get(path, Host=host).status == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "localhost.example.org",
        "example.org:8080",
        "127.0.0.1.example.org",
        "192.168.1.5",
        "0.0.0.0",
        "localhost@example.org",
        "example.org#localhost",
        "[::]",
        "",
        "local host",
    ],
)
def test_another_host_is_refused(api: ApiClient, path: str, host: str) -> None:
    assert refused(api.get(path, Host=host))
    assert refused(api.post(path, {"content": "x"}, Host=host))


@pytest.mark.parametrize("name", ["ALLOWED_HOSTS", "USE_X_FORWARDED_HOST"])
def test_another_host_is_refused_whatever_else_is_set(api: ApiClient, settings: Any, name: str) -> None:
    setattr(settings, name, ["*"] if name == "ALLOWED_HOSTS" else True)

    assert api.get("todos", Host="example.org").status in (400, 403)
    assert api.get("todos", Host="localhost", X_Forwarded_Host="localhost").status == 403


@pytest.mark.parametrize("peer", ["192.168.1.5", "10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", ""])
@pytest.mark.usefixtures("owner")
def test_another_machine_is_refused(peer: str) -> None:
    outside = ApiClient(REMOTE_ADDR=peer)

    for path in PATHS:
        answer = outside.get(path)
        assert refused(answer)
        assert answer.json["code"] == "forbidden"


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1"])
@pytest.mark.usefixtures("owner")
def test_every_loopback_address_is_this_machine(peer: str) -> None:
    assert ApiClient(REMOTE_ADDR=peer).get("todos").status == 200


@pytest.mark.parametrize(
    "header",
    ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Real-IP"],
)
def test_a_request_through_a_proxy_is_refused(api: ApiClient, header: str) -> None:
    for path in PATHS:
        answer = api.get(path, **{header: "127.0.0.1"})
        assert refused(answer)
        assert header.lower() in answer.json["detail"].lower()


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site", "anything", ""])
def test_a_request_of_another_sites_page_is_refused(api: ApiClient, site: str) -> None:
    for path in PATHS:
        assert refused(api.get(path, Sec_Fetch_Site=site))
        assert refused(api.post(path, {"content": "x"}, Sec_Fetch_Site=site))


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_request_of_an_own_page_is_let_in(api: ApiClient, site: str) -> None:
    assert api.post("todos", {"content": "x"}, Sec_Fetch_Site=site).status == 201


@pytest.mark.parametrize(
    "origin", ["http://example.org", "null", "http://localhost:3000", "http://localhost.example.org"]
)
def test_a_request_with_another_origin_is_refused(api: ApiClient, origin: str) -> None:
    for path in PATHS:
        assert refused(api.get(path, Origin=origin))
        assert refused(api.post(path, {"content": "x"}, Origin=origin))


def test_a_request_with_the_own_origin_is_let_in(api: ApiClient) -> None:
    assert api.post("todos", {"content": "x"}, Origin="http://localhost").status == 201
    assert api.get("todos", Origin="http://localhost:8080", Host="localhost:8080").status == 200


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain; application/json",
        "application/json-patch+json",
        "",
    ],
)
def test_a_write_that_a_form_could_send_is_refused(api: ApiClient, entry: Any, kind: str) -> None:
    answers = [
        api.post("/todo/", b'{"content": "x"}', Content_Type=kind),
        api.post("todos", b'{"content": "x"}', Content_Type=kind),
        api.post("batch", b'{"operations": []}', Content_Type=kind),
        api.post(f"todos/{entry.uuid}/restore", b"x=1", Content_Type=kind),
    ]

    assert [answer.status for answer in answers] == [415] * 4
    assert api.get("todos").contents == ["secret"]


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_a_write_in_json_is_let_in(api: ApiClient, kind: str) -> None:
    assert api.post("todos", b'{"content": "x"}', Content_Type=kind).status == 201


def test_no_answer_lets_another_sites_page_read_it(api: ApiClient) -> None:
    answer = api.get("todos", Origin="http://example.org")

    assert not [name for name in answer.headers if name.startswith("Access-Control")]
