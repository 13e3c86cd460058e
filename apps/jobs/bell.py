"""The bell. A broker that is away is no error: the sweeper rings again for what waits."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.jobs.models import Job

log = structlog.get_logger(__name__)


def ring(job: Job) -> None:
    """Tell a worker that a job waits."""
    try:
        current_app.send_task(job.task, kwargs={"job_id": job.pk}, queue=job.queue, retry=False)
    except (OperationalError, OSError):
        log.warning("broker_away", job=job.pk)


def ring_on_commit(job: Job) -> None:
    """Ring when the transaction that wrote the job is through."""
    transaction.on_commit(lambda: ring(job))
