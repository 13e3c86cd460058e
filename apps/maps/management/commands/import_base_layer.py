"""`manage.py import_base_layer FILE --attribution TEXT`: roads and rivers under the maps."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.common import commands
from apps.common.errors import DomainError
from apps.maps import base_layer
from apps.regions.editions.packing import as_one_file


class Command(commands.Command):
    help = (
        "Imports roads, railways and rivers of a local extract (GeoPackage, shapefile, GeoJSON);"
        " they are drawn under the maps in place of those of the import before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--attribution", required=True, metavar="TEXT", help="shown on the map")
        parser.add_argument("--json", action="store_true", help="last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        commands.need_file(options["file"], may_be_folder=True)
        try:
            with tempfile.TemporaryDirectory() as folder:
                found = base_layer.import_layer(
                    as_one_file(options["file"], Path(folder)),
                    file_name=options["file"].name,
                    attribution=options["attribution"],
                    now=timezone.now(),
                )
        except DomainError as refused:
            raise CommandError(refused.text, returncode=commands.REFUSED) from refused
        self.stdout.write(
            f"{found.read} lines read, {found.stored} drawn from now on; the others say nothing"
            " that is known, or are no lines."
        )
        if options["json"]:
            answer = {"layer": found.layer.pk, "read": found.read, "stored": found.stored}
            self.stdout.write(json.dumps(answer))
