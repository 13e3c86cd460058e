"""Sending a draft: one batch, checked and submitted by the verbs of every batch, once.

The button asks; the worker checks and submits. Nobody has to stay on the page for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit import record
from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.jobs.work import Lease
from apps.proposals.entry import drafts
from apps.proposals.entry import form_fields as form
from apps.proposals.models import Batch, FormDraft
from apps.proposals.states import BatchStatus
from apps.proposals.submitting import submission
from apps.proposals.upload import intake


@transaction.atomic
def send(*, draft: FormDraft, by: User, now: datetime) -> Job | None:
    """Make (or make again) the draft's batch and ask for its check; the worker then submits it.

    Pressed twice, or after it went: nothing more happens, and there is no job.
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
    draft.sent_at, draft.outcome = now, {}
    draft.save(update_fields=["batch", "sent_at", "outcome"])
    return job


def conclude(lease: Lease) -> None:
    """The check of a batch has ended: submit it, where it is a draft's. Runs as the worker."""
    draft = (
        FormDraft.objects.filter(batch=int(lease.job.subject.rpartition(":")[2]))
        .select_related("batch", "user")
        .first()
    )
    if draft is not None:
        finish(draft=draft, now=timezone.now())


@transaction.atomic
def finish(*, draft: FormDraft, now: datetime) -> FormDraft:
    """Submit a draft's checked batch, or note on the draft why it stays. Repeats change nothing.

    A family goes as a whole: where one row must be mended, none goes.
    """
    draft = (
        FormDraft.objects.select_for_update(of=("self",))
        .select_related("batch", "user")
        .get(pk=draft.pk)
    )
    batch = draft.batch
    if draft.submitted_at is not None or batch is None or batch.status != BatchStatus.READY:
        return draft
    if batch.counts.get("held"):
        draft.outcome = {"held": batch.counts["held"]}
    else:
        draft.outcome = _submitted(draft, batch, now)
        if draft.outcome.get("moved") == batch.counts.get("rows"):
            # what was typed lives on in the proposals; a second copy helps nobody
            draft.submitted_at, draft.sections, draft.remarks = now, {}, []
    draft.save(update_fields=["outcome", "submitted_at", "sections", "remarks"])
    return draft


def _submitted(draft: FormDraft, batch: Batch, now: datetime) -> dict[str, Any]:
    house = draft.sections.get(form.HOUSE) or {}
    with record.acting(actor=f"user:{draft.user_id}", actor_name=str(draft.user)):
        try:
            with transaction.atomic():
                done = submission.submit(
                    batch=batch, by=draft.user, now=now, note=house.get("outside_reason", "")
                )
        except DomainError as refused:
            said = {name: str(value) for name, value in refused.params.items()}
            return {"refused": refused.code, "params": said}
    return {"moved": done.moved, "held_back": done.held_back}
