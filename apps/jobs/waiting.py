"""Waiting for a job that a worker does: by commands, and by whoever sent one row."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TextIO

from apps.jobs.models import Job

FIRST_LOOK_S: Final = 0.02
SLOWEST_LOOK_S: Final = 0.25
# A command does the work itself when no worker has come by then.
UNCLAIMED_S: Final = 3.0


def wait_for(
    job: Job,
    *,
    run: Callable[..., object] | None = None,
    show: TextIO | None = None,
    seconds: float | None = None,
) -> Job:
    """The job as it is once it has ended, or after `seconds`.

    `run` is the task's own function; it is called here (under the same claim) when nobody claims
    the job. `show` gets the progress, where it is a terminal.
    """
    started = time.monotonic()
    pause = FIRST_LOOK_S
    while True:
        job.refresh_from_db()
        elapsed = time.monotonic() - started
        _show(job, show)
        if job.is_finished or (seconds is not None and elapsed >= seconds):
            break
        if run is not None and job.status == Job.Status.WAITING and elapsed >= UNCLAIMED_S:
            run(job_id=job.pk)
            continue
        time.sleep(pause)
        pause = min(pause * 1.5, SLOWEST_LOOK_S)
    _end(show)
    return job


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
