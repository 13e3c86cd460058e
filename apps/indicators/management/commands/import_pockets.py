"""`manage.py import_pockets FILE --edition NAME --published DATE`: BIG's pockets as an edition."""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.audit.subjects import command
from apps.common import commands, errors
from apps.common.errors import DomainError
from apps.indicators.models import PocketEdition
from apps.indicators.pockets import activation, reception
from apps.jobs import messages, waiting
from apps.jobs.models import Job
from apps.regions.editions.packing import as_one_file
from apps.regions.models import CodeSystem

BY = command("import_pockets")
SHOWN = 10


class Command(commands.Command):
    help = (
        "Imports pockets of extreme poverty as a dated edition: polygons (GeoPackage, GeoJSON,"
        " shapefile) or a list of villages (CSV, XLSX); --activate puts it in force."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--edition", required=True, metavar="NAME")
        parser.add_argument("--published", required=True, type=date.fromisoformat, metavar="DATE")
        parser.add_argument(
            "--code-system",
            default=CodeSystem.KEMENDAGRI.value,
            choices=CodeSystem.values,
            help="of a list",
        )
        parser.add_argument(
            "--least-percent",
            type=float,
            default=100 * reception.LEAST_SHARE,
            metavar="P",
            help="which part of a village a polygon has to cover (default %(default)s)",
        )
        parser.add_argument("--activate", action="store_true")
        parser.add_argument("--json", action="store_true", help="last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path = commands.need_file(options["file"], may_be_folder=True)
        try:
            edition = self._import(path, options)
            if options["activate"]:
                activation.activate_edition(edition=edition, by=BY, now=timezone.now())
        except DomainError as refused:
            raise CommandError(refused.text, returncode=commands.REFUSED) from refused
        edition.refresh_from_db()
        self._say(edition)
        if options["json"]:
            told = {key: value for key, value in edition.summary.items() if key != "listed"}
            answer = {"edition": edition.name, "status": edition.status, **told}
            self.stdout.write(json.dumps(answer))

    def _import(self, path: Path, options: dict[str, Any]) -> PocketEdition:
        with tempfile.TemporaryDirectory() as folder:
            packed = as_one_file(path, Path(folder))
            with packed.open("rb") as file:
                kept = reception.keep(file, path.name)
        edition, job = reception.receive_edition(
            kept=kept,
            name=options["edition"],
            published_date=options["published"],
            code_system=options["code_system"],
            least_share=options["least_percent"] / 100,
            by=BY,
            now=timezone.now(),
        )
        job = waiting.wait_for(job, may_run=True, show=sys.stderr)
        if job.status != Job.Status.DONE:
            raise CommandError(messages.ending(job), returncode=commands.REFUSED)
        return edition

    def _say(self, edition: PocketEdition) -> None:
        summary = edition.summary
        self.stdout.write(
            f"Edition “{edition.name}” ({edition.get_status_display()}): {summary['read']} rows"
            f" read, {summary['refused']} not taken, {summary['villages']} villages."
        )
        for one in summary["listed"][:SHOWN]:
            self.stdout.write(errors.text(one["code"], one["params"]))
