"""Waiting for a job that a worker does, for commands and for a page that sent one row."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TextIO

from django.db import connection
from django.utils import timezone

from apps.common import commands
from apps.jobs import work
from apps.jobs.models import STALE_AFTER, Job

FIRST_LOOK_S: Final = 0.02
SLOWEST_LOOK_S: Final = 0.25
# A command does the work itself if no worker claims it within this time.
UNCLAIMED_S: Final = 3.0


def wait_for(
    job: Job,
    *,
    may_run: bool = False,
    show: TextIO | None = None,
    seconds: float | None = None,
    look: Callable[[Job], object] = Job.refresh_from_db,
) -> Job:
    """The job as it is once it has ended, or after `seconds`.

    `may_run`: the work is done here (under the same claim, in the portal's own language) when no
    worker claims the job, or when its worker gives no heartbeat. `show` gets the progress if it is
    a terminal. `look` reads the job again: the web sees it only in a transaction with the user's
    scope.
    """
    started = time.monotonic()
    pause = FIRST_LOOK_S
    while True:
        look(job)
        elapsed = time.monotonic() - started
        _show(job, show)
        if job.is_finished or (seconds is not None and elapsed >= seconds):
            break
        if may_run and _is_left(job, elapsed):
            with commands.for_others():
                work.run(job.pk, job.kind)  # does nothing while a slow worker still holds the lock
            job.refresh_from_db()
            if job.is_finished:
                continue
        _give_back()
        time.sleep(pause)
        pause = min(pause * 1.5, SLOWEST_LOOK_S)
    _end(show)
    return job


def _give_back() -> None:
    """Return a pooled connection while waiting: many requests wait, and connections are few."""
    if "pool" in connection.settings_dict["OPTIONS"] and not connection.in_atomic_block:
        connection.close()


def _is_left(job: Job, elapsed: float) -> bool:
    """Whether the job has no worker: it was never claimed, or its worker gives no heartbeat."""
    if job.status == Job.Status.WAITING:
        return elapsed >= UNCLAIMED_S
    return not job.is_finished and job.heartbeat_at < timezone.now() - STALE_AFTER


def _show(job: Job, show: TextIO | None) -> None:
    if show is None or not show.isatty():
        return
    percent = f" {job.percent}%" if job.percent is not None else ""
    show.write(f"\r\x1b[K{job.subject_name or job.subject}: {job.stage or job.status}{percent}")
    show.flush()


def _end(show: Any) -> None:
    if show is not None and show.isatty():
        show.write("\r\x1b[K")
        show.flush()
