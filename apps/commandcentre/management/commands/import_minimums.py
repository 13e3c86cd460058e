"""`manage.py import_minimums FILE`: least quantities of goods in facilities."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.commandcentre.resources import minimum_levels
from apps.imports.office_command import OfficeCommand
from apps.imports.office_imports import Import, Imported


class Command(OfficeCommand):
    name = "import_minimums"
    help = "Import minimum levels of goods in facilities (CSV, XLSX)."

    def import_file(self, asked: Import) -> Imported:
        return minimum_levels.import_minimums(asked)

    def say_counts(self, counts: dict[str, int]) -> str:
        return (
            _("%(changed)s levels set, %(removed)s removed, %(unchanged)s as they were.") % counts
        )
