"""`manage.py import_boundaries FILE --edition NAME --published DATE`: a layer as an edition."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from apps.common import commands
from apps.common.errors import DomainError
from apps.jobs import messages as jobs
from apps.jobs import waiting, work
from apps.jobs.models import Job
from apps.regions import boundaries, messages
from apps.regions.editions.packing import as_one_file
from apps.regions.models import BoundaryEdition, CodeSystem

ACTOR = "command:import_boundaries"
NUMBERS = (
    *("edition", "read", "stored", "repaired", "refused", "unknown_codes"),
    *("codes_without_polygon", "overlaps", "gaps", "outside_parent", "seconds"),
)


class Command(commands.Command):
    help = (
        "Imports a boundary layer (GeoPackage, GeoJSON, shapefile or file geodatabase, zipped or"
        " not) as a dated edition, with a quality report; --activate puts it in force."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--edition", required=True, metavar="NAME")
        parser.add_argument("--published", required=True, type=date.fromisoformat, metavar="DATE")
        parser.add_argument("--layer", default="", metavar="L")
        parser.add_argument("--code-field", default="", metavar="F")
        parser.add_argument("--code-system", default="", choices=CodeSystem.values)
        parser.add_argument(
            "--covers", default="", metavar="CODE", help="a whole area: what is missing has none"
        )
        parser.add_argument("--activate", action="store_true")
        parser.add_argument("--json", action="store_true", help="last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        commands.need_file(options["file"], may_be_folder=True)
        started = time.perf_counter()
        try:
            edition, job, is_new = self._receive(options)
            activation = self._activate(edition, job, options)
        except DomainError as error:
            raise CommandError(error.text, returncode=commands.REFUSED) from error
        edition.refresh_from_db()
        answer = {"edition": edition.name, **edition.summary, "is_new": is_new}
        answer["seconds"] = round(time.perf_counter() - started, 2)
        self._tell(answer, activation)
        if options["json"]:
            self.stdout.write(json.dumps(_ordered(answer, activation)))

    def _receive(self, options: dict[str, Any]) -> tuple[BoundaryEdition, Job, bool]:
        with tempfile.TemporaryDirectory() as folder:
            path = as_one_file(options["file"], Path(folder))
            with transaction.atomic():
                edition, job = boundaries.receive_edition(
                    path=path,
                    file_name=options["file"].name,
                    name=options["edition"],
                    published_date=options["published"],
                    layer=options["layer"],
                    code_field=options["code_field"],
                    code_system=options["code_system"],
                    covers=options["covers"],
                    by=ACTOR,
                    now=timezone.now(),
                )
        is_new = not job.is_finished
        if not is_new:
            self.stdout.write(f"This file is edition “{edition.name}” already; nothing was read.")
        return edition, self._finished(job), is_new

    def _activate(
        self, edition: BoundaryEdition, job: Job, options: dict[str, Any]
    ) -> dict[str, Any] | None:
        if not options["activate"]:
            return None
        with transaction.atomic():
            asked = boundaries.enqueue_activation(edition=edition, by=ACTOR)
        return self._finished(asked).result

    def _finished(self, job: Job) -> Job:
        if job.status == Job.Status.RUNNING:
            work.run(job.pk, job.kind)  # continues a killed worker's job; a live one keeps it
        job = waiting.wait_for(job, may_run=True, show=sys.stderr)
        if job.status != Job.Status.DONE:
            why = jobs.ending(job) or str(messages.CANCELLED)
            raise CommandError(why, returncode=commands.REFUSED)
        return job

    def _tell(self, answer: dict[str, Any], activation: dict[str, Any] | None) -> None:
        self.stdout.write(
            "Edition “{edition}”: {read} features read, {stored} regions stored, {repaired}"
            " repaired, {refused} refused, {unknown_codes} unknown codes,"
            " {codes_without_polygon} regions without polygon, {overlaps} overlaps, {gaps} gaps,"
            " {outside_parent} outside their parent.".format(**answer)
        )
        if activation is not None:
            self.stdout.write(
                "In force: {changed_count} villages changed; {rechecked} open proposals were"
                " checked again, {verdicts_changed} have another verdict.".format(**activation)
            )


def _ordered(answer: dict[str, Any], activation: dict[str, Any] | None) -> dict[str, Any]:
    """The documented keys first, the others after them."""
    ordered = {key: answer[key] for key in NUMBERS}
    ordered |= {key: value for key, value in answer.items() if key not in ordered | {"asked": 0}}
    if activation is not None:
        ordered["changed"] = activation["changed_count"]
    return ordered
