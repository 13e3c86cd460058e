"""Jobs of tests: rows of any kind, and their work done in place, as a worker does it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import timezone

from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.jobs.work import Lease

WITHIN_S = 60
BEFORE_CLAIM_S = 0.2


def do(job: Job) -> None:
    """Do the work of a job here. A worker of the test that was faster is waited for; one that was
    killed holds the job for two seconds more."""
    work.run(job.pk, job.kind)
    until, claimed_until = time.monotonic() + WITHIN_S, time.monotonic() + BEFORE_CLAIM_S
    while (status := Job.objects.values_list("status", flat=True).get(pk=job.pk)) in {
        Job.Status.WAITING,
        Job.Status.RUNNING,
    }:
        now = time.monotonic()
        assert now < until, f"{job.kind} is {status} after {WITHIN_S} s"
        if status == Job.Status.WAITING and now > claimed_until:
            return  # it was given back, or was not to be done
        time.sleep(0.02)
        if status == Job.Status.RUNNING:
            work.run(job.pk, job.kind)


def a_job(kind: str = "tests.work", subject: str = "x.X:1", **fields: Any) -> Job:
    """A row that waits, of a kind that need not exist; no message is sent."""
    now = timezone.now()
    return Job.objects.create(
        kind=kind, subject=subject, created_at=now, heartbeat_at=now, **{"actor": "system"} | fields
    )


@contextmanager
def declared(work_of: Callable[[Lease], object], name: str = "tests.work", **more: Any) -> Any:
    """A kind of work that this test alone knows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(kinds._kinds, name, kinds.JobKind(name, "Work of a test", work_of, **more))
        yield
