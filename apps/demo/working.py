"""Long work of the demo: requested here, done by the running workers like any other job."""

from __future__ import annotations

from typing import Any, Final

from apps.jobs import messages, waiting
from apps.jobs.models import Job

UNCLAIMED_S: Final = 60.0


class NotDone(Exception):
    """Work that no worker took, or that failed; the text is for the operator."""


def done(job: Job, *, show: Any) -> Job:
    """The job as a worker left it. Raises: NotDone."""
    while True:
        attempt = job.attempt
        job = waiting.wait_for(job, show=show, seconds=UNCLAIMED_S)
        if job.is_finished:
            break
        if job.status == Job.Status.WAITING and job.attempt == attempt:
            raise NotDone(
                f"No worker took “{messages.label_of(job.kind)}” ({messages.about(job)}) in"
                f" {UNCLAIMED_S:.0f} s. Start the workers with `make run`; their logs lie in"
                " .local/logs."
            )
    if job.status != Job.Status.DONE:
        why = messages.ending(job) or str(job.get_status_display())
        raise NotDone(f"{messages.label_of(job.kind)} ({messages.about(job)}): {why}")
    return job
