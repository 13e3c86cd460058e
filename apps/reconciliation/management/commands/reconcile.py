"""Compare a delivery with another, or with the register, and wait for the result."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.common import commands
from apps.common.errors import DomainError
from apps.jobs import waiting
from apps.jobs.models import Job
from apps.reconciliation.linkage import messages as linkage_messages
from apps.reconciliation.linkage import runs
from apps.reconciliation.models import Dataset, Run


class Command(commands.Command):
    help = "Match a loaded delivery with another, or with the register."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "dataset", type=int, help="number of the delivery (import_dataset says it)"
        )
        parser.add_argument("other", type=int, nargs="?", help="default: the register as it is now")
        parser.add_argument("--retrain", action="store_true", help="learn the model anew")
        parser.add_argument("--force", action="store_true", help="go on where a breaker would stop")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, dataset: int, other: int | None, **options: Any) -> None:
        try:
            run, job = runs.enqueue_run(
                left=_dataset(dataset),
                right=None if other is None else _dataset(other),
                by=None,
                by_name="reconcile",
                now=timezone.now(),
                retrain=options["retrain"],
                force=options["force"],
            )
        except DomainError as refused:
            raise CommandError(refused.text, returncode=commands.REFUSED) from None
        job = waiting.wait_for(job, may_run=True, show=sys.stderr)
        run.refresh_from_db()
        if job.status != Job.Status.DONE:
            raise CommandError(linkage_messages.why(job), returncode=commands.REFUSED)
        if run.breaker:
            raise CommandError(linkage_messages.breaker(run.breaker), returncode=commands.REFUSED)
        self._say(run, is_json=options["json"])

    def _say(self, run: Run, *, is_json: bool) -> None:
        boxes = run.counts["boxes"]
        self.stdout.write(
            f"Run {run.pk}, {run.pairing}: {run.counts['records']} records, {boxes['nik']} matched"
            " by"
            f" NIK, {boxes['linked']} by weight, {boxes['review']} to be reviewed,"
            f" {boxes['unmatched']} without a match, in {sum(run.seconds.values()):.1f} s."
        )
        if is_json:
            answer = {"run": run.pk, **run.counts, "changes": run.changes, "seconds": run.seconds}
            self.stdout.write(json.dumps(answer))


def _dataset(number: int) -> Dataset:
    found = Dataset.objects.filter(pk=number).first()
    if found is None:
        raise CommandError(
            f"There is no delivery {number}. import_dataset says the number of what it loaded.",
            returncode=commands.REFUSED,
        )
    return found
