"""`manage.py import_zones FILE`: hazard-prone zones, as an edition of their kind and name."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.audit.subjects import command
from apps.commandcentre.hazards.severity import Meaning
from apps.commandcentre.models import ZoneClass
from apps.commandcentre.states import HazardKind
from apps.commandcentre.zones import zone_files
from apps.commandcentre.zones.zone_files import ImportedZones, ZoneFile
from apps.common import commands
from apps.common.errors import DomainError
from apps.regions.editions.packing import as_one_file


class Command(commands.Command):
    help = (
        "Imports hazard-prone zones: polygons (GeoJSON, GeoPackage, shapefile) or a grid (ESRI"
        " ASCII, GeoTIFF) of an index, a class, or metres of water."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--kind", required=True, choices=HazardKind.values)
        parser.add_argument("--name", required=True, metavar="TEXT", help="of the zones")
        parser.add_argument("--layer", default="", metavar="L")
        parser.add_argument("--field", default="", metavar="F", help="the column of the class")
        parser.add_argument(
            "--measure", default="", choices=[one.value for one in Meaning], help="what it means"
        )
        parser.add_argument("--json", action="store_true", help="last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path = commands.need_file(options["file"], may_be_folder=True)
        try:
            done = self._import(path, options)
        except DomainError as error:
            raise CommandError(error.text, returncode=commands.REFUSED) from error
        areas = ", ".join(
            f"{ZoneClass(one).name.lower()} {area} km²" for one, area in done.area_km2.items()
        )
        self.stdout.write(
            f"{done.edition}: {areas or 'known already'}; {done.villages} villages;"
            f" {done.left_out} features left out."
        )
        if options["json"]:
            told = {
                "edition": done.edition.pk,
                "number": done.edition.number,
                "is_new": done.is_new,
                "villages": done.villages,
                "area_km2": done.area_km2,
                "left_out": done.left_out,
            }
            self.stdout.write(json.dumps(told))

    def _import(self, path: Path, options: dict[str, Any]) -> ImportedZones:
        with tempfile.TemporaryDirectory() as folder:
            file = ZoneFile(
                as_one_file(path, Path(folder)),
                path.name,
                kind=HazardKind(options["kind"]),
                name=options["name"][:120],
                layer=options["layer"],
                column=options["field"],
                meaning=Meaning(options["measure"]) if options["measure"] else None,
            )
            return zone_files.import_zones(file, by=command("import_zones"), now=timezone.now())
