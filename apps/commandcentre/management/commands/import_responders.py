"""`manage.py import_responders FILE`: Tagana, TKSK, PKH companions, Pelopor Perdamaian."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.subjects import command
from apps.commandcentre.models import Responder
from apps.commandcentre.resources import responder_files
from apps.common.files import stored_files
from apps.imports.office_command import Imported, OfficeCommand


class Command(OfficeCommand):
    help = "Import responders (CSV, XLSX, GeoJSON …); findings are only in the list beside it."
    shows_cells = False  # they are people's

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--kind", choices=Responder.Kind.values, default="", help="of rows that name none"
        )

    def import_file(
        self, path: Path, mapping: dict[str, str | int] | None, options: dict[str, Any]
    ) -> Imported:
        return responder_files.import_responders(
            path=path,
            by=command("import_responders"),
            now=timezone.now(),
            mapping=mapping,
            kind=options["kind"],
            code_system=options["code_system"],
            scratch=stored_files.folder("scratch"),
        )

    def say_counts(self, counts: dict[str, int]) -> str:
        return (
            _("%(new)s new responders, %(changed)s changed, %(unchanged)s as they were.") % counts
        )
