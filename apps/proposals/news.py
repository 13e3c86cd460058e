"""Notices about proposals: a checked file, a stopped check, returned rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from apps.accounts.roles import PERMISSIONS, REGIONAL_ROLES, Permission
from apps.casework import notices
from apps.common import sql
from apps.jobs.models import Job
from apps.proposals.models import Batch, Decree

RETURNED = "/proposals/returned/"
DETERMINED = "/proposals/review/?status=determined"
SUBJECT_OF_RETURNS = "proposals.Returned"


def address_of(batch: Batch) -> str:
    return f"/proposals/batches/{batch.pk}/"


def batch_ready(batch: Batch, counts: dict[str, Any], now: datetime) -> None:
    """Notify that the check of a file has ended. Rows of the form show it on their own page."""
    _tell_sender(batch, notices.Kind.BATCH_READY, now, ready=counts["ready"], held=counts["held"])


def batch_asks(batch: Batch, known: int, rows: int, now: datetime) -> None:
    """Notify that the check stopped with a question: most rows of the file are known already."""
    _tell_sender(batch, notices.Kind.BATCH_ASKS, now, known=known, rows=rows)


def batch_stopped(batch: Batch, now: datetime) -> None:
    """Notify that the check of a file failed and can be resumed."""
    _tell_sender(batch, notices.Kind.BATCH_STOPPED, now)


def corrections_done(batch: Batch, counts: dict[str, Any], now: datetime) -> None:
    """Notify that rows which an officer corrected were checked again."""
    _tell_sender(batch, notices.Kind.CORRECTED, now, ready=counts["ready"], held=counts["held"])


def rows_returned(ids: Iterable[int], now: datetime) -> None:
    """Notify the senders of returned proposals. Queries: one or two.

    Each sender gets one notice, for any number of batches and decisions.
    """
    notices.write_notices(
        _senders_of(ids),
        kind=notices.Kind.ROWS_RETURNED,
        subject=SUBJECT_OF_RETURNS,
        url=RETURNED,
        now=now,
    )


def return_undone(ids: Iterable[int], returned_at: datetime) -> None:
    """Take the notices of returns back that were undone, unless they were read. Queries: two."""
    notices.withdraw_notices(
        _senders_of(ids),
        kind=notices.Kind.ROWS_RETURNED,
        subject=SUBJECT_OF_RETURNS,
        told_at=returned_at,
    )


def decree_annulled(decree: Decree, now: datetime) -> None:
    """Notify those who verify and endorse in the regencies whose rows an annulled decree had.

    Queries: two. Cost: the rows of the decree are read once.
    """
    deciding = {Permission.VERIFY_PROPOSAL, Permission.ENDORSE_PROPOSAL}
    roles = [role.value for role in REGIONAL_ROLES if PERMISSIONS[role] & deciding]
    told = sql.run("proposals/count_annulled", {"decree": decree.pk, "roles": roles, "now": now})
    notices.write_notices(
        dict(told),
        kind=notices.Kind.DECREE_ANNULLED,
        subject=decree.subject,
        url=DETERMINED,
        now=now,
        number=decree.number,
        by_number=decree.annulment_number,
        by_date=decree.annulment_date.isoformat() if decree.annulment_date else "",
    )


def bulk_ended(
    job: Job, now: datetime, *, done: int = 0, is_undo: bool = False, is_stopped: bool = False
) -> None:
    """Notify the person whose decision on many rows, or whose undoing of one, has ended; `done` are
    the rows that it changed.
    """
    notices.write_notices(
        {int(job.parameters["user"]): 1},
        kind=notices.Kind.BULK_ENDED,
        subject=f"jobs.Job:{job.pk}",
        url=f"/proposals/review/bulk/{job.pk}/",
        now=now,
        done=done,
        total=job.total or 0,
        is_undo=is_undo,
        is_stopped=is_stopped,
    )


def _senders_of(ids: Iterable[int]) -> dict[int, int]:
    """How many of these proposals each person sent. Queries: one."""
    return dict(sql.run("proposals/count_senders", {"ids": list(ids)}))


def _tell_sender(batch: Batch, kind: notices.Kind, now: datetime, **params: Any) -> None:
    if batch.user_id is None or batch.origin != Batch.Origin.FILE:
        return
    notices.write_notices(
        {batch.user_id: 1},
        kind=kind,
        subject=batch.subject,
        url=address_of(batch),
        now=now,
        file=batch.file_name,
        **params,
    )
