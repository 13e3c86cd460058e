"""The long work of this app, as the queue calls it."""

from __future__ import annotations

from celery import shared_task

from apps.jobs import work
from apps.reconciliation import loading, runs, thresholds


@shared_task
def load_dataset(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id, on_failed=loading.fail) as lease:
        if lease:
            loading.load_dataset(lease)


@shared_task
def move_thresholds(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            thresholds.apply(lease)


@shared_task
def reconcile(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id, on_failed=runs.fail) as lease:
        if lease:
            runs.reconcile(lease)
