"""Long work in words: what it is, how it ended, and how it begins again.

The apps above know their own work; each tells this page once, through `describe`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import DomainError
from apps.jobs.models import Job

MESSAGES: dict[str, Promise] = {
    "gave_up": _(
        "The work took its worker down %(attempts)s times and was put aside, so that other work"
        " gets its turn."
    ),
    "kept_failing": _(
        "The work met a fault of the portal %(attempts)s times and was put aside; the worker's log"
        " names the fault under job %(job)s."
    ),
    "not_failed": _("Only failed work can be resumed; this is: %(status)s. Nothing was changed."),
    "not_running": _("This work has already ended: %(status)s. There is nothing to cancel."),
}
# What ended no matter what the work is about: what can be done is said by its kind.
PUT_ASIDE = frozenset({"gave_up", "kept_failing"})
UNKNOWN = _("The work stopped. What was done so far is kept.")
RESUME = _("An administrator can resume it on the page of jobs (job %(job)s).")


@dataclass(frozen=True)
class Kind:
    """One task: its name, the words of its refusals, what becomes of its subject when it fails.

    `words(code, params)` gives a sentence or None. `resume(job=, by=, now=)` moves the job and what
    it is about, or is None where the work is asked for anew: `remedy` says by whom and where.
    `on_failed(job)` is told when a job failed or was cancelled.
    """

    label: Promise
    words: Callable[[str, dict[str, Any]], str | None]
    resume: Callable[..., Job] | None = None
    on_failed: Callable[[Job], object] | None = None
    remedy: Promise = RESUME


_kinds: dict[str, Kind] = {}
_STRANGE = Kind(_("Other work"), lambda _code, _params: None)


def describe(task: str, kind: Kind) -> None:
    """Tell what a task is, once. Raises: ValueError when it was told already."""
    if task in _kinds:
        raise ValueError(f"{task} is described twice")
    _kinds[task] = kind


def kinds() -> dict[str, Kind]:
    """Every kind of work there is, by its task."""
    return dict(_kinds)


def kind_of(job: Job) -> Kind:
    return _kinds.get(job.task, _STRANGE)


def about(job: Job) -> str:
    """What a job is about, in words: its name, else the kind of thing and its number."""
    if job.subject_name and ":" not in job.subject_name:
        return job.subject_name
    label, _colon, number = job.subject.partition(":")
    try:
        name = str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return str(kind_of(job).label)
    return f"{name.capitalize()} {number}".strip()


def text(job: Job, code: str, params: dict[str, Any]) -> str:
    """The sentence for a refusal about a job, or for how it ended."""
    kind = kind_of(job)
    params = {"job": job.pk, "attempts": job.attempt, **params}
    if code == "not_resumable_here":
        return str(kind.remedy) % params
    if code in PUT_ASIDE:
        return f"{str(MESSAGES[code]) % params} {str(kind.remedy) % params}"
    if code in MESSAGES:
        return str(MESSAGES[code]) % params
    return kind.words(code, params) or f"{UNKNOWN} {str(kind.remedy) % params}"


def ending(job: Job) -> str:
    """How a job ended, in words; empty while it goes on or when all went well."""
    return text(job, job.message_code, job.message_params) if job.message_code else ""


def put_aside(job: Job) -> str:
    """Why a job was given up, and who can do what; empty where something else ended it."""
    return ending(job) if job.message_code in PUT_ASIDE else ""


def resume(*, job: Job, by: Any, now: datetime) -> Job:
    """Let failed work begin again in the way of its own app. Raises: DomainError."""
    again = kind_of(job).resume
    if job.status != Job.Status.FAILED:
        raise DomainError("not_failed", status=job.get_status_display())
    if again is None:
        raise DomainError("not_resumable_here")
    return again(job=job, by=by, now=now)
