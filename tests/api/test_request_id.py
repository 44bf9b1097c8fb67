"""`X-Request-Id`: the caller's own if it is well formed, else one of the server's, on every answer."""

import pytest

from tests.client import ApiClient


@pytest.mark.parametrize("sent", ["a", "8b122755-530e-43c7-ae84-362c17a37fc5", "x" * 128, "A.b_c~d+e/f=g-h"])
def test_a_well_formed_id_is_given_back(api: ApiClient, sent: str) -> None:
    assert api.get("todos", X_Request_Id=sent).headers["X-Request-Id"] == sent
    failed = api.get("nowhere", X_Request_Id=sent)
    assert (failed.headers["X-Request-Id"], failed.json["request_id"]) == (sent, sent)


@pytest.mark.parametrize(
    "sent", ["", " ", "x" * 129, "a b", "a\nb", "a\r\nSet-Cookie: x", "ü", "<script>", "a,b", '"a"']
)
def test_any_other_id_is_replaced(api: ApiClient, sent: str) -> None:
    given = api.get("todos", X_Request_Id=sent).headers["X-Request-Id"]

    assert len(given) == 32
    assert given != sent
    assert set(given) <= set("0123456789abcdef")


def test_every_answer_has_an_id_of_its_own(api: ApiClient) -> None:
    paths = ["todos", "todos", "/todo/", "nowhere", "todos?limit=0", "/docs", "/admin/login/", "/nowhere"]

    ids = [api.get(path).headers["X-Request-Id"] for path in paths]

    assert len(set(ids)) == len(paths)
