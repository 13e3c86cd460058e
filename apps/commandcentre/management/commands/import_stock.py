"""`manage.py import_stock FILE`: what was counted in facilities, as lines of the ledger."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.commandcentre.resources import stock_files
from apps.imports.office_command import OfficeCommand
from apps.imports.office_imports import Import, Imported


class Command(OfficeCommand):
    name = "import_stock"
    help = "Import counted stock (CSV, XLSX): one line for a good, or for a batch of it."

    def import_file(self, asked: Import) -> Imported:
        return stock_files.import_stock(asked)

    def say_counts(self, counts: dict[str, int]) -> str:
        return (
            _("%(more)s batches have more than before, %(less)s less, %(unchanged)s the same.")
            % counts
        )
