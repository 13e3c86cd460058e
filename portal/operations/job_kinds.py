"""What the jobs page needs of the apps above it: names, words, and ways to begin again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.people import account_notices
from apps.common.errors import DomainError, catalogue_of, text
from apps.jobs import work
from apps.jobs.messages import Kind, describe
from apps.jobs.models import Job
from apps.proposals.checks import batch_check, recheck
from apps.proposals.civil import civil_check
from apps.proposals.decree import determination
from apps.proposals.entry import remarks
from apps.proposals.fixes import rework, row_fixes
from apps.proposals.models import Batch, Decree
from apps.proposals.returned import amendment
from apps.proposals.review import decisions
from apps.proposals.upload import intake
from apps.reconciliation.conflicts import answers, detection
from apps.reconciliation.deliveries import datasets, loading, reverting
from apps.reconciliation.duplicates import deduplication
from apps.reconciliation.linkage import register_runs, runs, thresholds
from apps.reconciliation.models import Dataset, Run
from apps.reconciliation.survivorship import field_rules
from apps.regions import boundaries

RESUME_FILE = _(
    "Resume it on the page of the file, or send the file again once it is mended; an administrator"
    " can resume it on the page of jobs, too (job %(job)s)."
)
DECIDE_AGAIN = _(
    "Nothing was decided. Decide again from the list; an administrator can resume it on the page of"
    " jobs, too (job %(job)s)."
)
SEND_AGAIN = _("Nothing was sent. Send it again from the page of the returned proposal.")
RESUME_DECREE = _(
    "What is in the register already stays as it is. Whoever may determine resumes it on the page"
    " of the decree; the job is number %(job)s."
)
FIX_AGAIN = _(
    "Nothing was changed. Ask for the change again on the findings page of the file: press the"
    " button, type the cells, or send the correction file again."
)
CHECK_DRAFT_AGAIN = _(
    "The draft is kept. It is checked again as soon as one of its fields changes; an administrator"
    " can resume the check on the page of jobs, too (job %(job)s)."
)
RESUME_RUN = _(
    "A steward resumes it on the page of the run, an administrator on the page of jobs"
    " (job %(job)s)."
)
COMPARE_AGAIN = _(
    "Nothing was compared. A steward asks again on the page of duplicates; an administrator can"
    " resume it on the page of jobs, too (job %(job)s)."
)
SAVE_THRESHOLDS = _(
    "Nothing was changed. A steward saves the thresholds again on the page of the run; an"
    " administrator can resume it on the page of jobs, too (job %(job)s)."
)
RESUME_DELIVERY = _(
    "A steward resumes it on the page of the delivery, an administrator on the page of jobs"
    " (job %(job)s)."
)
ASKED_BY_ITSELF = _(
    "What was answered so far is kept; the rest is asked again by itself within minutes. An"
    " administrator can resume it on the page of jobs, too (job %(job)s)."
)
RESUME_EDITION = _(
    "Resume it on the page of the edition, or upload the file again under the same name; it can be"
    " resumed on the page of jobs, too (job %(job)s)."
)


def describe_work() -> None:
    """Every kind of long work, each once. Called when all apps are loaded."""
    for task, kind in (*_of_accounts(), *_of_proposals(), *_of_reconciliation(), *_of_regions()):
        describe(task, kind)


def _of_accounts() -> list[tuple[str, Kind]]:
    return [(account_notices.TASK, Kind(_("Letter about an account"), _no_words, _again))]


def _of_proposals() -> list[tuple[str, Kind]]:
    said = _words
    return [
        (
            intake.TASK,
            Kind(_("Check of a batch"), said, _check_again, batch_check.fail, RESUME_FILE),
        ),
        (
            decisions.BULK_TASK,
            Kind(_("Decision on many rows"), said, _again, remedy=DECIDE_AGAIN),
        ),
        (
            amendment.TASK,
            Kind(_("Returned proposal"), said, None, amendment.fail, SEND_AGAIN),
        ),
        (
            determination.TASK,
            Kind(_("Decree"), said, _determine_again, determination.fail, RESUME_DECREE),
        ),
        (row_fixes.TASK, Kind(_("Change of rows"), said, None, rework.fail, FIX_AGAIN)),
        (
            remarks.TASK,
            Kind(_("Check of a draft"), said, _again, remedy=CHECK_DRAFT_AGAIN),
        ),
        (recheck.TASK, Kind(_("Held rows checked again"), said, _again)),
        (
            civil_check.TASK,
            Kind(_("Check against the civil register"), said, _again, remedy=ASKED_BY_ITSELF),
        ),
    ]


def _of_reconciliation() -> list[tuple[str, Kind]]:
    return [
        (
            runs.TASK,
            Kind(_("Run of a reconciliation"), _words, _run_again, runs.fail, RESUME_RUN),
        ),
        (
            register_runs.TASK,
            Kind(_("Picture of the register"), _words, _again, remedy=COMPARE_AGAIN),
        ),
        (thresholds.TASK, Kind(_("Thresholds moved"), _words, _again, remedy=SAVE_THRESHOLDS)),
        (
            datasets.TASK,
            Kind(_("Loading of a delivery"), _words, _load_again, loading.fail, RESUME_DELIVERY),
        ),
        (reverting.TASK, Kind(_("Taking a delivery back"), _words, _again)),
        (detection.TASK, Kind(_("Questions of a run"), _words, _again)),
        (detection.TASK_OF_DECREE, Kind(_("Questions of a decree"), _words, _again)),
        (answers.TASK, Kind(_("Answers taken over"), _words, _again)),
        (field_rules.TASK, Kind(_("Values taken over"), _words, _again)),
        (deduplication.MERGE_TASK, Kind(_("Merging of persons"), _words, _again)),
        (deduplication.UNMERGE_TASK, Kind(_("Undoing of a merge"), _words, _again)),
    ]


def _of_regions() -> list[tuple[str, Kind]]:
    return [
        (
            boundaries.IMPORT_TASK,
            Kind(
                _("Import of boundaries"),
                _words,
                boundaries.resume_import,
                boundaries.mark_failed,
                RESUME_EDITION,
            ),
        ),
        (boundaries.ACTIVATE_TASK, Kind(_("Activation of boundaries"), _words, _again)),
    ]


def _no_words(code: str, params: dict[str, Any]) -> str | None:
    """Work that refuses nothing."""
    return None


def _words(code: str, params: dict[str, Any]) -> str | None:
    return text(code, params) if catalogue_of(code) else None


def _again(*, job: Job, by: Any, now: datetime) -> Job:
    if not work.resume(job):
        raise DomainError("not_failed", status=job.get_status_display())
    return job


def _check_again(*, job: Job, by: Any, now: datetime) -> Job:
    return intake.begin_again(batch=Batch.objects.get(pk=_subject(job)), by=by)


def _determine_again(*, job: Job, by: Any, now: datetime) -> Job:
    return determination.resume(decree=Decree.objects.get(pk=_subject(job)), by=by, now=now)


def _run_again(*, job: Job, by: Any, now: datetime) -> Job:
    return runs.resume(Run.objects.get(pk=_subject(job)), by, by_name=str(by))


def _load_again(*, job: Job, by: Any, now: datetime) -> Job:
    return datasets.resume(dataset=Dataset.objects.get(pk=_subject(job)), by=by, now=now)


def _subject(job: Job) -> int:
    return int(job.subject.rpartition(":")[2])
