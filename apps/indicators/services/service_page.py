"""What the page of a service shows: its state, what its first page gave, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.common import errors
from apps.imports import column_choice
from apps.imports.column_choice import FileColumn
from apps.indicators.figures import figure_columns, figure_pages
from apps.indicators.models import Indicator, Service
from apps.indicators.services import previews, syncing
from apps.indicators.services.forms import COLUMN, VALUE
from apps.jobs import messages as job_messages
from apps.jobs.models import Job

KINDS: Final = (syncing.SYNC_SERVICE, previews.PREVIEW_SERVICE)
MOST_JOBS: Final = 20


@dataclass(frozen=True)
class ServiceField:
    """A field of a service with its first values, and what it is chosen to be."""

    column: FileColumn
    choice: str


@dataclass(frozen=True)
class Reading:
    """One time that a service was asked, or is to be."""

    job: Job
    what: str
    words: str


def context_of(service: Service) -> dict[str, Any]:
    """Queries: at most four."""
    readings = readings_of(service)
    return {
        "service": service,
        "words": errors.text(service.code, service.params) if service.code else "",
        "fields": fields_of(service),
        "total": service.preview.get("total"),
        "choices": choices_of(service) if service.preview else [],
        "readings": readings,
        "is_looking": any(not one.job.is_finished for one in readings),
        "is_chosen": bool(service.fields or service.values),
    }


def readings_of(service: Service) -> list[Reading]:
    """The last times that a service was asked, the newest first. Queries: one."""
    jobs = Job.objects.filter(subject=service.subject, kind__in=KINDS).order_by("-pk")
    return [Reading(job, str(job_messages.label_of(job.kind)), _words(job))
            for job in jobs[:MOST_JOBS]]  # fmt: skip


def _words(job: Job) -> str:
    """How a reading ended."""
    if ending := job_messages.ending(job):
        return ending
    if not job.is_finished:
        return str(job.get_status_display())
    result: Mapping[str, Any] = job.result or {}
    if code := str(result.get("code", "")):
        return errors.text(code, result.get("params", {}))
    if job.kind == previews.PREVIEW_SERVICE:
        return _("Looked at.")
    return _("New figures.") if result.get("is_new") else _("Nothing new.")


def fields_of(service: Service) -> list[ServiceField]:
    """The fields that were seen; what is not chosen yet is proposed by their names. Queries: one
    where nothing is chosen.
    """
    if not service.preview:
        return []
    names, rows = service.preview["fields"], service.preview["rows"]
    chosen = {field: f"{COLUMN}{ours}" for ours, field in service.fields.items()}
    chosen |= {field: f"{VALUE}{code}" for code, field in service.values.items()}
    if not chosen:
        places = figure_columns.match(names, service.code_system)
        values = figure_columns.match_values(names, rows, set(places.values()))
        chosen = {names[at]: f"{COLUMN}{ours}" for ours, at in places.items()}
        chosen |= {names[at]: f"{VALUE}{code}" for code, at in values.items()}
    columns = column_choice.file_columns(names, rows)
    return [ServiceField(one, chosen.get(one.heading, "")) for one in columns]


def choices_of(service: Service) -> list[tuple[str, str]]:
    """What a field can be: one of our columns of regions, or an indicator. Queries: one."""
    words = figure_columns.places(service.code_system)
    places = [
        (f"{COLUMN}{name}", words.headings[name][0].capitalize())
        for name in figure_columns.PLACE_COLUMNS
    ]
    published = Indicator.objects.filter(origin=Indicator.Origin.PUBLISHED).order_by("name")
    return places + [(f"{VALUE}{one.pk}", figure_pages.name_of(one)) for one in published]
