#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    """Run one management command; a bad environment variable ends it with one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoproject.settings")
    from django.core.management import execute_from_command_line

    from todoproject.env import EnvError

    try:
        # Read the settings first: Django itself would wrap their error in a traceback.
        import todoproject.settings  # noqa: F401
    except EnvError as error:
        sys.exit(f"error: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
