"""The long work of this app, as the queue calls it."""

from __future__ import annotations

from celery import shared_task

from apps.jobs import work
from apps.proposals import validation


@shared_task(queue="batches")
def check_batch(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id, on_failed=validation.fail) as lease:
        if lease:
            validation.check_batch(lease)
