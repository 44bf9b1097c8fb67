"""How long an operation takes, from 1,000 to 1,000,000 entries: `make bench-growth`; see docs/performance.md.

Servers of all sizes stand side by side, and each operation is asked of one after the other, so that whatever else the
machine does meets all of them. Half of the entries belong to the owner who asks. A write comes between any two readings
of a list, so no answer is a kept one. Everything is made in a temporary folder, and gone at the end.
"""

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.contestants import ROOT, Place, Store
from bench.drive import Request
from bench.machine import machine
from bench.processes import Running
from bench.report import OUTPUT, table, verdict, write
from tests.servers import free_port

AIM = 1.3
SAMPLE = 4000
API = "/api/v1"


def fill(folder: Path, sizes: list[int]) -> None:
    """Fill the store that the environment names; keep a copy of its folder at each size, a token and some ids."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.db import connection

    from bench.search import SMALL_OWNERS, entries, grow
    from todos.models import TodoEntry
    from todos.owners import owner_named
    from todos.tokens import issue

    users = get_user_model()._default_manager
    local = owner_named("local")
    owners = [local.pk, *(users.create(username=f"owner-{number}").pk for number in range(SMALL_OWNERS))]
    token, source = issue(local, "benchmark")[1], entries(seed=1)
    for size in sizes:
        grow(owners, source, size)
        ids = list(TodoEntry.objects.owned_by(local.pk).values_list("uuid", flat=True))
        sample = [str(name) for name in random.Random(1).sample(ids, min(SAMPLE, len(ids)))]
        connection.close()  # brings everything into one file
        shutil.copytree(settings.STORAGE_DIR, folder / str(size))
        (folder / f"{size}.json").write_text(json.dumps({"token": token, "ids": sample}))
        print(f"{size:,} entries", file=sys.stderr, flush=True)


class Asked:
    """A running store of one size, and a client with one connection."""

    def __init__(self, folder: Path, size: int, stack: ExitStack) -> None:
        store, port = Store(), free_port()
        known = json.loads((folder / f"{size}.json").read_text())
        self.headers = {"Authorization": f"Bearer {known['token']}", "Content-Type": "application/json"}
        self.ids: list[str] = known["ids"]
        self._numbers = count()
        environment = store.environment(Place(folder / str(size)), port)
        self.server = stack.enter_context(Running(store.command(port), environment, port, folder / f"{size}.log"))
        self.server.start(Request("GET", f"{API}/todos/", self.headers["Authorization"]))
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[float, Any]:
        """Send a request; return its milliseconds, and the response, whose body has been read."""
        sent = None if body is None else json.dumps(body)
        began = time.perf_counter()
        self._connection.request(method, f"{API}/{path}", sent, {**self.headers, **headers})
        response = self._connection.getresponse()
        response.read()
        gone = (time.perf_counter() - began) * 1000
        if response.status >= 400:
            raise RuntimeError(f"{method} {path} was answered {response.status}")
        return gone, response

    def milliseconds(self, operation: str) -> float:
        """Do an operation and return its milliseconds; what it needs to know is asked before."""
        number = next(self._numbers)
        entry = f"todos/{self.ids[number * 7 % len(self.ids)]}/"
        new = {"content": f"buy {number} bottles of oat milk", "tags": ["errands", "home"], "priority": number % 10}
        if operation == "304":
            etag = self.send("GET", entry)[1].headers["ETag"]
            return self.send("GET", entry, **{"If-None-Match": etag})[0]
        if operation == "delete":
            doomed = f"todos/{uuid4()}/"
            self.send("PUT", doomed, new)
            return self.send("DELETE", doomed)[0]
        if operation in LISTS:
            self.send("PATCH", entry, {"notes": f"changed {number}"})
        method, path, body = {
            **{name: ("GET", path.format(number), None) for name, path in LISTS.items()},
            "read one": ("GET", entry, None),
            "create": ("POST", "todos/", new),
            "change": ("PATCH", entry, {"notes": f"changed again {number}"}),
            "tag": ("PUT", f"{entry}tags/number%20{number % 50}/", None),
            "batch of 20": ("POST", "batch/", {"operations": [{"op": "create", "entry": new}] * 20}),
        }[operation]
        return self.send(method, path, body)[0]


LISTS = {
    "page of 50": "todos/",
    "page of one tag": "todos/?tag=errands",
    "open, by due date": "todos/?completed=false&ordering=due",
    "search, common word": "todos/?search=please",
    "search, two words": "todos/?search=book+please&limit=20",
    "search, in none": "todos/?search=quetzal{}",
    "changes": "changes/?since=0&limit=50",
    "tags": "tags/",
    "page with count": "todos/?count=true&limit=50",
}
OPERATIONS = ("read one", "304", *LISTS, "create", "change", "tag", "batch of 20", "delete")
Figures = dict[str, dict[int, float]]


def measure(folder: Path, sizes: list[int], rounds: int) -> tuple[Figures, dict[int, float]]:
    """Return the median milliseconds of each operation at each size, and the resident memory of each worker."""
    times: dict[tuple[str, int], list[float]] = defaultdict(list)
    with ExitStack() as stack:
        stores = {size: Asked(folder, size, stack) for size in sizes}
        for round_ in range(-3, rounds):  # the first three warm up
            for operation in random.sample(OPERATIONS, len(OPERATIONS)):
                for size in random.sample(sizes, len(sizes)):
                    gone = stores[size].milliseconds(operation)
                    if round_ >= 0:
                        times[operation, size].append(gone)
        memory = {size: store.server.megabytes()[0] for size, store in stores.items()}
    medians = {name: {size: statistics.median(times[name, size]) for size in sizes} for name in OPERATIONS}
    return medians, memory


def show(figures: Figures, memory: dict[int, float], rounds: int) -> str:
    """Return the report."""
    sizes = list(memory)
    rows = []
    for name, found in figures.items():
        times = found[sizes[-1]] / found[sizes[0]]
        rows.append([name, *(f"{found[size]:.2f}" for size in sizes), f"{times:.2f}", verdict(times, AIM, most=True)])
    head = ["ms, median", *(f"{size:,}" for size in sizes), "times", f"≤ {AIM}"]
    resident = ", ".join(f"{memory[size]:.0f} MB at {size:,}" for size in sizes)
    return f"{machine()}; medians of {rounds} requests\n\n{table(head, rows)}\n\nA worker's memory: {resident}"


def plot(figures: Figures, path: Path) -> None:
    """Draw milliseconds over the number of entries."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(10, 5))
    for name, found in figures.items():
        axis.loglog(list(found), list(found.values()), marker="o", label=name)
    axis.set(xlabel="entries", ylabel="ms, median")
    axis.grid(visible=True, alpha=0.3)
    axis.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1, 1))
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Fill, measure, print the report, and write it with the figures and a plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000, help="the largest size (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=100, help="requests of each kind and size (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder of the report")
    parser.add_argument("--fill", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = [size for size in (1000, 10_000, 100_000) if size < options.entries] + [options.entries]
    if options.fill:
        fill(options.fill, sizes)
        return
    with tempfile.TemporaryDirectory(prefix="todo-bench-") as name:
        folder = Path(name)
        environment = Store().environment(Place(folder / "filled"), 1)
        environment |= {"DJANGO_SETTINGS_MODULE": "todoproject.settings"}
        words = [sys.executable, "-m", "bench.growth", "--fill", name, "--entries", str(options.entries)]
        subprocess.run(words, cwd=ROOT, env=environment, check=True)
        figures, memory = measure(folder, sizes, options.rounds)
    text = show(figures, memory, options.rounds)
    print(text)
    write(options.output, "growth", text, {"machine": machine(), "milliseconds": figures, "memory": memory})
    plot(figures, options.output / "growth.png")


if __name__ == "__main__":
    main()
