"""`manage.py import_register FILE --source CODE`: the first load of an existing register."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common import commands
from apps.common.errors import DomainError
from apps.registry.loading import Loaded, load_register


class Command(commands.Command):
    help = "Load a register that exists already (CSV), as one change: all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="where the file comes from, e.g. DTKS")
        parser.add_argument("--json", action="store_true", help="end with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path = commands.need_file(options["file"])
        try:
            loaded = load_register(
                path=path,
                source=options["source"],
                actor="command:import_register",
                actor_name="import_register",
                now=timezone.now(),
            )
        except DomainError as refused:
            raise CommandError(refused.text, returncode=commands.REFUSED) from refused
        self._say(loaded)
        if options["json"]:
            self.stdout.write(json.dumps(_summary(loaded)))

    def _say(self, loaded: Loaded) -> None:
        if not loaded.is_new:
            self.stdout.write(
                _("This file was loaded already, on %(at)s. Nothing was changed.")
                % {"at": timezone.localtime(loaded.change.at).isoformat(" ", "seconds")}
            )
            return
        self.stdout.write(
            _(
                "%(rows)s rows read: %(persons)s new persons in %(families)s new families,"
                " %(changed)s persons changed, %(enrolments)s enrolments opened."
            )
            % {
                "rows": loaded.rows,
                "persons": loaded.counts["persons_new"],
                "families": loaded.counts["families_new"],
                "changed": loaded.counts["persons_changed"],
                "enrolments": loaded.counts["enrolments_opened"],
            }
        )
        if loaded.refused_file is not None:
            self.stdout.write(
                _("Rows that could not be taken, with the reason for each: %(path)s")
                % {"path": loaded.refused_file}
            )


def _summary(loaded: Loaded) -> dict[str, Any]:
    return {
        "change": loaded.change.pk,
        "is_new": loaded.is_new,
        "rows": loaded.rows,
        **loaded.counts,
        "refused": loaded.refused,
        "seconds": loaded.seconds,
    }
