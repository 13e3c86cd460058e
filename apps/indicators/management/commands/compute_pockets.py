"""`manage.py compute_pockets --edition NAME`: the register's own pockets as an edition."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.audit.subjects import command
from apps.common import commands
from apps.common.errors import DomainError
from apps.indicators.pockets import activation, reception
from apps.indicators.pockets.reception import Method
from apps.jobs import messages, waiting
from apps.jobs.models import Job

BY = command("compute_pockets")
DEFAULT = Method()


class Command(commands.Command):
    help = (
        "Computes the pockets of the register: villages, and cells of a hexagon grid, with enough"
        " families of some programmes per km² and per cent; --activate puts them in force."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--edition", required=True, metavar="NAME")
        parser.add_argument(
            "--programmes",
            default=",".join(DEFAULT.programmes),
            metavar="CODES",
            help="families with one of these; empty: all registered families (default %(default)s)",
        )
        parser.add_argument("--per-km2", type=float, default=DEFAULT.per_km2, metavar="N")
        parser.add_argument("--percent", type=float, default=DEFAULT.percent, metavar="P")
        parser.add_argument(
            "--side", type=float, default=DEFAULT.side_m, metavar="M", help="of a hexagon, metres"
        )
        parser.add_argument("--activate", action="store_true")
        parser.add_argument("--json", action="store_true", help="last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        codes = (code.strip() for code in options["programmes"].split(","))
        method = Method(
            programmes=tuple(code for code in codes if code),
            per_km2=options["per_km2"],
            percent=options["percent"],
            side_m=options["side"],
        )
        try:
            edition, job = reception.enqueue_computation(
                name=options["edition"], method=method, by=BY, now=timezone.now()
            )
            job = waiting.wait_for(job, may_run=True, show=sys.stderr)
            if job.status != Job.Status.DONE:
                raise CommandError(messages.ending(job), returncode=commands.REFUSED)
            if options["activate"]:
                activation.activate_edition(edition=edition, by=BY, now=timezone.now())
        except DomainError as refused:
            raise CommandError(refused.text, returncode=commands.REFUSED) from refused
        edition.refresh_from_db()
        self.stdout.write(
            f"Edition “{edition.name}” ({edition.get_status_display()}):"
            f" {edition.summary['villages']} of {edition.summary['counted_villages']} villages are"
            f" pockets, {edition.summary['areas']} cells."
        )
        if options["json"]:
            answer = {"edition": edition.name, **edition.summary, "seconds": job.seconds}
            self.stdout.write(json.dumps(answer))
