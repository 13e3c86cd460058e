"""`manage.py import_stock FILE`: what was counted in facilities, as lines of the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.subjects import command
from apps.commandcentre.resources import stock_files
from apps.common.files import stored_files
from apps.imports.office_command import Imported, OfficeCommand


class Command(OfficeCommand):
    help = "Import counted stock (CSV, XLSX): one line for a good, or for a batch of it."

    def import_file(
        self, path: Path, mapping: dict[str, str | int] | None, options: dict[str, Any]
    ) -> Imported:
        return stock_files.import_stock(
            path=path,
            by=command("import_stock"),
            now=timezone.now(),
            mapping=mapping,
            code_system=options["code_system"],
            scratch=stored_files.folder("scratch"),
        )

    def say_counts(self, counts: dict[str, int]) -> str:
        return (
            _("%(more)s batches have more than before, %(less)s less, %(unchanged)s the same.")
            % counts
        )
