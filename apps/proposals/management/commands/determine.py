"""`manage.py determine`: accepted proposals enter the register by a decree."""

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
from apps.civilregister.states import CivilStatus
from apps.common import commands
from apps.common.errors import DomainError
from apps.jobs import messages, waiting
from apps.jobs.models import Job
from apps.proposals.decree import determination
from apps.proposals.models import Decree, Proposal, Verdict
from apps.regions.models import COUNTRY, Region

SHOWN_VILLAGES = 20


class Command(commands.Command):
    help = "Determine the accepted proposals of a region by a decree, with its annex."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as", dest="username", required=True, help="the determiner")
        parser.add_argument("--decree", required=True, help="the decree's number")
        parser.add_argument("--date", type=date.fromisoformat, required=True, help="yyyy-mm-dd")
        parser.add_argument("--region", default=COUNTRY, help="dotted code; default: the country")
        parser.add_argument(
            "--reason",
            default="",
            help="why others than those matched with the civil register are determined, too",
        )
        parser.add_argument("--json", action="store_true", help="end with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(
                _("There is no user %(name)s.") % {"name": options["username"]},
                returncode=commands.REFUSED,
            )
        if not Region.objects.filter(code=options["region"]).exists():
            raise CommandError(
                _("There is no region %(code)s.") % {"code": options["region"]},
                returncode=commands.REFUSED,
            )
        with record.acting(actor=actor_of(user), actor_name=str(user)):
            was_so = _so_already(options)
            try:
                job = self._ask(user, **options)
            except DomainError as refused:
                raise CommandError(refused.text, returncode=commands.REFUSED) from refused
            job = waiting.wait_for(job, may_run=True, show=sys.stderr)
        if was_so:
            self.stdout.write(_("That is so already; nothing was changed."))
        self._say(job, is_json=options["json"])

    def _ask(self, user: User, **options: Any) -> Job:
        """The job of a decree: a new one, one not yet in force, or the same one asked for again."""
        now = timezone.now()
        number = " ".join(options["decree"].split())
        known = Decree.objects.filter(number=number).first()
        if known is not None and (known.status != Decree.Status.IN_FORCE or _so_already(options)):
            return determination.resume(decree=known, by=user, now=now)
        given: dict[str, Any] = {
            "number": number,
            "date": options["date"],
            "region_code": options["region"],
            "by": user,
            "now": now,
            "civil_reason": options["reason"],
        }
        found = determination.check(**given)
        self._say_before(found)
        _decree, job = determination.enqueue_decree(
            **given, expected=found.waiting, seen=found.seen
        )
        return job

    def _say_before(self, found: determination.Preview) -> None:
        """Print the counts of the check page before anything is determined."""
        self.stdout.write(
            _("%(total)s of %(waiting)s accepted proposals would be determined.")
            % {"total": found.total, "waiting": found.waiting}
        )
        villages = [
            (f"{name} ({code})", count) for code, name, count in found.villages[:SHOWN_VILLAGES]
        ]
        if more := found.villages[SHOWN_VILLAGES:]:
            rest = sum(count for _code, _name, count in more)
            villages.append((_("%(count)s more villages") % {"count": len(more)}, rest))
        for title, counted in (
            (_("By programme"), found.programmes),
            (_("By kind"), [(Proposal.Kind(one).label, n) for one, n in found.kinds.items()]),
            (_("By location"), [(Verdict(one).label, n) for one, n in found.verdicts.items()]),
            (_("Civil register"), [(CivilStatus(one).label, n) for one, n in found.civil.items()]),
            (_("Compared with the register"), determination.in_words(found.identity)),
            (_("Left out"), determination.left_out_words(found.left_out)),
            (_("By village"), villages),
        ):
            if counted:
                told = "; ".join(f"{label} {count}" for label, count in counted)
                self.stdout.write(f"{title}: {told}")

    def _say(self, job: Job, *, is_json: bool) -> None:
        decree = Decree.objects.get(pk=job.parameters["decree"])
        if job.status != Job.Status.DONE:
            raise CommandError(_why(job), returncode=commands.REFUSED)
        counts = decree.counts
        self.stdout.write(
            _("Decree %(number)s: %(determined)s proposals determined, %(left_out)s left out.")
            % {
                "number": decree.number,
                "determined": counts["determined"],
                "left_out": sum(counts["left_out"].values()),
            }
        )
        self.stdout.write(
            _("Annex: %(csv)s and %(pdf)s")
            % {"csv": decree.annex_csv.name, "pdf": decree.annex_pdf.name}
        )
        self.stdout.write(
            _("Civil register: %(said)s.")
            % {
                "said": ", ".join(
                    f"{CivilStatus(status).label} {count}"
                    for status, count in counts["civil"].items()
                )
            }
        )
        for title, told in (
            (_("Compared with the register"), determination.in_words(counts.get("identity", {}))),
            (_("Left out"), determination.left_out_words(counts["left_out"])),
        ):
            if told:
                self.stdout.write(f"{title}: " + "; ".join(f"{one} {n}" for one, n in told))
        if is_json:
            self.stdout.write(json.dumps(_summary(decree, job)))


def _so_already(options: dict[str, Any]) -> bool:
    """Whether the decree that is asked for is in force already."""
    return Decree.objects.filter(
        number=" ".join(options["decree"].split()),
        date=options["date"],
        region_id=options["region"],
        status=Decree.Status.IN_FORCE,
    ).exists()


def _why(job: Job) -> str:
    return messages.ending(job) or _("Job %(job)s did not end: %(status)s.") % {
        "job": job.pk,
        "status": job.get_status_display(),
    }


def _summary(decree: Decree, job: Job) -> dict[str, Any]:
    return {
        "decree": decree.number,
        "determined": decree.counts["determined"],
        "left_out": decree.counts["left_out"],
        "civil": decree.counts["civil"],
        "identity": decree.counts.get("identity", {}),
        "change": decree.change_id,
        "rows": decree.change.rows if decree.change else {},
        "whole_csv_sha256": decree.whole_csv_sha256,
        "whole_pdf_sha256": decree.whole_pdf_sha256,
        "annex_csv_sha256": decree.annex_csv_sha256,
        "annex_pdf_sha256": decree.annex_pdf_sha256,
        "seconds": job.seconds,
    }
