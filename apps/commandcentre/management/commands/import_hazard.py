"""`manage.py import_hazard FILE`: the area of a hazard, as a new event or its next version."""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.audit.subjects import command
from apps.commandcentre.hazards import layer_import
from apps.commandcentre.hazards.severity import Meaning
from apps.commandcentre.models import Assessment
from apps.commandcentre.states import HazardKind, HazardStatus
from apps.common import commands
from apps.common.errors import DomainError
from apps.jobs import waiting
from apps.regions.editions.packing import as_one_file

STATUSES = [HazardStatus.ACTUAL, HazardStatus.EXERCISE, HazardStatus.SCENARIO]


class Command(commands.Command):
    help = (
        "Imports the area of a hazard: polygons (GeoJSON, GeoPackage, shapefile), a grid (ESRI"
        " ASCII, GeoTIFF), or a rupture (GeoJSON with magnitude and depths)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--kind", default="", choices=HazardKind.values)
        parser.add_argument("--title", default="", metavar="TEXT")
        parser.add_argument(
            "--occurred", type=datetime.fromisoformat, metavar="TIME", help="ISO 8601; default now"
        )
        parser.add_argument(
            "--event",
            default="",
            metavar="NAME",
            help="a file of the same event is its next version",
        )
        parser.add_argument("--status", default=HazardStatus.ACTUAL, choices=STATUSES)
        parser.add_argument("--layer", default="", metavar="L")
        parser.add_argument("--field", default="", metavar="F", help="the column of severity")
        parser.add_argument(
            "--measure", default="", choices=[one.value for one in Meaning], help="what it means"
        )
        parser.add_argument("--json", action="store_true", help="last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path = commands.need_file(options["file"], may_be_folder=True)
        try:
            imported = self._import(path, options)
        except DomainError as error:
            raise CommandError(error.text, returncode=commands.REFUSED) from error
        told = layer_import.in_brief(imported)
        if imported.job is not None:
            job = waiting.wait_for(imported.job, may_run=True, show=sys.stderr)
            found = Assessment.objects.filter(pk=job.result.get("assessment")).first()
            told["villages"] = found.villages if found is not None else None
        self._tell(told)
        if options["json"]:
            self.stdout.write(json.dumps(told))

    def _import(self, path: Path, options: dict[str, Any]) -> layer_import.Imported:
        now = timezone.now()
        occurred = options["occurred"] or now
        if timezone.is_naive(occurred):
            occurred = timezone.make_aware(occurred)
        kind = options["kind"] or (HazardKind.EARTHQUAKE if _is_shaking(path) else HazardKind.FLOOD)
        request = layer_import.Request(
            file_name=path.name,
            kind=HazardKind(kind),
            occurred_at=occurred,
            title=options["title"],
            event=options["event"],
            status=HazardStatus(options["status"]),
            layer=options["layer"],
            field=options["field"],
            meaning=Meaning(options["measure"]) if options["measure"] else None,
        )
        with tempfile.TemporaryDirectory() as folder:
            packed = as_one_file(path, Path(folder))
            return layer_import.import_file(packed, request, by=command("import_hazard"), now=now)

    def _tell(self, told: dict[str, Any]) -> None:
        if told["is_late"]:
            self.stdout.write(
                f"This file tells of an earlier time than version {told['revision']} of hazard"
                f" {told['hazard']}; nothing was changed."
            )
            return
        if not told["is_new"] and not told["is_changed"]:
            self.stdout.write(f"This file is hazard {told['hazard']} already; nothing was changed.")
            return
        bands = ", ".join(f"{band['label']} ({band['area_km2']} km²)" for band in told["bands"])
        self.stdout.write(
            f"Hazard {told['hazard']} “{told['title']}”, version {told['revision']}:"
            f" {bands or 'no band'}; {told['left_out']} features left out;"
            f" {told['villages']} villages affected."
        )


def _is_shaking(path: Path) -> bool:
    """Whether a file whose kind nobody names is probably of an earthquake."""
    name = path.name.lower()
    return any(word in name for word in ("shake", "gempa", "rupture", "mmi", "quake"))
