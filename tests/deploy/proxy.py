"""deploy/nginx.conf as a real proxy on loopback; only ports, folders and the certificate's place are put into it."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.servers import ROOT, free_port

SITE = ROOT / "deploy/nginx.conf"
HOST = "todo.example.org"
START_SECONDS = 60
# What an operator's nginx.conf has around the site; compression as far as it goes, which must not reach the API.
AROUND = """
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/main.log;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    access_log off;
    gzip on;
    gzip_proxied any;
    gzip_min_length 1;
    gzip_types *;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Proxy:
    """Nginx in front of the server at a port."""

    def __init__(self, folder: Path, upstream: int) -> None:
        self.folder, self.port, self.clear_port = folder, free_port(), free_port()
        folder.mkdir(parents=True)
        (folder / "log").mkdir()
        user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
        (folder / "site.conf").write_text(self._site(upstream))
        self._certificate()
        self.process: subprocess.Popen[bytes] | None = None

    def _site(self, upstream: int) -> str:
        text = SITE.read_text(encoding="utf-8")
        for shipped, here, times in (
            ("listen 80;", f"listen 127.0.0.1:{self.clear_port};", 1),
            ("listen [::]:80;", f"listen 127.0.0.1:{free_port()};", 1),
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;", 1),
            ("listen [::]:443 ssl;", f"listen 127.0.0.1:{free_port()} ssl;", 1),
            ("server 127.0.0.1:8080;", f"server 127.0.0.1:{upstream};", 1),
            (f"/etc/letsencrypt/live/{HOST}/", f"{self.folder}/", 2),
            ("/var/log/nginx/", f"{self.folder}/log/", 4),
            ("root /var/www/html;", f"root {self.folder}/html;", 1),
        ):
            assert text.count(shipped) == times, f"{SITE} has {shipped!r} {text.count(shipped)} times, not {times}"
            text = text.replace(shipped, here)
        return text

    def _certificate(self) -> None:
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        words += ["-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
        words += ["-keyout", str(self.folder / "privkey.pem"), "-out", str(self.folder / "fullchain.pem")]
        subprocess.run(words, check=True, capture_output=True)

    def start(self) -> None:
        """Start, and return when it takes connections."""
        nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        assert nginx, "nginx is not installed (Debian: nginx)"
        words = [nginx, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-g", "daemon off;"]
        with (self.folder / "out.log").open("ab") as out:
            self.process = subprocess.Popen(words, stdout=out, stderr=out)
        wait_until(lambda: accepts(self.port), START_SECONDS, lambda: (self.folder / "out.log").read_text())

    def stop(self) -> None:
        """Stop, if it runs."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def client(self, *, clear: bool = False, **options: object) -> httpx.Client:
        """Return a client that comes by HTTPS or, if `clear`, in the clear."""
        url = f"http://127.0.0.1:{self.clear_port}" if clear else f"https://127.0.0.1:{self.port}"
        headers = {"Host": HOST, **options.pop("headers", {})}  # type: ignore[dict-item]
        known = {"timeout": 30, "verify": False, "headers": headers}
        return httpx.Client(base_url=url, **{**known, **options})  # type: ignore[arg-type]

    def logs(self, last: httpx.Response) -> str:
        """Return all that nginx has written, when it has come to a request; it writes after it has answered."""
        request_id = last.headers["X-Request-Id"]

        def read() -> str:
            return "".join(path.read_text(errors="replace") for path in sorted(self.folder.rglob("*.log")))

        wait_until(lambda: request_id in read(), START_SECONDS, lambda: f"no line of {request_id}")
        return read()


def accepts(port: int) -> bool:
    """Return whether somebody listens on a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(is_so: Callable[[], bool], seconds: float, what: Callable[[], str] = lambda: "") -> None:
    """Return when it is so; fail with what there is to say after so many seconds."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what()}"
        time.sleep(0.02)
