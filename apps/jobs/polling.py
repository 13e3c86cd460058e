"""For a page that watches a job: when to ask again, and when to reload."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse

from apps.jobs import messages
from apps.jobs.models import Job
from apps.ui.fragments import refreshing


def pause_ms(job: Job, now: datetime) -> int:
    """Milliseconds until the page asks again: short for work that is done in seconds."""
    age_s = (now - job.created_at).total_seconds()
    return 250 if age_s < 10 else 1_000 if age_s < 120 else 3_000


def watched(job: Job | None, now: datetime, *, is_awaited: bool = False) -> dict[str, Any]:
    """The context of `jobs/_watched.html`.

    `is_awaited`: the page's content was read before the work ended. If its job is done all the
    same, it ended between the two reads: the page asks once more and then reloads. It also asks on
    until what a cancelled job leaves is put right.
    """
    if job is None:
        return {"job": None}
    return {
        "job": job,
        "percent": job.percent,
        "pause_ms": pause_ms(job, now),
        "ending": messages.ending(job),
        "asks": not job.is_finished
        or job.is_end_due
        or (is_awaited and job.status == Job.Status.DONE),
    }


def reloading(answer: HttpResponse, job: Job | None) -> HttpResponse:
    """A fragment that makes the page reload when there is nothing more to watch."""
    if job is None or (job.is_finished and not job.is_end_due):
        return refreshing(answer)
    return answer
