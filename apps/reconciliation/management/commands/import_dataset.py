"""`manage.py import_dataset FILE --source CODE`: load another ministry's delivery."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common import commands
from apps.common.errors import DomainError, text
from apps.jobs import waiting
from apps.jobs.models import Job
from apps.reconciliation.deliveries import datasets, messages, sources
from apps.reconciliation.models import Dataset
from apps.reconciliation.states import DatasetStatus
from apps.regions.models import CodeSystem

BY = "import_dataset"


class Command(commands.Command):
    help = "Load a delivery of another ministry (CSV, XLSX, Parquet) and say what is in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="its code; an unknown one is a draft")
        parser.add_argument("--mapping", type=Path, help="JSON: our column -> heading in the file")
        parser.add_argument("--period", default="", help="what the source calls it, e.g. 2026-T3")
        parser.add_argument("--as-of", type=date.fromisoformat, help="the day it holds for")
        parser.add_argument("--code-system", choices=CodeSystem.values, help="of its villages")
        parser.add_argument("--json", action="store_true", help="end with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path = commands.need_file(options["file"])
        try:
            received = _receive(path, options)
        except DomainError as refused:
            raise CommandError(
                str(getattr(refused, "text", refused)), returncode=commands.REFUSED
            ) from None
        if received.dataset.status == DatasetStatus.TAKEN_BACK:
            raise CommandError(text("dataset_taken_back", {}), returncode=commands.REFUSED)
        job = waiting.wait_for(received.job, may_run=True, show=sys.stderr)
        if job.status != Job.Status.DONE:
            raise CommandError(messages.why(job), returncode=commands.REFUSED)
        dataset = Dataset.objects.select_related("source").get(pk=received.dataset.pk)
        self._say(dataset, received.is_new)
        if options["json"]:
            self.stdout.write(json.dumps(_summary(dataset, job)))

    def _say(self, dataset: Dataset, is_new: bool) -> None:
        if not is_new:
            self.stderr.write(
                _("This file was dataset %(dataset)s already.") % {"dataset": dataset.pk}
            )
        self.stdout.write(
            _(
                "Dataset %(dataset)s (%(source)s, delivery %(number)s): %(rows)s rows, %(new)s new,"
                " %(changed)s changed, %(gone)s gone, %(unchanged)s as before."
            )
            % {
                "dataset": dataset.pk,
                "source": dataset.source_id,
                "number": dataset.number,
                **dataset.counts,
            }
        )
        if dataset.source.is_draft:
            self.stdout.write(
                _("Source %(source)s is a draft: activate it on its page.")
                % {"source": dataset.source_id}
            )
        for warning in dataset.profile.get("warnings", []):
            self.stdout.write("  " + messages.warning(warning["code"], warning["params"]))


def _receive(path: Path, options: dict[str, Any]) -> datasets.Received:
    mapping = json.loads(options["mapping"].read_text()) if options["mapping"] else None
    with path.open("rb") as opened:
        return datasets.receive_dataset(
            file=opened,
            file_name=path.name,
            source=sources.known_or_draft(code=options["source"], by_name=BY),
            by=None,
            by_name=BY,
            now=timezone.now(),
            period=options["period"],
            as_of=options["as_of"],
            mapping=mapping,
            code_system=options["code_system"],
        )


def _summary(dataset: Dataset, job: Job) -> dict[str, Any]:
    return {
        "dataset": dataset.pk,
        "source": dataset.source_id,
        "delivery": dataset.number,
        **dataset.counts,
        "columns": dataset.mapping,
        "warnings": [warning["code"] for warning in dataset.profile.get("warnings", [])],
        "seconds": job.seconds,
    }
