"""How long the database works for the first page of a search, from 1,000 to 1,000,000 entries; see docs/search.md.

    make bench-search [ENTRIES=1000000]

Of the entries of 100 owners half belong to one, for whom the searches are made. Each question that the store asks for
a page is asked again and timed until its last row is read, in turns with the others and with `LIKE '%…%'` on the same
rows. Figures are milliseconds. Everything is made in a temporary folder, and gone at the end.
"""

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, SMALL_OWNERS, STEP = 40, 99, 2000
TODAY = date(2026, 1, 1)
QUERIES = {
    "rare word": "zeppelin",
    "word in 1 of 300": "xylophone",
    "common word": "milk",
    "in every entry": "please",
    "in none": "quetzal",
    "two words": "milk bread",
    "phrase": '"oat milk"',
    "or": "milk or bread",
    "-not": "milk -bread",
    "tag": "#home/garden",
    "tag and word": "#errands coffee",
    "two characters": "oa",
    "two, in none": "qq",
}


def entries(seed: int) -> Iterator[dict[str, Any]]:
    """Yield demo entries with words of a known frequency."""
    from todos.demo import demo_entries

    for number, entry in enumerate(demo_entries(seed, TODAY)):
        marks = " please" + " zeppelin" * (number % 50_000 == 250) + " xylophone" * (number % 300 == 150)
        yield {**entry, "content": entry["content"] + marks}


def grow(owners: list[int], source: Iterator[dict[str, Any]], size: int) -> None:
    """Add entries until there are so many: half for the first owner, the rest for the others in equal parts."""
    from todos.models import TodoEntry
    from todos.writer import writing

    missing = size - TodoEntry.objects.count()
    parts = [(owners[0], missing // 2)] + [(owner, missing // 2 // SMALL_OWNERS) for owner in owners[1:]]
    for owner, count in parts:
        while count > 0:
            step = list(islice(source, min(count, STEP)))
            with writing(owner) as writer:
                for fields in step:
                    writer.create(fields)
            count -= len(step)


def questions(owner: int, query: str) -> list[tuple[str, Any]]:
    """Return the statements by which the store reads the first page of a search."""
    from django.db import connection

    from todos.models import TodoEntry
    from todos.querysets import ORDERINGS

    asked: list[tuple[str, Any]] = []

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        TodoEntry.objects.owned_by(owner).live().search(query).page(ORDERINGS["-created_at"], None, 51)
    return asked


def like(owner: int, query: str) -> list[tuple[str, Any]]:
    """Return what the usual tutorial would ask."""
    from todos.models import TodoEntry

    words = query.replace('"', "").split(" or ")[0].lstrip("#").split(" -")[0]
    rows = TodoEntry.objects.owned_by(owner).live().filter(folded__contains=words).order_by("-created_at", "-id")
    return [rows.values(*TodoEntry.COLUMNS)[:51].query.sql_with_params()]


def milliseconds(statements: list[tuple[str, Any]]) -> float:
    """Ask, read all rows, and return how long it took."""
    from django.db import connection

    start = time.perf_counter()
    for sql, params in statements:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            cursor.fetchall()
    return (time.perf_counter() - start) * 1000


def measure(owner: int) -> dict[str, dict[str, float]]:
    """Return median and 95th percentile of each query, and of LIKE for the same word."""
    asked = {name: questions(owner, query) for name, query in QUERIES.items()}
    plain = {name: like(owner, query) for name, query in QUERIES.items()}
    times: dict[str, list[float]] = {name: [] for name in QUERIES}
    plain_times: dict[str, list[float]] = {name: [] for name in QUERIES}
    for round_ in range(ROUNDS):
        for name in random.sample(list(QUERIES), len(QUERIES)):
            times[name].append(milliseconds(asked[name]))
            if round_ < 5:
                plain_times[name].append(milliseconds(plain[name]))
    return {
        name: {
            "p50": statistics.median(times[name]),
            "p95": statistics.quantiles(times[name], n=20)[-1],
            "like": statistics.median(plain_times[name]),
        }
        for name in QUERIES
    }


def storage() -> dict[str, float]:
    """Return the size of derived text and index, each as a multiple of the content's bytes."""
    from django.db import connection

    index, length = "pg_relation_size('todos_search')", "octet_length({})"
    if connection.vendor == "sqlite":
        index, length = "(SELECT SUM(LENGTH(block)) FROM todos_search_data)", "LENGTH(CAST({} AS BLOB))"
    content, folded = (f"SUM({length.format(column)})" for column in ("content", "folded"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {content}, {folded}, {index} FROM todos_todoentry")
        content_bytes, folded_bytes, index_bytes = map(float, cursor.fetchone())
    return {"derived text": folded_bytes / content_bytes, "index": index_bytes / content_bytes}


def creates(owner: int, source: Iterator[dict[str, Any]], rounds: int = 10, count: int = 40) -> float:
    """Return how much longer one create takes with the search index than without it; medians."""
    from django.db import connection

    from todos.writer import writing

    times: dict[bool, list[float]] = {True: [], False: []}
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'todos_search_insert'") if sqlite() else None
        trigger = cursor.fetchone()[0] if sqlite() else ""
    # On SQLite in turns; on PostgreSQL the index would take minutes to come back.
    for indexed in [True, False] * rounds if sqlite() else [True] * rounds + [False] * rounds:
        with connection.cursor() as cursor:
            if not indexed:
                cursor.execute("DROP TRIGGER todos_search_insert" if sqlite() else "DROP INDEX IF EXISTS todos_search")
            for fields in islice(source, count):
                start = time.perf_counter()
                with writing(owner) as writer:
                    writer.create(fields)
                times[indexed].append((time.perf_counter() - start) * 1000)
            if not indexed and sqlite():
                cursor.execute(trigger)
    return statistics.median(times[True]) / statistics.median(times[False])


def sqlite() -> bool:
    """Return whether the connected database is SQLite."""
    from django.db import connection

    return connection.vendor == "sqlite"


def run(sizes: list[int]) -> dict[str, Any]:
    """Fill the connected database step by step, and measure at every size."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.db import connection

    from todos.owners import owner_named

    owners = [owner_named(name).pk for name in ["local"]]
    from django.contrib.auth import get_user_model

    owners += [get_user_model().objects.create_user(f"owner-{number}").pk for number in range(SMALL_OWNERS)]
    source, found = entries(seed=1), {}
    for size in sizes:
        grow(owners, source, size)
        print(f"{connection.vendor}: {size:,} entries", file=sys.stderr)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # As autovacuum does within a minute of such a load.
                cursor.execute("VACUUM ANALYZE todos_todoentry")
        found[size] = measure(owners[0])
    return {"sizes": found, "storage": storage(), "create": creates(owners[0], source)}


def show(name: str, result: dict[str, Any]) -> None:
    """Print the table of one database."""
    sizes = list(result["sizes"])
    print(
        f"\n{name}: milliseconds of the database for the first page, median / 95th percentile (LIKE at the last size)"
    )
    print(f"{'':18}" + "".join(f"{int(size):>17,}" for size in sizes) + f"{'LIKE':>12}")
    for query in QUERIES:
        cells = [result["sizes"][size][query] for size in sizes]
        line = "".join(f"{cell['p50']:>8.2f} /{cell['p95']:7.2f}" for cell in cells)
        print(f"{query:18}{line}{cells[-1]['like']:>12.2f}")
    parts = ", ".join(f"{part} {times:.1f} x" for part, times in result["storage"].items())
    print(f"storage, by the bytes of content: {parts}; a create with the index takes {result['create']:.2f} x as long")


def plot(results: dict[str, Any], path: Path) -> None:
    """Draw the 95th percentiles over the number of entries."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(results), figsize=(7 * len(results), 5), squeeze=False, sharey=True)
    for axis, (name, result) in zip(axes[0], results.items(), strict=True):
        sizes = [int(size) for size in result["sizes"]]
        for query in QUERIES:
            axis.loglog(sizes, [cells[query]["p95"] for cells in result["sizes"].values()], marker="o", label=query)
        likes = [cells["in none"]["like"] for cells in result["sizes"].values()]
        axis.loglog(sizes, likes, "k--", label="LIKE, in none")
        axis.set(title=name, xlabel="entries", ylabel="95th percentile, ms")
        axis.grid(visible=True, alpha=0.3)
    axes[0][-1].legend(fontsize="small", loc="upper left", bbox_to_anchor=(1, 1))
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Measure each database in a process of its own, print the tables, write JSON and plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000, help="the largest size (default: %(default)s)")
    parser.add_argument(
        "--output", type=Path, default=ROOT / "bench" / "out", help="where search.json and search.png go"
    )
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = [size for size in (1000, 10_000, 100_000) if size < options.entries] + [options.entries]
    if options.measure:
        print(json.dumps(run(sizes)))
        return
    results = {}
    with tempfile.TemporaryDirectory(prefix="todo-bench-") as folder:
        kept = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
        environments = {"SQLite": kept} | ({"PostgreSQL": dict(os.environ)} if "DATABASE_URL" in os.environ else {})
        for name, environment in environments.items():
            environment |= {"TODOAPP_STORAGE_DIR": folder, "DJANGO_SETTINGS_MODULE": "todoproject.settings"}
            command = [sys.executable, "-m", "bench.search", "--measure", "--entries", str(options.entries)]
            done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
            results[name] = json.loads(done.stdout)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name, result in results.items():
        show(name, result)
    options.output.mkdir(exist_ok=True)
    (options.output / "search.json").write_text(json.dumps(results, indent=1))
    plot(results, options.output / "search.png")


if __name__ == "__main__":
    main()
