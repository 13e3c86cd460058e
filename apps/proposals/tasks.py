"""The long work of this app, as the queue calls it."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from apps.jobs import work
from apps.jobs.wake_up import send_wake_up
from apps.proposals.checks import batch_check, identity, recheck
from apps.proposals.civil import asking as civil_asking
from apps.proposals.decree import determination
from apps.proposals.entry import remarks
from apps.proposals.fixes import rework
from apps.proposals.returned import amendment
from apps.proposals.review import decisions
from apps.proposals.upload import upload_parts


@shared_task
def check_batch(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            batch_check.check_batch(lease)


@shared_task
def check_draft(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            remarks.check_draft(lease)


@shared_task
def decide_many(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            decisions.run_bulk_decision(lease)


@shared_task
def determine(*, job_id: int, **_: object) -> None:
    decree = None
    with work.claimed(job_id) as lease:
        if lease:
            decree = determination.determine(lease)
    # what is open still is shown beside the register as it is now
    if decree is not None and decree.change_id is not None:
        identity.refresh_touched(change_id=decree.change_id, now=timezone.now())


@shared_task
def amend(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            amendment.run_amendment(lease)


@shared_task
def fix_rows(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            rework.run_fix(lease)


@shared_task
def recheck_held(*, job_id: int, **_: object) -> None:
    rest = None
    with work.claimed(job_id) as lease:
        if lease:
            rest = recheck.recheck_held(lease)
    if rest:
        send_wake_up(rest)


@shared_task
def sweep_uploads(**_: object) -> None:
    upload_parts.sweep(now=timezone.now())


@shared_task
def ask_civil(**_: object) -> None:
    """Every few minutes: what was endorsed meanwhile, what failed, what is old."""
    if job := civil_asking.enqueue_due_check():
        send_wake_up(job)


@shared_task
def check_civil(*, job_id: int, **_: object) -> None:
    rest = None
    with work.claimed(job_id) as lease:
        if lease:
            rest = civil_asking.run_check(lease)
    if rest:
        send_wake_up(rest)
