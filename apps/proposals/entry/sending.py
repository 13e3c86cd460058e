"""Submission of a draft: one batch, checked and submitted like every batch, once.

The request enqueues a job; the worker checks and submits. The page may be closed meanwhile.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.proposals.entry import drafts
from apps.proposals.entry import form_fields as form
from apps.proposals.models import Batch, FormDraft
from apps.proposals.photos import house_photos
from apps.proposals.states import BatchStatus
from apps.proposals.submitting import when_checked
from apps.proposals.upload import intake


@transaction.atomic
def send(*, draft: FormDraft, by: User, now: datetime) -> Job | None:
    """Create or replace the draft's batch and enqueue its check; the worker then submits it.

    A repeat, also after the submission, changes nothing and returns no job.
    Raises: `nothing_typed`, `not_your_region`.
    Locks: the draft's row.
    """
    draft = (
        FormDraft.objects.select_for_update(of=("self",)).select_related("batch").get(pk=draft.pk)
    )
    if draft.submitted_at is not None or drafts.is_being_sent(draft):
        return None
    if not any(not form.is_blank(one) for one in draft.sections.get(form.MEMBERS) or []):
        raise DomainError("nothing_typed")
    rows = form.rows_of(draft.sections)
    if draft.batch is None:
        received = intake.receive_rows(
            rows=rows, by=by, region_code=draft.region_id, origin=Batch.Origin.FORM, now=now
        )
        draft.batch, job = received.batch, received.job
    else:
        Batch.objects.filter(pk=draft.batch.pk, status=BatchStatus.READY).update(
            region=draft.region_id
        )
        job = intake.replace_rows(batch=draft.batch, rows=rows, by=by)
    house_photos.hand_over(draft, draft.batch)
    draft.sent_at, draft.outcome = now, {}
    draft.save(update_fields=["batch", "sent_at", "outcome"])
    _request(draft, draft.batch, now)
    return job


@transaction.atomic
def submit_again(*, draft: FormDraft, now: datetime) -> None:
    """Submit a draft's checked batch again: the obstacle may be gone. A repeat changes nothing."""
    draft = (
        FormDraft.objects.select_for_update(of=("self",))
        .select_related("batch", "user")
        .get(pk=draft.pk)
    )
    batch = draft.batch
    if draft.submitted_at is None and batch is not None and batch.status == BatchStatus.READY:
        _request(draft, batch, now)


def _request(draft: FormDraft, batch: Batch, now: datetime) -> None:
    """A family is submitted as a whole: if one row must be mended, no row is submitted."""
    house = draft.sections.get(form.HOUSE) or {}
    when_checked.request_submission(
        batch=batch,
        by=draft.user,
        now=now,
        is_whole=True,
        note=house.get("outside_reason", ""),
    )


def note_outcome(batch: Batch, outcome: when_checked.SubmitOutcome, now: datetime) -> None:
    """Note the result of the submission on the draft of a batch, if the batch has one."""
    draft = FormDraft.objects.select_for_update().filter(batch=batch.pk, submitted_at=None).first()
    if draft is None:
        return
    draft.outcome = outcome
    if outcome.get("moved") == batch.counts.get("rows"):
        # the proposals hold the typed values now
        draft.submitted_at, draft.sections, draft.remarks = now, {}, []
    draft.save(update_fields=["outcome", "submitted_at", "sections", "remarks"])
