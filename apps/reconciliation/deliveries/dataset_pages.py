"""What the pages of a delivery show: its progress, its profile in words, its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.tabular import Peek
from apps.imports import column_choice
from apps.imports.column_choice import REASONS, OurColumn
from apps.jobs import polling
from apps.jobs.models import Job
from apps.reconciliation.deliveries import columns, datasets, messages, reverting
from apps.reconciliation.models import Dataset
from apps.reconciliation.states import DatasetStatus

__all__ = [
    "job_of",
    "our_columns",
    "taking_back_of",
    "describe_dataset",
    "watched",
]

STAGES: Final[list[tuple[str, Any]]] = [
    ("reading", gettext_lazy("Rows read")),
    ("profiling", gettext_lazy("Profile and comparison with the last delivery")),
]
# Reading takes most of the time; the later steps show the bar at this fixed share.
READING_PERCENT: Final = 60


@dataclass
class ColumnTold:
    """One line of the profile. Shares are whole percents of the rows."""

    label: str
    heading: str
    missing: int
    missing_percent: int
    odd: list[tuple[str, int]] = field(default_factory=list)
    different: int | None = None
    is_estimate: bool = False
    top: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class DatasetDescription:
    """A profile as its page shows it."""

    rows: int
    counts: list[tuple[str, int]]
    warnings: list[str]
    columns: list[ColumnTold]
    nik_examples: list[tuple[str, int]]
    villages_unknown: list[tuple[str, int]]


def describe_dataset(dataset: Dataset) -> DatasetDescription:
    """The profile of a loaded delivery in words; only its counts where it has no profile."""
    profile, rows = dataset.profile, dataset.counts.get("rows", 0)
    return DatasetDescription(
        rows=rows,
        counts=_counts(dataset),
        warnings=[
            messages.warning(one["code"], one["params"]) for one in profile.get("warnings", [])
        ],
        columns=[_column(name, of, rows) for name, of in _ordered(profile.get("columns", {}))],
        nik_examples=[(nik, count) for nik, count in profile.get("nik_examples", [])],
        villages_unknown=[(code, count) for code, count in profile.get("villages_unknown", [])],
    )


def _counts(dataset: Dataset) -> list[tuple[str, int]]:
    words = {
        "new": _("new"),
        "changed": _("changed"),
        "gone": _("gone"),
        "unchanged": _("as before"),
        "repeats": _("repeated, left out"),
    }
    return [
        (label, dataset.counts[name]) for name, label in words.items() if name in dataset.counts
    ]


def _ordered(known: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, known[name]) for name in columns.COLUMNS if name in known]


def _column(name: str, of: Mapping[str, Any], rows: int) -> ColumnTold:
    missing = of["missing"]
    return ColumnTold(
        label=label(name),
        heading=of["heading"],
        missing=missing,
        missing_percent=round(100 * missing / rows) if rows else 0,
        odd=[(str(messages.ODD.get(kind, kind)), count) for kind, count in of["odd"].items()],
        different=of.get("different"),
        is_estimate=of.get("is_estimate", False),
        top=[(value, count) for value, count in of.get("top", [])],
    )


def label(name: str) -> str:
    return str(messages.LABELS[name])


def our_columns(
    dataset: Dataset, given: Mapping[str, Any] | None = None, seen: Peek | None = None
) -> list[OurColumn]:
    """Our columns in their order, with the column chosen for each; from a form, if given.

    For a file that is not loaded yet (`seen` are its first rows), likely headings are proposed.
    """
    headings, reasons = dataset.mapping, {}
    is_open = dataset.status not in (DatasetStatus.LOADED, DatasetStatus.TAKEN_BACK)
    if given is None and seen is not None and is_open:
        doubted = columns.uncertain_columns(seen.header, seen.samples, dataset.mapping)
        headings = columns.proposed(dataset.mapping, doubted, seen.header)
        reasons = {one.column: str(REASONS[one.reason]) for one in doubted}
    at = {heading: position for position, heading in enumerate(dataset.header) if heading}
    chosen = {name: at.get(heading) for name, heading in headings.items()}
    if given is not None:
        chosen = {name: position for name, position in given.items() if position != ""}
    return [
        OurColumn(
            name,
            label(name),
            name == columns.REQUIRED,
            chosen.get(name),
            reason=reasons.get(name, ""),
        )
        for name in columns.COLUMNS
    ]


def taken_twice(given: Mapping[str, Any], dataset: Dataset) -> str:
    """A message that a file column was chosen for several of ours; "" where none was."""
    chosen = {name: at for name, at in given.items() if at != ""}
    return column_choice.taken_twice(chosen, dataset.header, label)


def known_already(dataset: Dataset) -> str:
    """A message for a file that was received before: when, and what to do instead."""
    day = date_format(timezone.localtime(dataset.received_at), "j M Y")
    return _(
        "This file was brought already, on {day} by {who}. Nothing was loaded twice; this is its"
        " page. For a later state of the source choose another file."
    ).format(day=day, who=dataset.by_name or "–")


def job_of(dataset: Dataset) -> Job | None:
    known = Job.objects.filter(subject=dataset.subject, kind=datasets.LOAD_DATASET)
    return known.order_by("-pk").first()


def taking_back_of(dataset: Dataset) -> dict[str, str]:
    """Why the delivery cannot be taken back, and why the last attempt failed; usually both "".

    Queries: three.
    """
    refused = reverting.hindrance(dataset)
    last = reverting.job_of(dataset)
    failed = last is not None and last.status == Job.Status.FAILED
    return {
        "hindrance": refused.text if refused else "",
        "not_taken_back": messages.why(last) if last and failed else "",
    }


def watched(job: Job | None, now: datetime) -> dict[str, Any]:
    """What `_dataset_progress.html` shows of a job."""
    known = polling.watched(job, now)
    if job is None:
        return known
    stages = [name for name, _words in STAGES]
    at = stages.index(job.stage) if job.stage in stages else -1
    is_done = job.status == Job.Status.DONE
    known["stages"] = [
        (str(words), "done" if is_done or number < at else "now" if number == at else "later")
        for number, (_name, words) in enumerate(STAGES)
    ]
    read = READING_PERCENT * (job.percent or 0) // 100
    known["percent"] = 100 if is_done else READING_PERCENT if at == 1 else read
    known["is_for_columns"] = job.message_code in messages.OF_COLUMNS
    known["why"] = messages.why(job)
    return known
