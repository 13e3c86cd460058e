"""The long work of this app, as the queue calls it."""

from __future__ import annotations

from celery import shared_task

from apps.jobs import work
from apps.jobs.wake_up import send_wake_up
from apps.reconciliation.conflicts import detection, resolution
from apps.reconciliation.deliveries import loading, reverting
from apps.reconciliation.duplicates import deduplication
from apps.reconciliation.linkage import register_runs, runs, thresholds


@shared_task
def ask_about_decree(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            detection.find_for_decree(lease)


@shared_task
def compare_after_decrees(**_: object) -> None:
    """Every few minutes: one run of the register with itself for all decrees since the last one."""
    if job := register_runs.enqueue_after_decrees():
        send_wake_up(job)


@shared_task
def compare_register(*, job_id: int, **_: object) -> None:
    asked = None
    with work.claimed(job_id) as lease:
        if lease:
            asked = register_runs.compare(lease)
    if asked:
        send_wake_up(asked)


@shared_task
def find_conflicts(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            detection.find_for(lease)


@shared_task
def load_dataset(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            loading.load_dataset(lease)


@shared_task
def merge_persons(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            deduplication.merge(lease)


@shared_task
def move_thresholds(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            thresholds.apply(lease)


@shared_task
def reconcile(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            runs.reconcile(lease)


@shared_task
def resolve_answers(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            resolution.resolve(lease)


@shared_task
def take_back_dataset(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            reverting.take_back(lease)


@shared_task
def take_survivors(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            resolution.take_survivors(lease)


@shared_task
def unmerge_persons(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            deduplication.unmerge(lease)
