"""A file whose rows are mostly known stops with a question before it becomes proposals.

Often it is the file of another month, or one that a colleague has sent under another name. Its
sender confirms the file (who confirmed it is stored) or discards it.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor
from apps.common import sql
from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.jobs.work import Lease, LeaseLost
from apps.proposals import news
from apps.proposals.models import Batch
from apps.proposals.states import BatchStatus, SubmitWhenChecked
from apps.proposals.upload import intake

# Below this number of rows no question is asked: the sender can look at each row.
FEW_ROWS: Final = 5
KNOWN: Final = ("register", "open", "file")


def find_known_rows(batch: Batch, tables: Any) -> dict[str, int] | None:
    """The counts of known rows if they are more than half of a batch's rows; else None.

    Never asked for rows of the form, which shows what is known of each person before sending.
    """
    if batch.went_on_at is not None or batch.origin == Batch.Origin.FORM:
        return None
    counts: dict[str, int] = json.loads(
        sql.scalar("proposals/checks/count_known_rows", {}, tables=tables)
    )
    known = _known(counts)
    return counts if counts["rows"] >= FEW_ROWS and known * 2 > counts["rows"] else None


def end_with_question(lease: Lease, batch: Batch, counts: dict[str, int], now: datetime) -> None:
    """End the check with a question instead of stored rows, in one transaction.

    Raises: LeaseLost, if another process has taken over the batch or its job.
    """
    with transaction.atomic():
        moved = Batch.objects.filter(pk=batch.pk, status=BatchStatus.CHECKING).update(
            status=BatchStatus.NEEDS_CONFIRMATION,
            known_rows=counts,
            # the person who answers has not seen the request to submit, so it is dropped
            submit_when_checked=SubmitWhenChecked.NO,
        )
        if not moved:
            raise LeaseLost(lease.job.pk)
        news.batch_asks(batch, _known(counts), counts["rows"], now)
        record.entry(
            Action.RUN, about=batch, by=Actor(lease.job.actor, lease.job.actor_name), asked=counts
        )
        lease.finish(batch=batch.pk, **counts)


@transaction.atomic
def confirm(*, batch: Batch, by: User, now: datetime) -> Job:
    """Check the file although most rows are known. The batch stores who confirmed it.

    Raises: `not_yours`, `nothing_asked`.
    """
    intake.need_sender(by, batch)
    _answer(batch, BatchStatus.RECEIVED, rows_read=0, went_on_by=by, went_on_at=now)
    record.entry(
        Action.CHANGE,
        about=batch,
        by=Actor(actor_of(by), str(by)),
        step="confirm",
        **batch.known_rows,
    )
    return intake.enqueue_batch_check(batch, by, batch.known_rows["rows"])


@transaction.atomic
def discard(*, batch: Batch, by: User) -> None:
    """Remove the content of the file; its receipt and who discarded it are kept on record.

    The same file may be uploaded again later. Raises: `not_yours`, `nothing_asked`.
    """
    intake.need_sender(by, batch)
    path = Path(batch.file.path) if batch.file else None
    _answer(batch, BatchStatus.DISCARDED, file="", sha256="", header=[], row_values=[])
    record.entry(
        Action.CHANGE,
        about=batch,
        by=Actor(actor_of(by), str(by)),
        step="discard",
        sha256=batch.sha256,
    )
    if path is not None:
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _answer(batch: Batch, status: BatchStatus, **values: Any) -> None:
    asked = Batch.objects.filter(pk=batch.pk, status=BatchStatus.NEEDS_CONFIRMATION)
    if not asked.update(status=status, **values):
        raise DomainError("nothing_asked", batch=str(batch))


def title(batch: Batch) -> str:
    """The question's title: one sentence about the known rows."""
    return _("{n} of {total} rows are known already.").format(
        n=number_format(_known(batch.known_rows)),
        total=number_format(batch.known_rows.get("rows", 0)),
    )


def lines(batch: Batch) -> list[str]:
    """The places in which rows are known, with counts; each row is counted once."""
    n = {name: batch.known_rows.get(name, 0) for name in KNOWN}
    said = {
        "register": ngettext(
            "{n} row: the person has this programme in the register.",
            "{n} rows: the person has this programme in the register.",
            n["register"],
        ),
        "open": ngettext(
            "{n} row: the person is proposed for it in another open file.",
            "{n} rows: the person is proposed for it in another open file.",
            n["open"],
        ),
        "file": ngettext(
            "{n} row: the same person and programme appear further up in this file.",
            "{n} rows: the same person and programme appear further up in this file.",
            n["file"],
        ),
    }
    return [said[name].format(n=number_format(n[name])) for name in KNOWN if n[name]]


def _known(counts: dict[str, int]) -> int:
    return sum(counts.get(name, 0) for name in KNOWN)
