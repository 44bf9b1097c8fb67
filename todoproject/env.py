"""Loud readers for environment variables: a bad value stops start-up with one sentence that names the variable."""

import contextlib
import ipaddress
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import environ

_ENV = environ.Env()
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_OURS = ("connect_timeout", "options")  # of libpq, with which the settings bound each wait
_DIGITS = re.compile("[0-9]{1,5}")
_HOST = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")

LOOPBACK_NAMES = frozenset({"localhost"})


class EnvError(Exception):
    """An environment variable has a value that cannot be used; the message is for the operator."""


def text(name: str, default: str = "") -> str:
    """Return the variable, or the content of the file that `<name>_FILE` names (for secrets); empty is unset."""
    value, path = os.environ.get(name, "").strip(), os.environ.get(f"{name}_FILE", "")
    if not path:
        return value or default
    if value:
        raise EnvError(f"{name} and {name}_FILE are both set; keep one of them.")
    try:
        return Path(path).read_text(encoding="utf-8").strip() or default
    except (OSError, ValueError) as error:
        raise EnvError(f"{name}_FILE names {path!r}, which cannot be read ({error}); name a readable file.") from None


def choice(name: str, default: str, choices: Sequence[str]) -> str:
    """Return the variable if it is one of `choices`."""
    value = text(name, default)
    if value not in choices:
        raise EnvError(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
    return value


def hosts(name: str, default: list[str]) -> list[str]:
    """Return comma-separated host names as Django's ALLOWED_HOSTS takes them: `.example.org` is all below it too."""
    found = [item.strip() for item in text(name).split(",") if item.strip()]
    for host in found:
        if not _HOST.fullmatch(host):
            raise EnvError(
                f"{name} holds {host!r}; it must be host names without scheme and port, as todo.example.org."
            )
    return found or default


def whole_number(name: str, default: int, least: int, most: int) -> int:
    """Return a whole number within bounds."""
    value = text(name, str(default))
    if not _DIGITS.fullmatch(value) or not least <= int(value) <= most:
        raise EnvError(f"{name} is {value!r}; it must be a whole number from {least} to {most}.")
    return int(value)


def log_level(name: str) -> str:
    """Return one of LOG_LEVELS, in any case."""
    value = text(name, "INFO").upper()
    if value not in LOG_LEVELS:
        raise EnvError(f"{name} is {value!r}; it must be one of {', '.join(LOG_LEVELS)}.")
    return value


def time_zone(name: str) -> str:
    """Return the name of an IANA time zone."""
    value = text(name, "UTC")
    if value not in available_timezones():
        raise EnvError(f"{name} is {value!r}; it must be an IANA time zone such as UTC or Europe/Berlin.")
    ZoneInfo(value)
    return value


def bind(name: str, default: str) -> tuple[str, int]:
    """Return host and port of `host:port`; an IPv6 host stands in brackets."""
    value = text(name, default)
    host, _, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not _DIGITS.fullmatch(port) or not 0 < int(port) < 65536:
        raise EnvError(f"{name} is {value!r}; it must be host:port with a port from 1 to 65535, as 127.0.0.1:8080.")
    return host, int(port)


def is_loopback(host: str) -> bool:
    """Return whether a host name or address (without port) means this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") in LOOPBACK_NAMES


def storage_folder(name: str, default: Path) -> Path:
    """Return the folder of the variable, made with mode 0700 where it is missing."""
    folder = Path(text(name) or default).expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EnvError(f"{name}: the folder {str(folder)!r} cannot be made ({error.strerror}).") from None
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise EnvError(f"{name}: the folder {str(folder)!r} cannot be written; give its user the right to.")
    return folder


def secret_key(name: str, folder: Path | None) -> str:
    """Return the variable, or else the secret kept in `folder` (if there is one), generated at the first start."""
    value = text(name)
    if not value and folder is None:
        raise EnvError(
            f"{name} is not set; in token mode set it to 50 random characters, or {name}_FILE to a file of them."
        )
    if not value and folder:
        path = folder / "secret_key"
        try:
            if not path.exists():
                _generate(path)
            value = path.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise EnvError(
                f"The secret key in {str(path)!r} cannot be used ({error}); mend that, or set {name}."
            ) from None
        name = str(path)
    if len(value) < 32:
        raise EnvError(f"{name} holds a key of {len(value)} characters; it must have at least 32, random ones.")
    return value


def _generate(path: Path) -> None:
    fresh = path.with_name(f".secret_key.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(50))
    # A link appears whole or not at all: of two processes that start at once, one wins and both read the same.
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()


def database(name: str, default: dict[str, object]) -> dict[str, object]:
    """Return Django's settings of the database that a `postgres://` URL names, or `default` if unset."""
    value = text(name)
    if not value:
        return default
    try:
        parsed: dict[str, object] = _ENV.db_url_config(value)
    except Exception:
        parsed = {}
    if parsed.get("ENGINE") != "django.db.backends.postgresql" or not parsed.get("NAME"):
        # The value may hold a password, so it is not repeated.
        raise EnvError(f"{name} must be a URL such as postgres://user:password@host:5432/name.")
    for option in _OURS:
        if option in parsed.get("OPTIONS", {}):  # type: ignore[operator]
            raise EnvError(f"{name} has the option {option}, which is set by the program; leave it out.")
    return parsed


def redis(name: str) -> str:
    """Return the URL of a Redis server, or nothing."""
    value = text(name)
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if value and not (fits and re.fullmatch("/?[0-9]{0,2}", parts.path)):
        # The value may hold a password, so it is not repeated.
        raise EnvError(f"{name} must be a URL such as redis://:password@host:6379/0, or rediss:// for TLS.")
    return value
