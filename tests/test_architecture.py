"""Imports go one way: what is above knows what is below, never the other way round."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "todos"

# From the ground up. A module may import what stands in a line above its own, and its own package.
LAYERS = (
    {"moments", "formats", "demo", "prepared", "rows", "turns", "address"},
    {"search"},
    {"fields"},
    {"ledger"},
    {"querysets"},
    {"tokens"},
    {"models"},
    {"writer", "tags", "feed", "purge", "relevance", "doctor", "damage", "signals", "owners"},
    {"transfer"},
    {"api", "admin", "management", "checks"},
    {"apps"},
)
LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names}
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "misc", "services", "service", "manager", "core"}


def sources(*folders: Path) -> list[Path]:
    """Return the Python files of folders, without migrations, which keep old states of the world."""
    found = [path for folder in folders for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts]
    assert len(found) > 5, "the folders have moved"
    return found


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the full names of what a module imports, but for what only the type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "import by the full name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            yield from imported(node)


def room(path: Path) -> str:
    """Return the module or package directly below `todos` that a file belongs to."""
    return path.relative_to(APP).parts[0].removesuffix(".py")


APP_SOURCES = [path for path in sources(APP) if path != APP / "__init__.py"]
named = pytest.mark.parametrize("path", APP_SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


@named
def test_module_stands_in_a_layer(path: Path) -> None:
    assert room(path) in LEVELS, f"say in LAYERS where {room(path)} stands"


@named
def test_import_goes_down_only(path: Path) -> None:
    here = room(path)
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        if name.startswith("todos."):
            there = name.split(".")[1]
            assert there == here or LEVELS[there] < LEVELS[here], f"{here} imports {name}, which stands beside or above"


@named
def test_project_is_known_to_doors_only(path: Path) -> None:
    if LEVELS[room(path)] < LEVELS["api"]:
        names = imported(ast.parse(path.read_text(encoding="utf-8")))
        assert [name for name in names if name.startswith("todoproject")] == []


@named
def test_condition_is_built_where_questions_are_asked_only(path: Path) -> None:
    if room(path) not in {"querysets", "search"}:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert "django.db.models.Q" not in imported(tree)
        assert "models.Q" not in {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@named
def test_format_knows_no_database(path: Path) -> None:
    if room(path) == "formats":
        names = imported(ast.parse(path.read_text(encoding="utf-8")))
        assert [name for name in names if name.startswith(("django", "rest_framework"))] == []


def test_file_is_named_after_the_thing_it_holds() -> None:
    vague = [str(path) for path in sources(APP, ROOT / "todoproject", ROOT / "tests") if path.stem in VAGUE]
    assert vague == []


def test_no_module_is_left_without_a_word_on_its_job() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources(APP, ROOT / "todoproject")
        if (text := path.read_text(encoding="utf-8")) and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []


def test_no_file_names_the_folder_it_happens_to_lie_in() -> None:
    kinds = {".py", ".md", ".toml", ".ini", ".txt", ".sh", ".conf", ".service"}
    folders = ("todos", "todoproject", "tests", "docs", "deploy", "bench", "examples")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in kinds]
    files += [path for path in ROOT.iterdir() if path.suffix in kinds or path.name == "Makefile"]
    assert [str(path) for path in files if str(ROOT) in path.read_text(encoding="utf-8")] == []
