"""A WSGI function that does nothing: what gunicorn leaves to any application. It answers what the store answered.

LIMIT_FOLDER holds a file for each path, `read-one` for `/read-one`, say; the first line of it is the status.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ANSWERS: dict[str, tuple[str, bytes]] = {}
for file in Path(os.environ["LIMIT_FOLDER"]).iterdir():
    status, _, body = file.read_bytes().partition(b"\n")
    ANSWERS[f"/{file.name}"] = status.decode(), body


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer what is kept for the path, after the body of the request has been read."""
    environ["wsgi.input"].read()
    status, body = ANSWERS[environ["PATH_INFO"]]
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
