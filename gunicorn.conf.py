"""Settings of gunicorn; `manage.py serve` and the systemd unit both load this file."""

import contextlib
import logging.config
import os
import shutil
import signal
import sys
import tempfile
from typing import Any

from gunicorn.glogging import Logger

# A reload (SIGHUP) runs this file again, in a process that has the modules of the old program: its new workers would
# run new code under old settings.
for _name in [name for name in sys.modules if name.partition(".")[0] == "todoproject"]:
    del sys.modules[_name]

from todoproject.env import EnvError  # noqa: E402 # see above

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


PROCESSORS = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the variable from which its library takes it
METRICS_PREFIX = "todo-metrics-"


class Log(Logger):  # type: ignore[misc] # gunicorn has no types
    """Gunicorn's lines in the form of all others. Requests are logged by the application, which leaves out texts."""

    def setup(self, cfg: Any) -> None:
        """Set up the log at the start and at a reload."""
        super().setup(cfg)
        logging.config.dictConfig(settings.LOGGING)
        # A line that cannot be written, to a full disk say, is left out, and not told of with all that it holds.
        logging.raiseExceptions = False

    def access(self, *_: Any) -> None:
        """Log nothing: this line would hold the query, whatever GUNICORN_CMD_ARGS asks for."""


logger_class = Log


def on_starting(server: Any) -> None:
    """Make the folder of the workers' numbers, in memory: a mapped page that finds no room on disk kills a process."""
    if settings.METRICS and METRICS_FOLDER not in os.environ:
        os.environ[METRICS_FOLDER] = tempfile.mkdtemp(prefix=METRICS_PREFIX, dir=worker_tmp_dir)


def on_exit(server: Any) -> None:
    """Remove it, unless a new gunicorn has taken over (SIGUSR2)."""
    folder = os.environ.get(METRICS_FOLDER, "")
    if os.path.basename(folder).startswith(METRICS_PREFIX) and not server.reexec_pid:
        shutil.rmtree(folder, ignore_errors=True)


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the processor that the fewest others have. Its threads take turns anyway: Python lets one run."""
    taken = [getattr(other, "processor", None) for other in server.WORKERS.values()]
    worker.processor = min(PROCESSORS, key=taken.count, default=None)


def post_fork(server: Any, worker: Any) -> None:
    """Keep a worker on its processor: threads that pass Python's lock between two answer two fifths less."""
    if worker.processor is not None:
        with contextlib.suppress(OSError):  # in a sandbox that forbids it
            os.sched_setaffinity(0, {worker.processor})


def when_ready(server: Any) -> None:
    """Say which version serves, once, in the log."""
    server.log.info("todo store %s serves on %s", settings.VERSION, bind)


def post_worker_init(worker: Any) -> None:
    """Let Ctrl-C end a worker as SIGTERM does: what it was doing is finished.

    Its own way waits for a lock that the interrupted code may hold, for `graceful_timeout` seconds then.
    """
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, worker.handle_exit)
