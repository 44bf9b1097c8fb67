"""Settings of gunicorn; `manage.py serve` and the systemd unit both load this file."""

import signal
import sys
from typing import Any

from todoproject.env import EnvError

try:
    from todoproject import settings
except EnvError as error:
    sys.exit(f"error: {error}")

_host = f"[{settings.BIND_HOST}]" if ":" in settings.BIND_HOST else settings.BIND_HOST
bind = f"{_host}:{settings.BIND_PORT}"
wsgi_app = "todoproject.wsgi"
worker_class = "gthread"
workers = settings.WORKERS
threads = 4
timeout = 30
graceful_timeout = 30
keepalive = 75
max_requests = 50_000
max_requests_jitter = 5_000
worker_tmp_dir = "/dev/shm" if sys.platform == "linux" else None  # noqa: S108 # the heartbeat file; no disk wait
loglevel = settings.LOG_LEVEL.lower()
# The socket would be a second way in, and the header would let a peer choose the script name.
control_socket_disable = True
forwarder_headers = ""
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190


def when_ready(server: Any) -> None:
    """Say which version serves, once, in the log."""
    server.log.info("todo store %s serves on %s", settings.VERSION, bind)


def post_worker_init(worker: Any) -> None:
    """Let Ctrl-C end a worker as SIGTERM does: what it was doing is finished.

    Its own way waits for a lock that the interrupted code may hold, for `graceful_timeout` seconds then.
    """
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, worker.handle_exit)
