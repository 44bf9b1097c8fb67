"""The documents name all there is: routes, parameters, errors, settings, commands; and their links lead somewhere."""

import ast
import re
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator

from todos.api.errors import KINDS
from todos.api.filters import FILTERS
from todos.api.pagination import RELEVANCE, EntryPagination
from todos.models import TodoEntry, represent
from todos.querysets import ORDERINGS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
API = (ROOT / "docs/api.md").read_text(encoding="utf-8")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def section(text: str, title: str) -> str:
    """Return the text below a heading, up to the next one."""
    return re.split(r"^#+ ", text.split(f"# {title}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(text: str) -> list[str]:
    """Return what stands in back quotes in the first cells of the tables of a text."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_operation_is_described() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    for path, methods in schema["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}" in API, f"docs/api.md does not describe {method.upper()} {path}"


def test_every_parameter_of_the_list_is_described_and_no_other() -> None:
    assert set(first_cells(section(API, "The list"))) == {*FILTERS, *EntryPagination.PARAMETERS}


def test_every_order_is_described() -> None:
    described = next(line for line in section(API, "The list").splitlines() if line.startswith("| `ordering`"))
    assert {RELEVANCE, *(name.removeprefix("-") for name in ORDERINGS)} <= set(re.findall(r"`([a-z_]+)`", described))


def test_every_field_of_an_entry_is_described_and_no_other() -> None:
    columns = dict.fromkeys(TodoEntry.COLUMNS) | {"due_at": None}
    assert set(first_cells(section(API, "The entry"))) == set(represent(columns))


def test_every_error_is_described_with_its_status() -> None:
    described = re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \|", section(API, "Errors"), re.MULTILINE)
    assert [(int(status), code) for status, code in described] == [(kind.status, code) for code, kind in KINDS.items()]


def test_every_setting_is_described() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    tree = ast.parse((ROOT / "todoproject/settings.py").read_text(encoding="utf-8"))
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("env.")
    ]
    names = {call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)}
    names = {name for name in names if re.fullmatch(r"[A-Z][A-Z0-9_]+", str(name))}
    assert "DATABASE_URL" in names, "the settings are read in another way now"
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_every_command_is_described() -> None:
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    commands = [path.stem for path in (ROOT / "todos/management/commands").glob("[a-z]*.py")]
    assert [name for name in commands if f"manage.py {name}" not in text] == []


@pages
def test_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert ROOT in there.parents, f"{target} leads out of the project"
        assert there.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(there), f"{target} names no heading"


@pages
def test_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) <= targets
