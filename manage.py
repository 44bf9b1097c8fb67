#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    """Run one management command; what an operator can mend ends it with one sentence, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoproject.settings")
    from django.core.management import execute_from_command_line
    from django.db import Error, connection

    from todoproject.env import EnvError

    try:
        # Read the settings first: Django itself would wrap their error in a traceback.
        import todoproject.settings  # noqa: F401
    except EnvError as error:
        sys.exit(f"error: {error}")
    # A command needs one connection, and the pool would hide why the database cannot be reached.
    connection.settings_dict["OPTIONS"].pop("pool", None)
    try:
        execute_from_command_line(sys.argv)
    except Error as error:
        if "--traceback" in sys.argv:
            raise
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        new = "; manage.py migrate brings it up to date" if reason.startswith(("no such", "relation", "column")) else ""
        sys.exit(f"error: The database {connection.settings_dict['NAME']} cannot be used: {reason}{new}")
    except BrokenPipeError:
        # The reader, `head` say, has enough. Python would complain once more when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
