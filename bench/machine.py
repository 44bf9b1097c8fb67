"""The machine that was measured, in a line."""

import os
import platform
import re
import sqlite3
from pathlib import Path


def machine(cluster: str = "") -> str:
    """Return the processor, how many cores there are, the system, and the versions of Python and the database."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    version = Path("/etc/debian_version")
    system = f"Debian {version.read_text().strip()}" if version.exists() else platform.platform()
    return (
        f"{found[1] if found else platform.machine()}, {os.cpu_count()} cores, {system}, "
        f"Python {platform.python_version()}, {_postgres(cluster) if cluster else _sqlite()}"
    )


def _sqlite() -> str:
    try:
        import pysqlite3.dbapi2 as library
    except ImportError:
        library = sqlite3
    return f"SQLite {library.sqlite_version}"


def _postgres(cluster: str) -> str:
    import psycopg

    with psycopg.connect(cluster) as connection:
        return f"PostgreSQL {connection.info.parameter_status('server_version')}"
