"""Write the result of a batch, one line per row of its file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.audit import record
from apps.common import commands
from apps.common.errors import DomainError
from apps.proposals.export import batch_files
from apps.proposals.models import Batch


class Command(commands.Command):
    help = "Write the result of a batch: csv, xlsx or geojson by the ending of the file's name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("batch", type=int)
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument(
            "--with-findings", action="store_true", help="the officer's own file with the findings"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *, batch: int, out: Path, **options: Any) -> None:
        found = Batch.objects.filter(pk=batch).first()
        if found is None:
            raise CommandError(f"There is no batch {batch}.", returncode=commands.REFUSED)
        write = (
            batch_files.file_with_findings if options["with_findings"] else batch_files.export_batch
        )
        try:
            acting = record.acting(actor="command:export_batch", actor_name="export_batch")
            with acting, commands.for_others():  # officers read the file
                rows = write(found, out)
        except DomainError as refused:
            raise CommandError(
                str(getattr(refused, "text", refused)), returncode=commands.REFUSED
            ) from None
        except OSError as fault:
            raise CommandError(f"{out}: {fault.strerror}.", returncode=commands.REFUSED) from None
        self.stdout.write(f"{rows} rows of batch {batch} written to {out}.")
        if options["json"]:
            self.stdout.write(json.dumps({"batch": batch, "rows": rows, "out": str(out)}))
