"""Run what a page shows: the commands of its `console` blocks, in one shell, and compare what they print.

A line that begins with `$ ` begins a command, `> ` goes on with it, all else is what it prints. Ids, times and revision
numbers differ from run to run: they are compared by the order in which they first appear.
"""

import re
import subprocess
from pathlib import Path

MARK = "\x1e"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CHANGING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z"
    r"|\b[0-9a-f]{32}\b"
    r"|(?<=cursor=)[\w.:%-]+"
)


def commands_of(page: Path) -> list[tuple[str, str]]:
    """Return the commands of a page with the output that it shows for each."""
    found: list[list[str]] = []
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append([line[2:], ""])
            elif line.startswith("> ") and not found[-1][1]:
                found[-1][0] += f"\n{line[2:]}"
            else:
                found[-1][1] += f"{line}\n"
    return [(command, shown) for command, shown in found]


def run(commands: list[str], port: int) -> list[str]:
    """Run commands one after the other in one shell against the server at `port`; return what each printed."""
    script = f"\nprintf '{MARK}'\n".join(commands).replace("localhost:8080", f"localhost:{port}")
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, timeout=120)
    return done.stdout.replace(f"localhost:{port}", "localhost:8080").split(MARK)


def canonical(outputs: list[str]) -> list[list[str]]:
    """Return the lines of outputs with what differs from run to run replaced by its number of appearance."""
    numbers: dict[str, str] = {}
    text = MARK.join(outputs)
    text = _CHANGING.sub(lambda found: numbers.setdefault(found[0], f"<{len(numbers) + 1}>"), text)
    return [output.rstrip().splitlines() for output in text.split(MARK)]
