"""`manage.py import_events FILE`: the events of BNPB's table (Data bencana)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.commandcentre.hazards import event_files
from apps.imports.office_command import OfficeCommand
from apps.imports.office_imports import Import, Imported


class Command(OfficeCommand):
    name = "import_events"
    help = "Import BNPB's table of disasters (CSV, XLSX): each event becomes a hazard."

    def import_file(self, asked: Import) -> Imported:
        return event_files.import_events(asked)

    def say_counts(self, counts: dict[str, int]) -> str:
        return _("%(new)s new events, %(changed)s changed, %(unchanged)s as they were.") % counts
