"""Submitting a batch as soon as its check has ended, if that was requested before.

The request is stored with the batch. The end of the check and the submission are one transaction,
so that after a killed worker neither is lost or done twice. Form, API and command use the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from apps.accounts.access import actor_of
from apps.accounts.models import Agency, User
from apps.audit import record
from apps.common.errors import DomainError, text
from apps.proposals.models import Batch
from apps.proposals.states import BEING_CHECKED, BatchStatus, SubmitWhenChecked
from apps.proposals.submitting import submission

# `{moved, held_back}` as in `submission.Submitted`; `{held}` if `is_whole` was asked and rows must
# be corrected; `{refused, params}`, the code and values of its text, if the submission was refused.
SubmitOutcome = dict[str, Any]
# Called in the same transaction with the batch, the outcome of its request, and the time.
on_outcome: Final[list[Callable[[Batch, SubmitOutcome, datetime], object]]] = []


@transaction.atomic
def request_submission(
    *, batch: Batch, by: User | Agency, now: datetime, is_whole: bool = False, note: str = ""
) -> None:
    """Submit a batch when its check has ended; at once if it has ended already.

    `is_whole`: only if no row must be corrected. `note` as for `submission.submit`. The result is
    stored in `submit_outcome` of the batch; a refused submission does not change the batch.
    """
    # one statement: a check that ends now either sees this request or is seen here as ended
    if not Batch.objects.filter(pk=batch.pk, status__in=BEING_CHECKED).update(
        submit_when_checked=SubmitWhenChecked.WHOLE if is_whole else SubmitWhenChecked.READY_ROWS,
        submit_by=by if isinstance(by, User) else None,
        submit_note=note[:1000],
        submit_outcome={},
    ):
        _submit(Batch.objects.get(pk=batch.pk), by, now, is_whole=is_whole, note=note)


def submit_requested(batch: Batch, now: datetime) -> None:
    """Carry out the request of a batch whose check has ended, in the caller's transaction."""
    batch = Batch.objects.select_related("submit_by", "agency").get(pk=batch.pk)
    by = batch.submit_by or batch.agency
    if not batch.submit_when_checked or by is None:
        return
    is_whole = batch.submit_when_checked == SubmitWhenChecked.WHOLE
    _submit(batch, by, now, is_whole=is_whole, note=batch.submit_note)


def refusal(batch: Batch) -> str:
    """Why a checked batch was not submitted although that was requested; "" if it was."""
    outcome = batch.submit_outcome
    if batch.status != BatchStatus.READY or "refused" not in outcome:
        return ""
    return text(outcome["refused"], outcome["params"])


def _submit(batch: Batch, by: User | Agency, now: datetime, *, is_whole: bool, note: str) -> None:
    """Submit a checked batch and store the outcome.

    Locks: those of `submission.submit`, then the batch's row.
    """
    outcome = _outcome(batch, by, now, is_whole=is_whole, note=note)
    Batch.objects.filter(pk=batch.pk).update(
        submit_when_checked=SubmitWhenChecked.NO, submit_outcome=outcome
    )
    for note_outcome in on_outcome:
        note_outcome(batch, outcome, now)


def _outcome(
    batch: Batch, by: User | Agency, now: datetime, *, is_whole: bool, note: str
) -> SubmitOutcome:
    if is_whole and batch.counts.get("held"):
        return {"held": batch.counts["held"]}
    try:
        with record.acting(actor=actor_of(by), actor_name=str(by)), transaction.atomic():
            done = submission.submit(batch=batch, by=by, now=now, note=note)
    except DomainError as refused:
        said = {name: _stored(value) for name, value in refused.params.items()}
        return {"refused": refused.code, "params": said}
    return {"moved": done.moved, "held_back": done.held_back}


def _stored(value: Any) -> Any:
    """A parameter in a form that JSON can hold; its text formats it (`errors.text`)."""
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    return value if isinstance(value, int | float | str) else str(value)
