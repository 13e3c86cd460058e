"""`manage.py import_responders FILE`: Tagana, TKSK, PKH companions, Pelopor Perdamaian."""

from __future__ import annotations

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from apps.commandcentre.models import Responder
from apps.commandcentre.resources import responder_files
from apps.imports.office_command import OfficeCommand
from apps.imports.office_imports import Import, Imported


class Command(OfficeCommand):
    name = "import_responders"
    help = "Import responders (CSV, XLSX, GeoJSON …); findings are only in the list beside it."
    shows_cells = False  # they are people's

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--kind", choices=Responder.Kind.values, default="", help="of rows that name none"
        )

    def import_file(self, asked: Import) -> Imported:
        return responder_files.FILE.apply(asked)

    def say_counts(self, counts: dict[str, int]) -> str:
        return (
            _("%(new)s new responders, %(changed)s changed, %(unchanged)s as they were.") % counts
        )
