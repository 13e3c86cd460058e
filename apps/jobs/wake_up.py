"""The bell. A broker that is away is no error: the sweeper rings again for what waits."""

from __future__ import annotations

import time
from typing import Final

import structlog
from celery import current_app
from django.db import transaction

from apps.jobs.models import Job

# After a failure nobody rings for so long: whoever has many to ring for does not wait for each.
PAUSE_S: Final = 5.0
log = structlog.get_logger(__name__)


class _Broker:
    """Of this process; `rings_from` is when the next try is due."""

    rings_from = 0.0


def send_wake_up(job: Job) -> None:
    """Tell a worker that a job waits. The job is written down: nothing that fails here may say to
    its sender that it failed, whatever the broker's client calls it."""
    if time.monotonic() < _Broker.rings_from:
        return
    try:
        current_app.send_task(job.task, kwargs={"job_id": job.pk}, queue=job.queue, retry=False)
    except Exception as error:  # noqa: BLE001 (each broker's client has faults of its own)
        _Broker.rings_from = time.monotonic() + PAUSE_S
        log.warning("broker_away", job=job.pk, error=type(error).__name__)


def enqueue_on_commit(job: Job) -> None:
    """Ring when the transaction that wrote the job is through."""
    transaction.on_commit(lambda: send_wake_up(job))
