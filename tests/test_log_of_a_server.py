"""What a real server logs at DEBUG, its most talkative level, holds nothing of its users."""

import socket
from collections.abc import Callable

import httpx

from tests.leaks import PASSWORD, leaks_of_server
from tests.servers import Server

TEXT = "a text of somebody's"
SECRETS = {TEXT, "a text", "wrong-password", "a-session-that-was", "a-key-of-a-client", "todo_" + "a1B2" * 10}


def use_the_api(client: httpx.Client) -> None:
    client.headers.update({"Authorization": "Bearer todo_" + "a1B2" * 10, "Idempotency-Key": "a-key-of-a-client"})
    entry = client.post("/api/v1/todos/", json={"content": TEXT, "notes": TEXT, "tags": [TEXT]}).json()
    assert client.put(f"/api/v1/todos/{entry['id']}/tags/{TEXT}/").status_code == 422  # the key is used
    del client.headers["Idempotency-Key"]
    assert client.put(f"/api/v1/todos/{entry['id']}/tags/{TEXT}/").status_code == 200
    assert client.get("/api/v1/tags/").json()["results"][0]["name"] == TEXT
    assert client.get("/todo/", params={"search": TEXT}).status_code == 200
    assert client.get("/api/v1/todos/", params={"search": f"({TEXT}"}).status_code == 400
    assert client.post("/api/v1/todos/", content=f'{{"content": "{TEXT}'.encode()).status_code == 415
    assert client.get(f"/api/v1/{TEXT}/{TEXT}").status_code == 404
    assert client.delete(f"/api/v1/tags/{TEXT}/").status_code == 204


def use_the_admin(client: httpx.Client, password: str) -> None:
    client.headers["Cookie"] = "sessionid=a-session-that-was"
    assert client.get("/admin/").status_code == 302
    del client.headers["Cookie"]
    client.get("/admin/login/")
    for word, status in (("wrong-password", 200), (password, 302)):
        form = {"username": "local", "password": word, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        assert client.post("/admin/login/?next=/admin/", data=form).status_code == status
    assert client.get("/admin/todos/todoentry/", params={"q": TEXT}).status_code == 200
    form = {"content": TEXT, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
    assert client.post("/admin/todos/todoentry/add/", data=form).status_code in (200, 302)
    assert client.post("/admin/logout/", headers={"Referer": f"http://a/?q={TEXT}"}).status_code == 403


def send_malformed(server: Server) -> None:
    """Send what gunicorn refuses itself."""
    for raw in (b"GET /todo/?search=a text HTTP/1.1", b"GET / HTTP/1.1\r\nAuthorization: a text\x01"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as peer:
            peer.sendall(raw + b"\r\nHost: localhost\r\n\r\n")
            assert peer.recv(12) == b"HTTP/1.1 400"


def test_nothing_of_a_user_is_logged_at_debug(start_server: Callable[..., Server]) -> None:
    server = start_server(TODO_APP_LOG_LEVEL="DEBUG", WEB_CONCURRENCY="1")
    [password] = PASSWORD.findall(server.log.read_text())
    with server.client() as client:
        use_the_api(client)
        use_the_admin(client, password)
    send_malformed(server)
    server.stop()

    log = server.log.read_text()
    assert "DEBUG" in log
    assert log.count("Invalid request from ip=127.0.0.1") == 2
    assert leaks_of_server(log, SECRETS) == []
