"""The progress of a batch's check: texts and one percentage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from apps.jobs import polling
from apps.jobs.models import Job
from apps.proposals.checks import known_rows
from apps.proposals.messages import why
from apps.proposals.models import Batch
from apps.proposals.states import CHECKED, BatchStatus

# A check ends in one of these statuses; a page that shows one of them need not poll.
ANSWERED = (*CHECKED, BatchStatus.NEEDS_CONFIRMATION, BatchStatus.FAILED)
# Stage of the job, its text, and the percentage at which it begins (from measured times).
STAGES: list[tuple[str, Any, int]] = [
    ("reading", gettext_lazy("Rows read"), 0),
    ("fields", gettext_lazy("Form, NIK and KK"), 45),
    ("duplicates", gettext_lazy("Duplicates"), 60),
    ("points", gettext_lazy("Points"), 70),
    ("storing", gettext_lazy("Stored"), 80),
]


@dataclass(frozen=True)
class Progress:
    """The content of the progress line. Each stage is (text, "done" | "now" | "later")."""

    percent: int
    stages: list[tuple[str, str]]
    rows: int


def of(job: Job) -> Progress:
    """The progress of a batch's job."""
    names = [name for name, _words, _from in STAGES]
    at = names.index(job.stage) if job.stage in names else -1
    states = [
        (
            str(words),
            "done" if i < at or job.status == Job.Status.DONE else "now" if i == at else "later",
        )
        for i, (_name, words, _from) in enumerate(STAGES)
    ]
    return Progress(_percent(job, at), states, job.done)


def _percent(job: Job, at: int) -> int:
    if job.status == Job.Status.DONE:
        return 100
    if at < 0:
        return 0
    begins = STAGES[at][2]
    if at > 0:
        return begins
    return begins + STAGES[1][2] * (job.percent or 0) // 100


def watched(batch: Batch, job: Job | None, now: datetime) -> dict[str, Any]:
    """The context of `_batch_progress.html` for a job, without the URLs of its page."""
    known = polling.watched(job, now, is_awaited=batch.status not in ANSWERED)
    if job is not None:
        so_far = of(job)
        known |= {"progress": so_far, "percent": so_far.percent, "why": why(job)}
    return known


def asked(batch: Batch) -> dict[str, Any]:
    """The context of `_batch_progress.html` for a batch that waits for its sender's answer."""
    if batch.status != BatchStatus.NEEDS_CONFIRMATION:
        return {}
    return {"title": known_rows.title(batch), "lines": known_rows.lines(batch)}
