"""The app's configuration: what has to be wired once, at start."""

from django.apps import AppConfig
from django.db.backends.sqlite3.base import DatabaseFeatures  # type: ignore[attr-defined]


class TodosConfig(AppConfig):
    """The todo store."""

    name = "todos"
    verbose_name = "Todos"

    def ready(self) -> None:
        """Register system checks and signal receivers."""
        from todos import checks, signals, turns  # noqa: F401

        # SQLite takes 32,766 parameters since 3.32; Django still counts on 999 and would cut a batch into pieces.
        DatabaseFeatures.max_query_params = 32_766  # type: ignore[method-assign, assignment]
