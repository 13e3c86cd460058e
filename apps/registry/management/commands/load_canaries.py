"""`manage.py load_canaries FILE --source CODE`: made-up persons, one in a district."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common import commands
from apps.common.errors import DomainError
from apps.registry import canaries


class Command(commands.Command):
    help = (
        "Load made-up persons (CSV, the register's columns, no programme), one a district: whoever"
        " touches one is reported. Delete the file afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="what their rows name as their source")

    def handle(self, *args: Any, **options: Any) -> None:
        path = commands.need_file(options["file"])
        try:
            made = canaries.load(
                path=path,
                source=options["source"],
                # as any other load: the history of a row must not tell
                actor="command:import_register",
                actor_name="import_register",
                now=timezone.now(),
            )
        except DomainError as refused:
            raise CommandError(refused.text, returncode=commands.REFUSED) from refused
        self.stdout.write(_("%(n)s made-up persons are in the register.") % {"n": made})
