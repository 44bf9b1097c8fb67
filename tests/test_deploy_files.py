"""The files of deploy/ and docs/deployment.md agree with the program: settings, numbers, paths, names, commands."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands

from tests.test_docs_settings import ROWS
from todos.api import middleware
from todos.api.errors import KINDS

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")
SITE = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
ENV = (ROOT / "deploy/todo.env").read_text(encoding="utf-8")
UNITS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "deploy/systemd").iterdir() if path.is_file()}


def test_env_file_has_every_setting_and_no_other() -> None:
    named = set(re.findall(r"^#?([A-Z_]+)=", ENV, re.MULTILINE))
    assert {name.removesuffix("_FILE") for name in named} == set(ROWS)


def test_env_file_shows_the_defaults_of_what_it_leaves_out() -> None:
    for name, value in re.findall(r"^#([A-Z_]+)=(.*)$", ENV, re.MULTILINE):
        if name in ROWS and name != "DATABASE_URL":
            assert ROWS[name] == f"`{value}`", name


def test_env_file_passes_the_checks_of_a_server(tmp_path: Path) -> None:
    key = tmp_path / "secret_key"
    key.write_text("Zk3v9Qw1Lr8Ty5Ub2Nx7Mc4Pd6Hg0JfSaEoIiRtYuWqXzVbK-_")
    text = ENV.replace("/var/lib/todo", str(tmp_path / "data")).replace("/etc/todo/secret_key", str(key))
    (tmp_path / "todo.env").write_text(text)
    check = (
        f"set -eu; set -a; . {tmp_path}/todo.env; exec {sys.executable} manage.py check --deploy --fail-level WARNING"
    )
    environment = {"PATH": os.environ["PATH"]}
    ended = subprocess.run(
        ["sh", "-c", check], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert ended.returncode == 0, ended.stderr


def test_numbers_of_the_proxy_are_those_of_the_server() -> None:
    [size] = re.findall(r"client_max_body_size (\d+)m;", SITE)
    assert int(size) * 1024 * 1024 == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    [idle] = re.findall(r"^    keepalive_timeout (\d+)s;", SITE.partition("\n}")[0], re.MULTILINE)
    tree = ast.parse((ROOT / "gunicorn.conf.py").read_text(encoding="utf-8"))
    values = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
    assert int(idle) < ast.literal_eval(values["keepalive"]), "the server would close first"
    assert f'"~^{middleware._REQUEST_ID.pattern}' in SITE


def test_problems_of_the_proxy_are_those_of_the_server() -> None:
    found = [json.loads(text) for text in re.findall(r"return \d+ '(\{.*\})';", SITE)]
    assert len(found) == 5
    for problem in found:
        assert f"return {problem['status']} " in SITE
        assert problem["request_id"] == "$todo_request_id"
        kind = KINDS[problem["code"]]
        if problem["type"] != "about:blank":
            assert (problem["type"], problem["status"]) == (f"/docs/errors/{problem['code']}", kind.status)
            assert problem["title"] == kind.title


def test_what_is_named_is_there() -> None:
    for text in (PAGE, SITE, ENV, *UNITS.values()):
        for path in re.findall(r"/opt/todo/([\w./-]*\w)", text):
            assert path.startswith(".venv") or (ROOT / path).exists(), path
    assert set(re.findall(r"\btodo-(?:server|backup|purge)\.\w+\b", PAGE)) <= set(UNITS)
    units = {name.partition(".")[0] for name in UNITS}
    assert set(re.findall(r"systemctl \w+(?: --now)? (todo-\w+)", PAGE)) <= units
    assert set(re.findall(r"/opt/todo/deploy/(\S+)", PAGE)) - {"systemd/."} <= set(os.listdir(ROOT / "deploy"))


def test_commands_that_are_named_are_there() -> None:
    named = {
        word for text in (PAGE, *UNITS.values()) for word in re.findall(r"(?:todo-manage|manage\.py) ([a-z]+)", text)
    }
    assert {"token", "serve", "purge"} <= named
    assert named <= {*get_commands(), "with"}
