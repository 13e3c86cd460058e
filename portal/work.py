"""What the jobs page needs of the apps above it: names, words, and ways to begin again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.common.errors import DomainError
from apps.common.tabular.messages import MESSAGES as FILE_MESSAGES
from apps.jobs import work
from apps.jobs.messages import Kind, describe
from apps.jobs.models import Job
from apps.proposals import civil, determination, intake, refusals
from apps.proposals.models import Batch, Decree
from apps.reconciliation import (
    answers,
    conflicts,
    dataset_words,
    datasets,
    deduplication,
    merge_refusals,
    messages,
    runs,
    survivorship,
    taking_back,
    thresholds,
)
from apps.reconciliation import refusals as refusals_of_answers
from apps.reconciliation.models import Dataset, Run
from apps.regions import boundaries
from apps.regions import messages as regions


def describe_work() -> None:
    """Called once, when all apps are loaded."""
    proposals = "apps.proposals.tasks"
    describe(f"{proposals}.check_batch", Kind(_("Check of a batch"), _proposals, _check_again))
    describe(f"{proposals}.decide_many", Kind(_("Decision on many rows"), _proposals, _again))
    describe(f"{proposals}.amend", Kind(_("Returned proposal"), _proposals, _again))
    describe(f"{proposals}.determine", Kind(_("Decree"), _proposals, _determine_again))
    describe(runs.TASK, Kind(_("Run of a reconciliation"), _runs, _run_again))
    describe(thresholds.TASK, Kind(_("Thresholds moved"), _runs, _again))
    describe(datasets.TASK, Kind(_("Loading of a delivery"), _datasets, _load_again))
    describe(taking_back.TASK, Kind(_("Taking a delivery back"), _datasets, _again))
    describe(conflicts.TASK, Kind(_("Questions of a run"), refusals_of_answers.job_text, _again))
    describe(answers.TASK, Kind(_("Answers taken over"), refusals_of_answers.job_text, _again))
    describe(survivorship.TASK, Kind(_("Values taken over"), refusals_of_answers.job_text, _again))
    describe(civil.TASK, Kind(_("Check against the civil register"), _proposals, _again))
    describe(deduplication.MERGE_TASK, Kind(_("Merging of persons"), _merging, _again))
    describe(deduplication.UNMERGE_TASK, Kind(_("Undoing of a merge"), _merging, _again))
    describe(boundaries.IMPORT_TASK, Kind(_("Import of boundaries"), _regions))
    describe(boundaries.ACTIVATE_TASK, Kind(_("Activation of boundaries"), _regions, _again))


def _proposals(code: str, params: dict[str, Any]) -> str | None:
    return refusals.text(code, params) if code in refusals.REFUSALS else _file(code, params)


def _regions(code: str, params: dict[str, Any]) -> str | None:
    known = code in regions.MESSAGES
    return regions.text_of(code, params) if known else _file(code, params)


def _merging(code: str, params: dict[str, Any]) -> str | None:
    return merge_refusals.text(code, params) if code in merge_refusals.TEXTS else None


def _file(code: str, params: dict[str, Any]) -> str | None:
    """Why a file was not read."""
    text = FILE_MESSAGES.get(code)
    return None if text is None else str(text) % {"filename": "", "found": "", **params}


def _runs(code: str, params: dict[str, Any]) -> str | None:
    return messages.refusal(code, params) if code in messages.REFUSALS else None


def _datasets(code: str, params: dict[str, Any]) -> str | None:
    known = code in dataset_words.REFUSALS
    return dataset_words.text(code, params) if known else _file(code, params)


def _again(*, job: Job, by: Any, now: datetime) -> Job:
    if not work.resume(job):
        raise DomainError("not_failed", status=job.get_status_display())
    return job


def _check_again(*, job: Job, by: Any, now: datetime) -> Job:
    return intake.resume(batch=Batch.objects.get(pk=_subject(job)), by=by, now=now)


def _determine_again(*, job: Job, by: Any, now: datetime) -> Job:
    return determination.resume(decree=Decree.objects.get(pk=_subject(job)), by=by, now=now)


def _run_again(*, job: Job, by: Any, now: datetime) -> Job:
    return runs.resume(Run.objects.get(pk=_subject(job)), by, by_name=str(by))


def _load_again(*, job: Job, by: Any, now: datetime) -> Job:
    return datasets.resume(dataset=Dataset.objects.get(pk=_subject(job)), by=by, now=now)


def _subject(job: Job) -> int:
    return int(job.subject.rpartition(":")[2])
