"""`manage.py import_regions [FILE] [--crosswalk FILE]`: load the region tree and BPS codes."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.common import commands
from apps.common.errors import DomainError
from apps.regions.crosswalk import import_crosswalk
from apps.regions.tree import Source, import_tree

ACTOR = "command:import_regions"


class Command(commands.Command):
    help = (
        "Imports the region tree: by default from the npm package idn-area-data, else from a CSV"
        " with code and name (optionally decree, valid_from, valid_until, or one column of names"
        " for each decree: nama_2022, nama_2025). Codes that are missing are ended, not deleted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE")
        parser.add_argument("--crosswalk", type=Path, metavar="FILE", help="BPS codes")
        parser.add_argument("--vintage", help="year of the BPS codes, else from the file's name")
        parser.add_argument("--decree", default="", help="the decree behind the list")
        parser.add_argument("--date", type=date.fromisoformat, help="since when, default today")
        parser.add_argument("--json", action="store_true", help="last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        for path in (options["file"], options["crosswalk"]):
            if path is not None:
                commands.need_file(path)
        try:
            result = self._run(options)
        except DomainError as error:
            raise CommandError(error.text, returncode=commands.REFUSED) from error
        result["seconds"] = round(time.perf_counter() - started, 2)
        if options["json"]:
            self.stdout.write(json.dumps(result))

    def _run(self, options: dict[str, Any]) -> dict[str, Any]:
        file, day = options["file"], options["date"] or timezone.localdate()
        source = Source([file], options["decree"]) if file else Source.package()
        result: dict[str, Any] = dict(import_tree(source=source, day=day, by=ACTOR))
        self.stdout.write(
            "{regions} regions: {added} added, {renamed} renamed, {ended} ended,"
            " {revived} in force again, {successors} successors found.".format(**result)
        )
        if not any(result[change] for change in ("added", "renamed", "ended", "revived")):
            self.stdout.write("That is so already; nothing was changed.")
        if path := options["crosswalk"]:
            joined = import_crosswalk(path=path, by=ACTOR, vintage=options["vintage"])
            result["crosswalk"] = joined
            self.stdout.write(
                "{rows} BPS codes: {joined} joined ({added} added, {removed} removed),"
                " {unknown} of regions that the tree does not have.".format(**joined)
            )
        return result
