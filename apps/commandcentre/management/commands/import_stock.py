"""`manage.py import_stock FILE`: what was counted in facilities, as lines of the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.commandcentre.resources import stock_files
from apps.imports.office_command import OfficeCommand
from apps.imports.office_imports import Import, Imported


class Command(OfficeCommand):
    name = "import_stock"
    help = "Import counted stock (CSV, XLSX): one line for a good, or for a batch of it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--counted",
            type=datetime.fromisoformat,
            metavar="TIME",
            help="when it was counted, ISO 8601; default now",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        counted = options["counted"]
        if counted is not None and timezone.is_naive(counted):
            counted = timezone.make_aware(counted)
        self.counted_at = counted
        super().handle(*args, **options)

    def import_file(self, asked: Import) -> Imported:
        return stock_files.import_stock(replace(asked, counted_at=self.counted_at))

    def say_counts(self, counts: dict[str, int]) -> str:
        return (
            _("%(more)s batches have more than before, %(less)s less, %(unchanged)s the same.")
            % counts
        )
