"""The long work of this app, as the queue calls it."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from apps.jobs import work
from apps.proposals import determination, review, uploads, validation


@shared_task
def check_batch(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id, on_failed=validation.fail) as lease:
        if lease:
            validation.check_batch(lease)


@shared_task
def decide_many(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            review.decide_lot(lease)


@shared_task
def determine(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id, on_failed=determination.fail) as lease:
        if lease:
            determination.determine(lease)


@shared_task
def sweep_uploads(**_: object) -> None:
    uploads.sweep(now=timezone.now())
