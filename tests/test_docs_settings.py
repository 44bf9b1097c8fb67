"""docs/configuration.md has every environment variable that is read, with its default, and no other."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", PAGE, re.MULTILINE))


def calls() -> dict[str, ast.Call]:
    """Return every call of a reader of `env`, by the name of the variable that it reads."""
    found = {}
    for path in [*(ROOT / "todoproject").glob("*.py"), ROOT / "gunicorn.conf.py", ROOT / "manage.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("env."):
                if ast.unparse(node.func) in ("env.is_loopback", "env.EnvError"):
                    continue
                assert isinstance(node.args[0], ast.Constant), "name the variable where it is read"
                found[str(node.args[0].value)] = node
    return found


def test_every_variable_that_is_read_is_described_and_no_other() -> None:
    assert set(calls()) == set(ROWS)
    assert "DATABASE_URL" in ROWS


def test_default_is_the_one_of_the_page() -> None:
    for name, call in calls().items():
        default = ast.literal_eval(call.args[1]) if len(call.args) > 1 and is_literal(call.args[1]) else None
        if default is not None:
            text = ",".join(default) if isinstance(default, list) else str(default)
            assert ROWS[name] == f"`{text}`", f"the default of {name}"


def is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def test_environment_is_read_by_env_only() -> None:
    for path in [*(ROOT / "todoproject").glob("*.py"), *(ROOT / "todos").rglob("*.py")]:
        if path.name != "env.py":
            text = path.read_text(encoding="utf-8")
            reads = re.findall(r"os\.getenv|os\.environ(?:\.get\(|\[)\W*(\w+)", text)
            assert set(reads) <= {"PYTHONPATH", "PROMETHEUS_MULTIPROC_DIR"}, f"{path} reads {reads}"


def test_page_names_no_variable_that_is_not_there() -> None:
    named = {name.removesuffix("_FILE") for name in re.findall(r"\b(?:TODO_APP|TODOAPP)_[A-Z_]+\b", PAGE)}
    assert named <= set(ROWS)
