"""Applies the list of database privileges again."""

from typing import Any

from apps.common import commands
from portal import privileges


class Command(commands.Command):
    help = (
        "Apply the database privileges of portal/privileges.py (runs after every migration, too)."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        privileges.apply()
        self.stdout.write("Privileges applied.")
