"""What clients get through the shipped proxy: the API as it is, over TLS only, with nothing added, lost or believed."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.deploy.proxy import HOST, Proxy
from tests.servers import Server

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def client(proxy: Proxy, bearer: dict[str, str]) -> Iterator[httpx.Client]:
    """A client with a token."""
    with proxy.client(headers=bearer) as client:
        yield client


def test_chunked_body_arrives_whole(client: httpx.Client) -> None:
    def body() -> Iterator[bytes]:
        yield b'{"content": "in '
        yield b'three pieces"'
        yield b"}"

    created = client.post("/api/v1/todos/", content=body(), headers={"Content-Type": "application/json"})

    assert created.request.headers["Transfer-Encoding"] == "chunked"
    assert (created.status_code, created.json()["content"]) == (201, "in three pieces")


@pytest.mark.parametrize("chunked", [False, True])
def test_body_of_two_megabytes_is_a_problem_413(proxy: Proxy, client: httpx.Client, chunked: bool) -> None:
    body = b'{"content": "x", "notes": "' + b"x" * 2 * MEBIBYTE + b'"}'

    refused = client.post("/api/v1/todos/", content=iter([body]) if chunked else body)

    assert (refused.status_code, refused.headers["Content-Type"]) == (413, "application/problem+json")
    assert (refused.json()["code"], refused.json()["status"]) == ("too-large", 413)
    assert refused.json()["request_id"] == refused.headers["X-Request-Id"]


def test_largest_body_that_the_server_takes_is_not_refused(client: httpx.Client) -> None:
    notes = "x" * 10_000
    body = f'{{"content": "x", "notes": "{notes}"}}'.encode()

    assert client.post("/api/v1/todos/", content=body.ljust(MEBIBYTE), headers={"Content-Type": "application/json"}
                       ).status_code == 201  # fmt: skip


def test_answer_keeps_its_strong_etag_whatever_nginx_compresses_elsewhere(client: httpx.Client) -> None:
    url = f"/api/v1/todos/{client.post('/api/v1/todos/', json={'content': 'milk'}).json()['id']}/"
    read = client.get(url, headers={"Accept-Encoding": "gzip"})
    etag = read.headers["ETag"]

    assert not etag.startswith("W/")
    assert "Content-Encoding" not in read.headers
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert client.patch(url, json={"content": "oats"}, headers={"If-Match": etag}).status_code == 200


def test_pages_come_over_https_with_secure_cookies(proxy: Proxy) -> None:
    with proxy.client() as client:
        page = client.get("/admin/login/")
        assert page.status_code == 200
        assert "; Secure" in page.headers["Set-Cookie"]
        assert client.get("/docs").status_code == 200
        assert client.get("/static/admin/css/base.css").headers["Content-Type"].startswith("text/css")
        assert client.get("/livez").status_code == client.get("/readyz").status_code == 200


def test_metrics_are_not_public(server: Server, proxy: Proxy, client: httpx.Client) -> None:
    assert httpx.get(f"{server.url}/metrics", timeout=30).status_code == 200, "there is nothing to hide"
    for path in ("/metrics", "//metrics", "/%6detrics", "/metrics/"):
        assert client.get(f"https://127.0.0.1:{proxy.port}{path}").status_code == 404, path


def test_request_id_of_a_client_reaches_the_log_of_both(server: Server, proxy: Proxy, client: httpx.Client) -> None:
    answer = client.get("/api/v1/todos/", headers={"X-Request-Id": "from-the-client-17"})

    assert answer.headers["X-Request-Id"] == "from-the-client-17"
    assert "from-the-client-17" in server.log.read_text()
    assert '"request_id":"from-the-client-17"' in proxy.logs(answer)


def test_log_has_no_text_of_anybody(proxy: Proxy, client: httpx.Client) -> None:
    client.post("/api/v1/todos/?search=a-secret-one", json={"content": "a-secret-two"})
    made = client.post("/api/v1/todos/", json={"content": "a-secret-two"}).json()
    client.get("/api/v1/todos/?search=a-secret-three", headers={"Referer": "https://x/?a-secret-four"})
    client.put(f"/api/v1/todos/{made['id']}/tags/a-secret-five/")
    for path in ("/api/v1/tags/a-secret-five/a-secret-six/", "/todo/a-secret-seven", "/api/v1/tag/a-secret-eight"):
        last = client.get(path)
    logs = proxy.logs(last)

    assert "/tags/{name}" in logs
    assert f'"path":"/api/v1/todos/{made["id"]}/tags/{{name}}"' in logs
    assert '"path":"/api/v1/todos/"' in logs
    assert "a-secret" not in logs
    assert client.headers["Authorization"].removeprefix("Bearer ") not in logs


def test_in_the_clear_pages_are_redirected_and_the_api_refused(proxy: Proxy, bearer: dict[str, str]) -> None:
    with proxy.client(clear=True, headers=bearer) as client:
        moved = client.get("/admin/login/?next=/admin/")
        assert (moved.status_code, moved.headers["Location"]) == (301, f"https://{HOST}/admin/login/?next=/admin/")
        for path in ("/api/v1/todos/", "/api", "/todo/", "/todo"):
            refused = client.get(path)
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
            assert refused.headers["Content-Type"] == "application/problem+json"
        assert client.post("/todo/", json={"content": "x"}).status_code == 403


def test_proof_for_a_certificate_is_answered_in_the_clear(proxy: Proxy) -> None:
    file = Path(proxy.folder / "html/.well-known/acme-challenge/proof")
    file.parent.mkdir(parents=True)
    file.write_text("it is me")
    with proxy.client(clear=True) as client:
        assert client.get("/.well-known/acme-challenge/proof").text == "it is me"


def test_forged_address_is_not_believed(proxy: Proxy) -> None:
    """21 bad tokens of one address are too many, whatever addresses they claim; the minute may end once meanwhile."""
    with proxy.client() as client:
        answers = [
            client.get(
                "/api/v1/todos/", headers={"Authorization": f"Bearer todo_{n}", "X-Forwarded-For": f"203.0.113.{n}"}
            )
            for n in range(45)
        ]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 5
    assert {answer.status_code for answer in answers} == {401, 429}
    assert int(refused[0].headers["Retry-After"]) > 0
