"""The long work of this app, as the queue calls it."""

from __future__ import annotations

from celery import shared_task

from apps.jobs import work
from apps.reconciliation import conflicts, resolution


@shared_task
def find_conflicts(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            conflicts.find_for(lease)


@shared_task
def resolve_answers(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            resolution.resolve(lease)


@shared_task
def take_survivors(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            resolution.take_survivors(lease)
