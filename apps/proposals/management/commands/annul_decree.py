"""`manage.py annul_decree`: the register is brought back to its state before a decree."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.audit import record
from apps.common import commands
from apps.common.errors import DomainError
from apps.jobs import messages, waiting
from apps.jobs.models import Job
from apps.proposals.decree import annulment
from apps.proposals.models import Decree


class Command(commands.Command):
    help = "Annul a decree by another one: the register is brought back, what changed since stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as", dest="username", required=True, help="who annuls it")
        parser.add_argument("--decree", required=True, help="number of the decree that was wrong")
        parser.add_argument("--check", action="store_true", help="count only, write nothing")
        parser.add_argument("--by", default="", help="number of the decree that annuls it")
        parser.add_argument("--date", type=date.fromisoformat, help="its date, yyyy-mm-dd")
        parser.add_argument("--reason", default="", help="why")
        parser.add_argument("--json", action="store_true", help="end with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(
                _("There is no user %(name)s.") % {"name": options["username"]},
                returncode=commands.REFUSED,
            )
        number = " ".join(options["decree"].split())
        decree = Decree.objects.filter(number=number).first()
        if decree is None:
            raise CommandError(
                _("There is no decree %(number)s.") % {"number": number},
                returncode=commands.REFUSED,
            )
        with record.acting(actor=actor_of(user), actor_name=str(user)):
            try:
                for words, count in annulment.in_words(
                    annulment.count_differences(decree=decree, by=user)
                ):
                    self.stdout.write(f"{count} {words}")
                if options["check"]:
                    return
                job = annulment.enqueue_annulment(
                    decree=decree,
                    number=options["by"],
                    date=options["date"] or timezone.localdate(),
                    reason=options["reason"],
                    by=user,
                    now=timezone.now(),
                )
            except DomainError as refused:
                raise CommandError(refused.text, returncode=commands.REFUSED) from refused
            job = waiting.wait_for(job, may_run=True, show=sys.stderr)
        self._say(job, is_json=options["json"])

    def _say(self, job: Job, *, is_json: bool) -> None:
        if job.status != Job.Status.DONE:
            raise CommandError(
                messages.ending(job) or str(job.get_status_display()), returncode=commands.REFUSED
            )
        decree = Decree.objects.get(pk=job.parameters["decree"])
        self.stdout.write(
            _("Decree %(number)s is annulled by %(by)s. List of differences: %(file)s")
            % {
                "number": decree.number,
                "by": decree.annulment_number,
                "file": decree.differences_csv.name,
            }
        )
        for words, count in annulment.counts_in_words(decree):
            self.stdout.write(f"{count} {words}")
        if is_json:
            self.stdout.write(
                json.dumps(
                    {
                        "decree": decree.number,
                        "annulled_by": decree.annulment_number,
                        "change": decree.annulment_change_id,
                        "counts": decree.counts["annulled"],
                        "differences_sha256": decree.differences_csv_sha256,
                        "seconds": job.seconds,
                    }
                )
            )
