"""The only settings file, in sections; safe by default. Every variable is described in docs/configuration.md."""

import sqlite3
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from todoproject import env

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

# --- Who may come in -------------------------------------------------------------------------------------------------

ACCESS = env.choice("TODO_APP_ACCESS", "local", ("local", "token"))
BIND_HOST, BIND_PORT = env.bind("TODO_APP_BIND", "127.0.0.1:8080")
LOCAL_OWNER = "local"
WORKERS = env.whole_number("WEB_CONCURRENCY", 2, 1, 1024)

if ACCESS == "local" and not env.is_loopback(BIND_HOST):
    raise env.EnvError(
        f"TODO_APP_BIND is {BIND_HOST}:{BIND_PORT}, but in local mode the server may listen on loopback only; "
        "use 127.0.0.1:8080, or set TODO_APP_ACCESS to token."
    )

STORAGE_DIR = env.storage_folder("TODOAPP_STORAGE_DIR", BASE_DIR / "data")
# Requests a minute and token (token mode); counted on this machine, or for several machines in the Redis of CACHE_URL.
RATE_LIMIT = env.whole_number("TODO_APP_RATE_LIMIT", 1000, 0, 99999)
CACHE_URL = env.redis("CACHE_URL")
SECRET_KEY = env.secret_key("TODO_APP_SECRET_KEY", STORAGE_DIR if ACCESS == "local" else None)
DEBUG = False
ALLOWED_HOSTS = env.hosts("TODO_APP_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])

# --- Application -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "todos",
]
MIDDLEWARE = [
    "todos.api.middleware.ApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "todoproject.urls"
WSGI_APPLICATION = "todoproject.wsgi.application"
# The API answers a path with and without its final slash itself, never by a redirect.
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- Guesses at a password in the admin: 5 for a name from an address, then none for a while -------------------------

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "todos.address.client_address"
AXES_LOCKOUT_CALLABLE = "todos.admin.login.locked_out"
AXES_RESET_ON_SUCCESS = True
# What was refused was not checked: it neither counts nor makes the wait longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False

# --- Database --------------------------------------------------------------------------------------------------------

# In WAL mode a SQLite older than 3.51.3 can corrupt the file when several connections write it; todos.W001 says so.
SQLITE_IS_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3)
SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": STORAGE_DIR / "todo.sqlite3",
    # A connection that is closed as the last one writes the log into the file: five syncs for a commit in place of one.
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        # Without IMMEDIATE a transaction that reads before it writes fails at once when another one writes.
        "transaction_mode": "IMMEDIATE",
        # Seconds that a write waits for others; a client gets its 503 before it gives up.
        "timeout": 4,
        # KiB of pages for each of a worker's threads: half of SQLite's own, 4 MB less of a worker for 3 % of a search.
        "init_command": f"PRAGMA journal_mode={'WAL' if SQLITE_IS_SAFE else 'DELETE'};"
        "PRAGMA synchronous=FULL;PRAGMA trusted_schema=OFF;PRAGMA cache_size=-1000;",
    },
}
DATABASES: dict[str, Any] = {"default": env.database("DATABASE_URL", SQLITE)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Waits end before a client gives up: seconds for a connection of the pool, a new one, and a lock.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        # A pool that goes on trying to reconnect does so ever more rarely: 47 s after a database that had been away for
        # 75 s was back. One that gives up begins anew with the next request.
        pool={"min_size": 1, "max_size": 8, "timeout": 2, "reconnect_timeout": 2},
        connect_timeout=3,
        options="-c lock_timeout=4s",
    )

# --- Time and text ---------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = env.time_zone("TODO_APP_TIME_ZONE")

# --- Static files: served by the process itself, without a collectstatic step ---------------------------------------

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

# --- HTTP ------------------------------------------------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
SECURE_REFERRER_POLICY = "same-origin"
if ACCESS == "token":
    # Gunicorn believes `X-Forwarded-Proto` from a proxy on loopback only. An API client is never redirected: what it
    # sent in the clear has been seen already, and its next request would be too.
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(api|todo|livez|readyz|metrics)(/|$)"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # What else lies below this host's name is not ours to decide.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "todos.api.pages.csrf_failure"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [f"todos.api.authentication.{ACCESS.title()}Authentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["todos.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "todos.api.negotiation.JSONOnly",
    "DEFAULT_SCHEMA_CLASS": "todos.api.schema.Operation",
    "EXCEPTION_HANDLER": "todos.api.errors.problem_response",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Todo store",
    "DESCRIPTION": "Create, list, search and manage todo entries. Errors are RFC 9457 problem documents.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["todos.api.schema.complete"],
}

# --- Logging ---------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.log_level("TODO_APP_LOG_LEVEL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "local": {"()": "todoproject.logs.LineFormatter"},
        "token": {"()": "todoproject.logs.JSONFormatter"},
    },
    "handlers": {"console": {"class": "todoproject.logs.Console", "formatter": ACCESS}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # The root handler writes them; without this Django and gunicorn would write their own lines beside.
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        # Its lines at DEBUG hold paths, with the names of tags.
        "gunicorn.error": {"handlers": [], "level": "INFO" if LOG_LEVEL == "DEBUG" else LOG_LEVEL, "propagate": True},
        # What is 4xx stands in the access log; statements, with their values, in none.
        "django.request": {"level": "CRITICAL" if LOG_LEVEL == "CRITICAL" else "ERROR"},
        "django.db.backends": {"level": "INFO"},
    },
}
# Whether /metrics answers.
METRICS = env.choice("TODO_APP_METRICS", "0", ("0", "1")) == "1"
