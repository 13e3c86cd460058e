"""Texts about long work: its name and how it ended. Texts of one kind of work are declared with the
kind (`apps.jobs.kinds`).
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common import errors
from apps.jobs import kinds
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
    "unknown_kind": _(
        "This version of the portal does not know this kind of work. Nothing was done. After an"
        " update an administrator can resume it on the page of jobs (job %(job)s)."
    ),
    "not_failed": _("Only failed work can be resumed; this is: %(status)s. Nothing was changed."),
    "not_resumable_here": _("This work cannot be resumed here. %(remedy)s"),
    "not_running": _("This work has already ended: %(status)s. There is nothing to cancel."),
}
errors.register("apps.jobs", MESSAGES)
# Endings that are common to all kinds; each kind adds what can be done.
PUT_ASIDE = frozenset({"gave_up", "kept_failing"})
UNKNOWN = _("The work stopped. What was done so far is kept.")
OTHER = _("Other work")


def label_of(kind: str) -> Promise | str:
    """The name of a kind of work; a row of another version of the portal may name any kind."""
    known = kinds.find(kind)
    return known.label if known else OTHER


def remedy_of(job: Job) -> str:
    """Who can do what about a job that failed."""
    known = kinds.find(job.kind)
    return str(known.remedy if known else kinds.RESUME) % {"job": job.pk}


def about(job: Job) -> str:
    """The subject of a job as text: its name, else the kind of object and its number."""
    if job.subject_name and ":" not in job.subject_name:
        return job.subject_name
    label, _colon, number = job.subject.partition(":")
    try:
        name = str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return str(label_of(job.kind))
    return f"{name.capitalize()} {number}".strip()


def text(job: Job, code: str, params: dict[str, Any]) -> str:
    """The text of a refusal about a job, or of how it ended."""
    params = {"job": job.pk, "attempts": job.attempt, **params}
    if code in PUT_ASIDE:
        return f"{errors.text(code, params)} {remedy_of(job)}"
    if errors.catalogue_of(code) is not None:
        return errors.text(code, params)
    return f"{UNKNOWN} {remedy_of(job)}"


def ending(job: Job) -> str:
    """How a job ended, as text; "" while it goes on or if it succeeded."""
    return text(job, job.message_code, job.message_params) if job.message_code else ""


def put_aside(job: Job) -> str:
    """Why a job was given up, and who can do what; "" if it ended otherwise."""
    return ending(job) if job.message_code in PUT_ASIDE else ""
