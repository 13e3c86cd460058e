"""The worker's side of boundary editions."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from apps.jobs import work
from apps.regions import boundaries
from apps.regions.models import BoundaryEdition


@shared_task(name=boundaries.IMPORT_TASK)
def import_edition(*, job_id: int, **_: Any) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            boundaries.import_edition(lease)


@shared_task(name=boundaries.ACTIVATE_TASK)
def activate_edition(*, job_id: int, **_: Any) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            job = lease.job
            edition = BoundaryEdition.objects.get(pk=job.subject.rpartition(":")[2])
            with transaction.atomic():
                result = boundaries.activate(
                    edition=edition,
                    by=job.actor,
                    by_name=job.actor_name,
                    now=timezone.now(),
                    reason=job.parameters.get("reason", ""),
                )
                lease.timed("activate")
                lease.finish(**boundaries.in_brief(result))
