"""Upload a file of rows as a user would, and wait for the result of the checks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from apps.accounts.access import actor_of, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.common import commands
from apps.common.errors import DomainError, text
from apps.jobs import waiting
from apps.jobs.models import Job
from apps.proposals.checks import known_rows
from apps.proposals.messages import why
from apps.proposals.models import Batch
from apps.proposals.states import BEING_CHECKED, BatchStatus
from apps.proposals.submitting import submission, when_checked
from apps.proposals.upload import column_mapping, intake, regions_of_rows
from apps.regions.models import COUNTRY, CodeSystem


class Command(commands.Command):
    help = "Upload a file of proposals, check it, and say what was found."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="username", required=True, help="who uploads")
        parser.add_argument(
            "--region",
            default="",
            help="whose file it is; default: the user's, or where the rows lie",
        )
        parser.add_argument("--mapping", type=Path, help="JSON: our column -> heading in the file")
        parser.add_argument(
            "--proposed",
            action="store_true",
            help="use columns of which it is not certain that they are meant, too",
        )
        parser.add_argument(
            "--code-system", default=CodeSystem.KEMENDAGRI.value, choices=CodeSystem.values
        )
        parser.add_argument("--submit", action="store_true", help="submit the ready rows")
        parser.add_argument(
            "--anyway", action="store_true", help="go on although most rows are known already"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user {username}.", returncode=commands.REFUSED)
        with record.acting(actor=actor_of(user), actor_name=str(user)):
            try:
                self._import(user, **options)
            except DomainError as refused:
                raise CommandError(
                    str(getattr(refused, "text", refused)), returncode=commands.REFUSED
                ) from None

    def _import(self, user: User, **options: Any) -> None:
        received = self._receive(user, **options)
        is_asked = options["submit"] and self._request(received.batch, user)
        if not received.is_new:
            self.stderr.write(f"This file is batch {received.batch.pk} already.")
        job = waiting.wait_for(received.job, may_run=True, show=sys.stderr)
        batch = Batch.objects.get(pk=received.batch.pk)
        if batch.status == Batch.Status.NEEDS_CONFIRMATION:
            job = self._go_on(batch, user, options)
            batch.refresh_from_db()
        if job.status != Job.Status.DONE:
            unsaid = f"The check ended as: {job.get_status_display()}."
            raise CommandError(why(job, unsaid), returncode=commands.REFUSED)
        done = self._submitted(batch, is_asked=is_asked) if options["submit"] else None
        self._say(batch, job, done, is_json=options["json"])

    def _receive(self, user: User, *, file: Path, **options: Any) -> intake.Received:
        commands.need_file(file)
        mapping = json.loads(options["mapping"].read_text()) if options["mapping"] else None
        look = intake.inspect_upload(file, file.name)
        region = options["region"] or self._region_of(user, look, file.name, options["code_system"])
        if options["proposed"]:
            mapping = {**look.found.proposed(), **(mapping or {})}
        with file.open("rb") as opened:
            return intake.receive_file(
                file=opened,
                file_name=file.name,
                by=user,
                region_code=region,
                now=timezone.now(),
                code_system=options["code_system"],
                mapping=mapping,
            )

    def _region_of(
        self, user: User, look: intake.FileInspection, name: str, code_system: str
    ) -> str:
        """The region for which the user uploads, or else the one in which the rows lie."""
        scope = scope_of(user, Permission.UPLOAD_BATCH)
        if len(scope.prefixes) == 1:
            return scope.prefixes[0] or COUNTRY
        if not scope:
            raise DomainError("not_your_region", region="-")
        code = regions_of_rows.the_one(
            look.peek.samples,
            look.found.proposed(),
            scope,
            code_system=code_system,
            file_name=name,
        )
        self.stdout.write(f"Region {code}, told by the rows.")
        return code

    def _request(self, batch: Batch, user: User) -> bool:
        """Request the submission, unless the batch was submitted before."""
        if batch.status not in {*BEING_CHECKED, BatchStatus.READY}:
            return False
        when_checked.request_submission(batch=batch, by=user, now=timezone.now())
        return True

    def _go_on(self, batch: Batch, user: User, options: dict[str, Any]) -> Job:
        """If most rows are known, continue only with the option for it."""
        if not options["anyway"]:
            said = [known_rows.title(batch), *known_rows.lines(batch)]
            raise CommandError(f"{' '.join(said)} {ASKS % batch.pk}", returncode=commands.REFUSED)
        with transaction.atomic():
            job = known_rows.confirm(batch=batch, by=user, now=timezone.now())
            if options["submit"]:
                when_checked.request_submission(batch=batch, by=user, now=timezone.now())
        return waiting.wait_for(job, may_run=True, show=sys.stderr)

    def _submitted(self, batch: Batch, *, is_asked: bool) -> submission.Submitted:
        outcome = batch.submit_outcome if is_asked else {}
        if "refused" in outcome:
            words = text(outcome["refused"], outcome["params"])
            raise CommandError(words, returncode=commands.REFUSED)
        return submission.Submitted(outcome.get("moved", 0), outcome.get("held_back", {}))

    def _say(
        self, batch: Batch, job: Job, done: submission.Submitted | None, *, is_json: bool
    ) -> None:
        counts = batch.counts
        self.stdout.write(
            f"Batch {batch.pk}: {counts['rows']} rows, {counts['ready']} ready to submit,"
            f" {counts['held']} to be fixed, in {job.seconds['total']} s."
        )
        use = column_mapping.use_of(batch)
        for ours, heading in use.told:
            self.stdout.write(f"  column   {ours} = {heading} (by likeness or by its cells)")
        if use.unused:
            self.stdout.write(f"Columns of the file that are not used: {', '.join(use.unused)}.")
        for group in ("verdicts", "flags", "findings"):
            for code, count in sorted(counts[group].items(), key=lambda item: -item[1]):
                self.stdout.write(f"  {group[:-1]:8} {code:32} {count:>8}")
        if done is not None:
            self.stdout.write(f"{done.moved} rows submitted.")
            for reason, count in done.held_back.items():
                self.stdout.write(f"{count} rows stay: {STAY.get(reason, reason)}.")
        if is_json:
            answer = {"batch": batch.pk, **counts, "seconds": job.seconds}
            answer["columns"] = {"told": dict(use.told), "unused": use.unused}
            if done is not None:
                answer |= {"submitted": done.moved, "held_back": done.held_back}
            self.stdout.write(json.dumps(answer))


ASKS = "Nothing of it was proposed. Give --anyway to go on, or throw batch %s away on its page."
STAY = {
    "open_elsewhere": "the same person and programme is under review",
    "twice_in_batch": "another row of this file came first",
    "no_evidence": "their village has no minutes or statement for this cycle",
}
