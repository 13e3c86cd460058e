#!/usr/bin/env python
"""Django's command line. What changes the schema runs as the owner, the rest as the worker."""

import os
import sys

# The web role sees nothing without a person's scope, so that no command uses it.
OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "flush", "dbshell", "privileges"}


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    role = "owner" if command in OWNER_COMMANDS else "worker"
    os.environ.setdefault("PORTAL_DATABASE_ROLE", role)
    # a command speaks to a person; its log lines are for when something is wrong
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 (after the environment)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
