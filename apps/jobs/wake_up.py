"""Wake-up messages. A broker that is away is no error: the sweeper
(`portal.tasks.sweep`, every 10 s) sends them again."""

from __future__ import annotations

import time
from typing import Final

import structlog
from celery import current_app
from django.db import transaction

from apps.jobs.models import Job

TASK: Final = "jobs.run"
# After a failure no message is sent for this time, so that a caller does not wait for each one.
PAUSE_S: Final = 5.0
log = structlog.get_logger(__name__)


class _Broker:
    """The broker's state in this process; `retry_at` is when the next message is tried."""

    retry_at = 0.0


def send_wake_up(job: Job) -> None:
    """Send a worker the message that a job waits. Raises nothing: the job is stored, and the
    sweeper sends the message again.

    Queries: none. Cost: one message to the broker.
    """
    if time.monotonic() < _Broker.retry_at:
        return
    try:
        current_app.send_task(
            TASK,
            kwargs={"job_id": job.pk, "kind": job.kind},
            queue=job.queue,
            retry=False,
            shadow=job.kind,  # the name in the worker's log
        )
    except Exception as error:  # noqa: BLE001 (each broker's client has faults of its own)
        _Broker.retry_at = time.monotonic() + PAUSE_S
        log.warning("broker_away", job=job.pk, error=type(error).__name__)


def send_on_commit(job: Job) -> None:
    """Send the wake-up message when the transaction that wrote the job has committed."""
    transaction.on_commit(lambda: send_wake_up(job))
