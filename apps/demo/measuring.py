"""The demo's counts of the register by region, so that the thematic maps show something."""

from __future__ import annotations

from typing import Any

from apps.demo import working
from apps.demo.stage import Say
from apps.indicators.measures import counting
from apps.jobs.models import Job


def count(*, say: Say, show: Any) -> None:
    """Ask for the counts that are due, and wait for them. Raises: NotDone."""
    say("Counts of the register by region")
    counting.enqueue_due_refresh()
    waiting = Job.objects.filter(kind=counting.REFRESH_MEASURES, status__in=counting.ON_ITS_WAY)
    for job in waiting.order_by("pk"):
        working.done(job, show=show)
