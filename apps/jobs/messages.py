"""Long work in words: what it is, how it ended, and how it begins again.

The apps above know their own work; each tells this page once, through `describe`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import DomainError
from apps.jobs.models import Job

MESSAGES: dict[str, Promise] = {
    "gave_up": _(
        "The work took its worker down %(attempts)s times and was put aside, so that other work"
        " gets its turn. Check the file, then resume it."
    ),
    "not_failed": _("Only failed work can be resumed; this is: %(status)s. Nothing was changed."),
    "not_running": _("This work has already ended: %(status)s. There is nothing to cancel."),
    "not_resumable_here": _("Begin it again on the page of %(subject)s."),
}
UNKNOWN = _("The work stopped (%(code)s). What was done so far is kept.")


@dataclass(frozen=True)
class Kind:
    """One task: its name, the words of its refusals, and how a failed one begins again.

    `words(code, params)` gives a sentence or None; `resume(job=, by=, now=)` moves the job and what
    it is about, or is None where that belongs to a page of its own.
    """

    label: Any
    words: Callable[[str, dict[str, Any]], str | None]
    resume: Callable[..., Job] | None = None


_kinds: dict[str, Kind] = {}


def describe(task: str, kind: Kind) -> None:
    """Tell the pages of jobs what a task is."""
    _kinds[task] = kind


def kind_of(job: Job) -> Kind:
    return _kinds.get(job.task, Kind(job.task.rpartition(".")[2], lambda _code, _params: None))


def text(job: Job, code: str, params: dict[str, Any]) -> str:
    """The sentence for a refusal about a job, or for how it ended."""
    if code in MESSAGES:
        return str(MESSAGES[code]) % params
    return kind_of(job).words(code, params) or str(UNKNOWN) % {"code": code}


def ending(job: Job) -> str:
    """How a job ended, in words; empty while it goes on or when all went well."""
    return text(job, job.message_code, job.message_params) if job.message_code else ""


def resume(*, job: Job, by: Any, now: datetime) -> Job:
    """Let failed work begin again in the way of its own app. Raises: DomainError."""
    again = kind_of(job).resume
    if job.status != Job.Status.FAILED:
        raise DomainError("not_failed", status=job.get_status_display())
    if again is None:
        raise DomainError("not_resumable_here", subject=job.subject_name or job.subject)
    return again(job=job, by=by, now=now)
