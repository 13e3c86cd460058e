"""`manage.py import_facilities FILE`: lumbung sosial, warehouses, centres and other facilities."""

from __future__ import annotations

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from apps.commandcentre.models import Facility
from apps.commandcentre.resources import facility_files
from apps.imports.office_command import OfficeCommand
from apps.imports.office_imports import Import, Imported


class Command(OfficeCommand):
    name = "import_facilities"
    help = "Import facilities (CSV, XLSX, GeoJSON, GeoPackage, shapefile) and say what is odd."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--kind", choices=Facility.Kind.values, default="", help="of rows that name none"
        )

    def import_file(self, asked: Import) -> Imported:
        return facility_files.FILE.apply(asked)

    def say_counts(self, counts: dict[str, int]) -> str:
        return (
            _("%(new)s new facilities, %(changed)s changed, %(unchanged)s as they were.") % counts
        )
