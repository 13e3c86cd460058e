"""The long work of this app, as the queue calls it."""

from __future__ import annotations

from celery import shared_task

from apps.jobs import work
from apps.reconciliation import deduplication


@shared_task
def merge_persons(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            deduplication.merge(lease)


@shared_task
def unmerge_persons(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            deduplication.unmerge(lease)
