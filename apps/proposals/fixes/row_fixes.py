"""Changes of rows: by a button for a whole group, by hand, and undo.

The functions here enqueue; the worker makes the change (`rework`). Every change can be undone until
its row is submitted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.common import locks
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals import columns, lines, rules
from apps.proposals.models import Batch, Finding, Fix, FixedRow, HeldRow, Proposal
from apps.proposals.states import BatchStatus, ProposalStatus
from apps.proposals.steps import acts_for
from apps.proposals.submitting import calendar_rules
from apps.proposals.upload.intake import INTERACTIVE_ROWS

FIX_ROWS: Final = "proposals.fix_rows"
OPEN: Final = (BatchStatus.READY, BatchStatus.SUBMITTED, BatchStatus.CLOSED)
CELL_CHARS: Final = 1_000
# Findings that a button can mend with certainty, with the kind of the fix.
BUTTONS: Final[dict[str, Fix.Kind]] = {
    "axes_swapped": Fix.Kind.SWAP_AXES,
    "sign_flipped": Fix.Kind.TURN_SIGN,
    "village_bps": Fix.Kind.KEMENDAGRI_CODES,
    "village_repaired": Fix.Kind.AS_READ,
    "village_ended": Fix.Kind.AS_READ,
    "number_tidied": Fix.Kind.AS_READ,
    "date_serial": Fix.Kind.AS_READ,
}


# Findings without must-fix whose texts advise to drop the row.
DROPPABLE: Final = ("already_proposed", "name_deceased")


@dataclass(frozen=True)
class Offer:
    """A button: the kind of its fix, and the number of rows."""

    code: str
    kind: Fix.Kind
    count: int


def offers(batch: Batch) -> dict[str, Offer]:
    """The buttons of a batch by their finding. Queries: one."""
    return {
        code: Offer(code, BUTTONS[code], count) for code, count in _fixable(batch, *BUTTONS).items()
    }


def _fixable(batch: Batch, *codes: str) -> dict[str, int]:
    """How many rows have each of these findings and are not under review."""
    under_review = Proposal.objects.filter(
        batch_id=OuterRef("batch_id"), row_number=OuterRef("row_number")
    ).exclude(status=ProposalStatus.DRAFT)
    rows = Finding.objects.filter(~Exists(under_review), batch=batch, code__in=codes)
    counted = rows.order_by().values("code").annotate(rows=Count("row_number", distinct=True))
    return dict(counted.values_list("code", "rows"))


def droppable(batch: Batch, code: str) -> int:
    """How many rows of a group could be dropped. Queries: one, if dropping is advised for it."""
    rule = rules.RULES.get(code)
    if rule is None or (rule.severity != rules.ERROR and code not in DROPPABLE):
        return 0
    return _fixable(batch, code).get(code, 0)


def is_open(batch: Batch, day: date | None = None) -> bool:
    """Whether rows of a batch may still be changed, dropped and restored."""
    return batch.status in OPEN and not calendar_rules.is_over(batch, day or timezone.localdate())


def need_open(batch: Batch, by: User) -> None:
    """Raises: `not_yours`, `batch_not_ready`, `mending_over`."""
    if not acts_for(by, batch):
        raise DomainError("not_yours", region=batch.region_id)
    if batch.status not in OPEN:
        raise DomainError(
            "batch_not_ready", batch=str(batch), status=str(BatchStatus(batch.status).label)
        )
    if batch.cycle is not None and not is_open(batch):
        raise DomainError(
            "mending_over", name=batch.cycle.name, closed=batch.cycle.cutoff_date.isoformat()
        )


@transaction.atomic
def preview_group(*, batch: Batch, code: str, by: User, now: datetime) -> tuple[Fix, Job]:
    """Enqueue a preview of the button of a group. Nothing is changed yet.

    Raises: `not_yours`, `batch_not_ready`, `nothing_to_fix`.
    """
    need_open(batch, by)
    count = _fixable(batch, code).get(code, 0) if code in BUTTONS else 0
    if not count:
        raise DomainError("nothing_to_fix")
    fix = Fix.objects.create(
        batch=batch, kind=BUTTONS[code], code=code, user=by, asked_at=now, rows=count
    )
    return fix, enqueue_fix(fix, by, is_preview=True)


@transaction.atomic
def preview_drop(*, batch: Batch, code: str, by: User, now: datetime) -> tuple[Fix, Job]:
    """Enqueue a preview of dropping the rows of a group. Nothing is changed yet.

    Raises: `not_yours`, `batch_not_ready`, `mending_over`, `nothing_to_fix`.
    """
    need_open(batch, by)
    count = droppable(batch, code)
    if not count:
        raise DomainError("nothing_to_fix")
    fix = Fix.objects.create(
        batch=batch, kind=Fix.Kind.DROP, code=code, user=by, asked_at=now, rows=count
    )
    return fix, enqueue_fix(fix, by, is_preview=True)


@transaction.atomic
def drop(*, batch: Batch, rows: Collection[int], by: User, now: datetime) -> tuple[Fix, Job]:
    """Leave rows out of the proposals. They are kept and can be restored.

    Raises: `not_yours`, `batch_not_ready`, `mending_over`, `rows_unknown`, `row_submitted`.
    """
    need_open(batch, by)
    _need_changeable(batch, rows)
    return _about_rows(batch, Fix.Kind.DROP, rows, by, now)


@transaction.atomic
def drop_absent(*, fix: Fix, by: User, now: datetime) -> tuple[Fix, Job]:
    """Drop the rows that a correction file did not hold and that must still be mended.

    Raises: `not_yours`, `batch_not_ready`, `mending_over`, `nothing_to_fix`.
    """
    batch = fix.batch
    need_open(batch, by)
    rows = absent(fix)
    if not rows:
        raise DomainError("nothing_to_fix")
    return _about_rows(batch, Fix.Kind.DROP, rows, by, now)


def absent(fix: Fix) -> list[int]:
    """The rows that a correction file did not hold and that must still be mended. Queries: one."""
    if fix.kind != Fix.Kind.FILE or fix.status != Fix.Status.DONE:
        return []
    numbers = fix.result.get("absent", [])
    held = HeldRow.objects.filter(batch=fix.batch_id, row_number__in=numbers)
    return list(held.order_by("row_number").values_list("row_number", flat=True))


@transaction.atomic
def restore(*, batch: Batch, rows: Collection[int], by: User, now: datetime) -> tuple[Fix, Job]:
    """Restore dropped rows; they are checked like every row.

    Raises: `not_yours`, `batch_not_ready`, `mending_over`, `rows_unknown`.
    """
    need_open(batch, by)
    known = set(
        batch.dropped_rows.filter(row_number__in=list(rows)).values_list("row_number", flat=True)
    )
    _need_all(batch, rows, known)
    return _about_rows(batch, Fix.Kind.RESTORE, rows, by, now)


def _about_rows(
    batch: Batch, kind: Fix.Kind, rows: Collection[int], by: User, now: datetime
) -> tuple[Fix, Job]:
    fix = Fix.objects.create(
        batch=batch,
        kind=kind,
        user=by,
        asked_at=now,
        rows=len(rows),
        values=dict.fromkeys(map(str, rows)),
    )
    return fix, enqueue_fix(fix, by)


def _need_changeable(batch: Batch, rows: Collection[int]) -> None:
    """Require that all of these rows are held, or ready and not submitted.

    Raises: `rows_unknown`, `row_submitted`.
    """
    numbers = list(rows)
    held = HeldRow.objects.filter(batch=batch, row_number__in=numbers)
    known = set(held.values_list("row_number", flat=True))
    proposed = Proposal.objects.filter(batch=batch, row_number__in=numbers)
    for number, status in proposed.order_by("row_number").values_list("row_number", "status"):
        if status != ProposalStatus.DRAFT:
            raise DomainError("row_submitted", row=lines.line_of(batch, number))
        known.add(number)
    _need_all(batch, rows, known)


def _need_unasked(batch: Batch, rows: Collection[int], by: User) -> None:
    """Require that no change by somebody else waits for these rows. Raises: `row_changed`."""
    locks.hold(Lock.CHANGE_REQUEST, batch.pk)
    asked = Fix.objects.filter(
        batch=batch, status=Fix.Status.ASKED, values__has_any_keys=[str(number) for number in rows]
    )
    other = asked.exclude(user=by).select_related("user").order_by("-pk").first()
    if other is not None:
        row = next(number for number in rows if str(number) in other.values)
        who = str(other.user)
        raise DomainError(
            "row_changed", row=lines.line_of(batch, row), who=who, when=other.asked_at
        )


def _need_all(batch: Batch, rows: Collection[int], known: Collection[int]) -> None:
    if unknown := sorted(set(rows) - set(known)):
        raise DomainError("rows_unknown", **lines.unknown(batch, unknown))


@transaction.atomic
def apply(*, fix: Fix, by: User, now: datetime) -> Job:
    """Enqueue the change that was previewed. A repeat does nothing.

    Raises: `not_yours`, `batch_not_ready`, `fix_gone`.
    """
    need_open(fix.batch, by)
    if fix.status not in {Fix.Status.SHOWN, Fix.Status.DONE}:
        raise DomainError("fix_gone")
    return enqueue_fix(fix, by)


@transaction.atomic
def undo(*, fix: Fix, by: User, now: datetime) -> tuple[Fix, Job]:
    """Undo a change for the rows that are not submitted and not changed again since.

    Raises: `not_yours`, `batch_not_ready`, `fix_gone`.
    """
    need_open(fix.batch, by)
    asked = fix.undos.exclude(status=Fix.Status.REFUSED).order_by("pk").first()
    if asked is not None:
        return asked, job_of(asked)
    if fix.status != Fix.Status.DONE or fix.kind == Fix.Kind.UNDO:
        raise DomainError("fix_gone")
    taken = Fix.objects.create(
        batch=fix.batch,
        kind=Fix.Kind.UNDO,
        code=fix.code,
        user=by,
        asked_at=now,
        undoes=fix,
        rows=fix.rows,
    )
    return taken, enqueue_fix(taken, by)


@transaction.atomic
def cancel(*, fix: Fix, by: User, now: datetime) -> bool:
    """Cancel a change that is not made yet. False if it has ended already.

    A waiting change is cancelled at once. A running one stops at its next step and changes nothing.
    Raises: `not_yours`, `batch_not_ready`.
    """
    need_open(fix.batch, by)
    job = job_of(fix)
    if not work.cancel(job):
        return False
    if is_cancelled(job):
        give_up(fix, now)
    return True


def is_cancelled(job: Job) -> bool:
    return Job.objects.filter(pk=job.pk, status=Job.Status.CANCELLED).exists()


def give_up(fix: Fix, now: datetime) -> None:
    """Mark a change as not made; it will not be made later."""
    unmade = Fix.objects.filter(pk=fix.pk, status__in=[Fix.Status.ASKED, Fix.Status.SHOWN])
    unmade.update(status=Fix.Status.REFUSED, done_at=now)


@transaction.atomic
def edit(
    *,
    batch: Batch,
    row_number: int,
    cells: Mapping[str, str],
    seen: int,
    by: User,
    now: datetime,
    code: str = "",
) -> tuple[Fix, Job]:
    """Change cells of one row. `seen` is the last change of the row that its page showed (0: none).

    Raises: `not_yours`, `batch_not_ready`, `mending_over`, `rows_unknown`, `row_submitted`,
    `row_changed`.
    """
    return edit_rows(
        batch=batch, rows={row_number: cells}, seen={row_number: seen}, by=by, now=now, code=code
    )


@transaction.atomic
def edit_rows(
    *,
    batch: Batch,
    rows: Mapping[int, Mapping[str, str] | None],
    seen: Mapping[int, int],
    by: User,
    now: datetime,
    code: str = "",
) -> tuple[Fix, Job]:
    """Change cells of some rows, as one change; a row without cells (None) is dropped.

    `seen` names the last change of each row that the page showed (0: none).
    Raises: `not_yours`, `batch_not_ready`, `mending_over`, `rows_unknown`, `row_submitted`,
    `row_changed`.
    Locks: changes of this batch, so that of two requests at once the second sees the first.
    Queries: eight, for any number of rows.
    """
    need_open(batch, by)
    _need_changeable(batch, rows)
    _need_unasked(batch, rows, by)
    changes = FixedRow.objects.filter(batch=batch, row_number__in=list(rows))
    latest = changes.order_by("row_number", "-fix_id").distinct("row_number")
    for last in latest.select_related("fix__user"):
        if last.fix_id != seen.get(last.row_number, 0):
            raise DomainError(
                "row_changed",
                row=lines.line_of(batch, last.row_number),
                who=str(last.fix.user),
                when=last.fix.asked_at,
            )
    fix = Fix.objects.create(
        batch=batch,
        kind=Fix.Kind.EDIT,
        code=code,
        user=by,
        asked_at=now,
        rows=len(rows),
        values={str(number): _typed(cells) for number, cells in rows.items()},
    )
    return fix, enqueue_fix(fix, by)


def _typed(cells: Mapping[str, str] | None) -> dict[str, str | None] | None:
    if cells is None:
        return None
    return {
        name: value.replace("\x00", "").strip()[:CELL_CHARS] or None
        for name, value in cells.items()
        if name in columns.COLUMNS
    }


def changes_of(batch: Batch, row_number: int) -> QuerySet[FixedRow]:
    """The changes of a row, the latest first."""
    rows = FixedRow.objects.filter(batch=batch, row_number=row_number)
    return rows.select_related("fix__user").order_by("-fix_id")


def history(batch: Batch) -> QuerySet[Fix]:
    """The changes of a batch, the latest first."""
    done = [Fix.Status.DONE, Fix.Status.UNDONE]
    return batch.fixes.filter(status__in=done).select_related("user").order_by("-pk")


def enqueue_fix(fix: Fix, by: User, *, is_preview: bool = False) -> Job:
    """Enqueue the preview or the change as a job."""
    batch = fix.batch
    return work.enqueue(
        FIX_ROWS,
        fix.subject,
        subject_name=str(batch)[:200],
        region_code=batch.region_id,
        by=actor_of(by),
        by_name=str(by),
        queue="interactive" if fix.rows <= INTERACTIVE_ROWS else "batches",
        parameters={"is_preview": is_preview},
    )


def job_of(fix: Fix) -> Job:
    """The latest job about a change."""
    return Job.objects.filter(subject=fix.subject, kind=FIX_ROWS).latest("pk")


def last_asked(batch: Batch) -> tuple[Fix, Job] | None:
    """The change that was asked for last, with its job, while it is in progress or was not made.

    Queries: two.
    """
    fix = batch.fixes.select_related("user").order_by("-pk").first()
    if fix is None or fix.status not in {Fix.Status.ASKED, Fix.Status.REFUSED}:
        return None
    job = Job.objects.filter(subject=fix.subject, kind=FIX_ROWS).order_by("pk").last()
    return None if job is None or job.status == Job.Status.CANCELLED else (fix, job)


def words_of(job: Job) -> dict[str, Any]:
    """Why a change was refused, for a page."""
    return {"code": job.message_code, "params": job.message_params}
