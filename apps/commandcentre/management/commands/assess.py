"""`manage.py assess HAZARD`: counts whom a hazard affects."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from apps.audit.subjects import command
from apps.commandcentre.exposure import assessment
from apps.commandcentre.hazards.intake import enqueue_assessment
from apps.commandcentre.models import Assessment, Hazard
from apps.common import commands
from apps.common.http import integer
from apps.jobs import messages as jobs
from apps.jobs import waiting
from apps.jobs.models import Job


class Command(commands.Command):
    help = "Counts the villages that a hazard affects and the registered people in them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("hazard", metavar="HAZARD", help="its number")
        parser.add_argument("--json", action="store_true", help="last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        hazard = Hazard.objects.filter(pk=integer(options["hazard"], default=0)).first()
        if hazard is None:
            raise CommandError(
                f"There is no hazard {options['hazard'][:40]}.", returncode=commands.REFUSED
            )
        with transaction.atomic():
            job = enqueue_assessment(hazard, by=command("assess"))
        job = waiting.wait_for(job, may_run=True, show=sys.stderr)
        if job.status != Job.Status.DONE:
            raise CommandError(jobs.ending(job) or "Not assessed.", returncode=commands.REFUSED)
        found = Assessment.objects.get(pk=job.result["assessment"])
        self.stdout.write(
            f"{hazard.title}: {found.villages} villages, {found.families} registered families,"
            f" {found.persons} registered persons, {found.totals['families_without_point']}"
            f" families without a point."
        )
        if options["json"]:
            brief = assessment.in_brief(found)
            answer = {
                "hazard": hazard.pk,
                "villages": assessment.village_codes(found),
                "families": found.families,
                "persons": found.persons,
            }
            self.stdout.write(
                json.dumps(answer | {k: v for k, v in brief.items() if k not in answer})
            )
