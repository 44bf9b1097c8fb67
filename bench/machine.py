"""The machine that was measured, in a line."""

import os
import platform
import re
import sqlite3
from pathlib import Path


def machine() -> str:
    """Return the processor, how many cores there are, the system, and the versions of Python and SQLite."""
    import todoproject  # noqa: F401 # chooses the SQLite

    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    version = Path("/etc/debian_version")
    system = f"Debian {version.read_text().strip()}" if version.exists() else platform.platform()
    return (
        f"{found[1] if found else platform.machine()}, {os.cpu_count()} cores, {system}, "
        f"Python {platform.python_version()}, SQLite {_sqlite_version()}"
    )


def _sqlite_version() -> str:
    try:
        import pysqlite3.dbapi2 as library
    except ImportError:
        library = sqlite3
    return str(library.sqlite_version)
