"""What was measured, as Markdown, JSON and a plot; and how it stands to what is aimed at.

`python -m bench.report speed` puts what `make bench` wrote into docs/performance.md.
"""

import argparse
import json
import shutil
import statistics
from pathlib import Path
from typing import Any

from bench.contestants import ROOT, Contestant
from bench.works import ALL, CREATE, NEW_PAGE, NEW_SEARCH, PAGE, READ, SEARCH, UNCHANGED

OUTPUT, DOCS = ROOT / "bench" / "out", ROOT / "docs"
Figures = dict[str, dict[str, Any]]

# Of a work, against whom, and how many times as much.
AIMS = [
    (READ, "limit", 0.35), (READ, "fastapi", 2.5), (READ, "drf", 3),
    (PAGE, "limit", 0.35), (PAGE, "fastapi", 8), (PAGE, "drf", 10), (PAGE, "pickles", 200),
    (SEARCH, "limit", 0.35), (SEARCH, "fastapi", 8), (SEARCH, "drf", 10), (SEARCH, "pickles", 200),
    (NEW_PAGE, "fastapi", 2), (NEW_SEARCH, "fastapi", 2),
    (UNCHANGED, "limit", 0.4),
    (CREATE, "fastapi", 1), (CREATE, "drf", 1.8),
]  # fmt: skip
SHIPPED_AIM, MEMORY_AIM, START_AIM = 1, 90, 1.5


def median(rounds: list[dict[str, Any]], name: str = "rate") -> float:
    """Return the median of the rounds."""
    return float(statistics.median(found[name] for found in rounds))


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table of Markdown that can be read as text, too; all columns but the first are numbers."""
    widths = [max(len(line[place]) for line in [head, *rows]) for place in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [
        [cells[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))]
        for cells in (head, rule, *rows)
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def rates(figures: Figures, peers: list[Contestant]) -> str:
    """Return the requests a second of each contestant."""
    works = [work for work in ALL if any(work in figures[peer.key] for peer in peers)]
    rows = [
        [work, *(f"{median(figures[peer.key][work]):,.0f}" if work in figures[peer.key] else "" for peer in peers)]
        for work in works
    ]
    return table(["requests a second", *(peer.name for peer in peers)], rows)


def verdict(value: float, aim: float, most: bool = False) -> str:
    """Return whether an aim is met."""
    return "met" if (value <= aim if most else value >= aim) else "**missed**"


def ratios(figures: Figures, peers: list[Contestant]) -> str:
    """Return how many times as much the store does as others, beside the aims."""
    names = {peer.key: peer.name for peer in peers}
    rows = []
    for work, other, aim in AIMS:
        if other in names and work in figures[other] and work in figures.get("store", {}):
            times = median(figures["store"][work]) / median(figures[other][work])
            rows.append([f"{work}, against {names[other]}", f"{times:.2f}", f"≥ {aim}", verdict(times, aim)])
    return table(["todo store", "times", "aim", ""], rows)


def processes(figures: Figures, peers: list[Contestant]) -> str:
    """Return the memory of a worker and the time to the first answer."""
    rows = []
    for peer in peers:
        found = figures[peer.key]["process"]
        rss, pss, start = (median(found, name) for name in ("rss", "pss", "start"))
        judged = ["", ""]
        if peer.key == "store":
            judged = [verdict(rss, MEMORY_AIM, most=True), verdict(start, START_AIM, most=True)]
        rows.append([peer.name, f"{rss:.0f}", f"{pss:.0f}", judged[0], f"{start:.2f}", judged[1]])
    head = ["worker", "MB resident", "MB of its own", f"≤ {MEMORY_AIM}", "s to answer", f"≤ {START_AIM}"]
    return table(head, rows)


def shipped(found: dict[str, dict[str, list[dict[str, Any]]]]) -> str:
    """Return the comparison at one entry, each with its own defaults."""
    rows = []
    for work, rounds in found["store"].items():
        store, first = median(rounds), median(found["pickles"][work])
        times = store / first
        rows.append([work, f"{store:,.0f}", f"{first:,.0f}", f"{times:.2f}", verdict(times, SHIPPED_AIM)])
    return table(["requests a second", "todo store", "first design", "times", f"≥ {SHIPPED_AIM}"], rows)


def plot(figures: Figures, peers: list[Contestant], path: Path) -> None:
    """Draw the requests a second, a group of bars for each work."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    works = [work for work in ALL if work in figures["store"]]
    figure, axis = pyplot.subplots(figsize=(12, 5))
    width = 0.8 / len(peers)
    for place, peer in enumerate(peers):
        done = [(number, figures[peer.key][work]) for number, work in enumerate(works) if work in figures[peer.key]]
        heights = [median(rounds) for _, rounds in done]
        bars = axis.bar([number + place * width for number, _ in done], heights, width, label=peer.name)
        axis.bar_label(bars, fmt="{:,.0f}", fontsize=6, rotation=90, padding=2)
    axis.set(yscale="log", ylabel="requests a second")
    axis.set_xticks(
        [number + 0.4 - width / 2 for number in range(len(works))], [work.replace(", ", ",\n") for work in works]
    )
    axis.margins(y=0.15)
    axis.grid(visible=True, axis="y", alpha=0.3)
    axis.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1, 1))
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def write(folder: Path, name: str, text: str, value: Any) -> None:
    """Keep a report as Markdown, and what was measured as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text + "\n", encoding="utf-8")
    (folder / f"{name}.json").write_text(json.dumps(value, indent=1), encoding="utf-8")


def quote(folder: Path, name: str) -> None:
    """Put a report that was written into docs/performance.md, between its marks, and its plot beside."""
    text = (folder / f"{name}.md").read_text(encoding="utf-8")
    page = DOCS / "performance.md"
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, rest = page.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
    shutil.copy(folder / f"{name}.png", DOCS / f"performance-{name}.png")


def main() -> None:
    """Quote the reports that are named."""
    parser = argparse.ArgumentParser(description="Put reports of benchmarks into docs/performance.md.")
    parser.add_argument("names", nargs="+", choices=["speed", "postgres", "growth"])
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder of the reports (default: %(default)s)")
    options = parser.parse_args()
    for name in options.names:
        quote(options.output, name)


if __name__ == "__main__":
    main()
