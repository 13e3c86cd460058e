"""`manage.py import_facilities FILE`: lumbung sosial, warehouses, centres and other facilities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.subjects import command
from apps.commandcentre.models import Facility
from apps.commandcentre.resources import facility_files
from apps.common.files import stored_files
from apps.imports.office_command import Imported, OfficeCommand


class Command(OfficeCommand):
    help = "Import facilities (CSV, XLSX, GeoJSON, GeoPackage, shapefile) and say what is odd."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--kind", choices=Facility.Kind.values, default="", help="of rows that name none"
        )

    def import_file(
        self, path: Path, mapping: dict[str, str | int] | None, options: dict[str, Any]
    ) -> Imported:
        return facility_files.import_facilities(
            path=path,
            by=command("import_facilities"),
            now=timezone.now(),
            mapping=mapping,
            kind=options["kind"],
            code_system=options["code_system"],
            scratch=stored_files.folder("scratch"),
        )

    def say_counts(self, counts: dict[str, int]) -> str:
        return (
            _("%(new)s new facilities, %(changed)s changed, %(unchanged)s as they were.") % counts
        )
