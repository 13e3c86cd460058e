"""A file of the demo, through the same intake and queue as an officer's upload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import timezone

from apps.accounts.roles import Role
from apps.demo.stage import Stage
from apps.jobs import bell, waiting
from apps.jobs.models import Job
from apps.proposals import intake, tasks
from apps.proposals.models import Batch


def send(path: Path, stage: Stage, *, show: Any) -> Batch:
    """The batch of this file, checked; the same file again is the same batch."""
    with path.open("rb") as file:
        received = intake.receive_file(
            file=file,
            file_name=path.name,
            by=stage.people[Role.REGENCY_OFFICER],
            region_code=stage.regency.code,
            now=timezone.now(),
        )
    bell.ring(received.job)
    job = waiting.wait_for(received.job, run=tasks.check_batch, show=show)
    if job.status != Job.Status.DONE:
        raise RuntimeError(f"{path.name} ended as {job.status}: {job.message_code}")
    return Batch.objects.get(pk=received.batch.pk)
